"""A callback that ends the process after its first training step."""

import os
from typing import Any

from lightning.pytorch.callbacks import Callback

REACHED = 77
"""Exit status that tells that the step was taken, and not something before it failed."""


class LeaveAtFirstStep(Callback):
    """Ends the process after the first training step, with no tidying up that would take time."""

    def on_train_batch_end(self, *arguments: Any) -> None:
        """Leave."""
        os._exit(REACHED)
