"""The table before a fine-tuning: every parameter once, and silence where all is plain."""

import io
from functools import partial

import pytest
from lightning.pytorch.callbacks import Callback
from rich.console import Console
from torch.optim import SGD, AdamW

from callbacks.fine_tuning.feature_extractor import FeatureExtractor
from callbacks.fine_tuning.gradual_unfreezing import GradualUnfreezing
from callbacks.parameter_table import ParameterRow, ParameterTable, drawn, parameter_rows
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification
from lightning_modules.parameter_groups.discriminative import Discriminative
from lightning_modules.parameter_groups.optimizer import build_optimizer
from lightning_modules.schedules.factory import build_schedule
from lightning_modules.schedules.one_cycle import OneCycle


@pytest.fixture
def module(people) -> Classification:
    from datamodules.tabular import TabularDataModule

    data = TabularDataModule(str(people), target="buys")
    return Classification(data.spec, partial(TabularMLP, width=8, depth=2, numeric="plain"))


def test_each_group_is_a_line_at_its_highest_rate(module):
    groups = Discriminative(0.5)
    optimizer = build_optimizer(partial(AdamW, lr=0.5, weight_decay=0.25), module, groups)
    build_schedule(OneCycle, optimizer, 9)  # begins far below
    rows = parameter_rows(module, [optimizer], {})
    sizes = {row.group: (row.tensors, row.parameters) for row in rows}
    assert sizes["head"] == (1, 16)
    assert sizes["head undecayed"] == (1, 2)
    assert [row[3:] for row in rows] == [
        (0.5, 0.25, 0),
        (0.5, 0.0, 0),
        (0.25, 0.25, 0),
        (0.25, 0.0, 0),
    ]
    assert sum(row.tensors for row in rows) == len(list(module.parameters()))
    assert sum(row.parameters for row in rows) == sum(p.numel() for p in module.parameters())


def test_frozen_parameters_and_those_that_wait_have_lines_of_their_own(module):
    waits = GradualUnfreezing().learns_from(module.backbone, 2)
    optimizer = build_optimizer(partial(SGD, lr=0.5), module, Discriminative())
    rows = parameter_rows(module, [optimizer], waits)
    assert [(row.group, row.epoch) for row in rows if "undecayed" not in row.group] == [
        ("head", 0),
        ("backbone 2", 1),
        ("backbone 0-1", 2),
    ]
    module.backbone.requires_grad_(False)
    optimizer = build_optimizer(partial(SGD, lr=0.5), module)
    *_, frozen = parameter_rows(module, [optimizer], {})
    assert frozen[:1] + frozen[3:] == ("frozen", None, None, 0)
    assert frozen.parameters == sum(p.numel() for p in module.backbone.parameters())


def test_groups_from_all_over_the_model_are_lines_of_its_parts(module):
    optimizer = build_optimizer(partial(AdamW, lr=0.5), module)
    rows = parameter_rows(module, [optimizer], {})
    assert {row.group for row in rows} == {
        "head",
        "head undecayed",
        "backbone",
        "backbone undecayed",
    }
    assert sum(row.tensors for row in rows) == len(list(module.parameters()))
    decaying = build_optimizer(partial(AdamW, lr=0.5), module.head)
    rows = parameter_rows(module.head, [decaying], {})
    assert [row.group for row in rows] == ["decayed", "undecayed"]


def test_an_adapter_has_lines_of_its_own(module):
    peft = pytest.importorskip("peft", reason="needs fulgurite[lora]")
    peft.inject_adapter_in_model(peft.LoraConfig(r=1, target_modules="all-linear"), module.backbone)
    rows = parameter_rows(module, [build_optimizer(partial(AdamW, lr=0.5), module)], {})
    assert {row.group for row in rows} >= {"head", "adapter", "frozen"}
    assert not any(row.group.startswith("backbone") for row in rows)


def test_the_table_of_a_large_network_fits_a_terminal():
    written = io.StringIO()
    rows = [
        ParameterRow("backbone 10-11 undecayed", 120, 22_345_678, 1.234e-05, 0.0123, 5),
        ParameterRow("backbone 6-9", 120, 22_345_678, 1.234e-05, 0.0123, 12),
    ]
    Console(width=200, file=written).print(drawn(rows, 8))
    title, _, *lines = written.getvalue().splitlines()
    assert title.strip() == "parameters, backbone 0 nearest the input"
    assert max(map(len, lines)) <= 80
    assert lines[0].split()[:3] == ["backbone", "10-11", "undecayed"]


def test_it_is_drawn_for_people():
    written = io.StringIO()
    console = Console(width=90, file=written)
    rows = [
        ParameterRow("head", 2, 1540, 1e-3, 0.01),
        ParameterRow("backbone", 9, 1234567, 1e-4, 0.01, 2),
        ParameterRow("backbone", 1, 7, 1e-4, 0.01, 5),
        ParameterRow("frozen", 3, 21),
    ]
    console.print(drawn(rows, 5))
    lines = [line.split() for line in written.getvalue().splitlines()]
    assert lines == [
        ["parameters"],
        ["group", "tensors", "parameters", "learning", "rate", "decay", "learns"],
        ["head", "2", "1,540", "0.001", "0.01", "from", "epoch", "1"],
        ["backbone", "9", "1,234,567", "0.0001", "0.01", "from", "epoch", "3"],
        ["backbone", "1", "7", "0.0001", "0.01", "not", "this", "run"],
        ["frozen", "3", "21"],
    ]


def test_nothing_is_cut_off_at_80_columns():
    written = io.StringIO()
    rows = [
        ParameterRow("head undecayed", 2, 1540, 1.234e-05, 0.01),
        ParameterRow("backbone 12 undecayed", 90, 123_456_789, 1.234e-05, 0.01, 19),
        ParameterRow("backbone 0 undecayed", 1, 7, 1.234e-05, 0.01, 500),
    ]
    Console(width=80, file=written).print(drawn(rows, 200))
    assert "\N{HORIZONTAL ELLIPSIS}" not in written.getvalue()
    assert "backbone 12 undecayed" in written.getvalue()
    assert "from epoch 20" in written.getvalue()


@pytest.mark.parametrize("why", ["nothing", "pretrained", "groups", "callback", "quiet"])
def test_it_is_shown_where_there_is_something_to_tell(run, trainer, capsys, monkeypatch, why):
    module, data = run()
    callbacks: list[Callback] = [ParameterTable()]
    if why == "pretrained":
        module.backbone.pretrained = True
    if why == "groups":
        module.parameter_groups = Discriminative()
    if why in ("callback", "quiet"):
        callbacks.append(FeatureExtractor())
    if why == "quiet":
        monkeypatch.setenv("FULGURITE_QUIET", "1")
    trainer(callbacks=callbacks).fit(module, data)
    told = capsys.readouterr()
    assert told.out == ""
    assert ("learning rate" in told.err) == (why not in ("nothing", "quiet"))
    assert ("frozen" in told.err) == (why == "callback")
