"""The contract between the rooms: what travels from a datamodule through a module to a callback."""

from typing import NotRequired, TypedDict

from torch import Tensor

FEATURES = "features"
"""The one input of a batch whose rows went through the backbone before."""


class Batch(TypedDict):
    """One batch of N rows.

    A prediction batch may come without ``target``.
    """

    inputs: Tensor | dict[str, Tensor]
    """What the backbone's ``forward`` takes: one tensor, or its keyword arguments by name."""
    target: NotRequired[Tensor]
    """(N,) int64 class, (N, C) float32 labels or (N, K) float32 numbers in the user's units."""
    index: Tensor
    """(N,) int64 number of each row in the whole data set, stable for the whole run."""
    times: NotRequired[Tensor]
    """(N,) int64 how often the epoch had each row before, where a sampler may draw it again."""


class StepOutput(TypedDict):
    """What every ``*_step`` returns, so that callbacks can measure without touching the module."""

    loss: Tensor
    """Scalar mean over the batch; only in training does it carry a gradient."""
    logits: Tensor
    """(N, outputs), detached."""
    target: Tensor
    """As in the batch."""
    index: Tensor
    """As in the batch."""
