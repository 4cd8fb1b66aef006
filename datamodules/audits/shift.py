"""Parts that are unlike."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from datamodules.audits.audited import Audited
from datamodules.audits.clocks import clocks_of, is_by_time, later
from datamodules.audits.finding import Finding, Severity
from datamodules.audits.groups import are_whole, groups_of, whole_groups
from datamodules.audits.one_feature import pieces
from datamodules.cleaning.out_of_fold import classifier_for, dealt
from datamodules.splits.split import PARTS, Rows

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

ROWS = 3000
"""Rows of each part that are told apart."""
FEWEST = 30
FOLDS = 3
SIGMAS = 5.5
"""Folds make the area a little less certain than one ranking of all rows is."""
COLUMNS = 200
MOST_CHANCE = 0.4
"""Of a few groups nothing can be said."""


def shift(audited: Audited) -> list[Finding]:
    """Find held-out parts whose rows a classifier can tell from the training rows.

    The area under its curve, out of fold, is held against what chance gives (Hanley and McNeil
    1982; here at 5.5 deviations). Columns of time, and of groups that are whole, are left aside: a
    split by them differs there.
    """
    findings = []
    for place in (1, 2):
        finding = _told_apart(audited, place)
        if finding is not None:
            findings.append(finding)
    if len(findings) == 2 and findings[0].severity == findings[1].severity:
        return findings[1:]
    return findings


def _told_apart(audited: Audited, place: int) -> Finding | None:
    train = audited.sample(ROWS, audited.split.train)
    held_out = audited.sample(ROWS, audited.split[place])
    if min(len(train), len(held_out)) < FEWEST:
        return None
    columns = _compared(audited)
    if audited.is_table and not columns:
        return None
    rows = np.concatenate([train, held_out])
    labels = np.repeat([0, 1], [len(train), len(held_out)])
    order = np.argsort(rows, kind="stable")
    rows, labels = rows[order], labels[order]
    groups = whole_groups(audited)
    groups = None if groups is None else groups[rows]
    chance = _chance(labels, groups)
    if chance > MOST_CHANCE:
        return None
    area = later(*_scores(audited, columns, rows, labels, groups))
    if area - 0.5 <= max(chance, 0.05):
        return None
    most = _most_unlike(audited, columns, train, held_out)
    which = f", most of all by '{most}'" if most else ""
    note = (
        f"{PARTS[place]} rows can be told from training rows (area under the curve {area:.2f}, by "
        f"chance at most {0.5 + chance:.2f}){which}"
    )
    advice = (
        "nothing, where the split is by time or by group as the model's use will be; else a fresh "
        "split: data.split: StratifiedSplit"
    )
    examples = [audited.example(row, most) for row in held_out[:3]]
    return Finding(
        "shift", _severity(audited, area), len(audited.split[place]), note, advice, examples,
        [most] if most else [],
    )  # fmt: skip


def _chance(labels: Rows, groups: Rows | None) -> float:
    """Return how far above one half the area may be by chance; rows of a group count as one."""
    counts = [
        len(rows) if groups is None else len(np.unique(groups[rows]))
        for rows in (np.flatnonzero(labels == 0), np.flatnonzero(labels == 1))
    ]
    variance: float = (sum(counts) + 1) / (12 * counts[0] * counts[1])
    return SIGMAS * math.sqrt(variance)


def _severity(audited: Audited, area: float) -> Severity:
    meant = audited.time or audited.group or is_by_time(audited)
    if meant or whole_groups(audited) is not None:  # such parts differ, as the model's use will
        return "warning" if area >= 0.9 else "info"
    if area >= 0.8:
        return "high"
    return "warning" if area >= 0.6 else "info"


def _compared(audited: Audited) -> list[str]:
    times = {clock.name for clock in clocks_of(audited)}
    found = {name: groups_of(audited, name) for name in audited.seen if name not in times}
    return [name for name, groups in found.items() if groups is None or not are_whole(groups)]


def _scores(
    audited: Audited, columns: list[str], rows: Rows, labels: Rows, groups: Rows | None
) -> tuple[Floats, Floats]:
    """Return what a classifier says of training rows and of held-out ones, out of fold."""
    model = _model(audited, columns, rows, labels)
    if groups is None:
        fold_of = dealt(labels, FOLDS, audited.seed)
    else:  # or rows would be known again by others of their group
        first, inverse = np.unique(groups, return_index=True, return_inverse=True)[1:]
        fold_of = dealt(labels[first], FOLDS, audited.seed)[inverse]
    scores = np.zeros(len(rows))
    for fold in range(FOLDS):
        learnt, asked = fold_of != fold, fold_of == fold
        scores[asked] = model(learnt, asked)
    return scores[labels == 0], scores[labels == 1]


def _model(
    audited: Audited, columns: list[str], rows: Rows, labels: Rows
) -> Callable[[Marks, Marks], Floats]:
    """Return what learns from some of the rows and says of others how much they are held out."""
    if audited.is_table:
        return _boosting(audited, columns, rows, labels)
    other = classifier_for(audited.training(np.zeros(1, dtype=np.int64)), audited.seed)

    def asked_of(learnt: Marks, asked: Marks) -> Floats:
        return other(audited.records, rows[learnt], labels[learnt], rows[asked])[:, 1]

    return asked_of


def _boosting(
    audited: Audited, columns: list[str], rows: Rows, labels: Rows
) -> Callable[[Marks, Marks], Floats]:
    from sklearn.ensemble import HistGradientBoostingClassifier

    frame = audited.records.frame  # all rows: how often a category stands among few tells its part
    cut = [pieces(frame[name], 250) for name in columns[:COLUMNS]]
    known = [bins[rows] for bins in cut if bins is not None]
    inputs = np.stack(known, axis=1) if known else np.zeros((len(rows), 1))
    model = HistGradientBoostingClassifier(max_iter=40, max_leaf_nodes=8, random_state=audited.seed)

    def asked_of(learnt: Marks, asked: Marks) -> Floats:
        told: Floats = model.fit(inputs[learnt], labels[learnt]).predict_proba(inputs[asked])
        return told[:, 1]

    return asked_of


def _most_unlike(audited: Audited, columns: list[str], train: Rows, other: Rows) -> str | None:
    """Return the column whose values are shared out most differently, by total variation."""
    if not audited.is_table:
        return None
    distances = {}
    for name in columns:
        bins = pieces(audited.records.frame[name], 10)
        if bins is None:
            continue
        size = int(bins.max()) + 1
        shares = [np.bincount(bins[rows], minlength=size) / len(rows) for rows in (train, other)]
        distances[name] = float(np.abs(shares[0] - shares[1]).sum())
    return max(distances, key=lambda name: distances[name]) if distances else None
