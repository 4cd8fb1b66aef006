"""Splits that hold out shares of the rows."""

from datamodules.errors import UserError


def check_shares(val: float, test: float) -> None:
    """Raise UserError if the shares leave nothing to train on, or are negative."""
    if not (val >= 0 and test >= 0 and val + test < 1):
        raise UserError(
            f"The shares of a split must not be negative and must leave rows to train on, got "
            f"val {val} and test {test}: try --data.split.val 0.15 --data.split.test 0.15."
        )


def check_validation_share(val: float) -> None:
    """Raise UserError if a share of the training rows leaves none of them, or is negative."""
    if not 0 <= val < 1:
        raise UserError(
            f"--data.split.val: {val} is no share of the rows that are trained on: "
            f"0.15 is usual, and 0 keeps none for validation."
        )


class ShareSplit:
    """What all splits by shares have in common; no column is hidden from a model by default."""

    val: float
    test: float

    def __post_init__(self) -> None:
        check_shares(self.val, self.test)

    @property
    def leave_out(self) -> list[str]:
        """Columns that a model must not see."""
        return []
