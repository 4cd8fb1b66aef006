"""Parts of dates beside Python's own."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.features.dates import PARTS, Dates

PYTHONS: dict[str, Callable[[dt.datetime], float]] = {
    "elapsed_days": lambda m: (m - dt.datetime(1970, 1, 1)) / dt.timedelta(1),
    "year": lambda m: m.year,
    "month": lambda m: m.month,
    "day": lambda m: m.day,
    "day_of_year": lambda m: m.timetuple().tm_yday,
    "weekday": lambda m: m.isoweekday(),
    "hour": lambda m: m.hour,
    "minute": lambda m: m.minute,
    "weekend": lambda m: float(m.isoweekday() > 5),
}
YEARS = [dt.date(2020, 1, 1) + dt.timedelta(days=7 * i + i % 5) for i in range(120)]


def fitted(values, **settings) -> Dates:
    features = Dates("when", **settings)
    features.fit(pl.DataFrame({"when": values}, strict=False), "here")
    return features


def made(features: Dates, values) -> dict[str, np.ndarray]:
    columns = list(features.numbers(pl.DataFrame({"when": values}, strict=False), "here"))
    return dict(zip(features.names, columns, strict=True))


@given(st.lists(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)), min_size=1))
@settings(deadline=None, max_examples=60)
def test_parts_are_those_that_python_knows(moments):
    features = fitted(moments, parts=list(PARTS), cycles=[], steps=[])
    for name, values in made(features, moments).items():
        part = name.removeprefix("when ").replace(" ", "_")
        assert values == pytest.approx([PYTHONS[part](m) for m in moments], abs=1e-6)


def test_cycles_are_sines_and_cosines():
    moments = [dt.datetime(2020, 3, 1, 6, 30), dt.datetime(2021, 12, 31, 18)]
    features = fitted(moments, parts=[], cycles=["month", "weekday", "hour"])
    found = made(features, moments)
    for name, round_, turned in [
        ("month", 12, [2, 11]),
        ("weekday", 7, [6, 4]),
        ("hour", 24, [6.5, 18]),
    ]:
        angle = 2 * np.pi * np.array(turned) / round_
        assert found[f"when sine of {name}"] == pytest.approx(np.sin(angle))
        assert found[f"when cosine of {name}"] == pytest.approx(np.cos(angle))


@pytest.mark.parametrize(
    ("values", "cycles"),
    [
        (YEARS, ["day of year", "weekday"]),
        (YEARS[:20], ["weekday"]),  # not a whole year
        ([YEARS[0] + dt.timedelta(weeks=i) for i in range(9)], []),  # always the same weekday
        ([dt.datetime(2020, 1, 1) + dt.timedelta(hours=5 * i) for i in range(20)], ["hour"]),
        ([dt.time(i) for i in range(9)], ["hour"]),
        ([None, None], []),
    ],
)
def test_cycles_that_training_spans_are_picked(values, cycles):
    column = pl.Series(values, dtype=None if values[0] else pl.Date)
    features = fitted(column)
    waves = [f"when {wave} of {cycle}" for cycle in cycles for wave in ("sine", "cosine")]
    assert [name for name in features.names if " of " in name] == waves
    told = "".join(f", sine and cosine of {cycle}" for cycle in cycles)
    assert features.notes() == [f"dates 'when': elapsed days{told}"]


def test_a_missing_date_is_marked_and_nowhere_in_its_cycles():
    features = fitted([*YEARS, None], parts=["year", "weekend"], cycles=["weekday"], steps=[])
    found = made(features, [None, dt.date(2020, 1, 1)])
    median = np.median([day.year for day in YEARS])
    assert {name: values[0] for name, values in found.items()} == {
        "when year": median,
        "when weekend": 0,
        "when sine of weekday": 0,
        "when cosine of weekday": 0,
        "when is missing": 1,
    }
    assert found["when is missing"].tolist() == [1, 0]


def test_a_date_is_the_same_whatever_type_it_comes_in():
    features = fitted(YEARS)
    expected = made(features, YEARS[:9])
    for values in (
        [day.isoformat() for day in YEARS[:9]],
        [f"{day}T00:00:00Z" for day in YEARS[:9]],
        [dt.datetime.combine(day, dt.time()) for day in YEARS[:9]],
        pl.Series(YEARS[:9]).cast(pl.Datetime("ns", "UTC")),
    ):
        found = made(features, values)
        assert all(np.array_equal(found[name], expected[name]) for name in expected)
        assert features.misfits(pl.DataFrame({"when": values})) == {}


@pytest.mark.parametrize(
    ("train", "new", "wrong"),
    [
        (YEARS, ["2020-01-01", "soon"], ("dates", ["soon"])),
        (YEARS, [18_000], ("dates", [18_000])),
        (YEARS, [dt.time(1)], ("dates", [dt.time(1)])),
        ([dt.time(1)], ["12:00", "2020-01-01"], ("times of day", ["2020-01-01"])),
    ],
)
def test_what_is_no_date_is_a_misfit(train, new, wrong):
    found = fitted(train).misfits(pl.DataFrame({"when": new}))["when"]
    assert (found[0], found[1].to_list()) == wrong


@pytest.mark.parametrize(
    ("values", "settings", "told"),
    [
        (["2020-01-01", "soon"], {}, "does not hold dates or times such as .*, but 'soon'"),
        ([3, 4], {}, "but 3"),
        ([dt.time(1)], {"parts": ["year"]}, "times of day, which have no year: only elapsed_days"),
        ([dt.time(1)], {"cycles": ["weekday"]}, "have no weekday"),
    ],
)
def test_what_has_no_such_parts_is_told(values, settings, told):
    with pytest.raises(UserError, match=f"^here: column 'when' .*{told}"):
        fitted(values, **settings)


def test_dates_of_nothing_are_refused():
    with pytest.raises(UserError, match="needs a part or a cycle"):
        Dates("when", [], [])
