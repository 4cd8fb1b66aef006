"""Rows that are two rows at once."""

from typing import ClassVar

from torch import Tensor

from datamodules.augmentation.augmentation import named_inputs, nothing_to_change
from datamodules.augmentation.draws import Draws
from datamodules.augmentation.images import is_image
from datamodules.augmentation.mixing import Mixing, mixed_rows, mixed_target, partners
from datamodules.augmentation.tables import two_valued
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.spec import DataSpec

TABLE = ("numeric", "categorical")


class Mixup(Mixing):
    """Mix each row with another of its batch: the inputs, and the target in the same shares.

    Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", equation 1, with a share for
    each row. Images and numbers are mixed; a category, and a number of a column with two values, is
    that of either row, with the share as its probability. Classes become shares of classes (N, C),
    which the loss must take; labels and numbers are mixed.

    The row that gives the batch its number has the greater share. Its partner is the next row in
    the order of a hash of (seed, epoch, row), so it depends on which rows are in the batch, but not
    on their order; its share depends on (seed, epoch, row) alone.

    Args:
        alpha: shares are drawn from Beta(alpha, alpha); near 0 rows stay nearly as they are, at 1
            all shares are equally likely.
        p: probability that a row is mixed.
    """

    least: ClassVar[float] = 0.5  # the greater of the two shares

    def __init__(self, alpha: float = 0.2, p: float = 1.0) -> None:
        super().__init__(alpha, p)

    def change(self, batch: Batch, draws: Draws, spec: DataSpec | None) -> Batch:
        """Return a batch of mixed rows."""
        inputs = named_inputs(batch)
        if not all(name in TABLE or is_image(values) for name, values in inputs.items()):
            kind = "images and tables, whose values can be mixed"
            raise nothing_to_change("Mixup", kind, inputs)
        if "target" not in batch:
            raise UserError("Mixup mixes rows with a target, but these have none.")
        shares, order, chosen = draws.uniform(3).unbind(1)
        share = self.shares(shares).masked_fill(chosen >= self.p, 1.0)
        other = partners(order)
        target = mixed_target(batch["target"], share, other, spec, "Mixup")
        changed: Batch = {**batch, "target": target}
        changed["inputs"] = {
            name: mixed_rows(values, share, other)
            if is_image(values)
            else _mixed_columns(name, values, share, other, draws, spec)
            for name, values in inputs.items()
        }
        return changed


def _mixed_columns(
    name: str,
    values: Tensor,
    share: Tensor,
    other: Tensor,
    draws: Draws,
    spec: DataSpec | None,
) -> Tensor:
    """Return columns of a table, mixed where they are numbers: (N, D) -> (N, D)."""
    whole = values.where(draws.uniform(values.shape[1]) < share[:, None], values[other])
    if name == "categorical":
        return whole
    return whole.where(two_valued(spec, values), mixed_rows(values, share, other))
