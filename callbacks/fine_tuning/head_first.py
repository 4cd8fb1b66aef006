"""The head alone for a while, then everything."""

from callbacks.fine_tuning.unfreezing import Unfreezing
from lightning_modules.backbones.hyperparameters import at_least_one


class HeadFirst(Unfreezing):
    """Train the head alone for some epochs, then the whole model.

    A head with random weights sends gradients back that mean nothing yet; once it fits the features
    as they are, fine-tuning changes them less: Kumar et al. 2022, 'Fine-Tuning can Distort
    Pretrained Features and Underperform Out-of-Distribution', section 4.

    Args:
        epochs: of the head alone.

    Raises:
        UserError: ``epochs`` is below 1, or the model has no backbone.
    """

    def __init__(self, epochs: int = 1) -> None:
        super().__init__()
        at_least_one("HeadFirst", epochs=epochs)
        self.epochs = epochs

    def blocks_trained(self, epoch: int, blocks: int) -> int:
        """Return how many blocks, of so many and from the top, learn in an epoch from 0 on."""
        return blocks if epoch >= self.epochs else 0
