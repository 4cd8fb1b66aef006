"""Rows of which one is the other, rounded."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from datamodules.near_duplicates.pairs import Pairs
from datamodules.near_duplicates.tables import near_rows

RANDOM = np.random.default_rng(0)
COUNT = 600
TABLE = pl.DataFrame(
    {
        "height": RANDOM.normal(170, 10, COUNT).round(2),
        "weight": RANDOM.normal(70, 12, COUNT).round(2),
        "income": RANDOM.integers(1000, 99999, COUNT),
        "town": RANDOM.choice(["Bonn", "Köln", "Trier"], COUNT),
        "score": RANDOM.normal(0, 1, COUNT),
    }
)
PLANTED = 20
PARTS = np.repeat([0, 1], [COUNT - 100, 100 + PLANTED])


def planted(**ways: Callable[[pl.Expr], pl.Expr]) -> pl.DataFrame:
    copies = TABLE[:PLANTED].with_columns(
        way(pl.col(name)).cast(TABLE[name].dtype) for name, way in ways.items()
    )
    return pl.concat([TABLE, copies])


def ends(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


TRUTH = {(row, COUNT + row) for row in range(PLANTED)}


def decimal(column: pl.Expr) -> pl.Expr:
    return column.round(1)


def digits(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.Float64).round_sig_figs(2)


def bits(column: pl.Expr) -> pl.Expr:
    return column.cast(pl.Float32)


@pytest.mark.parametrize(
    "ways",
    [
        {"height": decimal, "weight": decimal, "score": decimal},
        {"height": digits, "weight": digits, "score": digits, "income": digits},
        {"weight": decimal, "income": digits},
        {"score": bits},
    ],
)
def test_rounded_rows_are_found_and_no_others(ways):
    assert ends(near_rows(planted(**ways), PARTS)) == TRUTH


def test_without_parts_too():
    assert ends(near_rows(planted(score=decimal, weight=digits))) == TRUTH


def test_rows_within_a_part_are_not_told():
    two_parts = np.repeat([0, 1, 0], [30, COUNT - 60, 30 + PLANTED])
    table = planted(height=decimal, weight=decimal, score=decimal)
    assert len(near_rows(table, two_parts)) == 0


def test_copies_and_unrelated_rows_are_not_told():
    copies = pl.concat([TABLE, TABLE[:PLANTED]])
    assert len(near_rows(copies, PARTS)) == 0
    assert len(near_rows(TABLE)) == 0


def test_words_have_to_be_equal():
    other = planted(score=decimal)
    town = pl.when(pl.int_range(pl.len()) < COUNT).then("town").otherwise(pl.lit("Ulm"))
    assert len(near_rows(other.with_columns(town=town), PARTS)) == 0


def test_a_coarse_table_where_rows_meet_by_chance_stays_silent():
    random = np.random.default_rng(1)
    coarse = pl.DataFrame(
        {"age": random.integers(18, 90, 5000), "dose": random.integers(0, 40, 5000) / 4}
    )
    assert len(near_rows(coarse)) == 0


def test_rows_that_are_near_by_nature_are_not_told():
    random = np.random.default_rng(4)
    first = random.integers(1000, 9999, 1000)
    visits = pl.DataFrame(
        {
            "who": np.tile(np.arange(1000), 2).astype(str),
            "day": np.concatenate([first, first + random.integers(1, 6, 1000)]),
        }
    )
    assert len(near_rows(visits)) == 0


def test_columns_that_say_the_same_are_no_second_evidence():
    random = np.random.default_rng(2)
    fee = (random.integers(380, 420, 3000) / 20).round(2)
    kind = random.integers(0, 60, 3000).astype(str)
    assert len(near_rows(pl.DataFrame({"fee": fee, "total": fee, "kind": kind}))) == 0


def test_the_order_of_rows_changes_nothing():
    table = planted(score=decimal, weight=digits)
    moved = np.random.default_rng(3).permutation(len(table))
    found = near_rows(table[np.argsort(moved)], PARTS[np.argsort(moved)])
    assert ends(found) == {tuple(sorted(moved[list(pair)].tolist())) for pair in TRUTH}


def test_of_equal_partners_the_first_is_told():
    table = pl.concat([TABLE, TABLE[:1], TABLE[:1].with_columns(pl.col("score").round(1))])
    parts = np.repeat([0, 1], [COUNT + 1, 1])
    assert ends(near_rows(table, parts)) == {(0, COUNT + 1)}


@pytest.mark.parametrize(
    "table",
    [TABLE[:0], TABLE[:1], TABLE.select("town"), pl.DataFrame({"x": [1.0, None, float("nan")]})],
)
def test_tables_that_hold_nothing_to_find(table):
    assert len(near_rows(table)) == 0
