"""Numbers, categories and what tells a model nothing."""

import datetime as dt

import polars as pl
import pytest

from datamodules.features.column_types import kind_of, pick_column_types

N = 100
NAN, INF = float("nan"), float("inf")
DAYS = [dt.date(2020, 1, 1) + dt.timedelta(days=i * i) for i in range(N)]


def picked(column: pl.Series) -> str:
    """Return what became of a column: numeric, categorical or why it was left out."""
    types = pick_column_types(pl.DataFrame({"x": column, "other": ["a", "b"] * (len(column) // 2)}))
    assert types.categorical[-1] == "other"
    if "x" in types.left_out:
        return types.left_out["x"]
    kinds = {"numeric": types.numeric, "dates": types.dates, "categorical": types.categorical}
    return next(kind for kind, names in kinds.items() if "x" in names)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([i * i for i in range(N)]),
        pl.Series([0, 1] * (N // 2)),
        pl.Series([i * i for i in range(N)], dtype=pl.Float32),
        pl.Series([2**63 + i * i for i in range(N)], dtype=pl.UInt64),
        pl.Series([10**25 * i for i in range(N)], dtype=pl.Int128),
        pl.Series([f"{i}.5" for i in range(N)]).cast(pl.Decimal(10, 2)),
        pl.Series([1.0, None] * (N // 2)),  # that it is missing tells something
        pl.Series([1.0, INF] * (N // 2)),
        pl.Series([dt.timedelta(i) for i in range(N)]),
        pl.Series([i / 10 for i in range(N)]),  # a running fraction is no number of a row
    ],
)
def test_numbers(column):
    assert picked(column) == "numeric"


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(DAYS),
        pl.Series(DAYS).cast(pl.Datetime("ns", "Europe/Oslo")),
        pl.Series([dt.time(i % 24) for i in range(N)]),
        pl.Series(DAYS).cast(pl.String),  # all different, and yet no names
        pl.Series([f"{day}T12:30:00Z" for day in DAYS]),
        pl.Series(["08:30", None] * (N // 2)),
    ],
)
def test_dates_and_times(column):
    assert picked(column) == "dates"


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(["x", "y"] * (N // 2)),
        pl.Series(["2020-02-30", "2020-02-28"] * (N // 2)),  # no such day
        pl.Series(["2020-01-01"] * (N - 1) + ["unknown"]),
        pl.Series([True, False] * (N // 2)),
        pl.Series([True, None] * (N // 2)),
        pl.Series(["1", "2"] * (N // 2)),
        pl.Series(["x", "y"] * (N // 2), dtype=pl.Categorical),
        pl.Series(["x", "y"] * (N // 2), dtype=pl.Enum(["x", "y"])),
        pl.Series([str(i) for i in range(50)]),  # a short table
        pl.Series([str(i // 2) for i in range(2 * N)]),  # two rows each
    ],
)
def test_categories(column):
    assert picked(column) == "categorical"


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (pl.Series([None] * N), "it is empty"),
        (pl.Series([None] * N, dtype=pl.String), "it is empty"),
        (pl.Series([NAN, INF, -INF, None] * (N // 4)), "it is empty"),
        (pl.Series([3.5] * N), "it has one value"),
        (pl.Series(["x"] * N), "it has one value"),
        (pl.Series([str(i) for i in range(N)]), f"it has {N} different values in {N} rows"),
        (
            pl.Series([str(i) for i in range(N)], dtype=pl.Categorical),
            f"it has {N} different values in {N} rows",
        ),
        (pl.Series([str(i) for i in range(52)]), "it has 52 different values in 52 rows"),
        (pl.Series(range(N)), "it numbers the rows"),
        (pl.Series(range(N, 0, -1)), "it numbers the rows"),
        (pl.Series([i + i // 2 for i in range(N)]), "it numbers the rows"),
        (pl.Series([[1], [2]] * (N // 2)), "its values are of type List(Int64)"),
        (pl.Series([{"a": 1}, {"a": 2}] * (N // 2)), "its values are of type Struct({'a': Int64})"),
        (pl.Series([b"a", b"b"] * (N // 2)), "its values are of type Binary"),
        (pl.Series([object()] * N, dtype=pl.Object), "its values are of type Object"),
    ],
)
def test_what_tells_nothing_is_left_out_with_the_reason(column, reason):
    assert picked(column) == reason


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(range(48)),  # too few to tell
        pl.Series(range(1925, 1925 + N)),  # years
        pl.Series(range(18, 18 + N)),  # ages that happen to differ
        pl.Series([2**63 + i for i in range(N)], dtype=pl.UInt64),
        pl.Series(range(-N // 2, N // 2)),
        pl.Series([*range(N - 1), 7]),  # one twice
        pl.Series([*range(N - 1), None]),
        pl.Series(range(0, 3 * N, 3)),
    ],
)
def test_what_only_looks_like_a_running_number_is_kept(column):
    assert picked(column) == "numeric"


def test_a_running_number_is_seen_through_a_sample_of_its_rows():
    column = pl.Series(range(1000)).sample(700, seed=0, shuffle=True)
    assert picked(column) == "it numbers the rows"


@pytest.mark.parametrize(
    ("name", "numbers", "left_out"),
    [
        ("id", range(1000, 1000 + N), True),
        ("customerID", range(1000, 1000 + N), True),
        ("row no", range(-5, N - 5), True),
        ("id", range(1000 + N, 1000, -1), False),  # does not rise
        ("paid", range(1000, 1000 + N), False),
        ("year", range(1000, 1000 + N), False),
    ],
)
def test_under_the_name_of_an_identifier_a_running_number_begins_anywhere(name, numbers, left_out):
    types = pick_column_types(pl.DataFrame({name: numbers, "other": ["a", "b"] * (N // 2)}))
    assert types.left_out == ({name: "it numbers the rows"} if left_out else {})


def test_columns_keep_their_order_and_all_are_told_of():
    frame = pl.DataFrame(
        {"b": [1, 2], "c": ["x", "y"], "a": [0.5, 2], "d": [1, 1], "e": ["u", "v"]}
    )
    types = pick_column_types(frame)
    assert types.numeric == ["b", "a"]
    assert types.categorical == ["c", "e"]
    assert types.left_out == {"d": "it has one value"}


@pytest.mark.parametrize("schema", [{"a": pl.Float64, "b": pl.String}, {}])
def test_no_rows_or_columns(schema):
    types = pick_column_types(pl.DataFrame(schema=schema))
    assert (types.numeric, types.categorical) == ([], [])
    assert types.left_out == dict.fromkeys(schema, "it is empty")


def test_kinds():
    kinds = {
        pl.Int128(): "numbers",
        pl.Decimal(9, 2): "numbers",
        pl.Date(): "dates",
        pl.Datetime("ns", "UTC"): "dates",
        pl.Time(): "times of day",
        pl.Duration("ms"): "spans of time",
        pl.Boolean(): "categories",
        pl.Enum(["a"]): "categories",
        pl.Array(pl.Int8, 2): None,
        pl.Binary(): None,
    }
    assert {dtype: kind_of(dtype) for dtype in kinds} == kinds
