"""Images as they are: nothing is fitted but their shape."""

from typing import Any

from datamodules.errors import UserError
from datamodules.records import Records
from datamodules.spec import SpecParts
from datamodules.store import Column, Pixels


class PixelFeatures:
    """Hand images over as they were read."""

    def __init__(self) -> None:
        self.parts: SpecParts = {"inputs": {}}

    @property
    def used(self) -> list[str]:
        """No column: the images alone."""
        return []

    def fit(self, train: Records) -> None:
        """Remember the shape."""
        assert train.images is not None
        self.parts = {"inputs": {"image": list(train.images.shape[1:])}}

    def columns(self, records: Records) -> dict[str, Column]:
        """Return the images.

        Raises:
            UserError: if they have another shape than those of training.
        """
        assert records.images is not None
        shape, trained = list(records.images.shape[1:]), self.parts["inputs"]["image"]
        if shape != trained:
            raise UserError(
                f"{records.origin}: images are {_shape(shape)}, but the model was trained on "
                f"{_shape(trained)}."
            )
        return {"image": Pixels(records.images)}

    def notes(self) -> list[str]:
        """Say the shape."""
        return [f"images of {_shape(self.parts['inputs']['image'])}"]

    def state_dict(self) -> dict[str, Any]:
        """Return the shape."""
        return {"parts": self.parts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over the shape."""
        self.parts = state["parts"]


def _shape(shape: list[int]) -> str:
    return " x ".join(str(size) for size in shape)
