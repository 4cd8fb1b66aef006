"""Short names of classes: one meaning each, and none where plain text is wanted."""

import pytest

from fulgurite.kinds import our_classes
from fulgurite.names import full_path, takes_text, unknown_names, with_full_paths


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
                "optimizer": "torch.optim.AdamW",
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
    assert takes_text(key)
    assert full_path("ConvNet", key) == "ConvNet"
    assert with_full_paths({"data": {key: ["ConvNet"]}}) == {"data": {key: ["ConvNet"]}}


@pytest.mark.parametrize(
    "key",
    ["data", "model", "class_path", "backbone", "head", "loss", "schedule", "split", "augment"],
)
def test_where_a_class_is_wanted_it_is_found(key):
    assert not takes_text(key)
    assert full_path("ConvNet", key) == "lightning_modules.backbones.convnet.ConvNet"


def test_no_key_that_takes_modules_takes_text_elsewhere():
    """There a short name would be left as it is, and a checkpoint could name any class."""
    taken = {
        f"{entry.name}.{name}"
        for entry in our_classes().values()
        for name, parameter in entry.parameters.items()
        if "Module" in parameter.annotation and takes_text(name)
    }
    assert not taken


@pytest.mark.parametrize("name", ["my_model.ConvNet", "torch.nn.Linear", "", "42", "Nothing"])
def test_other_names_stay(name):
    assert full_path(name, "backbone") == name


def test_the_key_says_which_of_two_classes_is_meant():
    assert full_path("OneCycle", "schedule") == "lightning_modules.schedules.one_cycle.OneCycle"
    assert full_path("Adam", "optimizer") == "torch.optim.Adam"
    assert full_path("EarlyStopping", "callbacks") == "lightning.pytorch.callbacks.EarlyStopping"
    tree = {"optimizer": {"class_path": "Adam", "init_args": {"lr": 1}}}
    assert with_full_paths(tree)["optimizer"]["class_path"] == "torch.optim.Adam"


def test_short_names_that_stand_for_nothing_are_found():
    model = {"class_path": "Classification", "init_args": {"backbone": "Convnet", "head": "Lin"}}
    tree = {"data": "Tab", "model": model, "trainer": {"callbacks": ["Stop", "mine.Stop"]}}
    found = list(unknown_names(with_full_paths(tree)))
    assert found == [
        (("data",), "Tab", "datamodules"),
        (("model", "backbone"), "Convnet", "backbones"),
        (("trainer", "callbacks", "0"), "Stop", "callbacks"),
    ]
    other = {"model": {"class_path": "mine.Model", "init_args": {"backbone": "resnet18"}}}
    assert list(unknown_names(other)) == []
