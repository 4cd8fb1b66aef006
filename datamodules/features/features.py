"""What a datamodule asks of the features of its kind of data."""

from typing import Any, Protocol

from datamodules.records import Records
from datamodules.spec import SpecParts
from datamodules.store import Column


class Features(Protocol):
    """Inputs as tensors, fitted on training rows only."""

    parts: SpecParts
    """What the fitted inputs look like."""

    @property
    def used(self) -> list[str]:
        """The columns of a table that the fitted features are made from."""
        ...

    def fit(self, train: Records) -> None:
        """Learn from training rows; of images, which may be many, only the shape is there."""
        ...

    def columns(self, records: Records) -> dict[str, Column]:
        """Turn rows, from training or elsewhere, into what the model is given."""
        ...

    def notes(self) -> list[str]:
        """Say what was learnt, one sentence each."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        ...
