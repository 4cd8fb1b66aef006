"""Rows as often as a column says."""

from dataclasses import dataclass

import polars as pl
import torch

from datamodules.errors import UserError
from datamodules.samplers.drawing import Drawing
from datamodules.samplers.sampler import RowSampler, TrainingPart


@dataclass(frozen=True)
class Weighted(RowSampler):
    """Draw rows in proportion to the numbers of a column, such as sampling weights of a survey.

    A row of weight 0 is never drawn, one of weight 2 twice as often as one of weight 1. An epoch
    keeps its length. Only the weights of training rows are looked at; validation and test figures
    are of rows that count alike. The model does not see the column, and new rows need not have it.

    Args:
        column: the name of the column.
    """

    column: str

    @property
    def leave_out(self) -> list[str]:
        """The column, which a model must not see."""
        return [self.column]

    def __call__(self, part: TrainingPart) -> Drawing:
        """Return what draws rows by their weights.

        Raises:
            UserError: the column holds anything but numbers from 0, or nothing else than 0.
        """
        cells = part.records.frame[self.column][part.rows]
        if not (cells.dtype.is_numeric() or cells.dtype == pl.Boolean):
            raise UserError(
                f"--data.sampler.column: the weights of '{self.column}' must be numbers, but it "
                f"holds {cells.dtype}, such as {cells[0]!r}."
            )
        weights = torch.from_numpy(cells.cast(pl.Float64).fill_null(torch.nan).to_numpy().copy())
        wrong = ~((weights >= 0) & weights.isfinite())
        if wrong.any():
            first = int(wrong.nonzero()[0])
            raise UserError(
                f"--data.sampler.column: the weights of '{self.column}' must be numbers from 0, "
                f"but {int(wrong.sum())} training rows have others; row {part.rows[first]} has "
                f"{cells[first]}."
            )
        if not weights.any():
            raise UserError(
                f"--data.sampler.column: every training row has the weight 0 in '{self.column}', "
                f"so none can be drawn."
            )
        drawing = Drawing(weights)
        expected = drawing.expected
        share = float(expected.clamp(max=1).mean())
        drawing.note = (
            f"rows are drawn by '{self.column}': an epoch has some {share:.0%} of the training "
            f"rows, the heaviest {float(expected.max()):.1f} times"
        )
        return drawing
