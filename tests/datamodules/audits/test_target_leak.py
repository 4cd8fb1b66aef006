"""A column that tells the target nearly alone is told; honest ones are not."""

import numpy as np
import polars as pl
import pytest

from datamodules.audits.finding import Finding
from datamodules.audits.target_leak import obvious_leak, target_leak


def kinds(findings: list[Finding]) -> list[tuple[list[str], str]]:
    return [(each.columns, each.severity) for each in findings]


def leak_of(how: str, target: pl.Series, rng: np.random.Generator) -> pl.Series:
    if how == "copy":
        return target
    if how == "other words":
        return target.replace({"yes": "paid", "no": "owed"})
    if how == "as a number":
        return (target == "yes") + pl.Series(0.1 * rng.normal(size=len(target)))
    kept, other = (0.97, target.shuffle(seed=0))
    if how == "half known":
        kept, other = 0.5, pl.Series([None], dtype=pl.String)
    return target.zip_with(pl.Series(rng.random(len(target)) < kept), other)


@pytest.mark.parametrize("how", ["copy", "other words", "3 % wrong", "as a number", "half known"])
def test_a_column_that_knows_the_answer(looked_at, people, parts, rng, how):
    leak = leak_of(how, people["y"], rng).alias("later")
    audited = looked_at(people.with_columns(leak), parts(400))
    (found,) = target_leak(audited)
    assert (found.columns, found.severity) == (["later"], "high")
    assert found.advice == "data.leave_out: [later]"
    assert kinds(obvious_leak(audited)) == [(["later"], "high")]


def test_honest_columns_are_not_told(looked_at, people, parts):
    audited = looked_at(people, parts(400))
    assert target_leak(audited) == obvious_leak(audited) == []


def test_strong_columns_that_come_together_are_honest(looked_at, rng, parts):
    size = rng.normal(size=600)
    numbers = {name: size + 0.05 * rng.normal(size=600) for name in ("length", "width", "weight")}
    frame = pl.DataFrame({**numbers, "y": (3 * size + 0.05 * rng.normal(size=600)).round(3)})
    assert target_leak(looked_at(frame, parts(600))) == []


def test_the_target_in_another_unit(looked_at, rng, parts):
    first = rng.normal(size=300)
    price = (first + 0.2 * rng.normal(size=300)).round(6)
    frame = pl.DataFrame({"first": first, "cents": 100 * price, "y": price})
    found = target_leak(looked_at(frame, parts(300)))
    assert [each.columns for each in found if each.severity == "high"] == [["cents"]]
    assert "the next best column 0%" not in found[0].note


def test_of_two_classes_of_iris_like_rows_only_the_target_itself(looked_at, rng, parts):
    kind = np.arange(120) % 3
    width = kind + 0.25 * rng.normal(size=120)
    frame = pl.DataFrame({"width": width, "y": pl.Series(kind).cast(pl.String)})
    assert all(each.severity != "high" for each in target_leak(looked_at(frame, parts(120))))
    named = frame.with_columns(species=pl.lit("species ") + pl.col("y"))
    assert (["species"], "high") in kinds(target_leak(looked_at(named, parts(120))))


def test_columns_that_the_model_is_not_given_are_not_asked(looked_at, people, parts):
    leaking = people.with_columns(later=pl.col("y"))
    assert target_leak(looked_at(leaking, parts(400), leave_out=["later"])) == []
