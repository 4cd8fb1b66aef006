"""The head first, then the backbone from the top down."""

from callbacks.fine_tuning.unfreezing import Unfreezing
from lightning_modules.backbones.hyperparameters import at_least_one, at_least_zero


class GradualUnfreezing(Unfreezing):
    """Train the head alone, then block after block of the backbone too, the last one first.

    Howard & Ruder 2018, 'Universal Language Model Fine-tuning for Text Classification', section
    3.3: what lies near the input is the most general and is best left alone until what lies above
    it has settled. Frozen blocks keep every tensor, buffers among them.

    Args:
        every_n_epochs: epochs from one unfreezing to the next.
        start: epochs of the head alone; with 0 the last block learns from the beginning.
        blocks: blocks that are unfrozen at a time.

    Raises:
        UserError: a number is too small, or the model has no backbone.
    """

    def __init__(self, every_n_epochs: int = 1, start: int = 1, blocks: int = 1) -> None:
        super().__init__()
        at_least_one("GradualUnfreezing", every_n_epochs=every_n_epochs, blocks=blocks)
        at_least_zero("GradualUnfreezing", start=start)
        self.every_n_epochs = every_n_epochs
        self.start = start
        self.blocks = blocks

    def blocks_trained(self, epoch: int, blocks: int) -> int:
        """Return how many blocks, of so many and from the top, learn in an epoch from 0 on."""
        return unfrozen(epoch, blocks, self.every_n_epochs, self.start, self.blocks)


def unfrozen(epoch: int, blocks: int, every_n_epochs: int, start: int, at_a_time: int) -> int:
    """Return how many blocks learn in an epoch.

    Args:
        epoch: counted from 0.
        blocks: that there are.
        every_n_epochs: epochs from one unfreezing to the next.
        start: the epoch of the first.
        at_a_time: blocks that are unfrozen together.
    """
    if epoch < start:
        return 0
    return min(blocks, (1 + (epoch - start) // every_n_epochs) * at_a_time)
