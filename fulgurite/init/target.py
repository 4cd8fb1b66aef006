"""Which column a user may want to predict."""

from datamodules.errors import UserError

NAMES = ("target", "label", "labels", "class", "y", "outcome", "response")
"""What a target is called where it is called nothing else."""
MOST = 20
"""Columns that are listed."""


def likely_target(columns: list[str]) -> str:
    """Return the column that is named as targets are, or else the last."""
    named = [name for name in columns if name.casefold() in NAMES]
    return named[0] if named else columns[-1]


def no_target(columns: list[str], origin: str) -> UserError:
    """Return the error for rows whose target was not said, with a guess and all there are."""
    listed = ", ".join(columns[:MOST])
    more = f" and {len(columns) - MOST} more" if len(columns) > MOST else ""
    return UserError(
        f"{origin}: which column is to be predicted? Say --target, perhaps "
        f"--target {likely_target(columns)!r}, one of {listed}{more}."
    )
