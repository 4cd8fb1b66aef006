"""Lags and rolling figures beside those of polars, with no look ahead."""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.features.past import Aggregate, Lags, PastFeatures, Rolling
from datamodules.features.steps.scaling import Standard

NAN = float("nan")
ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 99), st.none() | st.integers(-9, 9)),
    min_size=1,
    max_size=25,
    unique_by=lambda row: row[:2],
)
AGGREGATES: list[Aggregate] = ["mean", "std", "min", "max", "sum", "median"]


def frame(rows, **schema) -> pl.DataFrame:
    names = {"by": pl.String, "t": pl.Int64, "y": pl.Float64, **schema}
    return pl.DataFrame(rows, schema=names, orient="row", strict=False)


def raw(features: PastFeatures, rows: pl.DataFrame) -> np.ndarray:
    """Return what is seen of the past before gaps are filled, (N, D); fitted here if it is not."""
    if not features.names:
        features.rows.begin(rows, "here")
    return np.stack(list(features._look_back(rows)), axis=1)


def lags(steps: int | list[int] = 1, **settings) -> Lags:
    return Lags("y", "t", **{"by": "by", "steps": [], **settings}, lags=steps)


@given(ROWS)
@settings(deadline=None, max_examples=100)
def test_lags_equal_polars(rows):
    given_rows = frame(rows)
    ordered = given_rows.with_row_index().sort("t")
    shifted = [pl.col("y").shift(lag).over("by").alias(f"{lag}") for lag in (1, 3)]
    expected = ordered.with_columns(shifted).sort("index").select("1", "3").to_numpy()
    assert np.array_equal(raw(lags([1, 3]), given_rows), expected, equal_nan=True)


@given(ROWS, st.integers(1, 5))
@settings(deadline=None, max_examples=100)
def test_rolling_figures_equal_polars(rows, window):
    given_rows = frame(rows)
    ordered = given_rows.with_row_index().sort("t")
    past = pl.col("y").shift(1)
    figures = [
        getattr(past, f"rolling_{name}")(window, min_samples=min(window, 2) if name == "std" else 1)
        .over("by")
        .alias(name)
        for name in AGGREGATES
    ]
    expected = ordered.with_columns(figures).sort("index").select(AGGREGATES).to_numpy()
    features = Rolling("y", "t", "by", window, AGGREGATES, steps=[])
    found = raw(features, given_rows)
    assert found == pytest.approx(expected, nan_ok=True, abs=1e-6)


def test_rows_of_one_time_see_none_of_each_other():
    rows = frame([("a", 1, 1.0), ("a", 2, 2.0), ("a", 2, 3.0), ("a", 3, 4.0)])
    assert raw(lags([1, 2]), rows) == pytest.approx(
        np.array([[NAN, NAN], [1, NAN], [1, NAN], [3, 2]]), nan_ok=True
    )
    figures = raw(Rolling("y", "t", "by", 9, ["sum"], steps=[]), rows)[:, 0]
    assert figures == pytest.approx([NAN, 1, 1, 6], nan_ok=True)


@given(ROWS, st.data())
@settings(deadline=None, max_examples=60)
def test_no_row_sees_a_row_of_its_time_or_later(rows, data):
    changed = data.draw(st.integers(0, len(rows) - 1))
    series, time, _ = rows[changed]
    other = [*rows]
    other[changed] = (series, time, 999)
    for features in (lags([1, 2]), Rolling("y", "t", "by", 3, AGGREGATES, steps=[])):
        before, after = (raw(features, frame(each)) for each in (rows, other))
        unseen = [t <= time or s != series for s, t, _ in rows]
        assert np.array_equal(before[unseen], after[unseen], equal_nan=True)


def test_a_row_without_a_time_or_a_past_is_filled_and_marked():
    rows = frame([("a", 1, 2.0), ("a", 2, 4.0), ("a", 3, 9.0), ("a", None, 5.0), ("b", 1, 7.0)])
    features = lags(fill="mean")
    features.fit(rows, "here")
    assert features.names == ["y lag 1", "y lag 1 is missing"]
    found = np.stack(list(features.numbers(rows, "here")), axis=1)
    assert found.tolist() == [[3, 1], [2, 0], [4, 0], [3, 1], [3, 1]]


def test_fillings_are_fitted_on_what_training_rows_see_of_each_other():
    whole = frame([("a", t, float(t * t)) for t in range(10)])
    train = whole[[0, 3, 5]]
    features = lags(fill="mean", steps=1)
    features.fit(train, "here")
    assert features.pipeline.fills == [(0 + 9) / 2]
    # and yet a row of the table sees the row before it, whatever its part
    assert next(features.numbers(whole, "here"))[1:].tolist() == [t * t for t in range(9)]


def test_rows_of_another_source_follow_on_from_training():
    train = frame([("a", 1, 1.0), ("a", 2, 2.0), ("a", 3, 3.0), ("b", 1, 10.0)])
    features = lags([1, 2])
    features.fit(train, "here")
    new = frame([("a", 5, 5.0), ("a", 6, 6.0), ("b", 2, 0.0), ("c", 9, 1.0), ("a", 2.5, 7.0)])
    new = new.with_columns(pl.Series("t", [5, 6, 2, 9, 0]))
    assert raw(features, new) == pytest.approx(
        np.array([[3, 2], [5, 3], [10, NAN], [NAN, NAN], [NAN, NAN]]), nan_ok=True
    )
    # what the source itself holds of that past is taken from it
    holding = frame([("a", 3, 30.0), ("a", 5, 5.0)])
    assert raw(features, holding).tolist() == [[2, pytest.approx(NAN, nan_ok=True)], [30, 2]]
    assert np.array_equal(raw(features, train), raw(lags([1, 2]), train), equal_nan=True)


def test_a_target_that_is_not_known_yet_is_seen_as_far_as_training_knew_it():
    train = frame([("a", 1, 1.0), ("a", 2, 2.0)])
    features = lags()
    features.fit(train, "here")
    new = frame([("a", 3, 0.0), ("a", 4, 0.0)]).drop("y")
    assert raw(features, new)[:, 0] == pytest.approx([2, NAN], nan_ok=True)
    assert features.misfits(new) == {}


def test_only_the_rows_that_are_looked_back_at_are_kept():
    rows = [(series, t, float(t)) for t in range(50) for series in "ab"]
    features = lags([1, 3])
    features.fit(frame(rows), "here")
    kept = features.state_dict()["rows"]["kept"]
    assert kept["times"] == [47, 48, 49] * 2


def test_times_are_the_same_whatever_type_they_come_in():
    days = [dt.date(2020, 1, 1) + dt.timedelta(i) for i in range(5)]
    rows = pl.DataFrame({"t": days, "y": [1.0, 2, 3, 4, 5]})
    features = Lags("y", "t", lags=1, steps=[])
    features.fit(rows[:3], "here")
    expected = raw(features, rows[3:])
    assert expected[:, 0].tolist() == [3, 4]
    for dtype in (pl.String, pl.Datetime("ns")):
        assert np.array_equal(
            raw(features, rows[3:].with_columns(pl.col("t").cast(dtype))), expected
        )
    wrong = rows.with_columns(t=pl.lit("soon"))
    kind, values = features.misfits(wrong)["t"]
    assert (kind, values[0]) == ("dates", "soon")


def test_several_columns_and_series_of_several_columns():
    rows = frame([("a", 1, 1.0), ("a", 2, 2.0), ("a", 3, 3.0)]).with_columns(z=pl.Series([7, 8, 9]))
    rows = rows.with_columns(other=pl.Series(["x", "y", "x"]))
    features = Lags(["y", "z"], "t", ["by", "other"], steps=[Standard()])
    features.fit(rows, "here")
    assert features.needs == ["y", "z", "t", "by", "other"]
    assert features.names[:2] == ["y lag 1", "z lag 1"]
    assert raw(features, rows)[2].tolist() == [1, 7]


def test_no_rows_give_no_rows():
    features = lags([1, 4])
    features.fit(frame([("a", 1, 1.0)]), "here")
    assert raw(features, frame([])).shape == (0, 2)
    figures = Rolling("y", "t", "by", 3, steps=[])
    figures.fit(frame([("a", 1, 1.0)]), "here")
    assert raw(figures, frame([])).shape == (0, 1)


def test_what_no_series_goes_back_to_is_told():
    features = Lags("y", "t", lags=[1, 9])
    features.fit(frame([("a", 1, 1.0), ("a", 2, 2.0)]), "here")
    assert features.notes() == [
        "'y lag 9' is missing in every training row: no series goes back so far"
    ]
    features.fit(frame([("a", day, 1.0) for day in range(10)]), "here")
    assert features.notes() == []


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Lags("y", "t", lags=0), "A lag is a number of rows from 1 on, not 0"),
        (lambda: Rolling("y", "t", windows=[]), r"A window is a number .* not \[\]"),
        (lambda: Rolling("y", "t", aggregates=[]), "Rolling has an empty list of aggregates"),
        (lambda: Lags([], "t"), "Lags needs a column to look back at"),
        (lambda: Lags(["y", "y"], "t"), "Lags names the column 'y' twice"),
    ],
)
def test_settings_that_make_no_sense_are_told(make, told):
    with pytest.raises(UserError, match=told):
        make()


@pytest.mark.parametrize(
    ("column", "time", "told"),
    [
        ("by", "t", "column 'by' holds words, such as 'a', and Lags needs numbers"),
        ("y", "by", "column 'by' cannot be the time that orders rows: .* but 'a'"),
    ],
)
def test_words_are_no_numbers_and_no_times(column, time, told):
    with pytest.raises(UserError, match=f"^here: {told}"):
        Lags(column, time).fit(frame([("a", 1, 1.0)]), "here")
