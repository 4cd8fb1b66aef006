"""Rows in the order of time within their series."""

import json

import numpy as np
import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.features.series import Past, SeriesRows

NAN = float("nan")


def test_where_each_rows_past_begins_and_ends():
    rows = pl.DataFrame({"y": [0.0, 1, 2, 3, 4, 5]})
    series = pl.Series(["a", "b", "a", "a", "b", "a"])
    past = Past(rows, 0, series, np.array([3.0, 1, 1, 2, NAN, 2]))
    ordered = past.values("y").tolist()
    of_a = ordered.index(2.0)  # which series goes first is of no account
    assert ordered[of_a : of_a + 4] == [2, 3, 5, 0]
    assert (past.start[of_a : of_a + 4] - of_a).tolist() == [0, 0, 0, 0]
    assert (past.before[of_a : of_a + 4] - of_a).tolist() == [0, 1, 1, 3]
    # the row without a time stands in no series
    assert past.as_given(past.values("y")).tolist()[:4] == [0, 1, 2, 3]
    assert np.isnan(past.as_given(past.values("y"))[4])


def test_the_rows_kept_are_plain_and_go_first():
    train = pl.DataFrame({"t": [2, 1, 3], "y": [20.0, None, 30.0], "by": ["a", "a", None]})
    rows = SeriesRows(["y"], "t", ["by"], depth=2)
    rows.begin(train, "here")
    rows.keep(train)
    state = json.loads(json.dumps(rows.state_dict()))
    again = SeriesRows(["y"], "t", ["by"], depth=2)
    again.load_state_dict(state)
    new = pl.DataFrame({"t": [4, 1], "y": [40.0, 11.0], "by": ["a", "a"]})
    past = again.past(new)
    assert past.kept == 2  # time 1 of the series is in the new rows themselves
    assert sorted(past.frame["y"][:2]) == [20, 30]
    assert past.as_given(past.values("y")).tolist() == [40, 11]


def test_a_time_must_have_an_order():
    rows = SeriesRows(["y"], "t", [], depth=1)
    with pytest.raises(UserError, match="neither dates nor numbers, but 'soon'"):
        rows.begin(pl.DataFrame({"t": ["soon"], "y": [1]}), "here")
    rows.begin(pl.DataFrame({"t": [1], "y": [1]}), "here")
    assert rows.untimely(pl.Series(["3", "soon", None])).to_list() == ["soon"]
    rows.begin(pl.DataFrame({"t": ["2020-01-01"], "y": [1]}), "here")
    assert rows.untimely(pl.Series([3])).to_list() == [3]
