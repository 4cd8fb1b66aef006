"""What is made of some columns of a table."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from datamodules.errors import UserError
from datamodules.features.steps.step import Floats


class ColumnFeatures(ABC):
    """Numbers or category ids made of the columns that it names, fitted on training rows only.

    Args:
        columns: of the table.

    Raises:
        UserError: if a column is named twice.
    """

    shared = False
    """Whether other features may be made of the same columns too."""

    def __init__(self, columns: str | Sequence[str]) -> None:
        self.columns = [columns] if isinstance(columns, str) else list(columns)
        twice = [name for name in self.columns if self.columns.count(name) > 1]
        if twice:
            raise UserError(f"{type(self).__name__} names the column '{twice[0]}' twice.")

    @property
    def needs(self) -> list[str]:
        """The columns that new rows must have."""
        return self.columns

    @property
    def names(self) -> list[str]:
        """The name of each number made."""
        return []

    @property
    def id_names(self) -> list[str]:
        """The name of each id made."""
        return []

    @property
    def cardinalities(self) -> list[int]:
        """How many ids each column of ids has, id 0 included."""
        return []

    @abstractmethod
    def fit(self, frame: pl.DataFrame, origin: str) -> None:
        """Learn from training rows.

        Args:
            frame: the training rows, every column of the table.
            origin: where they came from, for messages.

        Raises:
            UserError: if the values are of a kind of which these features cannot be made.
        """

    def numbers(self, frame: pl.DataFrame, origin: str) -> Iterator[Floats]:
        """Yield each number of all rows, (N,), in the order of ``names``."""
        yield from ()

    def ids(self, frame: pl.DataFrame) -> Iterator[pl.Series]:
        """Yield each id of all rows, (N,) Int64, in the order of ``id_names``."""
        yield from ()

    def misfits(self, frame: pl.DataFrame) -> dict[str, tuple[str, pl.Series]]:
        """Return, by column, what it held in training and the values of rows that are not that."""
        return {}

    def notes(self) -> list[str]:
        """Say what the user would not guess, one sentence each."""
        return []

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
