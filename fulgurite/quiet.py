"""What Lightning and torch say that nobody who trains a model can act on, and ``--quiet``."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from datamodules.progress import QUIET

IGNORED = [
    # Lightning 2.6 reads a pytree name that torch 2.14 deprecates
    (r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning),
    # the run folder is new; what lies in it is our config.yaml
    (r"Experiment logs directory .* exists and is not empty", UserWarning),
    # rows lie in memory and a batch is one indexing operation: loader processes would cost time
    (r"The '.*dataloader' does not have many workers", UserWarning),
    # figures are logged once an epoch; the interval concerns only the loss of single steps
    (r"The number of training batches .* is smaller than the logging interval", UserWarning),
    # checkpoints lie in the run folder, which is where they belong
    (r"Checkpoint directory .* exists and is not empty", UserWarning),
    # the command says itself that there are no rows
    (r"Total length of `list` across ranks is zero", UserWarning),
    # no validation row may have a rare class or label
    (r"No (positive|negative) samples (found )?in target", UserWarning),
    # a resumed run has a folder, and a best checkpoint, of its own
    (r"The dirpath has changed from", UserWarning),
    # they are: the datamodule begins with the batch that was next
    (r"You're resuming from a checkpoint that ended before the epoch ended", UserWarning),
    # the loaders give each process its own rows
    (r"Using `DistributedSampler` with the dataloaders", UserWarning),
    # every figure that is logged is of all processes' rows already
    (r"It is recommended to use `self\.log\(.*sync_dist=True\)`", UserWarning),
]


def quieten() -> None:
    """Keep the command's output to what a person reads."""
    for message, category in IGNORED:
        warnings.filterwarnings("ignore", message, category)
    # names the devices that are not there, advertises a service, repeats max_epochs
    for name in ("lightning.pytorch", "lightning.fabric", "lightning"):
        logging.getLogger(name).setLevel(logging.WARNING)


def is_hushed() -> bool:
    """Tell whether the user wants no progress, notes and hints."""
    return bool(os.environ.get(QUIET))


@contextmanager
def hushed(wanted: bool) -> Iterator[None]:
    """Let this process, and those that it starts, tell no progress, notes and hints."""
    before = os.environ.get(QUIET)
    if wanted:
        os.environ[QUIET] = "1"
    try:
        yield
    finally:
        if wanted:
            os.environ.pop(QUIET) if before is None else os.environ.update({QUIET: before})
