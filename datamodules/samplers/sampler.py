"""What decides which training rows an epoch has, and what it is told."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
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


def drawing_of(
    sampler: RowSampler | None, records: Records, rows: Rows, target: Tensor, spec: TargetSpec
) -> Drawing | None:
    """Return what draws training rows, where a sampler does and there are any.

    Args:
        sampler: as a user chose it.
        records: every row of the source.
        rows: (M,) the numbers of those that are trained on.
        target: of every row of the source, as a batch has it.
        spec: what the target means.
    """
    if sampler is None or not len(rows):
        return None
    return sampler(TrainingPart(records, rows, target[torch.from_numpy(rows)], spec))
