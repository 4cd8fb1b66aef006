"""What nobody can act on is not said; all else is."""

import os
import warnings

import pytest

from datamodules.progress import QUIET
from fulgurite.quiet import hushed, is_hushed, quieten

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
    "You're resuming from a checkpoint that ended before the epoch ended and your dataloader ...",
    "It is recommended to use `self.log('val/loss', ..., sync_dist=True)` when logging ...",
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


@pytest.mark.parametrize("before", [None, "1"])
def test_quiet_is_for_one_command_and_its_processes(monkeypatch, before):
    monkeypatch.delenv(QUIET, raising=False)
    if before:
        monkeypatch.setenv(QUIET, before)
    with hushed(True):
        assert is_hushed()
    assert os.environ.get(QUIET) == before
    with hushed(False):
        assert is_hushed() is bool(before)


@pytest.mark.slow
def test_a_quiet_command_tells_its_outcome_alone(command, config):
    config.write_text(config.read_text().replace(", enable_progress_bar: false", ""))
    outcome = command("fit", "--quiet", "--config", config)
    assert outcome.err == ""
    assert "runs/people/0" in outcome.out
    assert "What to try next" not in outcome.out
    assert "epoch   1" in command("fit", "--config", config).err
