"""Numbers filled in, marked and scaled, beside scikit-learn's."""

import datetime as dt
import io
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from datamodules.features.numeric import Numeric, quantiles_of
from datamodules.features.steps.named import Scaling, scaled

SCALINGS: list[Scaling] = ["quantile", "standard"]
UTC = dt.UTC
NAN, INF = float("nan"), float("inf")


def fitted(frame: pl.DataFrame, scaling: Scaling = "quantile") -> Numeric:
    features = Numeric(frame.columns, steps=scaled(scaling))
    features.fit(frame, "here")
    return features


def given(features: Numeric, frame: pl.DataFrame) -> torch.Tensor:
    """Return the numbers as a model is given them, (N, D)."""
    columns = list(features.numbers(frame, "here"))
    return torch.from_numpy(np.stack(columns, axis=1).astype(np.float32))


def draws(rows: int, missing: float = 0.0) -> pl.DataFrame:
    """Return a normal, a skewed and a heavy-tailed column, with gaps in the first."""
    rng = np.random.default_rng(rows)
    columns = {
        "normal": rng.normal(5, 3, rows),
        "skewed": rng.lognormal(2, 1, rows),
        "heavy": rng.standard_cauchy(rows) * 1e3,
    }
    columns["normal"][rng.random(rows) < missing] = NAN
    return pl.DataFrame(columns).fill_nan(None)


def test_standard_scaling_equals_scikit_learn():
    train, new = draws(500, missing=0.2), draws(300, missing=0.1)
    theirs = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), "passthrough")
    scaler = StandardScaler()
    filled = theirs.fit_transform(train.to_numpy())
    scaler.fit(filled[:, :3])
    ours = fitted(train, "standard")
    for frame in (train, new):
        expected = theirs.transform(frame.to_numpy())
        found = given(ours, frame)
        assert found.dtype == torch.float32
        assert found[:, :3].numpy() == pytest.approx(
            scaler.transform(expected[:, :3]), rel=1e-6, abs=1e-6
        )
        assert np.array_equal(found[:, 3:], expected[:, 3:])
    assert ours.names == ["normal", "skewed", "heavy", "normal is missing"]


def test_quantile_scaling_is_close_to_scikit_learn():
    train, new = draws(20_000), draws(2000)
    theirs = QuantileTransformer(n_quantiles=256, output_distribution="normal", subsample=None)
    theirs.fit(train.to_numpy())
    features = fitted(train)
    ours = given(features, new).numpy()
    expected = theirs.transform(new.to_numpy())
    inside = np.abs(expected) < 2  # theirs puts the ends at 5.2
    # theirs interpolates ranks and then takes scores; ours interpolates scores
    assert np.abs(ours - expected)[inside].max() < 0.01
    ends = given(features, train).abs().amax(dim=0).tolist()
    assert ends == pytest.approx([NormalDist().inv_cdf(1 - 0.5 / 20_000)] * 3)


def test_tied_values_get_their_mean_rank_as_in_scikit_learn():
    values = [0.0] * 300 + [1.0] * 400 + [2.0] * 250 + list(np.linspace(3, 4, 50))
    frame = pl.DataFrame({"x": [-1.0, *values, 5.0]})
    theirs = QuantileTransformer(n_quantiles=256, output_distribution="normal")
    theirs.fit(frame.to_numpy())
    asked = pl.DataFrame({"x": [0.0, 1.0, 2.0]})
    expected = theirs.transform(asked.to_numpy())[:, 0]
    assert given(fitted(frame), asked)[:, 0].numpy() == pytest.approx(expected, abs=0.02)


def test_an_outlier_cannot_dominate():
    train = pl.DataFrame({"x": [*range(100), 10**12]})
    scaled = given(fitted(train), pl.DataFrame({"x": [-(10**15), 50, 99, 10**15]}))[:, 0]
    assert scaled.abs().max() < 2.6
    assert scaled[1].abs() < 0.1
    assert 1.5 < scaled[2] < 2.6


@pytest.mark.parametrize("scaling", SCALINGS)
def test_infinite_values_count_as_missing(scaling):
    train = pl.DataFrame({"x": [1.0, INF, 2.0, -INF, 9.0, NAN, None], "y": range(7)})
    plain = train.with_columns(
        pl.Series("x", [1.0, None, 2.0, None, 9.0, None, None], dtype=pl.Float64)
    )
    features = fitted(train, scaling)
    assert features.state_dict() == fitted(plain, scaling).state_dict()
    assert torch.equal(given(features, train), given(features, plain))
    assert given(features, train)[:, 2].tolist() == [0, 1, 0, 1, 0, 1, 1]
    assert len(features.names) == 3


def test_a_gap_that_training_never_had_is_filled_and_not_marked():
    features = fitted(pl.DataFrame({"x": [1.0, 2.0, 30.0]}))
    found = given(features, pl.DataFrame({"x": [None, 2.0, INF]}))
    assert found.shape == (3, 1)
    assert found.flatten().tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("values", [[0.1] * 3, [0.1, None, 0.1, 0.1], [3], [1e6 + 0.3] * 7])
def test_a_constant_column_is_zero_and_stays_moderate(scaling, values):
    train = pl.DataFrame({"x": values})
    features = fitted(train, scaling)
    assert given(features, train)[:, 0].abs().max() < 1e-6
    assert given(features, pl.DataFrame({"x": [values[0] + 1]}))[0, 0].abs() <= 1.1


FINITE = st.floats(-1e9, 1e9).map(lambda x: round(x, 3)) | st.sampled_from([1e-320, -1e30, 1e30])


def test_rounding_does_not_let_a_value_overtake_the_next_one():
    features = fitted(pl.DataFrame({"x": [-683093170.016, 1e-320, 1e30]}))
    scaled = given(features, pl.DataFrame({"x": [-683093170.016, 0.0, 1e-320, 1e30]}))[:, 0]
    assert (scaled.diff() >= 0).all()


@pytest.mark.parametrize("scaling", SCALINGS)
@over(train=st.lists(FINITE, min_size=1, max_size=40), new=st.lists(FINITE, max_size=20))
@settings(deadline=None)
def test_scaling_keeps_the_order(scaling, train, new):
    features = fitted(pl.DataFrame({"x": train}), scaling)
    values = sorted(new + train)
    scaled = given(features, pl.DataFrame({"x": values}))[:, 0]
    assert not scaled.isnan().any()
    assert (scaled.diff() >= 0).all()
    if scaling == "quantile":
        assert scaled.abs().max() <= NormalDist().inv_cdf(1 - 0.5 / max(2, len(train))) + 1e-6


@pytest.mark.parametrize("scaling", SCALINGS)
def test_state_travels_in_a_checkpoint(scaling):
    train = draws(100, missing=0.1)
    features = fitted(train, scaling)
    file = io.BytesIO()
    torch.save(features.state_dict(), file)
    file.seek(0)
    other = Numeric([], steps=scaled(scaling))
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(given(other, draws(50)), given(features, draws(50)))
    assert other.names == features.names
    assert other.misfits(train) == {}


@pytest.mark.parametrize("scaling", SCALINGS)
def test_no_rows_give_no_rows(scaling):
    features = fitted(pl.DataFrame({"x": [1.0, None, 2.0]}), scaling)
    assert given(features, pl.DataFrame({"x": []}, schema={"x": pl.Float64})).shape == (0, 2)
    assert given(features, pl.DataFrame({"x": []})).shape == (0, 2)


@pytest.mark.parametrize("dtype", [pl.Null, pl.String, pl.Date, pl.Float32, pl.List(pl.Int64)])
def test_a_column_without_a_value_may_have_any_type(dtype):
    features = fitted(pl.DataFrame({"x": [1.0, None, 2.0]}))
    empty = pl.DataFrame({"x": [None, None]}, schema={"x": dtype})
    assert features.misfits(empty) == {}
    assert given(features, empty).tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([3, 1, None]),
        pl.Series([3, 1, None], dtype=pl.UInt8),
        pl.Series(["3", "1.0", None]),
        pl.Series(["3.00", "1.00", None]).cast(pl.Decimal(10, 2)),
        pl.Series([3, 1, None], dtype=pl.Int128),
    ],
)
def test_numbers_of_another_type_are_the_same_numbers(column):
    features = fitted(pl.DataFrame({"x": [1.0, 3.0, 4.0, 7.0, None]}))
    frame = pl.DataFrame({"x": column})
    assert features.misfits(frame) == {}
    assert torch.equal(
        given(features, frame), given(features, pl.DataFrame({"x": [3.0, 1.0, None]}))
    )


def test_truth_values_are_zero_and_one():
    features = fitted(pl.DataFrame({"x": [0, 1, 0, 1, 1]}))
    frame = pl.DataFrame({"x": [True, False, None]})
    assert features.misfits(frame) == {}
    assert torch.equal(given(features, frame), given(features, pl.DataFrame({"x": [1, 0, None]})))


def test_numbers_wider_than_64_bits():
    values = [2**63 + 5, 2**64 - 1, 0]
    frame = pl.DataFrame({"x": values}, schema={"x": pl.UInt64})
    assert given(fitted(frame), frame)[:, 0].argsort().tolist() == [2, 0, 1]
    wide = pl.DataFrame({"x": [10**30, 10**31, 0]}, schema={"x": pl.Int128})
    assert given(fitted(wide), wide)[:, 0].argsort().tolist() == [2, 0, 1]


NOON = dt.datetime(2020, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("column", "days"),
    [
        (pl.Series([dt.date(1969, 12, 30)]), -2),
        (pl.Series([NOON.replace(tzinfo=None)]), 18_263.5),
        *((pl.Series([NOON], dtype=pl.Datetime(unit, "UTC")), 18_263.5) for unit in ("ms", "us")),
        (pl.Series([NOON]).dt.convert_time_zone("Asia/Tokyo").dt.cast_time_unit("ns"), 18_263.5),
        (pl.Series([dt.time(6)]), 0.25),
        *((pl.Series([dt.timedelta(hours=36)], dtype=pl.Duration(u)), 1.5) for u in ("ms", "ns")),
    ],
)
def test_dates_and_times_are_counted_in_days(column, days):
    features = fitted(pl.DataFrame({"x": column}))
    assert features.pipeline.fills == pytest.approx([days])
    assert features.misfits(pl.DataFrame({"x": column})) == {}


def test_dates_and_times_at_midnight_are_the_same():
    features = fitted(pl.DataFrame({"x": [dt.date(2020, 1, day) for day in (1, 5, 6, 30)]}))
    frame = pl.DataFrame({"x": [dt.datetime(2020, 1, 5)]})
    assert features.misfits(frame) == {}
    assert torch.equal(
        given(features, frame), given(features, pl.DataFrame({"x": [dt.date(2020, 1, 5)]}))
    )


@pytest.mark.parametrize(
    ("train", "new", "wrong"),
    [
        ([1, 2], ["3", "three", None, "x"], ["three", "x"]),
        ([1, 2], [dt.date(2020, 1, 1)], [dt.date(2020, 1, 1)]),
        ([dt.date(2020, 1, 1)], [18_000], [18_000]),
        ([dt.date(2020, 1, 1)], ["2020-01-01"], ["2020-01-01"]),
        ([dt.time(1)], [dt.timedelta(1)], [dt.timedelta(1)]),
        ([1, 2], [[1]], [[1]]),
    ],
)
def test_values_of_another_kind_are_misfits(train, new, wrong):
    features = fitted(pl.DataFrame({"x": train}))
    misfits = features.misfits(pl.DataFrame({"x": new}))
    assert misfits["x"][1].to_list() == wrong


def test_quantiles_of_what_a_model_is_given():
    values = torch.tensor([[1.0, 7.0, 0.0]] * 90 + [[2.0, 7.0, 1.0]] * 9 + [[5.0, 7.0, 1.0]])
    assert quantiles_of(values, bins=4) == [[1, 5], [7, 8], [0, 1]]
    spread = torch.rand(1000, 2)
    for column, edges in zip(spread.T, quantiles_of(spread), strict=True):
        counts = np.histogram(column, bins=edges)[0]
        assert len(counts) == 48
        assert np.abs(counts - 1000 / 48).max() < 2
