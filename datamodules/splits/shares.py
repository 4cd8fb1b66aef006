"""What shares of the rows may be held out."""

from datamodules.errors import UserError


def check_shares(val: float, test: float) -> None:
    """Raise UserError if the shares leave nothing to train on, or are negative."""
    if not (val >= 0 and test >= 0 and val + test < 1):
        raise UserError(
            f"The shares of a split must not be negative and must leave rows to train on, got "
            f"val {val} and test {test}: try --data.split.val 0.15 --data.split.test 0.15."
        )
