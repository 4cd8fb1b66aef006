"""What training fixed about the data, in the checkpoint from then on."""

from dataclasses import dataclass
from typing import Any

import torch

from datamodules.features.features import Features
from datamodules.spec import DataSpec
from datamodules.splits.split import Split


@dataclass
class Trained:
    """What a model was trained on.

    Attributes:
        spec: what the model knows of the data.
        target: the columns of the target.
        split: which rows stood in which part.
        data: the data's fingerprint.
        features: fitted on the training rows.
    """

    spec: DataSpec
    target: list[str]
    split: Split
    data: str
    features: Features

    def state_dict(self) -> dict[str, Any]:
        """Return all of it as tensors and plain values."""
        parts = self.split._asdict().items()
        return {
            "spec": self.spec.as_config(),
            "target": self.target,
            "split": {name: torch.from_numpy(rows) for name, rows in parts},
            "data": self.data,
            "features": self.features.state_dict(),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], features: Features) -> "Trained":
        """Return what ``state_dict`` told.

        Args:
            state: from :meth:`state_dict`.
            features: of the same kind, not fitted; they take over the state.
        """
        features.load_state_dict(state["features"])
        return cls(
            spec=DataSpec.from_config(state["spec"]),
            target=state["target"],
            split=Split(**{name: rows.numpy() for name, rows in state["split"].items()}),
            data=state["data"],
            features=features,
        )

    def same_as(self, other: "Trained") -> bool:
        """Tell whether rows prepared with one are right for the other."""
        return (
            self.data == other.data
            and self.split.fingerprint == other.split.fingerprint
            and self.spec.as_config() == other.spec.as_config()
            and self.features.state_dict() == other.features.state_dict()
        )
