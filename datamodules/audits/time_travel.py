"""Training rows that come after the rows that are held out."""

import re

import numpy as np

from datamodules.audits.audited import Audited
from datamodules.audits.clocks import (
    Clock,
    Floats,
    apart,
    clocks_of,
    in_order,
    later,
    times_of_parts,
)
from datamodules.audits.finding import SHOWN, Finding, Severity
from datamodules.audits.groups import whole_groups
from datamodules.audits.one_feature import targets_of
from datamodules.splits.split import PARTS, Rows

ORDERED = 0.9
"""How often a held-out row is the later of two, where a split is meant to go by time."""
MIXED = 0.15
"""How far from one half that may be in a split by chance or by groups."""
SIGMAS = 6.0
BLOCK, CERTAIN = 0.3, 2.7
"""How far apart the shares of two parts up to some time may be by chance or by groups."""
DEPENDENT = 0.6
"""Correlation of a row's target with that of the row before it from which a row tells the next."""
NOTICED = 0.2
OTHER_DATES = re.compile(r"(?i)birth|born|dob|expir|valid|until|due|deadline|founded|built")
"""Say when something else was than the row."""


def time_travel(audited: Audited) -> list[Finding]:
    """Find columns of time along which training rows come after held-out ones.

    High where a split runs backwards, or breaks the order that it claims or all but has; a warning
    where held-out rows are a span of time and training goes on after it. Parts that are mixed are
    good to know of, and worse where a row's target can be told from that of the row before it.
    """
    clocks = clocks_of(audited)
    if audited.group is None and any(in_order(audited, c) for c in clocks):
        clocks = [clock for clock in clocks if clock.declared and not in_order(audited, clock)]
    found = [finding for clock in clocks for finding in _looked_at(audited, clock)]
    return found[:1] if found and found[0].severity != "high" else found


def _looked_at(audited: Audited, clock: Clock) -> list[Finding]:
    pairs = times_of_parts(audited, clock)
    worst: Finding | None = None
    for before, after, first, second in pairs:
        broken = bool(first.max() > second.min())
        severity = _severity(audited, clock, first, second) if broken else None
        if severity is None:
            continue
        finding = _broken(audited, clock, before, after, severity)
        if worst is None or (severity == "high") > (worst.severity == "high"):
            worst = finding
    if worst is not None:
        return [worst]
    return _mixed(audited, clock) if clock.dated and not clock.declared else []


def _severity(audited: Audited, clock: Clock, first: Floats, second: Floats) -> Severity | None:
    if clock.declared:
        return "high"
    share = later(first, second)
    sigma = ((len(first) + len(second) + 1) / (12 * len(first) * len(second))) ** 0.5
    one_sided = abs(share - 0.5) > max(MIXED, SIGMAS * sigma)
    chance = CERTAIN * ((len(first) + len(second)) / (len(first) * len(second))) ** 0.5
    if audited.group is not None or not (one_sided or apart(first, second) > max(BLOCK, chance)):
        return None
    if share >= ORDERED or share <= 1 - ORDERED:
        return "high"
    if whole_groups(audited) is not None:
        return None
    return "high" if share < 0.5 - MIXED else "warning"


def _broken(audited: Audited, clock: Clock, before: int, after: int, severity: Severity) -> Finding:
    early, late = audited.split[before], audited.split[after]
    begins = np.nanmin(clock.times[late])
    travelled = early[np.nan_to_num(clock.times[early], nan=-np.inf) > begins]
    worst = travelled[np.argsort(-clock.times[travelled], kind="stable")]
    note = (
        f"by '{clock.name}', {len(travelled)} of {len(early)} {PARTS[before]} rows come after the "
        f"first {PARTS[after]} row: the past is foretold from the future"
    )
    advice = f"data.split: {{class_path: TimeSplit, time: {clock.name}}}"
    examples = [audited.example(row, clock.name) for row in worst[:SHOWN]]
    rows = travelled.tolist()
    return Finding(
        "time_travel", severity, len(travelled), note, advice, examples, [clock.name], rows
    )


def _mixed(audited: Audited, clock: Clock) -> list[Finding]:
    """Tell of parts that are mixed in time, and whether rows depend on those before them."""
    if audited.group is not None or OTHER_DATES.search(clock.name):
        return []
    tied = max(dependence(audited, clock), default=0.0)
    note = f"rows of all times are in each part, and '{clock.name}' says when they were"
    if tied >= NOTICED:
        note += f", and a row's target goes with that of the row before it (correlation {tied:.2f})"
    note += ": figures are those of filling gaps, not of foretelling"
    advice = f"data.split: {{class_path: TimeSplit, time: {clock.name}}}"
    rows: Rows = audited.split.test[:SHOWN]
    examples = [audited.example(row, clock.name) for row in rows]
    severity: Severity = "warning" if tied >= DEPENDENT and _is_series(clock) else "info"
    held_out = len(audited.split.val) + len(audited.split.test)
    return [Finding("time_travel", severity, held_out, note, advice, examples, [clock.name])]


def _is_series(clock: Clock) -> bool:
    """Tell whether most rows have a time of their own."""
    known = clock.times[np.isfinite(clock.times)]
    return len(np.unique(known)) >= 0.5 * len(known)


def dependence(audited: Audited, clock: Clock) -> list[float]:
    """Return the correlation of each target with the one before it in time, of training rows."""
    times = clock.times[audited.split.train]
    order = np.argsort(times, kind="stable")
    order = order[np.isfinite(times[order])]
    found = []
    for _, target, classes in targets_of(audited, order):
        values = [target == each for each in np.unique(target)] if classes else [target]
        for value in values:
            numbers = value.astype(np.float64)
            if len(numbers) > 20 and numbers[1:].std() > 0 and numbers[:-1].std() > 0:
                found.append(float(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]))
    return found
