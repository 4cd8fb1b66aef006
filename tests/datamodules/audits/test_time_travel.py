"""The past is not foretold from the future."""

import numpy as np
import polars as pl
import pytest

from datamodules.audits.time_travel import dependence, time_travel

ROWS = 400
DATED = pl.Series("seen", np.datetime64("2020-01-01") + np.arange(ROWS))
ORDERED = np.select([np.arange(ROWS) < 280, np.arange(ROWS) < 340], [0, 1], 2)


def test_a_split_in_the_order_of_time_is_right(looked_at, people):
    assert time_travel(looked_at(people.with_columns(DATED), ORDERED)) == []
    declared = looked_at(people.with_columns(DATED), ORDERED, time="seen")
    assert time_travel(declared) == []


def few_swapped() -> np.ndarray:
    part = ORDERED.copy()
    part[[10, 100, 390, 300]] = part[[390, 300, 10, 100]]
    return part


@pytest.mark.parametrize("how", ["backwards", "few", "years"])
def test_training_rows_after_held_out_ones(looked_at, people, how):
    part = few_swapped() if how == "few" else ORDERED[::-1]
    column = DATED.dt.year().alias("year") if how == "years" else DATED
    column = pl.Series("year", 1900 + np.arange(ROWS) // 5) if how == "years" else column
    (found,) = time_travel(looked_at(people.with_columns(column), part))
    assert (found.severity, found.columns) == ("high", [column.name])
    assert found.advice == f"data.split: {{class_path: TimeSplit, time: {column.name}}}"
    assert found.examples[0].part in ("train", "val")


def test_one_row_breaks_an_order_that_is_claimed(looked_at, people):
    part = ORDERED.copy()
    part[399] = 0
    found = time_travel(looked_at(people.with_columns(DATED), part, time="seen"))
    assert (found[0].severity, found[0].rows) == ("high", [399])


def test_a_span_in_the_middle_is_a_warning(looked_at, people):
    part = np.where(np.abs(np.arange(ROWS) - 200) < 40, 2, 0)
    (found,) = time_travel(looked_at(people.with_columns(DATED), part))
    assert found.severity == "warning"


def test_mixed_parts_are_told_and_are_worse_where_a_row_tells_the_next(
    looked_at, people, parts, rng
):
    (found,) = time_travel(looked_at(people.with_columns(DATED), parts(ROWS)))
    assert found.severity == "info"
    walk = people.with_columns(DATED, y=pl.Series(np.cumsum(rng.normal(size=ROWS))))
    (found,) = time_travel(looked_at(walk, parts(ROWS)))
    assert found.severity == "warning"
    born = people.with_columns(DATED.alias("date_of_birth"))
    assert time_travel(looked_at(born, parts(ROWS))) == []


def test_whole_groups_may_lie_anywhere_in_time(looked_at, people, parts):
    groups = np.arange(ROWS) // 5
    part = parts(80)[groups]
    dated = people.with_columns(DATED, pl.Series("patient", groups))
    assert time_travel(looked_at(dated, part, group="patient")) == []


def test_how_far_a_target_goes_with_the_one_before(looked_at, people, parts, rng):
    from datamodules.audits.clocks import clocks_of

    noise = rng.normal(size=ROWS)
    audited = looked_at(
        people.with_columns(DATED, y=pl.Series(np.sin(np.arange(ROWS) / 50))), parts(ROWS)
    )
    assert max(dependence(audited, clocks_of(audited)[0])) > 0.9
    audited = looked_at(people.with_columns(DATED, y=pl.Series(noise)), parts(ROWS))
    assert abs(max(dependence(audited, clocks_of(audited)[0]))) < 0.2
