"""Numbers far out."""

from typing import Any, Literal

import numpy as np
import polars as pl

from datamodules.cleaning.numbers import number_columns, require_names
from datamodules.cleaning.step import Cleaned, TrainingRows, TrainingStep
from datamodules.errors import UserError
from datamodules.features.values import as_numbers
from datamodules.records import Records


class InterquartileRange(TrainingStep):
    """Numbers outside of Tukey's fences: beyond the quartiles by a multiple of their distance.

    Tukey 1977, 'Exploratory Data Analysis', section 2C. The quartiles are those of training rows.
    A column whose quartiles are equal has no fences: of a count that is mostly 0, all else would be
    outside.

    Args:
        columns: which; all columns of numbers by default.
        factor: 1.5 is what box plots show; 3 finds what is 'far out'.
        action: ``clip`` moves what is outside onto the fence, in every part and at prediction;
            ``drop`` leaves training rows out; ``report`` says which they are.

    Raises:
        UserError: there is no such column of numbers, or the factor is not positive.
    """

    def __init__(
        self,
        columns: list[str] | None = None,
        factor: float = 1.5,
        action: Literal["clip", "drop", "report"] = "clip",
    ) -> None:
        if factor <= 0:
            raise UserError(f"factor must be above 0, not {factor}.")
        require_names(columns, self.name)
        self.columns = columns
        self.factor = factor
        self.action = action
        self.fences: dict[str, tuple[float, float]] = {}

    def fit(self, training: TrainingRows) -> Cleaned:
        """Learn the fences, and find the training rows with a number outside of them."""
        frame = training.frame
        outside = np.zeros(len(frame), dtype=bool)
        counts: dict[str, int] = {}
        for name in number_columns(frame, self.columns, training.records.origin, self.name):
            values = as_numbers(frame[name])
            low, high = (
                np.nanquantile(values, [0.25, 0.75]) if np.isfinite(values).any() else (0, 0)
            )
            if low == high:
                continue
            reach = self.factor * (high - low)
            self.fences[name] = (float(low - reach), float(high + reach))
            out = (values < low - reach) | (values > high + reach)
            counts[name] = int(out.sum())
            outside |= out
        found = training.rows[outside]
        if not len(found):
            return Cleaned(self.name)
        return Cleaned(
            self.name,
            self._note(counts, len(found), len(frame)),
            found,
            found if self.action == "drop" else found[:0],
            self._table(training, found),
        )

    def apply(self, records: Records) -> Records:
        """Clip numbers to the fences."""
        if self.action != "clip":
            return records
        return records.with_columns(
            pl.when(pl.col(name).cast(pl.Float64, strict=False).is_finite())
            .then(pl.col(name).cast(pl.Float64, strict=False).clip(*fence))
            .otherwise(pl.col(name).cast(pl.Float64, strict=False))
            .alias(name)
            for name, fence in self.fences.items()
            if name in records.frame.columns and records.frame[name].dtype.is_numeric()
        )

    def state_dict(self) -> dict[str, Any]:
        """Return the fences."""
        return {"fences": {name: list(fence) for name, fence in self.fences.items()}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over the fences."""
        self.fences = {name: (low, high) for name, (low, high) in state["fences"].items()}

    def _note(self, counts: dict[str, int], found: int, rows: int) -> str:
        worst = sorted((name for name in counts if counts[name]), key=lambda name: -counts[name])
        listed = ", ".join(f"{counts[name]} in '{name}'" for name in worst[:3])
        more = f" and {len(worst) - 3} more columns" if len(worst) > 3 else ""
        done = {"clip": "clipped to the fences", "drop": "left out", "report": "kept"}[self.action]
        return (
            f"{found} of {rows} training rows have a number beyond {self.factor:g} interquartile "
            f"ranges ({listed}{more}): {done}"
        )

    def _table(self, training: TrainingRows, found: np.ndarray[Any, Any]) -> pl.DataFrame:
        """Return one line for each number outside: row, column, value and fences."""
        frame = training.records.frame[found]
        parts = []
        for name, (low, high) in self.fences.items():
            values = frame[name].cast(pl.Float64)
            lines = pl.DataFrame({"row": found, "value": values}).filter(
                (values < low) | (values > high)
            )
            parts.append(
                lines.select(
                    "row",
                    pl.lit(name).alias("column"),
                    "value",
                    pl.lit(low).alias("low"),
                    pl.lit(high).alias("high"),
                )
            )
        return pl.concat(parts).sort("row")
