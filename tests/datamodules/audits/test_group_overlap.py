"""Groups of which some rows are in training and others are held out."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from datamodules.audits.group_overlap import between, group_overlap

GROUPS = np.arange(400) // 4


def named(
    people: pl.DataFrame, name: str, values: Sequence[object] | np.ndarray = GROUPS
) -> pl.DataFrame:
    return people.with_columns(pl.Series(name, values))


def test_variance_between_groups(rng):
    centres = rng.normal(size=200)
    numbers = np.repeat(centres, 5) + rng.normal(size=1000)
    assert between(numbers, np.arange(1000) // 5) == pytest.approx(0.5, abs=0.08)
    assert between(rng.normal(size=1000), np.arange(1000) // 5) == pytest.approx(0, abs=0.08)


def test_whole_groups_are_right(looked_at, people, parts):
    audited = looked_at(named(people, "patient"), parts(100)[GROUPS])
    assert group_overlap(audited) == []


@pytest.mark.parametrize("name", ["holder", "patient"])
def test_one_group_is_cut_by_oversight(looked_at, people, parts, name):
    part = parts(100)[GROUPS]
    part[0] = (part[0] + 1) % 3
    values = [f"H{group:04d}" for group in GROUPS]
    (found,) = group_overlap(looked_at(named(people, name, values), part))
    assert (found.severity, found.count, found.columns) == ("high", 1, [name])
    assert found.advice == f"data.split: {{class_path: GroupedSplit, group: {name}}}"
    assert {found.examples[0].part, found.examples[0].other_part} <= {"train", "val", "test"}


def test_rows_of_a_patient_that_are_alike_are_high_and_others_a_warning(
    looked_at, people, parts, rng
):
    (found,) = group_overlap(looked_at(named(people, "patient"), parts(400)))
    assert found.severity == "warning"
    ill = rng.choice(["yes", "no"], 100)[GROUPS]
    alike = named(people, "patient").with_columns(y=pl.Series(ill))
    (found,) = group_overlap(looked_at(alike, parts(400)))
    assert found.severity == "high"


def test_a_claim_to_keep_groups_whole_is_held_to(looked_at, people, parts):
    audited = looked_at(named(people, "anything", GROUPS), parts(400), group="anything")
    assert group_overlap(audited)[0].severity == "high"


def test_patients_are_known_by_the_time_of_what_comes_last(looked_at, people, rng):
    order = np.arange(400)
    ill = rng.choice(["yes", "no"], 100)[order % 100]
    rows = named(people, "patient", order % 100).with_columns(
        y=pl.Series(ill), seen=pl.Series(np.datetime64("2020-01-01") + order)
    )
    part = np.select([order < 280, order < 340], [0, 1], 2)
    (found,) = group_overlap(looked_at(rows, part, time="seen"))
    assert found.severity == "warning"


@pytest.mark.parametrize("name", ["floor", "children", "class"])
def test_numbers_and_categories_that_come_again_are_no_groups(looked_at, people, parts, rng, name):
    rows = named(people, name, rng.integers(0, 6, 400))
    assert group_overlap(looked_at(rows, parts(400))) == []


def test_a_panel_has_groups_whatever_they_are_called(looked_at):
    rng = np.random.default_rng(0)
    level = rng.normal(size=30)
    frame = pl.DataFrame(
        {
            "land": [f"land of {chr(97 + row // 8 % 26)}{row // 208}" for row in range(240)],
            "year": [2000 + row % 8 for row in range(240)],
            "x": rng.normal(size=240),
            "y": np.repeat(level, 8) + 0.1 * rng.normal(size=240),
        }
    )
    part = rng.choice(3, 240, p=[0.7, 0.15, 0.15])
    (found,) = group_overlap(looked_at(frame, part, target="y"))
    assert found.columns == ["land"]
    lone = frame.with_columns(year=pl.Series(rng.integers(2000, 2008, 240)))
    assert group_overlap(looked_at(lone, part, target="y")) == []
