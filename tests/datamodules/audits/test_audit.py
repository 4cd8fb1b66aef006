"""All that is looked for, together."""

import polars as pl

from datamodules.audits.audit import ALL, CHEAP, audit


def test_clean_rows_have_nothing_severe(looked_at, people, parts):
    found = audit(looked_at(people, parts(400)))
    assert [each.kind for each in found if each.severity != "info"] == []


def test_the_most_severe_is_told_first(looked_at, people, parts):
    rows = people.with_columns(unit=pl.lit("mm"), later=pl.col("y"))
    found = audit(looked_at(rows, parts(400)), CHEAP)
    assert [(each.kind, each.severity) for each in found] == [
        ("target_leak", "high"),
        ("constant", "info"),
    ]


def test_a_full_look_looks_for_more():
    names = {look.__name__ for look in ALL}
    assert {look.__name__ for look in CHEAP} - names == {"obvious_leak"}
