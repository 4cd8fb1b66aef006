"""A single column that tells the target nearly alone."""

import numpy as np
import polars as pl

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Finding, Severity
from datamodules.audits.one_feature import Floats, pieces, targets_of, told
from datamodules.features.moments import moment_kind
from datamodules.splits.split import Rows

ROWS = 10_000
FEWEST = 50
"""Training rows below which nothing can be said."""
STRONG = 0.75
"""What a column has to tell, of 1, to be looked at."""
RATIO = 3.3
"""The next best column leaves so many times more untold; of 70 real sets none has such a gap but
where a column does tell the target, such as the cause of a death."""
OUTRIGHT = 0.99
"""Columns that tell so much tell the target outright, even where there are several."""
SIGMAS = 3.0
"""By so many deviations two counts of errors have to differ."""
HIGH = {True: 0.9, False: 0.97}
"""What a leak tells of classes, and of numbers, which honest ones may follow closely, as the price
of a diamond does its weight."""
TOGETHER = 3.0
"""All other columns together leave so many times more untold."""
KNOWN, MOSTLY = 100, 0.95
"""Rows, and the share of them, in which a column with gaps is known."""
LEAST = {True: 0.01, False: 0.001}
"""What of classes, and of numbers, is untold by chance."""


def target_leak(audited: Audited) -> list[Finding]:
    """Find columns of a table that tell the target far better than any honest one.

    Each column is asked alone, out of fold, on training rows. One that tells much is held against
    the next best: honest strong columns, such as the measures of a diamond for its price, come
    together. It is held against gradient boosting on all others too, for how bad it is.
    """
    return _leaks(audited, closely=True)


def obvious_leak(audited: Audited) -> list[Finding]:
    """Find the same without boosting, in a moment."""
    return _leaks(audited, closely=False)


def _leaks(audited: Audited, *, closely: bool) -> list[Finding]:
    if not audited.is_table or len(audited.split.train) < FEWEST:
        return []
    places = audited.sample(ROWS)
    findings = []
    for name, target, classes in targets_of(audited, places):
        scores = single_scores(audited, places, target, classes)
        again = [column for column in scores if _is_again(audited, column, places, target)]
        honest = {column: score for column, score in scores.items() if column not in again}
        suspects, rest = suspicious(honest, LEAST[classes], len(places))
        next_best = max([0.0, *honest.values()])
        suspects = [*again, *suspects]
        others = [column for column in audited.seen if column not in suspects]
        all_others = (
            together(audited, others, places, target, classes) if (closely and suspects) else rest
        )
        for column in suspects:
            alone = scores[column]
            far = 1 - all_others >= TOGETHER * max(1 - alone, LEAST[classes])
            dated = moment_kind(audited.records.frame[column]) is not None
            high = alone >= OUTRIGHT or (far and alone >= HIGH[classes])
            sure = column in again or (high and not dated)
            severity: Severity = "high" if sure else "warning"
            other = next_best if column in again else rest
            findings.append(_finding(audited, column, name, (alone, other), severity))
    return findings


def suspicious(scores: dict[str, float], least: float, rows: int) -> tuple[list[str], float]:
    """Return the columns that tell the target far better than the best of the others, and that.

    Args:
        scores: what each column tells alone, of 1.
        least: what may be untold by chance.
        rows: of which they were asked.
    """
    ranked = sorted(scores, key=lambda column: -scores[column])
    outright = [column for column in ranked if scores[column] >= OUTRIGHT]
    for count in dict.fromkeys((max(1, len(outright)), 1)):
        told = [scores[column] for column in ranked]
        rest = max([0.0, *told[count:]])
        if told[:count] and told[count - 1] >= STRONG:
            untold, by_rest = max(1 - told[count - 1], least), 1 - rest
            sure = rows**0.5 * (by_rest - untold) >= SIGMAS * (by_rest + untold) ** 0.5
            if by_rest >= RATIO * untold and sure:
                return ranked[:count], rest
    return [], 0.0


def single_scores(
    audited: Audited, places: Rows, target: Floats, classes: bool
) -> dict[str, float]:
    """Return how well each column that a model is given tells the target alone."""
    scores = {}
    for name in audited.seen:
        bins = pieces(audited.records.frame[name][audited.split.train[places]])
        if bins is None or bins.min() == bins.max():
            continue
        scores[name] = told(bins, target, classes, audited.seed)
        known = audited.records.frame[name][audited.split.train[places]].is_not_null().to_numpy()
        if KNOWN <= known.sum() < MOSTLY * len(known):  # where it is known, it may tell all
            alone = told(bins[known], target[known], classes, audited.seed)
            scores[name] = max(scores[name], alone)
    return scores


def _is_again(audited: Audited, name: str, places: Rows, target: Floats) -> bool:
    """Tell whether a column is the target under other names, or in another unit."""
    column = audited.records.frame[name][audited.split.train[places]]
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        return False
    pairs = pl.DataFrame({"value": column, "target": target}).unique()
    different = pairs["target"].n_unique()
    if not len(pairs) == different == pairs["value"].n_unique() or different < 2:
        return False
    if different < FEWEST:  # a step from class to class
        return True
    steps = pairs.sort("value")["target"].diff().drop_nulls()
    return bool((steps > 0).all() or (steps < 0).all())


def together(
    audited: Audited, columns: list[str], places: Rows, target: Floats, classes: bool
) -> float:
    """Return how well columns tell the target together, by gradient boosting, out of fold."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.model_selection import cross_val_predict

    frame = audited.records.frame[audited.split.train[places]]
    cut = [bins for name in columns if (bins := pieces(frame[name], 250)) is not None]
    if not cut:
        return 0.0
    inputs = np.stack(cut, axis=1)
    if not classes:
        model = HistGradientBoostingRegressor(max_iter=60, random_state=audited.seed)
        foretold = cross_val_predict(model, inputs, target, cv=3)
        left = float(((target - foretold) ** 2).mean() / max(target.var(), 1e-12))
        return 1 - left
    labels = target.astype(np.int64)
    counts = np.bincount(labels)
    kept = counts[labels] >= 10
    inputs, labels = inputs[kept], np.unique(labels[kept], return_inverse=True)[1]
    classifier = HistGradientBoostingClassifier(
        max_iter=60, class_weight="balanced", random_state=audited.seed
    )
    foretold = cross_val_predict(classifier, inputs, labels, cv=3)
    chance = 1 / (int(labels.max()) + 1)
    recalls = [float((foretold[labels == each] == each).mean()) for each in np.unique(labels)]
    return (float(np.mean(recalls)) - chance) / (1 - chance)


def _finding(
    audited: Audited, column: str, target: str, told: tuple[float, float], severity: Severity
) -> Finding:
    note = (
        f"'{column}' alone tells {told[0]:.0%} of '{target}', the next best column {told[1]:.0%}: "
        f"is it known before '{target}' is?"
    )
    advice = f"data.leave_out: [{column}]"
    examples = [audited.example(row, column) for row in audited.split.train[:3]]
    return Finding("target_leak", severity, 1, note, advice, examples, [column])
