"""What training fixed about the data, in the checkpoint from then on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from datamodules.cleaning.step import CleaningStep, TrainingStep
from datamodules.contract.contract import Contract
from datamodules.errors import UserError
from datamodules.features.features import Features
from datamodules.records import Records
from datamodules.row_hashes import Hashes
from datamodules.seen_rows import SeenRows
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
        contract: what the training rows looked like.
        cleaning: the steps that were fitted on the training rows.
        splitter: what divided the rows, as ``{class_path, init_args}``.
        seen: the rows that training and validation had, by what they hold.
    """

    spec: DataSpec
    target: list[str]
    split: Split
    data: str
    features: Features
    contract: Contract = field(default_factory=Contract)
    cleaning: list[TrainingStep] = field(default_factory=list)
    splitter: dict[str, Any] | None = None
    seen: SeenRows = field(default_factory=SeenRows)

    def remember(
        self,
        records: Records,
        data: str,
        splitter: dict[str, Any] | None,
        known: tuple[list[str], Hashes] | None = None,
    ) -> None:
        """Keep what tells rows of the training from others, and what new rows are held to.

        Args:
            records: the rows as they came, before any step.
            data: the fingerprint of the source.
            splitter: what divided the rows.
            known: columns by which rows are hashed already, and these hashes.
        """
        self.data, self.splitter = data, splitter
        self.seen = SeenRows.of(records, self.split, self.features.used, known)
        frame = records.frame[self.split.train]
        self.contract = Contract.of(frame, self.features.used, self.target)

    def state_dict(self) -> dict[str, Any]:
        """Return all of it as tensors and plain values."""
        parts = self.split._asdict().items()
        return {
            "spec": self.spec.as_config(),
            "target": self.target,
            "split": {name: torch.from_numpy(rows) for name, rows in parts},
            "data": self.data,
            "features": self.features.state_dict(),
            "contract": {"columns": self.contract.columns, "target": self.contract.target},
            "cleaning": [[step.name, step.state_dict()] for step in self.cleaning],
            "splitter": self.splitter,
            "seen": self.seen.state_dict(),
        }

    @classmethod
    def from_state(
        cls, state: dict[str, Any], features: Features, cleaning: Sequence[CleaningStep] = ()
    ) -> "Trained":
        """Return what ``state_dict`` told.

        Args:
            state: from :meth:`state_dict`.
            features: of the same kind, not fitted; they take over the state.
            cleaning: the steps of the config; those that are fitted take over their state.

        Raises:
            UserError: the steps are not those of the training.
        """
        features.load_state_dict(state["features"])
        fitted = [step for step in cleaning if isinstance(step, TrainingStep)]
        _load(fitted, state["cleaning"])
        return cls(
            spec=DataSpec.from_config(state["spec"]),
            target=state["target"],
            split=Split(**{name: rows.numpy() for name, rows in state["split"].items()}),
            data=state["data"],
            features=features,
            contract=Contract(**state["contract"]),
            cleaning=fitted,
            splitter=state.get("splitter"),
            seen=SeenRows.from_state(state.get("seen")),
        )

    def same_as(self, other: "Trained") -> bool:
        """Tell whether rows prepared with one are right for the other."""
        return (
            self.data == other.data
            and self.split.fingerprint == other.split.fingerprint
            and self.spec.as_config() == other.spec.as_config()
            and self.features.state_dict() == other.features.state_dict()
        )


def _load(steps: list[TrainingStep], states: list[tuple[str, dict[str, Any]]]) -> None:
    if [step.name for step in steps] != [name for name, _ in states]:
        trained = ", ".join(name for name, _ in states) or "none"
        given = ", ".join(step.name for step in steps) or "none"
        raise UserError(
            f"--data.cleaning: the model was trained on rows that these steps had changed: "
            f"{trained}; now they are: {given}."
        )
    for step, (_, state) in zip(steps, states, strict=True):
        step.load_state_dict(state)
