"""Groups, such as the rows of one person, of which parts are in training and held out."""

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.audits.audited import Audited
from datamodules.audits.clocks import clocks_of, is_by_time, later
from datamodules.audits.finding import SHOWN, Finding, Severity
from datamodules.audits.groups import Groups, are_whole, groups_of
from datamodules.audits.one_feature import targets_of
from datamodules.splits.split import Rows

SMALL = 20
"""Rows of a group, in the mean: larger ones, such as those of a shop, may well come again."""
MANY_GROUPS = 50
MANY, SEVERAL = 0.02, 5
"""Held-out rows of cut groups, as a share and a number, from which figures are off."""
DEPENDS = 0.1
"""The share of the target's variance that lies between groups from which a group tells a row."""
FEWEST_OF_PANEL, TIMES_OF_PANEL, FULL = 10, 3, 0.8
"""Groups and times of a panel, and the share of all pairs of them that it has."""
SIGMAS = 3.0
"""By so many deviations of chance a target has to go with groups."""
_WORDS = (
    "patient|subject|person|participant|respondent|individual|client|customer|user|member|family|"
    "household|student|pupil|teacher|animal|mouse|rat|dog|donor|case|device|machine|sensor|"
    "session|visitor|account|author|speaker|writer|rater|cluster|batch|litter|plot|tree|plant|"
    "child|mother|twin|pair|cow|chick|player|driver|worker|employee|group|grp|school|class|site|"
    "hospital|clinic|center|centre|vehicle|truck|sample|specimen|slide|scan|video|recording|"
    "document|thread|conversation|experiment|trial|owner|doctor|physician|nurse|farm|herd|run|"
    "episode|camera|song|movie|book|pig|sow|sheep|goat|horse|calf|lamb|rabbit|monkey|fish|bird|"
    "insect|larva|colony|nest|firm|company|couple|survivor|voter|tenant|borrower|lender|wafer|tube"
)
_QUANTITY = re.compile(
    r"(?i)(^|[_ .-])(school|class|site|center|centre|child|case|group|sample|trial|run|document|"
    r"num_\w+)$"
)
"""May be years of school, a number of children or a kind of car, unless there are many."""
_NAME = re.compile(
    rf"(?i)(^|[_ .-])({_WORDS})([_ .-]?(id|no|nr|num|number|code|key|name))?$"
    r"|(^|[_ .-])(id|uid|uuid)$"
    r"|(?-i:[a-z](ID|Id)$)|(?i:[a-z]{3,}id$)"
)
_BEING = re.compile(
    r"(?i)(^|[_ .-])(patient|subject|person|participant|respondent|user|customer|client|speaker|"
    r"student|animal|mouse|rat|pig|dog|chick|donor|device|machine)"
    r"([_ .-]?(id|no|nr|num|number|code|key|name))?$"
)
"""Something of which rows are never independent, however many there are of one."""
_CODE = re.compile(r"^[A-Za-z]{0,8}[-_ ]?\d+$|^[0-9a-fA-F-]{8,}$")


def group_overlap(audited: Audited) -> list[Finding]:
    """Find columns that name groups of which some rows are in training and others held out.

    Which columns name groups: the one that the split says it keeps whole; those that nearly are
    kept whole, as no split by chance would; those that are called after something that has many
    rows, such as a patient; those of a panel, such as countries with a row in each year; and codes
    that a few rows each share. The last ones count where rows of a group are alike in their target.
    """
    findings = []
    for name in audited.records.frame.columns:
        if name in audited.target:
            continue
        groups = groups_of(audited, name)
        if groups is None or not groups.cut.any():
            continue
        severity, why = _severity(audited, name, groups)
        if severity is not None:
            findings.append(_finding(audited, name, groups, severity, why))
    return findings


def between(numbers: NDArray[np.float64], groups: Rows) -> float:
    """Return the share of a variance that lies between groups, 0 where they are dealt by chance.

    The intraclass correlation of one-way analysis of variance (Fisher 1925, chapter 7).

    Args:
        numbers: (N,).
        groups: (N,) from 0.
    """
    sizes = np.bincount(groups)
    sizes = np.where(sizes == 0, 1, sizes)
    count, total = len(np.unique(groups)), len(numbers)
    if count < 2 or total <= count:
        return 0.0
    means = np.bincount(groups, numbers) / sizes
    within = float(((numbers - means[groups]) ** 2).sum()) / (total - count)
    among = float(((means[groups] - numbers.mean()) ** 2).sum()) / (count - 1)
    real = np.bincount(groups)
    mean_size = (total - float((real**2).sum()) / total) / (count - 1)
    whole = among + (mean_size - 1) * within
    return (among - within) / whole if whole > 0 else 0.0


def _severity(audited: Audited, name: str, groups: Groups) -> tuple[Severity | None, str]:
    if name == audited.group:
        return "high", "the split says that it keeps them whole"
    if audited.group is not None or _goes_with_time(audited, name):
        return None, ""
    return _undeclared(audited, name, groups)


def _undeclared(audited: Audited, name: str, groups: Groups) -> tuple[Severity | None, str]:
    """Judge a column of which the split says nothing."""
    if are_whole(groups):
        return "high", "nearly all others are whole, as no split by chance leaves them"
    called = _is_called_so(name, groups) or _is_panel(audited, name, groups)
    if not called and not _are_codes(audited.records.frame[name], groups):
        return None, ""
    tied = _tied(audited, groups)
    held_out = len(audited.split.val) + len(audited.split.test)
    inside = groups.number[(audited.part > 0) & (groups.number >= 0)]
    many = groups.cut[inside].sum() >= max(SEVERAL, MANY * held_out)
    size = groups.sizes[groups.sizes > 1].mean()
    being = _BEING.search(name) is not None
    if tied >= DEPENDS:
        severe = called and many and (being or size <= SMALL) and not is_by_time(audited)
        return (
            "high" if severe else "warning",
            f"{tied:.0%} of what the target varies lies between them",
        )
    few = being or size < max(10, 0.02 * len(groups.number))
    return ("warning" if called and few else None), "rows of one are seldom independent"


def _goes_with_time(audited: Audited, name: str) -> bool:
    """Tell whether a column is one of time, or numbers that rise from part to part."""
    if any(clock.name == name for clock in clocks_of(audited)):
        return True
    column = audited.records.frame[name]
    if not column.dtype.is_numeric():
        return False
    values = column.cast(pl.Float64).fill_null(strategy="mean").to_numpy()
    held_out = audited.split.test if len(audited.split.test) else audited.split.val
    if not len(held_out):
        return False
    return abs(later(values[audited.split.train], values[held_out]) - 0.5) > 0.4


def _is_called_so(name: str, groups: Groups) -> bool:
    """Tell whether a column is called after something that has many rows."""
    if not _NAME.search(name):
        return False
    return len(groups.sizes) >= MANY_GROUPS or not _QUANTITY.search(name)


def _is_panel(audited: Audited, name: str, groups: Groups) -> bool:
    """Tell whether each group has one row at each of some times, such as a country in each year."""
    if audited.records.frame[name].dtype.is_numeric() or len(groups.sizes) < FEWEST_OF_PANEL:
        return False
    for clock in clocks_of(audited):
        known = (groups.number >= 0) & np.isfinite(clock.times) & (audited.part >= 0)
        times, time = np.unique(clock.times[known], return_inverse=True)
        cells = len(groups.sizes) * len(times)
        places = groups.number[known] * len(times) + time
        once = len(np.unique(places)) == len(places)
        if len(times) >= TIMES_OF_PANEL and once and len(places) >= FULL * cells:
            return True
    return False


def _are_codes(column: pl.Series, groups: Groups) -> bool:
    """Tell whether values are codes of which a few rows each share one."""
    count, rows = len(groups.sizes), int(groups.sizes.sum())
    if count < max(100, rows / 20) or count > rows / 1.5:
        return False
    if column.dtype == pl.String:
        return all(_CODE.match(value) for value in column.drop_nulls().unique().head(200))
    if not column.dtype.is_integer():
        return False
    span = int(column.max()) - int(column.min()) + 1  # type: ignore[arg-type]
    # numbers that are measured heap up somewhere; those that name groups do not
    even = groups.sizes.var() <= 0.5 * groups.sizes.mean()
    return bool(even and span <= 1.5 * count)


def _tied(audited: Audited, groups: Groups) -> float:
    """Return how far rows of a group are alike in their target, among training rows."""
    number = groups.number[audited.split.train]
    places = np.flatnonzero(number >= 0)
    known = np.unique(number[places], return_inverse=True)[1]
    sizes = np.bincount(known)
    partners = float((sizes * (sizes - 1)).sum())
    if not partners:
        return 0.0
    chance = SIGMAS * (2 / partners) ** 0.5
    found = [0.0]
    for _, target, classes in targets_of(audited, places):
        values = [target == each for each in np.unique(target)] if classes else [target]
        found += [between(value.astype(np.float64), known) for value in values[:20]]
    return max(found) if max(found) > chance else 0.0


def _finding(audited: Audited, name: str, groups: Groups, severity: Severity, why: str) -> Finding:
    cut = np.flatnonzero(groups.cut)
    inside = np.isin(groups.number, cut)
    rows = np.flatnonzero(inside & (audited.part > 0))
    known = int(groups.cut.sum())
    note = f"{known} of {len(groups.sizes)} groups of '{name}' stand in more than one part: {why}"
    examples = []
    for group in cut[:SHOWN]:
        members = np.flatnonzero((groups.number == group) & (audited.part >= 0))
        order = members[np.argsort(-audited.part[members], kind="stable")]
        examples.append(audited.example(int(order[0]), name, other=int(order[-1])))
    advice = f"data.split: {{class_path: GroupedSplit, group: {name}}}"
    return Finding("group_overlap", severity, known, note, advice, examples, [name], rows.tolist())
