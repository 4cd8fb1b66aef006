"""Short names of our classes: one meaning each, and none where plain text is wanted."""

import importlib
from collections import Counter

import pytest

from fulgurite import names
from fulgurite.names import ROOMS, class_index, full_path, with_full_paths


def test_a_short_name_means_one_class():
    found = [entry.name for room in ROOMS for entry in names._classes_in(room)]
    assert [name for name, count in Counter(found).items() if count > 1] == []
    assert len(found) > 40


def test_every_path_can_be_imported():
    for entry in class_index().values():
        module, _, name = entry.path.rpartition(".")
        assert getattr(importlib.import_module(module), name).__name__ == entry.name


def test_what_the_source_says_of_a_class():
    entry = class_index()["MLPHead"]
    assert entry.path == "lightning_modules.heads.MLPHead"
    assert entry.summary == "One hidden layer."
    assert entry.parameters["hidden"] == "int"
    assert list(entry.parameters)[:2] == ["in_features", "out_features"]
    assert class_index()["StratifiedSplit"].parameters == {
        "val": "float",
        "test": "float",
        "seed": "int",
    }


def test_only_public_classes_have_short_names(tmp_path, monkeypatch):
    (tmp_path / "lab" / "nets").mkdir(parents=True)
    (tmp_path / "lab" / "__init__.py").touch()
    (tmp_path / "lab" / "nets" / "mine.py").write_text(
        'class Net:\n    """A net.\n\n    More."""\n\n\nclass _Part:\n    pass\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    (entry,) = names._classes_in("lab")
    assert (entry.name, entry.path, entry.summary) == ("Net", "lab.nets.mine.Net", "A net.")


def test_names_within_a_config_become_paths():
    tree = {
        "data": {"class_path": "TabularDataModule", "init_args": {"source": "x.csv"}},
        "model": {"init_args": {"backbone": "ConvNet", "optimizer": "AdamW"}},
        "trainer": {"callbacks": ["TrainingLoss", {"class_path": "BestEpoch"}], "max_epochs": 3},
    }
    assert with_full_paths(tree) == {
        "data": {
            "class_path": "datamodules.tabular.TabularDataModule",
            "init_args": {"source": "x.csv"},
        },
        "model": {
            "init_args": {
                "backbone": "lightning_modules.backbones.convnet.ConvNet",
                "optimizer": "AdamW",
            }
        },
        "trainer": {
            "callbacks": [
                "callbacks.training_loss.TrainingLoss",
                {"class_path": "callbacks.best_epoch.BestEpoch"},
            ],
            "max_epochs": 3,
        },
    }


@pytest.mark.parametrize("key", ["source", "target", "text", "leave_out", "monitor"])
def test_plain_text_is_left_alone(key):
    assert full_path("ConvNet", key) == "ConvNet"
    assert with_full_paths({"data": {key: ["ConvNet"]}}) == {"data": {key: ["ConvNet"]}}


@pytest.mark.parametrize(
    "key",
    ["data", "model", "class_path", "backbone", "head", "loss", "schedule", "split", "augment"],
)
def test_where_a_class_is_wanted_it_is_found(key):
    assert full_path("ConvNet", key) == "lightning_modules.backbones.convnet.ConvNet"


@pytest.mark.parametrize("name", ["my_model.ConvNet", "torch.nn.Linear", "SGD", "", "42"])
def test_other_names_stay(name):
    assert full_path(name, "backbone") == name
