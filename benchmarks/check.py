"""Mistakes are planted in real tables: which are found, and what is found where there are none?

``python -m benchmarks check [SET ...]`` plants, one at a time and each on a split that is given row
by row, as if it had been made elsewhere: a column that leaks the target, an identifier, training
rows that come after held-out ones, groups in two parts, and exact copies across parts. The clean
version of each has the honest counterpart of what was planted: no such column, rows in the order of
time, groups that are whole; there, everything is looked for. Some 2 minutes.
"""

import time
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.audits.audit import ALL, Audit, audit
from datamodules.audits.audited import Audited
from datamodules.audits.finding import Finding
from datamodules.audits.group_overlap import group_overlap
from datamodules.audits.identifier import identifier
from datamodules.audits.overlap import overlap
from datamodules.audits.target_leak import obvious_leak, target_leak
from datamodules.audits.time_travel import time_travel
from datamodules.records import Records
from datamodules.sources.named import read_sample
from datamodules.sources.packaged import rdataset
from datamodules.splits.split import Rows, Split
from datamodules.splits.splitter import Undivided
from datamodules.tabular import TabularDataModule

SETS = {
    "credit": ("", "", "Status"),
    "churn": ("", "", "churn"),
    "breast_cancer": ("", "", "diagnosis"),
    "wine": ("", "", "cultivar"),
    "diamonds": ("", "", "price"),
    "attrition": ("modeldata", "attrition", "Attrition"),
    "ames": ("modeldata", "ames", "Sale_Price"),
    "concrete": ("modeldata", "concrete", "compressive_strength"),
    "penguins": ("modeldata", "penguins", "species"),
    "wages": ("Ecdat", "Wages", "lwage"),
    "bankruptcy": ("Ecdat", "Mroz", "income"),
    "iris": ("datasets", "iris", "Species"),
}
"""Samples by their name, or package, table and target."""
MOST = 8000
"""Rows of a set."""
COPIES = 100
LOOKS = [overlap, target_leak, obvious_leak, identifier, time_travel, group_overlap]
KINDS = ("overlap", "target_leak", "identifier", "time_travel", "group_overlap")
Generator = np.random.Generator


@dataclass(frozen=True)
class GivenSplit:
    """The part of each row, as someone else has dealt them.

    Args:
        part: (N,) 0 for training, 1 validation, 2 test.
    """

    part: NDArray[np.int64]

    @property
    def leave_out(self) -> list[str]:
        """Nothing."""
        return []

    def __call__(self, undivided: Undivided) -> Split:
        """Return the rows of each part."""
        return undivided.split(self.part[undivided.rows].astype(np.int16))


@dataclass(frozen=True)
class Case:
    """A table with a mistake in it, or without.

    Attributes:
        name: what was planted.
        kind: what should be found; ``None`` where nothing should.
        frame: the rows.
        part: (N,) of each row.
        column: the one that was planted.
    """

    name: str
    kind: str | None
    frame: pl.DataFrame
    part: NDArray[np.int64]
    column: str | None = None


def run(words: list[str]) -> None:
    """Plant, look and print."""
    warnings.filterwarnings("ignore")
    found: dict[str, list[bool]] = defaultdict(list)
    invented: dict[str, list[str]] = defaultdict(list)
    for name in [word for word in words if word in SETS] or SETS:
        for case in cases(name, np.random.default_rng(0)):
            begun = time.perf_counter()
            findings = look(case, SETS[name][2], list(LOOKS if case.kind else ALL))
            seconds = time.perf_counter() - begun
            told = [each for each in findings if each.kind == case.kind and _is_of(each, case)]
            others = [each for each in findings if _is_invented(each) and each not in told]
            if case.kind is not None:
                found[case.name].append(bool(told))
            invented[case.name] += [f"{name}: {each.severity} {each.note}" for each in others]
            missed = "" if case.kind is None or told else "  MISSED"
            print(f"{name:14} {case.name:28} {seconds:5.2f} s{missed}", flush=True)
    print()
    for planted, hits in found.items():
        print(f"{planted:28} found {sum(hits)} of {len(hits)}")
    print("\nwhat else was found, the copies and groups that the sets have by themselves among it:")
    for planted, notes in invented.items():
        for note in notes:
            print(f"  {planted:28} {note[:150]}")


def look(case: Case, target: str, looks: list[Audit]) -> list[Finding]:
    """Return what is found in a case."""
    records = Records(case.frame, "planted", target=target)
    data = TabularDataModule("planted", cleaning=[], split=GivenSplit(case.part))
    data.prepare(records)
    return audit(Audited.of(data, records), looks)


def table(name: str) -> pl.DataFrame:
    """Return a set without gaps in its target and without copies, of some thousand rows."""
    package, item, target = SETS[name]
    if package:
        frame = rdataset(name, package, item)
    else:
        records = read_sample(f"sample:{name}", "table")
        frame = records.frame.drop(records.leave_out)
    frame = frame.drop_nulls(target).unique(maintain_order=True)
    return frame.sample(min(MOST, len(frame)), seed=0, shuffle=True)


def cases(name: str, random: Generator) -> Iterator[Case]:
    """Yield the cases of a set."""
    frame = table(name)
    rows = len(frame)
    part = random.choice(3, rows, p=[0.7, 0.15, 0.15])
    yield Case("clean", None, frame, part)
    again = frame.with_columns(_renamed(frame[SETS[name][2]]))
    leaking = frame.with_columns(_leak(frame[SETS[name][2]], random))
    yield Case("leak: the target again", "target_leak", again, part, "leak")
    yield Case("leak: with noise", "target_leak", leaking, part, "leak")
    for title, values in _identifiers(rows, random).items():
        yield Case(title, "identifier", frame.with_columns(values), part, values.name)
    yield from _timed(frame, random)
    yield from _grouped(frame, random)
    copies = min(COPIES, rows // 10)
    again = pl.concat([frame, frame[np.flatnonzero(part == 0)[:copies]]])
    yield Case("copies", "overlap", again, np.append(part, np.full(copies, 2)))


def _leak(target: pl.Series, random: Generator) -> pl.Series:
    """Return the target with a little noise: 3 % of classes are others, numbers a little off."""
    if target.dtype.is_numeric() and target.n_unique() > 20:
        values = target.cast(pl.Float64).to_numpy()
        return pl.Series("leak", values + 0.03 * values.std() * random.normal(size=len(values)))
    codes = target.cast(pl.String).rank("dense").cast(pl.Int64).to_numpy()
    wrong = random.random(len(codes)) < 0.03
    return pl.Series("leak", np.where(wrong, random.permutation(codes), codes))


def _renamed(target: pl.Series) -> pl.Series:
    """Return the target under other names, or in another unit."""
    if target.dtype.is_numeric() and target.n_unique() > 20:
        return (2.54 * target.cast(pl.Float64) + 3).alias("leak")
    return ("outcome " + target.cast(pl.String)).alias("leak")


def _identifiers(rows: int, random: Generator) -> dict[str, pl.Series]:
    return {
        "identifier: counts": pl.Series("reference", random.permutation(rows) + 5000),
        "identifier: hex": pl.Series("token", [f"{x:08x}" for x in _drawn(rows, random)]),
        "identifier: drawn": pl.Series("account_id", _drawn(rows, random)),
    }


def _drawn(rows: int, random: Generator) -> Rows:
    return random.choice(2**31, rows, replace=False)


def _timed(frame: pl.DataFrame, random: Generator) -> Iterator[Case]:
    rows = len(frame)
    days = np.sort(random.integers(0, 1500, rows))
    dates = pl.Series("recorded", np.datetime64("2019-01-01") + days)
    share = np.arange(rows) / rows
    in_order = np.select([share < 0.7, share < 0.85], [0, 1], 2)
    timed = frame.with_columns(dates)
    yield Case("clean, in order of time", None, timed, in_order)
    backwards = in_order[::-1].copy()
    yield Case("time: backwards", "time_travel", timed, backwards, "recorded")
    few = in_order.copy()
    swapped = random.permutation(rows)[: rows // 50]
    few[swapped] = random.permutation(in_order[swapped])
    yield Case("time: 2 % out of order", "time_travel", timed, few, "recorded")
    years = frame.with_columns(dates.dt.year().alias("year"))
    yield Case("time: years backwards", "time_travel", years, backwards, "year")


def _grouped(frame: pl.DataFrame, random: Generator) -> Iterator[Case]:
    rows = len(frame)
    groups = np.arange(rows) // 4
    whole = random.choice(3, groups.max() + 1, p=[0.7, 0.15, 0.15])[groups]
    names = pl.Series("holder", [f"H{group:05d}" for group in groups])
    named = frame.with_columns(names)
    yield Case("clean, whole groups", None, named, whole)
    one = whole.copy()
    cut = np.flatnonzero(whole == 0)[0]
    one[cut] = 2
    yield Case("group: one is cut", "group_overlap", named, one, "holder")
    mixed = random.choice(3, rows, p=[0.7, 0.15, 0.15])
    patients = frame.with_columns(pl.Series("patient", groups))
    yield Case("group: all are cut", "group_overlap", patients, mixed, "patient")


def _is_invented(finding: Finding) -> bool:
    """Tell whether a finding would be invented: any of what is planted, and what is no hint."""
    return finding.kind in KINDS or finding.severity != "info"


def _is_of(finding: Finding, case: Case) -> bool:
    return case.column is None or case.column in finding.columns
