"""Training rows that come after the rows that are held out."""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.audits.audited import PARTS, Audited
from datamodules.audits.finding import SHOWN, Finding, Severity
from datamodules.audits.one_feature import targets_of
from datamodules.features.moments import DATES, as_moments, moment_kind
from datamodules.splits.split import Rows

Floats = NDArray[np.float64]

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
CALLED_TIME = re.compile(
    r"(?i)(^|[_ .-])(year|yr|date|time|timestamp|datetime|unixtime|epoch|when|ts|day|days|week|"
    r"month|quarter|period|hour)$"
)
DATES_AS_NUMBERS = ("date", "timestamp", "datetime", "unixtime", "epoch")
COMES_AGAIN = ("day", "days", "week", "month", "quarter", "period", "hour")
"""Of a month, a week or a year, unless there are many."""
CALENDAR = 60
OTHER_DATES = re.compile(r"(?i)birth|born|dob|expir|valid|until|due|deadline|founded|built")
"""Say when something else was than the row."""


@dataclass(frozen=True)
class Clock:
    """A column that says when a row was.

    Attributes:
        name: of the column.
        times: (N,) increasing with time, NaN where it is not known.
        declared: whether the split says that it goes by it.
        dated: whether its values are dates, and not numbers that may be anything.
    """

    name: str
    times: Floats
    declared: bool
    dated: bool


def time_travel(audited: Audited) -> list[Finding]:
    """Find columns of time along which training rows come after held-out ones.

    High where a split runs backwards, or breaks the order that it claims or all but has; a warning
    where held-out rows are a span of time and training goes on after it. Parts that are mixed are
    good to know of, and worse where a row's target can be told from that of the row before it.
    """
    clocks = clocks_of(audited)
    if audited.group is None and any(_in_order(audited, c) for c in clocks):
        clocks = [clock for clock in clocks if clock.declared and not _in_order(audited, clock)]
    found = [finding for clock in clocks for finding in _looked_at(audited, clock)]
    return found[:1] if found and found[0].severity != "high" else found


def clocks_of(audited: Audited) -> list[Clock]:
    """Return the columns that say when a row was, the declared one first."""
    frame = audited.records.frame
    clocks = []
    for name in frame.columns:
        if name in audited.target:
            continue
        column, declared = frame[name], name == audited.time
        dated = moment_kind(column) == DATES
        if not dated and not declared and not _counts_time(column):
            continue
        times = as_moments(column, DATES).to_physical() if dated else column.to_physical()
        values = times.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)
        if np.isfinite(values).any():
            clocks.append(Clock(name, values, declared, dated or _are_stamps(name)))
    return sorted(clocks, key=lambda clock: not clock.declared)


def later(first: Floats, second: Floats) -> float:
    """Return how often a value of ``second`` is larger than one of ``first``, ties by half.

    The statistic of Mann and Whitney (1947), as a share.
    """
    ordered = np.sort(first)
    below = np.searchsorted(ordered, second, "left") + np.searchsorted(ordered, second, "right")
    return float(below.mean()) / (2 * len(first))


def _are_stamps(name: str) -> bool:
    """Tell whether numbers are moments by their name, and not, say, hours of a day."""
    named = CALLED_TIME.search(name)
    return named is not None and named.group(2).lower() in DATES_AS_NUMBERS


def apart(first: Floats, second: Floats) -> float:
    """Return the largest difference of two shares up to any value (Kolmogorov and Smirnov)."""
    places = np.concatenate([first, second])
    shares = [
        np.searchsorted(np.sort(each), places, "right") / len(each) for each in (first, second)
    ]
    return float(np.abs(shares[0] - shares[1]).max())


def _counts_time(column: pl.Series) -> bool:
    """Tell whether numbers are times by the column's name, and years by their values too."""
    if not column.dtype.is_numeric() or not (named := CALLED_TIME.search(column.name)):
        return False
    known = column.drop_nulls()
    if not len(known) or known.n_unique() < 3:
        return False
    word = named.group(2).lower()
    if word in ("year", "yr"):
        return bool(known.is_between(1000, 2200).all())
    return word not in COMES_AGAIN or known.n_unique() > CALENDAR


def _parts(audited: Audited, clock: Clock) -> list[tuple[int, int, Floats, Floats]]:
    """Return the pairs of parts that have an order, with their known times."""
    pairs = []
    for before, after in ((0, 2), (0, 1), (1, 2)):
        first, second = (clock.times[audited.split[place]] for place in (before, after))
        first, second = first[np.isfinite(first)], second[np.isfinite(second)]
        if len(first) and len(second):
            pairs.append((before, after, first, second))
    return pairs


def _in_order(audited: Audited, clock: Clock) -> bool:
    pairs = _parts(audited, clock)
    return bool(pairs) and all(
        first.max() <= second.min() and first.min() < second.max() for _, _, first, second in pairs
    )


def _looked_at(audited: Audited, clock: Clock) -> list[Finding]:
    pairs = _parts(audited, clock)
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
    return "high" if share >= ORDERED or share < 0.5 - MIXED else "warning"


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
    note = f"rows are held out at random, but '{clock.name}' says when they were"
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
