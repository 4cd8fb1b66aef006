"""The random numbers of one batch, as functions of where they are used."""

from torch import Tensor

from datamodules.seeds import uniform

TIMES = 40
"""Bits below which a row's number lies."""


class Draws:
    """The random numbers of one batch; each row has its own, in any batch, after any resume.

    Each call of :meth:`uniform` is an operation with a number of its own, so two transforms of one
    list draw independent numbers. A transform must therefore draw equally often for each batch.

    Args:
        rows: (N,) int64 row numbers, on the device of the batch.
        seed: of the run.
        epoch: in which the batch is seen.
        times: (N,) how often the epoch had each row before, so that one that is drawn again gets
            other numbers; ``None`` is never.
    """

    def __init__(self, rows: Tensor, seed: int, epoch: int, times: Tensor | None = None) -> None:
        self.rows = rows if times is None else rows + (times << TIMES)
        self.seed = seed
        self.epoch = epoch
        self.operation = 0

    def uniform(self, count: int) -> Tensor:
        """Draw ``count`` numbers in [0, 1) for each row, by (seed, epoch, row, operation, draw).

        Shape:
            (N, count) float32
        """
        drawn = uniform(self.rows, count, self.seed, self.epoch, self.operation)
        self.operation += 1
        return drawn
