"""Which parameters learn at which rate, shown before a model is fine-tuned."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from rich.table import Table
from torch import nn
from torch.optim import Optimizer

from callbacks.console import console
from callbacks.fine_tuning.fine_tuning import FineTuning

MOST_EPOCHS = 1000
"""Looked at where a run has no number of epochs."""


class ParameterRow(NamedTuple):
    """One line of the table.

    Attributes:
        group: name of the optimizer's group, or ``frozen``.
        tensors: how many there are.
        parameters: how many numbers these hold.
        rate: the highest learning rate of the run, as a schedule follows it.
        decay: the group's weight decay.
        epoch: in which they begin to learn, counted from 0.
    """

    group: str
    tensors: int
    parameters: int
    rate: float | None = None
    decay: float | None = None
    epoch: int = 0


class ParameterTable(Callback):
    """Show which parameters learn at which rate, where a model is not simply trained as a whole.

    That is with a pretrained backbone, an adapter, groups of parameters, or a callback that holds
    the backbone back. Written to standard error by the first process.
    """

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Show the table; the optimizer is built by now."""
        callbacks: list[Callback] = trainer.callbacks  # type: ignore[attr-defined]
        tuning = next((each for each in callbacks if isinstance(each, FineTuning)), None)
        to_user = console()
        if to_user is None or not trainer.is_global_zero or not _is_told(pl_module, tuning):
            return
        epochs = trainer.max_epochs
        known = epochs is not None and epochs > 0
        epochs = epochs if known and epochs is not None else MOST_EPOCHS
        backbone: Any = getattr(pl_module, "backbone", None)
        waits = tuning.learns_from(backbone, epochs) if tuning is not None else {}
        table = drawn(parameter_rows(pl_module, trainer.optimizers, waits), epochs)
        to_user.print(table)


def parameter_rows(
    module: nn.Module, optimizers: Iterable[Optimizer], waits: Mapping[int, int]
) -> list[ParameterRow]:
    """Return a line for each group, or for each part of one that begins to learn at another time.

    Args:
        module: whose parameters that no optimizer has are frozen.
        optimizers: with a schedule, if any.
        waits: the epoch in which a parameter begins to learn, by its ``id``; 0 for others.
    """
    rows: list[ParameterRow] = []
    learning: set[int] = set()
    for optimizer in optimizers:
        for number, group in enumerate(optimizer.param_groups):
            learning |= {id(parameter) for parameter in group["params"]}
            by_epoch: dict[int, list[nn.Parameter]] = {}
            for parameter in group["params"]:
                by_epoch.setdefault(waits.get(id(parameter), 0), []).append(parameter)
            name, decay = str(group.get("name", number)), group.get("weight_decay")
            rate = group.get("initial_lr", group.get("lr"))
            rate = None if rate is None else float(rate)
            for epoch, parameters in sorted(by_epoch.items()):
                rows.append(ParameterRow(name, *_size(parameters), rate, decay, epoch))
    frozen = [parameter for parameter in module.parameters() if id(parameter) not in learning]
    return [*rows, ParameterRow("frozen", *_size(frozen))] if frozen else rows


def drawn(rows: list[ParameterRow], epochs: int) -> Table:
    """Return the lines as a table for a terminal.

    Args:
        rows: of :func:`parameter_rows`.
        epochs: of the run.
    """
    table = Table(
        title="parameters", title_justify="left", box=None, header_style="bold", pad_edge=False
    )
    table.add_column("group", no_wrap=True)
    for name in ("tensors", "parameters", "learning rate", "decay"):
        table.add_column(name, justify="right", no_wrap=True)
    waiting = any(row.epoch for row in rows)
    if waiting:
        table.add_column("learns", no_wrap=True)
    for row in rows:
        numbers = ["" if value is None else f"{value:.4g}" for value in (row.rate, row.decay)]
        cells = [row.group, str(row.tensors), f"{row.parameters:,}", *numbers]
        table.add_row(*cells, *([_when(row, epochs)] if waiting else []))
    return table


def _when(row: ParameterRow, epochs: int) -> str:
    if row.rate is None:
        return ""
    if row.epoch >= epochs:
        return "never"  # within this run
    return f"from epoch {row.epoch + 1}"  # which a person counts from 1


def _size(parameters: list[nn.Parameter]) -> tuple[int, int]:
    return len(parameters), sum(parameter.numel() for parameter in parameters)


def _is_told(module: LightningModule, tuning: FineTuning | None) -> bool:
    if tuning is not None or getattr(getattr(module, "backbone", None), "pretrained", False):
        return True
    return any(getattr(module, name, None) is not None for name in ("parameter_groups", "adapter"))
