"""What decides which training rows an epoch has, and what it is told."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from torch import Tensor

from datamodules.records import Records
from datamodules.samplers.drawing import Drawing
from datamodules.spec import TargetSpec
from datamodules.splits.split import Rows


@dataclass(frozen=True)
class TrainingPart:
    """The M rows that are trained on.

    Attributes:
        records: every row of the source.
        rows: (M,) the numbers of those that are trained on.
        target: (M, ...) their target, as a batch has it.
        spec: what the target means.
    """

    records: Records
    rows: Rows
    target: Tensor
    spec: TargetSpec


class RowSampler(ABC):
    """What says how often each training row is drawn."""

    @property
    def leave_out(self) -> list[str]:
        """Columns that a model must not see, such as the one of the weights."""
        return []

    @abstractmethod
    def __call__(self, part: TrainingPart) -> Drawing:
        """Return what draws an epoch's rows.

        Args:
            part: the training rows; no others are looked at.
        """
