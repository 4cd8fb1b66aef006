"""All that is looked for."""

from collections.abc import Callable, Sequence

from datamodules.audits.audited import Audited
from datamodules.audits.classes import imbalance, no_test, unseen_classes
from datamodules.audits.columns import constant, duplicate_columns
from datamodules.audits.finding import Finding, by_severity
from datamodules.audits.group_overlap import group_overlap
from datamodules.audits.identifier import identifier
from datamodules.audits.images import odd_size, pixel_leak, single_colour
from datamodules.audits.labels import label_conflict, label_suspect
from datamodules.audits.near_duplicates import near_duplicates
from datamodules.audits.overlap import overlap
from datamodules.audits.preprocessing import preprocessing
from datamodules.audits.rows import long_text, unusable_rows
from datamodules.audits.shift import shift
from datamodules.audits.target_leak import obvious_leak, target_leak
from datamodules.audits.text_leak import text_leak
from datamodules.audits.time_travel import time_travel
from datamodules.progress import progress

Audit = Callable[[Audited], list[Finding]]

BOTH: list[Audit] = [
    overlap,
    identifier,
    time_travel,
    group_overlap,
    no_test,
    unseen_classes,
    constant,
    duplicate_columns,
    imbalance,
]
CHEAP: list[Audit] = [obvious_leak, *BOTH]
"""What takes no time that anyone notices."""
MANY_ROWS = 2_000_000
"""Rows from which on even that takes a while, where it hashes or sorts them all."""
CHEAPEST: list[Audit] = [each for each in CHEAP if each not in (overlap, group_overlap)]
ALL: list[Audit] = [
    *BOTH,
    near_duplicates,
    target_leak,
    text_leak,
    pixel_leak,
    preprocessing,
    shift,
    label_conflict,
    label_suspect,
    unusable_rows,
    single_colour,
    odd_size,
    long_text,
]


def audit(audited: Audited, looks: Sequence[Audit] = ALL) -> list[Finding]:
    """Look for everything that is named, and return what was found, the most severe first."""
    findings = []
    with progress("looking for leaks", len(looks)) as work:
        for look in looks:
            findings += look(audited)
            work.advance()
    return by_severity(findings)
