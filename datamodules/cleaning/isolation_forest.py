"""Rows that are easily told from all others."""

from typing import Literal

import numpy as np
import polars as pl

from datamodules.cleaning.numbers import number_columns, require_names
from datamodules.cleaning.step import Cleaned, TrainingRows, TrainingStep
from datamodules.errors import UserError
from datamodules.features.values import as_numbers


class IsolationForest(TrainingStep):
    """Anomalies in the numbers of a row taken together: few random cuts set them apart.

    Liu, Ting and Zhou 2008, 'Isolation Forest'; scikit-learn's, fitted on training rows with what
    is missing at the median.

    Args:
        columns: which; all columns of numbers by default.
        contamination: the share of training rows that are taken for anomalies.
        action: ``report`` says which they are; ``drop`` leaves them out of training.
        seed: makes the forest repeatable.

    Raises:
        UserError: there is no such column of numbers, or the share is not between 0 and a half.
    """

    def __init__(
        self,
        columns: list[str] | None = None,
        contamination: float = 0.01,
        action: Literal["report", "drop"] = "report",
        seed: int = 0,
    ) -> None:
        if not 0 < contamination <= 0.5:
            raise UserError(
                f"contamination is a share of the rows above 0 and up to 0.5, not {contamination}."
            )
        require_names(columns, self.name)
        self.columns = columns
        self.contamination = contamination
        self.action = action
        self.seed = seed

    def fit(self, training: TrainingRows) -> Cleaned:
        """Grow the forest, and find the training rows that it isolates soonest."""
        from sklearn.ensemble import IsolationForest as Forest

        frame = training.frame
        names = number_columns(frame, self.columns, training.records.origin, self.name)
        values = np.stack([_filled(as_numbers(frame[name])) for name in names], axis=1)
        forest = Forest(random_state=self.seed).fit(values)
        scores = -forest.score_samples(values)  # about 0.5 for an ordinary row, up to 1
        count = max(1, round(self.contamination * len(scores)))
        worst = np.argsort(-scores, kind="stable")[:count]
        found = np.sort(training.rows[worst])
        table = pl.DataFrame({"row": training.rows[worst], "anomaly_score": scores[worst]})
        done = "left out" if self.action == "drop" else "kept"
        first = ", ".join(str(row + 1) for row in training.rows[worst[:3]])
        note = (
            f"{count} of {len(scores)} training rows are the most unlike the others "
            f"(first: rows {first}): {done}"
        )
        return Cleaned(self.name, note, found, found if self.action == "drop" else found[:0], table)


def _filled(
    values: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    known = values[~np.isnan(values)]
    return np.where(np.isnan(values), np.median(known) if len(known) else 0.0, values)
