"""Numbers in the user's units, their spread, and the strata that a split keeps."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.splits.splitter import Undivided
from datamodules.splits.stratified import StratifiedSplit
from datamodules.targets.numbers import Numbers


def encode(**columns) -> torch.Tensor:
    return Numbers(list(columns)).encode(pl.DataFrame(columns), "rows.csv")


def test_columns_stand_side_by_side_as_they_are():
    encoded = encode(a=[1, 2, 3], b=[0.5, -1.0, 2.0], c=["4", "5.5", "6"], d=[True, False, True])
    assert encoded.tolist() == [[1, 0.5, 4, 1], [2, -1, 5.5, 0], [3, 2, 6, 1]]
    assert encoded.dtype == torch.float32


def test_what_is_no_number_is_told():
    with pytest.raises(UserError) as caught:
        encode(a=["1", "two", "2", "three"])
    assert str(caught.value) == (
        "rows.csv: regression needs numbers, but the target 'a' is 'two' in row 2 (and in 1 more): "
        "mend it, or leave it empty."
    )
    for values in ([1.0, 1e39], ["1", "1e39"]):
        with pytest.raises(UserError, match=r"'a' holds 1e\+39, .* reach 3\.4e\+38: divide"):
            encode(a=values)
    with pytest.raises(UserError, match="'a' is 'inf' in row 2"):
        encode(a=[1.0, float("inf")])
    with pytest.raises(UserError, match=r"the target 'a' holds dates; regression needs numbers"):
        encode(a=[dt.date(2020, 1, 1), dt.date(2020, 1, 2)])


def test_the_spec_has_numpy_s_mean_and_deviation():
    values = np.random.default_rng(0).normal([1000.0, -2.0], [50.0, 0.1], (40, 2)).astype("f4")
    spec = Numbers(["a", "b"]).describe(torch.from_numpy(values))
    assert spec.mean == pytest.approx(values.astype(float).mean(0))
    assert spec.std == pytest.approx(values.astype(float).std(0))
    assert (spec.kind, spec.names, spec.rows) == ("regression", ["a", "b"], 40)


def test_a_number_that_is_always_the_same_is_refused():
    with pytest.raises(UserError, match=r"Every training row has the same 'b'"):
        Numbers(["a", "b"]).describe(torch.tensor([[1.0, 2.0], [3.0, 2.0]]))


def test_strata_are_tenths_of_the_ranks_of_the_first_number():
    first = torch.arange(200).flip(0) ** 3  # no straight line
    strata = Numbers(["a", "b"]).strata(torch.stack([first, torch.rand(200)], dim=1))
    assert np.bincount(strata).tolist() == [20] * 10
    assert (np.diff(strata) <= 0).all()


def test_ties_share_a_stratum():
    strata = Numbers(["a"]).strata(torch.tensor([0.0] * 90 + list(range(1, 31)))[:, None])
    assert len(set(strata[:90].tolist())) == 1
    assert strata.max() > strata[0]


@pytest.mark.parametrize("rows", [10, 20, 25, 60])
def test_few_rows_can_still_be_held_out(rows):
    strata = Numbers(["a"]).strata(torch.rand(rows, 1))
    records = Records(pl.DataFrame({"x": range(rows)}), "x.csv")
    split = StratifiedSplit()(Undivided.of(records, strata=strata))
    assert len(split.val) == pytest.approx(0.15 * rows, abs=1)
    assert len(split.test) == pytest.approx(0.15 * rows, abs=1)
