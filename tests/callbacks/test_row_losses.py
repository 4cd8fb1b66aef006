"""The losses of each row over the epochs, whatever the batches, the processes and the breaks."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
import torch.nn.functional as F

from callbacks.row_losses import RowLosses, add, loss_table, merged, nothing_seen
from datamodules.augmentation.augment import Augment
from datamodules.augmentation.mixup import Mixup
from datamodules.batch import StepOutput
from datamodules.errors import UserError


def outputs(rows: list[int], logits: torch.Tensor, target: torch.Tensor) -> StepOutput:
    """A step over some of six rows."""
    index = torch.tensor(rows)
    loss = torch.tensor(0.0)
    return {"loss": loss, "logits": logits[index], "target": target[index], "index": index}


@pytest.fixture
def epochs() -> tuple[torch.Tensor, torch.Tensor]:
    """Logits of three epochs, (3, 6, 4), and classes."""
    generator = torch.Generator().manual_seed(2)
    return torch.randn(3, 6, 4, generator=generator) * 3, torch.tensor([0, 1, 2, 3, 0, 1])


def test_means_and_last_losses_are_those_of_cross_entropy(epochs):
    logits, target = epochs
    state = nothing_seen(8)
    for epoch in range(3):
        add(state, outputs([0, 1, 2], logits[epoch], target), epoch)
        add(state, outputs([5, 3], logits[epoch], target), epoch)
    table = loss_table(state, torch.cat([target, torch.zeros(2).long()]), list("abcd"))
    losses = torch.stack([F.cross_entropy(each, target, reduction="none") for each in logits])
    rows = table["row"].to_list()
    assert sorted(rows) == [0, 1, 2, 3, 5]
    assert table["mean_loss"].to_numpy() == pytest.approx(losses.mean(0)[rows].numpy(), abs=2e-5)
    assert table["last_loss"].to_numpy() == pytest.approx(losses[2][rows].numpy(), abs=2e-5)
    assert table["mean_loss"].is_sorted(descending=True)
    assert table["epochs"].to_list() == [3] * 5
    assert table["label"].to_list() == ["abcd"[target[row]] for row in rows]


def test_the_suggestion_was_the_likeliest_other_class_in_any_epoch(epochs):
    logits, target = epochs
    state = nothing_seen(6)
    for epoch in range(3):
        add(state, outputs([0, 1, 2, 3, 4, 5], logits[epoch], target), epoch)
    others = logits.softmax(2).scatter(2, target.expand(3, 6)[:, :, None], -1.0)
    expected = others.amax(dim=0).argmax(dim=1)
    table = loss_table(state, target, list("abcd")).sort("row")
    assert table["suggested"].to_list() == ["abcd"[place] for place in expected]


def test_processes_together_have_what_one_has(epochs):
    logits, target = epochs
    alone, first, second = (nothing_seen(6) for _ in range(3))
    shares = [([0, 1, 2], [3, 4, 5]), ([5, 0, 4], [2, 1, 3]), ([1, 3, 5], [4, 2, 0])]
    for epoch, (ours, theirs) in enumerate(shares):
        add(alone, outputs(ours + theirs, logits[epoch], target), epoch)
        add(first, outputs(ours, logits[epoch], target), epoch)
        add(second, outputs(theirs, logits[epoch], target), epoch)
    together = merged({name: torch.stack([first[name], second[name]]) for name in first})
    for name, values in alone.items():
        assert torch.equal(together[name], values), name


@pytest.mark.parametrize("size", [1e6, float("nan"), float("inf")])
def test_diverged_losses_are_the_highest_and_no_more(epochs, size):
    logits, target = epochs
    state = nothing_seen(6)
    add(state, outputs([0, 1], logits[0], target), 0)
    add(
        state,
        outputs([2], torch.full((6, 4), -size).scatter(1, target[:, None], -2 * size), target),
        0,
    )
    table = loss_table(state, target, list("abcd"))
    assert table["row"][0] == 2
    assert table["mean_loss"][0] == 1e4


def test_in_a_fit_it_writes_every_training_row(run, trainer, tmp_path):
    module, data = run(rate=0.0)  # weights that stay
    watched = trainer(
        max_epochs=2, callbacks=[RowLosses()], default_root_dir=tmp_path, enable_checkpointing=True
    )
    watched.fit(module, data)
    table = pl.read_csv(tmp_path / "label_noise.csv")
    assert sorted(table["row"]) == data.split.train.tolist()
    assert set(table["epochs"]) == {2}
    batch = data.store[table["row"].to_list()]
    losses = F.cross_entropy(module.eval()(batch["inputs"]), batch["target"], reduction="none")
    assert table["mean_loss"].to_numpy() == pytest.approx(losses.detach().numpy(), abs=3e-5)
    assert set(table["label"]) == {"no", "yes"}
    assert (table["label"] != table["suggested"]).all()


def test_nothing_is_written_of_a_run_of_which_nothing_is_kept(run, trainer, tmp_path):
    module, data = run()
    trainer(callbacks=[RowLosses()], default_root_dir=tmp_path / "kept").fit(module, data)
    assert not Path(tmp_path / "kept").exists()


def test_a_state_goes_on_where_it_was_left(epochs):
    logits, target = epochs
    callback, again = RowLosses(), RowLosses()
    callback.state = nothing_seen(6)
    add(callback.state, outputs([0, 1], logits[0], target), 0)
    again.load_state_dict(torch.load(_saved(callback.state_dict()), weights_only=True))
    add(callback.state, outputs([1, 2], logits[1], target), 1)
    add(again.state, outputs([1, 2], logits[1], target), 1)
    for name, values in callback.state.items():
        assert torch.equal(again.state[name], values)


def test_mixed_rows_are_refused_before_training(run, trainer):
    module, data = run()
    data.augment = Augment([Mixup()], seed=0)
    with pytest.raises(UserError, match="with Mixup a target is of two rows"):
        trainer(callbacks=[RowLosses()]).fit(module, data)


@pytest.mark.parametrize(("target", "kind"), [("spends", "regression"), ("likes", "multilabel")])
def test_other_targets_are_refused_before_training(people, trainer, target, kind):
    from functools import partial

    from datamodules.tabular import TabularDataModule
    from lightning_modules.backbones.tabular_mlp import TabularMLP
    from lightning_modules.classification import Classification
    from lightning_modules.regression import Regression

    data = TabularDataModule(str(people), target=target, separator="|" if kind[0] == "m" else None)
    make: Any = Regression if kind == "regression" else Classification
    module = make(data.spec, partial(TabularMLP, width=8, depth=1))
    with pytest.raises(UserError, match=f"the target is {kind}: take it out"):
        trainer(callbacks=[RowLosses()]).fit(module, data)


def _saved(state: dict[str, Any]) -> Path:
    torch.save(state, "state.pt")
    return Path("state.pt")
