"""A config as a tree: what overrides what, and where a dotted flag leads."""

import pytest

from fulgurite.tree import class_path, init_args, leaves, merged, normal, put


def test_mappings_merge_key_by_key_and_all_else_whole():
    first = {"trainer": {"max_epochs": 3, "devices": [0, 1]}, "seed": 1}
    second = {"trainer": {"devices": [2]}, "data": {"x": 1}}
    assert merged(first, second) == {
        "trainer": {"max_epochs": 3, "devices": [2]},
        "seed": 1,
        "data": {"x": 1},
    }
    assert merged({"a": {"b": 1}}, {"a": "text"}) == {"a": "text"}
    assert merged({"a": "text"}, {"a": {"b": 1}}) == {"a": {"b": 1}}


def test_another_class_does_not_inherit_arguments():
    first = {"optimizer": {"class_path": "AdamW", "init_args": {"lr": 1, "betas": [0, 1]}}}
    same = {"optimizer": {"class_path": "AdamW", "init_args": {"lr": 2}}}
    unnamed = {"optimizer": {"init_args": {"lr": 2}}}
    other = {"optimizer": {"class_path": "SGD", "init_args": {"momentum": 0.9}}}
    kept = {"optimizer": {"class_path": "AdamW", "init_args": {"lr": 2, "betas": [0, 1]}}}
    assert merged(first, same) == kept
    assert merged(first, unnamed) == kept
    assert merged(first, other) == other


def test_a_name_alone_is_a_class_too():
    named = {"backbone": {"class_path": "ConvNet", "init_args": {"dropout": 0.2}}}
    assert merged(named, {"backbone": "ConvNet"}) == named
    assert merged(named, {"backbone": "ResNet"}) == {"backbone": "ResNet"}
    assert merged({"backbone": "ConvNet"}, {"backbone": {"init_args": {"dropout": 0.2}}}) == named


def test_arguments_beside_a_class_go_below_it():
    short = {"model": [{"class_path": "ConvNet", "dropout": 0.2, "init_args": {"widths": [1]}}]}
    assert normal(short) == {
        "model": [{"class_path": "ConvNet", "init_args": {"widths": [1], "dropout": 0.2}}]
    }
    assert normal({"trainer": {"max_epochs": 3}}) == {"trainer": {"max_epochs": 3}}


MODEL = {"class_path": "M", "init_args": {"backbone": "A"}}


@pytest.mark.parametrize(
    ("key", "value", "changed"),
    [
        ("trainer.max_epochs", "5", {"trainer": {"max_epochs": "5"}}),
        ("model.backbone", "B", {"model": {"class_path": "M", "init_args": {"backbone": "B"}}}),
        (
            "model.backbone.width",
            "9",
            {
                "model": {
                    "class_path": "M",
                    "init_args": {"backbone": {"class_path": "A", "init_args": {"width": "9"}}},
                }
            },
        ),
        (
            "model.init_args.optimizer.lr",
            "1",
            {
                "model": {
                    "class_path": "M",
                    "init_args": {"backbone": "A", "optimizer": {"lr": "1"}},
                }
            },
        ),
        ("trainer.callbacks+", "C", {"trainer": {"callbacks": ["C"]}}),
        ("model", "N", {"model": "N"}),
    ],
)
def test_a_flag_leads_through_the_arguments_of_classes(key, value, changed):
    config = {"model": {"class_path": "M", "init_args": {"backbone": "A"}}}
    put(config, key.split("."), value)
    assert config == {"model": MODEL, **changed}


def test_flags_append_to_a_list_and_change_its_last():
    config = {"trainer": {"callbacks": ["A"]}}
    put(config, ["trainer", "callbacks+"], ["B", "C"])
    put(config, ["trainer", "callbacks", "patience"], "3")
    last = {"class_path": "C", "init_args": {"patience": "3"}}
    assert config == {"trainer": {"callbacks": ["A", "B", last]}}


def test_leaves_have_the_paths_that_people_type():
    tree = {"model": {"class_path": "M", "init_args": {"loss": "L", "sizes": [1, {"a": 2}]}}}
    assert dict(leaves(tree)) == {
        ("model",): "M",
        ("model", "loss"): "L",
        ("model", "sizes", "0"): 1,
        ("model", "sizes", "1", "a"): 2,
    }
    assert class_path(tree["model"]) == "M"
    assert class_path("M") == "M"
    assert class_path({"class_path": 3}) is None
    assert init_args("M") == {}
