"""What nobody can act on is not said; all else is."""

import warnings

import pytest

from fulgurite.quiet import quieten

SAID = [
    "`isinstance(treespec, LeafSpec)` is deprecated, use ...",
    "Experiment logs directory runs/a/0 exists and is not empty. Previous log files ...",
    "The 'train_dataloader' does not have many workers which may be a bottleneck.",
    "The number of training batches (2) is smaller than the logging interval ...",
    "Checkpoint directory runs/a/0/checkpoints exists and is not empty.",
    "Total length of `list` across ranks is zero. Please make sure this was your intention.",
    "No positive samples in targets, true positive value should be meaningless.",
    "No negative samples in targets, false positive value should be meaningless.",
    "No positive samples found in target, recall is undefined.",
    "The dirpath has changed from 'a' to 'b', therefore ...",
    "Using `DistributedSampler` with the dataloaders. During ...",
]


@pytest.mark.parametrize("message", SAID)
def test_known_noise_is_not_said(message):
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        quieten()
        kind = FutureWarning if "deprecated" in message else UserWarning
        warnings.warn(message, kind, stacklevel=1)
    assert heard == []


def test_other_warnings_are_said():
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        quieten()
        warnings.warn("the loss is not a number", UserWarning, stacklevel=1)
    assert len(heard) == 1
