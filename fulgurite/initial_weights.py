"""``--init_from``: begin a new run with the weights of another."""

from pathlib import Path

import lightning as L

from datamodules.errors import UserError
from fulgurite.checkpoints import find_checkpoint, read_checkpoint

NOT_WEIGHTS = ("loss.", "val_", "test_")
"""What a module keeps beside its weights: class weights of the old data, sums of metrics."""
SHOWN = 4


class InitialWeights:
    """The best weights of a checkpoint, of which those are taken that fit.

    Args:
        given: a run, a checkpoint or ``last``.

    Raises:
        UserError: there is no such checkpoint, or it cannot be read.

    Attributes:
        notes: what was loaded, once it is.
    """

    def __init__(self, given: str) -> None:
        self.checkpoint: Path = find_checkpoint(given, prefer="best")
        state = read_checkpoint(self.checkpoint)["state_dict"]
        self.notes: list[str] = []
        self.tensors = {k: v for k, v in state.items() if not k.startswith(NOT_WEIGHTS)}

    def load_into(self, module: L.LightningModule) -> None:
        """Load every tensor that the module has in the same shape; note what was and was not.

        Raises:
            UserError: not one fits.
        """
        own = {k: v for k, v in module.state_dict().items() if not k.startswith(NOT_WEIGHTS)}
        fitting = {
            name: tensor
            for name, tensor in self.tensors.items()
            if name in own and own[name].shape == tensor.shape
        }
        if not fitting:
            raise UserError(
                f"'{self.checkpoint}' has no tensor that fits this model: it has "
                f"{_some(self.tensors)}, the model {_some(own)}."
            )
        module.load_state_dict(fitting, strict=False)
        self.notes = [f"{len(fitting)} of {len(own)} tensors loaded from '{self.checkpoint}'"]
        fresh = [name for name in own if name not in fitting]
        if fresh:
            told = [
                f"{name} {tuple(own[name].shape)}"
                + (f", there {tuple(self.tensors[name].shape)}" if name in self.tensors else "")
                for name in fresh[:SHOWN]
            ]
            more = f" and {len(fresh) - SHOWN} more" if len(fresh) > SHOWN else ""
            self.notes.append(f"begin at random: {'; '.join(told)}{more}")


def _some(names: dict[str, object]) -> str:
    more = ", ..." if len(names) > SHOWN else ""
    return ", ".join(list(names)[:SHOWN]) + more
