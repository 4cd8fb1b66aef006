"""A single column that tells the target nearly alone."""

import numpy as np

from datamodules.audits.audited import Audited
from datamodules.audits.finding import Finding, Severity
from datamodules.audits.one_feature import Floats, pieces, targets_of, told
from datamodules.splits.split import Rows

ROWS = 10_000
FEWEST = 50
"""Training rows below which nothing can be said."""
STRONG = 0.75
"""What a column has to tell, of 1, to be looked at."""
OUTRIGHT, OTHERWISE = 0.99, 0.9
"""A column that tells so much tells the target outright, where no other alone tells so much."""
LEAST = {True: 0.01, False: 0.001}
"""What of classes, and of numbers, is untold by chance."""
RATIO = 3.0
"""A leak leaves so many times less untold than all other columns together."""


def target_leak(audited: Audited) -> list[Finding]:
    """Find columns of a table that tell the target far better than all others together.

    Each column is asked alone, out of fold, on training rows. One that tells much is held against
    gradient boosting on all the others: an honest strong column, such as the weight for the price
    of a diamond, is not alone in what it knows; a leak is.
    """
    if not audited.is_table or len(audited.split.train) < FEWEST:
        return []
    places = audited.sample(ROWS)
    findings = []
    for name, target, classes in targets_of(audited, places):
        scores = single_scores(audited, places, target, classes)
        rest = max((s for s in scores.values() if s < OUTRIGHT), default=0.0)
        for column in sorted(scores, key=lambda each: -scores[each]):
            if scores[column] < STRONG:
                break
            outright = scores[column] >= OUTRIGHT
            alike = {c for c, score in scores.items() if outright and score >= OUTRIGHT}
            columns = [c for c in audited.seen if c not in (column, *alike)]
            others = together(audited, columns, places, target, classes)
            severity = judged(scores[column], others, LEAST[classes])
            severity = "high" if outright and rest < OTHERWISE else severity
            if severity:
                findings.append(_finding(audited, column, name, scores[column], others, severity))
    return findings


def obvious_leak(audited: Audited) -> list[Finding]:
    """Find what can be told in a moment: a column that tells the target outright, as no other."""
    if not audited.is_table or len(audited.split.train) < FEWEST:
        return []
    places = audited.sample(ROWS)
    findings = []
    for name, target, classes in targets_of(audited, places):
        scores = single_scores(audited, places, target, classes)
        outright = [column for column, score in scores.items() if score >= OUTRIGHT]
        rest = max((s for column, s in scores.items() if column not in outright), default=0.0)
        if rest < STRONG:
            findings += [
                _finding(audited, column, name, scores[column], rest, "high") for column in outright
            ]
    return findings


def single_scores(
    audited: Audited, places: Rows, target: Floats, classes: bool
) -> dict[str, float]:
    """Return how well each column that a model is given tells the target alone."""
    scores = {}
    for name in audited.seen:
        bins = pieces(audited.records.frame[name][audited.split.train[places]])
        if bins is not None and bins.min() < bins.max():
            scores[name] = told(bins, target, classes, audited.seed)
    return scores


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


def judged(alone: float, others: float, least: float) -> Severity | None:
    """Say how bad it is that a column tells so much beside what all others do.

    Args:
        alone: what the column tells, of 1.
        others: what all others tell.
        least: what may be untold by chance.
    """
    untold, untold_by_others = max(1 - alone, least), max(1 - others, 0.0)
    if alone < STRONG or untold_by_others < RATIO * untold:
        return None
    return "high" if alone >= 0.9 or untold_by_others >= 2 * RATIO * untold else "warning"


def _finding(
    audited: Audited, column: str, target: str, alone: float, others: float, severity: Severity
) -> Finding:
    note = (
        f"'{column}' alone tells {alone:.0%} of '{target}', all other columns together "
        f"{max(others, 0):.0%}: is it known before '{target}' is?"
    )
    advice = f"data.leave_out: [{column}]"
    examples = [audited.example(row, column) for row in audited.split.train[:3]]
    return Finding("target_leak", severity, 1, note, advice, examples, [column])
