"""Specs as plain values: rebuilt from a checkpoint and by the command's own parser."""

import io

import pytest
import torch
from jsonargparse import ArgumentParser

from datamodules.spec import DataSpec, TargetSpec

SPECS = [
    DataSpec({"image": [1, 8, 8]}),
    DataSpec({"image": [3, 4, 4]}, TargetSpec("multiclass", ["a", "b", "c"], [5, 2, 1], rows=8)),
    DataSpec(
        inputs={"numeric": [2], "categorical": [1]},
        target=TargetSpec("regression", ["price"], mean=[3.5], std=[0.25], rows=70),
        cardinalities={"categorical": [4]},
        columns={"numeric": ["age", "age is missing"], "categorical": ["city"]},
        quantiles=[[-1.5, 0.0, 1.5], [0.0, 1.0]],
    ),
    DataSpec(
        inputs={"tokens": [256]},
        target=TargetSpec("multilabel", ["yes", "no", "1"], [3, 0, 2], rows=4),
        cardinalities={"tokens": [999]},
        vocabulary="words-0a1b",
    ),
]


@pytest.mark.parametrize("spec", SPECS)
def test_a_checkpoint_holds_it_and_gives_it_back(spec):
    file = io.BytesIO()
    torch.save(spec.as_config(), file)
    file.seek(0)
    config = torch.load(file, weights_only=True)
    rebuilt = DataSpec.from_config(config)
    assert rebuilt.as_config() == spec.as_config()
    for part in (rebuilt, rebuilt.target):
        assert part is None or vars(part).keys() == part.as_config()["init_args"].keys()


@pytest.mark.parametrize("spec", SPECS)
def test_the_commands_parser_rebuilds_it(spec):
    parser = ArgumentParser()
    parser.add_argument("--spec", type=DataSpec)
    parsed = parser.parse_object({"spec": spec.as_config()})
    rebuilt = parser.instantiate_classes(parsed)["spec"]
    assert isinstance(rebuilt, DataSpec)
    assert rebuilt.as_config() == spec.as_config()


def test_all_that_was_said_is_told_in_plain_values():
    target = {"kind": "multilabel", "names": ["yes", "no", "1"], "counts": [3, 0, 2]}
    assert SPECS[3].as_config() == {
        "class_path": "datamodules.spec.DataSpec",
        "init_args": {
            "inputs": {"tokens": [256]},
            "target": {
                "class_path": "datamodules.spec.TargetSpec",
                "init_args": target | {"mean": [], "std": [], "rows": 4},
            },
            "cardinalities": {"tokens": [999]},
            "columns": {},
            "quantiles": [],
            "vocabulary": "words-0a1b",
            "tokenizer": None,
        },
    }


def test_two_specs_share_no_lists():
    first, second = DataSpec({"x": [1]}), DataSpec({"x": [1]})
    first.quantiles.append([0.0, 1.0])
    first.columns["x"] = ["a"]
    assert (second.quantiles, second.columns) == ([], {})
