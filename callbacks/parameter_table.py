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
from lightning_modules.adapters.names import has_adapters
from lightning_modules.backbones.depth import blocks_of

UNDECAYED = " undecayed"
EVERYWHERE = {"decayed", "undecayed", *map(str, range(9))}
"""Groups whose parameters are not of one part of the model; without a name it is a number."""
MOST_EPOCHS = 1000
"""Looked at where a run has no number of epochs."""


class ParameterRow(NamedTuple):
    """One line of the table.

    Attributes:
        group: name of the optimizer's group, with its blocks where they begin to learn at different
            times, or ``frozen``. A group of parameters from all over the model is a line for each
            of head, adapter and backbone.
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
    parts = _parts(module)
    blocks = _blocks(module) if waits else {}
    for optimizer in optimizers:
        for number, group in enumerate(optimizer.param_groups):
            learning |= {id(parameter) for parameter in group["params"]}
            name, decay = str(group.get("name", number)), group.get("weight_decay")
            lines: dict[tuple[int, str], list[nn.Parameter]] = {}
            for parameter in group["params"]:
                part = parts.get(id(parameter), name) if name in EVERYWHERE else name
                line = waits.get(id(parameter), 0), part.removesuffix(UNDECAYED)
                lines.setdefault(line, []).append(parameter)
            suffix = UNDECAYED if f" {name}".endswith(UNDECAYED) else ""
            rate = group.get("initial_lr", group.get("lr"))
            rate = None if rate is None else float(rate)
            for (epoch, part), parameters in sorted(lines.items(), key=lambda line: line[0][0]):
                told = part
                if part not in EVERYWHERE:
                    told = f"{part}{_range(part, parameters, blocks)}{suffix}"
                rows.append(ParameterRow(told, *_size(parameters), rate, decay, epoch))
    frozen = [parameter for parameter in module.parameters() if id(parameter) not in learning]
    return [*rows, ParameterRow("frozen", *_size(frozen))] if frozen else rows


def drawn(rows: list[ParameterRow], epochs: int) -> Table:
    """Return the lines as a table for a terminal.

    Args:
        rows: of :func:`parameter_rows`.
        epochs: of the run.
    """
    numbered = any(any(each.isdigit() for each in row.group) for row in rows)
    table = Table(
        title="parameters, backbone 0 nearest the input" if numbered else "parameters",
        title_justify="left",
        box=None,
        header_style="bold",
        pad_edge=False,
        collapse_padding=True,
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
        return "not this run"
    return f"from epoch {row.epoch + 1}"  # which a person counts from 1


def _parts(module: nn.Module) -> dict[int, str]:
    """Return by the ``id`` of each parameter whether it is of head, adapter or backbone."""
    if not isinstance(getattr(module, "backbone", None), nn.Module):
        return {}
    parts = {}
    for name, parameter in module.named_parameters():
        of_backbone = "adapter" if has_adapters([name]) else "backbone"
        parts[id(parameter)] = of_backbone if name.startswith("backbone.") else "head"
    return parts


def _blocks(module: nn.Module) -> dict[int, int]:
    """Return by the ``id`` of each parameter of the backbone its block, 0 nearest the input."""
    backbone: Any = module.backbone
    known = dict(backbone.named_parameters())
    return {
        id(known[name]): depth for depth, names in enumerate(blocks_of(backbone)) for name in names
    }


def _range(part: str, parameters: list[nn.Parameter], blocks: Mapping[int, int]) -> str:
    """Return which blocks the parameters are of, unless the part says so itself."""
    found = {blocks[id(each)] for each in parameters if id(each) in blocks}
    if part != "backbone" or not found:
        return ""
    first, last = min(found), max(found)
    return f" {first}" if first == last else f" {first}-{last}"


def _size(parameters: list[nn.Parameter]) -> tuple[int, int]:
    return len(parameters), sum(parameter.numel() for parameter in parameters)


def _is_told(module: LightningModule, tuning: FineTuning | None) -> bool:
    if tuning is not None or getattr(getattr(module, "backbone", None), "pretrained", False):
        return True
    return any(getattr(module, name, None) is not None for name in ("parameter_groups", "adapter"))
