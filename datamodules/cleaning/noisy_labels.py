"""Labels that contradict what the other rows teach."""

from typing import Literal

import numpy as np
import polars as pl

from datamodules.cleaning.label_quality import (
    Floats,
    Marks,
    label_issues,
    label_quality,
    suggested,
)
from datamodules.cleaning.out_of_fold import out_of_fold
from datamodules.cleaning.step import Cleaned, TrainingRows, TrainingStep
from datamodules.errors import UserError, unknown
from datamodules.splits.split import Rows

SHOWN = 3


class NoisyLabels(TrainingStep):
    """Find training rows that are likely to be labelled wrongly.

    A classical model learns from all but a fold of the training rows, and is asked about that fold;
    boosting and logistic regression for tables, logistic regression on landmarks for images, on
    TF-IDF for texts. Labels that it contradicts with confidence are told, the worst first
    (:func:`~datamodules.cleaning.label_quality.label_issues`), with the class that is likelier.
    Rows of validation and test are neither looked at nor dropped.

    Args:
        action: ``report`` tells of the rows; ``drop`` leaves them out of training.
        folds: in how many parts the rows are dealt; more take longer and learn from more rows.
        share: take this share of the rows, those of the lowest quality, instead of deciding by
            confidence.
        seed: deals the rows.

    Raises:
        UserError: an argument is out of range, or the target is not one class a row.
    """

    def __init__(
        self,
        action: Literal["report", "drop"] = "report",
        folds: int = 5,
        share: float | None = None,
        seed: int = 0,
    ) -> None:
        if action not in ("report", "drop"):
            raise unknown("action", action, ("report", "drop"))
        if folds < 2:
            raise UserError(f"NoisyLabels deals rows into 2 folds or more, but got folds: {folds}.")
        if share is not None and not 0 < share <= 0.5:
            raise UserError(
                f"NoisyLabels takes a share of the rows above 0 and up to 0.5, but got {share}."
            )
        self.action = action
        self.folds = folds
        self.share = share
        self.seed = seed

    def fit(self, training: TrainingRows) -> Cleaned:
        """Find the rows; nothing has to be kept for later ones."""
        kind, names = training.spec.kind, training.spec.names
        if kind not in ("binary", "multiclass"):
            raise UserError(
                f"NoisyLabels looks for wrong classes, one a row, but the target of "
                f"{training.records.origin} is {kind}: take it out of --data.cleaning."
            )
        labels: Rows = training.target.numpy()
        # a class with fewer rows than folds is too rare for anything to be said of its rows
        judged = np.bincount(labels, minlength=len(names))[labels] >= self.folds
        if not judged.any():
            return Cleaned(self.name)
        probabilities = out_of_fold(training, labels, len(names), self.folds, self.seed)
        quality = label_quality(probabilities, labels)
        found = self._found(probabilities, labels, quality, judged)
        table = _table(training, found, labels, quality, probabilities)
        rows = np.sort(training.rows[found])
        drop = rows if self.action == "drop" else rows[:0]
        return Cleaned(self.name, self._note(table, training), rows, drop, table)

    def _found(self, probabilities: Floats, labels: Rows, quality: Floats, judged: Marks) -> Rows:
        """Return the places of the rows that are told, the worst first."""
        if self.share is None:
            places = np.flatnonzero(label_issues(probabilities, labels) & judged)
            return places[np.argsort(quality[places], kind="stable")]
        places = np.flatnonzero(judged)
        count = max(1, round(self.share * len(labels)))
        return places[np.argsort(quality[places], kind="stable")][:count]

    def _note(self, table: pl.DataFrame, training: TrainingRows) -> str:
        if not len(table):
            return ""
        called = training.records.names
        told = [
            (f"'{training.records.frame[called][row]}'" if called else f"row {row + 1}")
            + f" is '{given}', rather '{other}'"
            for row, given, other in table["row", "label", "suggested"].head(SHOWN).iter_rows()
        ]
        done = "left out of training" if self.action == "drop" else "kept"
        return (
            f"{len(table)} of {len(training.rows)} training labels look wrong "
            f"({'; '.join(told)}): {done}"
        )


def _table(
    training: TrainingRows, found: Rows, labels: Rows, quality: Floats, probabilities: Floats
) -> pl.DataFrame:
    """Return what there is to know of the rows found, in their order."""
    names = training.spec.names
    given = labels[found]
    other = suggested(probabilities, labels)[found]
    return pl.DataFrame(
        {
            "row": training.rows[found],
            "label": [names[place] for place in given],
            "suggested": [names[place] for place in other],
            "quality": quality[found],
            "p(label)": probabilities[found, given],
            "p(suggested)": probabilities[found, other],
        },
        schema_overrides={"label": pl.String, "suggested": pl.String},
    )
