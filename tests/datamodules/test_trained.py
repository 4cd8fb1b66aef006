"""What training fixed survives as plain values, and any difference is noticed."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from datamodules.features.categorical import Categorical
from datamodules.features.numeric import Numeric
from datamodules.features.table import TableFeatures
from datamodules.sources.tables import read_table
from datamodules.spec import DataSpec, TargetSpec
from datamodules.splits.split import Split
from datamodules.trained import Trained


def features() -> TableFeatures:
    return TableFeatures(Numeric([]), Categorical([]), [], ["buys"])


@pytest.fixture
def trained(people) -> Trained:
    fitted = features()
    fitted.fit(read_table(str(people)))
    split = Split(*np.split(np.arange(120), [80, 100]))
    target = TargetSpec("binary", ["no", "yes"], counts=[30, 50], rows=80)
    return Trained(DataSpec(target=target, **fitted.parts), ["buys"], split, "abc", fitted)


def test_a_round_trip_changes_nothing(trained):
    again = Trained.from_state(trained.state_dict(), features())
    assert again.same_as(trained)
    assert again.target == ["buys"]
    assert again.split.train.dtype == trained.split.train.dtype
    assert all(a.tolist() == b.tolist() for a, b in zip(again.split, trained.split, strict=True))


def test_each_part_counts(trained):
    moved = Split(trained.split.train[:-1], *trained.split[1:])
    spec = DataSpec.from_config(trained.spec.as_config())
    spec.target = TargetSpec("binary", ["yes", "no"], counts=[50, 30], rows=80)
    fitted = copy.deepcopy(trained.features)
    numbers = fitted.picked[0]
    assert isinstance(numbers, Numeric)
    numbers.pipeline.fills[0] += 1
    assert trained.same_as(replace(trained))
    for change in ({"data": "xyz"}, {"split": moved}, {"spec": spec}, {"features": fitted}):
        assert not trained.same_as(replace(trained, **change)), change
