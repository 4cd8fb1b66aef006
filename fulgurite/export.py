"""``fulgurite export``: a trained model as one file, with adapters merged into its weights."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor

from datamodules.errors import UserError
from datamodules.files import written_whole
from datamodules.made_up import made_up_inputs
from datamodules.spec import DataSpec
from fulgurite.report import Report
from fulgurite.run_folder import run_of
from fulgurite.trained import TrainedRun, writable
from lightning_modules.adapters.merged import adapted_layers, merged

SUFFIX = ".ckpt"
ROWS = 8
TOLERANCE = 1e-4
"""How far merged logits may be from the others, as a share of the largest of these over one."""
TRAINING = ("callbacks", "loops", "lr_schedulers", "optimizer_states")
"""What a checkpoint holds only to go on with training."""


def export(run: TrainedRun, output: str | None) -> Report:
    """Write a checkpoint that needs neither peft nor the files that its weights came from.

    The logits of made-up rows are compared before anything is written.

    Args:
        run: what was trained.
        output: the file; ``model.ckpt`` in the run folder if ``None``.

    Raises:
        UserError: nothing can be written there, the checkpoint is of another model, or its adapters
            cannot be merged.
    """
    path = Path(output) if output else run.folder / f"model{SUFFIX}"
    _refuse_place(run, path)
    _, module, _ = run.build()
    layers = len(adapted_layers(module))
    plain = merged(module)
    difference = _largest_difference(module, plain)
    _write(run, plain, writable(path))
    parameters = sum(parameter.numel() for parameter in plain.parameters())
    facts = {
        "file": path,
        "checkpoint": run.checkpoint,
        "merged_layers": layers,
        "parameters": parameters,
        "largest_difference": difference,
    }
    steps = [
        (f"fulgurite predict --ckpt_path {path} --data.source FILE", "predict rows of a new file"),
        (f"fulgurite fit --config NAME --init_from {path}", "begin another run with its weights"),
    ]
    return Report("exported", facts, next_steps=steps)


def _refuse_place(run: TrainedRun, path: Path) -> None:
    """Raise UserError where an export must not lie."""
    if path.suffix != SUFFIX and not path.is_dir():
        raise UserError(
            f"--output {path}: what is exported is a checkpoint, so its name ends in {SUFFIX}, "
            f"such as {path.with_suffix(SUFFIX)}."
        )
    if path.exists() and path.samefile(run.checkpoint):
        raise UserError(f"--output {path}: this is the checkpoint itself, which would be lost.")
    if (folder := run_of(path)) is not None:
        raise UserError(
            f"--output {path}: beside a run's own checkpoints it would be read with the run's "
            f"config: name a file elsewhere, such as {folder / f'model{SUFFIX}'}."
        )


def _largest_difference(module: L.LightningModule, plain: L.LightningModule) -> float | None:
    """Return how far the logits of two models are apart; ``None`` for a model without a spec.

    Raises:
        UserError: too far.
    """
    spec = getattr(module, "spec", None)
    if not isinstance(spec, DataSpec):
        return None
    inputs = made_up_inputs(spec, ROWS)
    one, other = _logits(module, inputs), _logits(plain, inputs)
    difference = float((one - other).abs().max())
    if not difference <= TOLERANCE * max(1.0, float(one.abs().max())):
        raise UserError(
            f"With its adapters merged the model gives other logits, by up to {difference:.3g} on "
            f"made-up rows, so nothing is exported: are all of its weights finite numbers?"
        )
    return difference


def _logits(module: L.LightningModule, inputs: Tensor | Mapping[str, Tensor]) -> Tensor:
    with torch.no_grad():
        logits: Tensor = module.eval()(inputs)
    return logits


def _write(run: TrainedRun, plain: L.LightningModule, path: Path) -> None:
    """Write the checkpoint of a run with the weights of a model in their stead, whole."""
    state: dict[str, Any] = {k: v for k, v in run.state.items() if k not in TRAINING}
    told = state.get("hyper_parameters", {})
    state["hyper_parameters"] = {k: v for k, v in told.items() if k != "adapter"}
    state["state_dict"] = plain.state_dict()
    try:
        with written_whole(path) as partial:
            torch.save(state, partial)
    except (OSError, RuntimeError) as error:  # torch tells a full disk as the second
        with contextlib.suppress(OSError):
            path.with_name(f"{path.name}.partial").unlink()
        raise UserError(f"'{path}' cannot be written: {error}") from error
