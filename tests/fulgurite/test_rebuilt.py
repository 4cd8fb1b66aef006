"""A checkpoint needs the weights that its backbone began with no longer."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from jsonargparse import dict_to_namespace

from fulgurite.__main__ import main
from fulgurite.rebuilt import rebuilding

BACKBONE = '''
import torch
from torch import nn


class Pretrained(nn.Module):
    """A network whose width only its file tells."""

    pretrained = True

    def __init__(self, spec, weights: str, architecture: dict | None = None) -> None:
        super().__init__()
        tensors = {} if architecture else torch.load(weights, weights_only=True)
        self.out_features = architecture["width"] if architecture else len(tensors["weight"])
        self.layer = nn.Linear(spec.inputs["numeric"][0], self.out_features)
        if tensors:
            self.layer.load_state_dict(tensors)
        self.notes = [f"loaded 2 of 2 tensors of '{weights}'"]
        self.origin = {"name": weights, "sha256": "0"}
        self.rebuilt_from = {"weights": "random", "architecture": {"width": self.out_features}}

    def forward(self, numeric):
        return self.layer(numeric)
'''


@pytest.fixture
def run(people, tmp_path, capsys):
    Path("theirs.py").write_text(BACKBONE)
    torch.save({"weight": torch.ones(5, 3), "bias": torch.zeros(5)}, "weights.pt")
    config = {
        "data": {
            "class_path": "TabularDataModule",
            "init_args": {
                "source": str(people),
                "target": "buys",
                "leave_out": ["city", "plan", "likes", "spends", "saves"],
            },
        },
        "model": {
            "class_path": "Classification",
            "init_args": {
                "backbone": {
                    "class_path": "theirs.Pretrained",
                    "init_args": {"weights": "weights.pt"},
                }
            },
        },
        "trainer": {"max_epochs": 1, "enable_progress_bar": False},
    }
    Path("mine.yaml").write_text(yaml.safe_dump(config))
    return "runs/mine/0"


def test_a_run_goes_on_where_its_pretrained_weights_are_gone(run, capsys):
    main(["fit", "--config", "mine.yaml"])
    told = capsys.readouterr().err
    assert "weights: loaded 2 of 2 tensors of 'weights.pt'" in told.replace(f"{Path.cwd()}/", "")
    assert "weights: new: head.weight, head.bias" in told
    provenance = json.loads(Path(run, "provenance.json").read_text())
    assert provenance["weights"]["sha256"] == "0"
    saved = yaml.safe_load(Path(run, "config.yaml").read_text())
    kept = saved["model"]["init_args"]["backbone"]["init_args"]["weights"]
    assert kept == str(Path("weights.pt").resolve())
    main(["test", "--ckpt_path", run, "--json"])
    before = json.loads(capsys.readouterr().out)
    Path("weights.pt").unlink()
    main(["test", "--ckpt_path", run, "--json"])
    after = json.loads(capsys.readouterr().out)
    assert {k: v for k, v in before.items() if k.startswith("test/")} == {
        k: v for k, v in after.items() if k.startswith("test/")
    }
    main(["fit", "--resume", run, "--trainer.max_epochs", "2"])
    state = torch.load(f"{run}/checkpoints/last.ckpt", weights_only=True)
    assert state["epoch"] == 1


OURS = "lightning_modules.backbones.transformers_backbone.TransformersBackbone"
KEPT: dict[str, Any] = {
    "weights": "checkpoint",
    "architecture": {"model_type": "bert"},
    "pooling": ["cls"],
}


def rebuilt(
    kept: dict[str, Any], typed: dict[str, Any] | None = None, **given: object
) -> dict[str, Any]:
    """Return what is taken of a checkpoint's arguments in the place of a config's."""
    asked = {"weights": "sample:minilm", "architecture": None, "pooling": None}
    names = {**asked, "trust_remote_code": False, **given}
    backbone = {"class_path": OURS, "init_args": names}
    config = dict_to_namespace({"model": {"init_args": {"backbone": backbone}}})
    state = {"hyper_parameters": {"backbone": {"class_path": OURS, "init_args": kept}}}
    found = rebuilding(state, config, {"model": {"backbone": typed or {}}})
    return {key.removeprefix("model.init_args.backbone.init_args."): found[key] for key in found}


def test_the_architecture_is_that_of_the_checkpoint():
    assert rebuilt(KEPT) == KEPT
    assert rebuilt(KEPT, trust_remote_code=True) == KEPT


def test_a_flag_is_not_overridden():
    assert rebuilt(KEPT, {"pooling": "mean"}).keys() == KEPT.keys() - {"pooling"}
    assert rebuilt(KEPT, {"init_args": {"pooling": "mean"}}).keys() == KEPT.keys() - {"pooling"}


def test_a_checkpoint_does_not_say_what_code_is_run():
    assert rebuilt({**KEPT, "trust_remote_code": True}) == KEPT
    assert rebuilt({**KEPT, "pooling": "{class_path: os.system}"}).keys() == KEPT.keys() - {
        "pooling"
    }
    other = {**KEPT, "weights": "another/repository", "architecture": "another/repository"}
    assert rebuilt(other, trust_remote_code=True) == {"pooling": ["cls"]}
    assert rebuilt(other) == other
