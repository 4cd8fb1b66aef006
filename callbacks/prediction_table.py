"""Predictions as a file that a person or a program can read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import torch
import torch.distributed as dist
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from datamodules.files import written_whole
from datamodules.spec import DataSpec


class PredictionTable(Callback):
    """Write one CSV line a row: its number, what was predicted, and how sure the model is.

    Args:
        path: of the file; it is replaced, whole, if there is one.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.rows = 0
        self.batches: list[dict[str, Tensor]] = []

    def on_predict_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start with no rows."""
        self.batches = []

    def on_predict_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: object,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Keep one batch."""
        self.batches.append({name: rows.cpu() for name, rows in outputs.items()})

    def on_predict_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write the rows of all processes, in their order; the first process writes."""
        spec = pl_module.spec
        assert isinstance(spec, DataSpec)
        rows = gathered(joined(self.batches))
        if rows is None:
            return
        order = rows["index"].argsort()
        ordered = {name: values[order] for name, values in rows.items()}
        known = getattr(trainer.datamodule, "row_names", {})  # type: ignore[attr-defined]
        # of all rows, of which only some may have been predicted
        places = ordered["index"].tolist()
        names = {name: [values[place] for place in places] for name, values in known.items()}
        table = prediction_table(spec, ordered, names)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(self.path) as partial:
            table.write_csv(partial)
        self.rows = len(table)


def joined(parts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the rows of several parts, one after the other."""
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def gathered(rows: dict[str, Tensor]) -> dict[str, Tensor] | None:
    """Return the rows of all processes to the first of them, and ``None`` to the others.

    Args:
        rows: of this process, by name; processes may have different numbers of them.
    """
    if not dist.is_initialized():
        return rows
    first = dist.get_rank() == 0
    parts: list[Any] | None = [None] * dist.get_world_size() if first else None
    dist.gather_object(rows, parts)
    return None if parts is None else joined(parts)


def prediction_table(
    spec: DataSpec, rows: dict[str, Tensor], row_names: Mapping[str, list[str]] | None = None
) -> pl.DataFrame:
    """Return predictions with classes by name and numbers by column.

    Args:
        spec: the data that the model was trained on.
        rows: ``index`` (N,), ``prediction`` (N,) or (N, K), and what else a module tells of each
            row, (N, C).
        row_names: further columns by which a person knows the rows, such as paths of images.
    """
    assert spec.target is not None
    names = spec.target.names
    columns: dict[str, Any] = {"row": rows["index"].numpy(), **(row_names or {})}
    predicted = rows["prediction"]
    match spec.target.kind:
        case "regression":
            # a target may be called "row" or "path": its own name stands in brackets, if at all
            for place, name in enumerate(names):
                suffix = f"({name})" if len(names) > 1 else ""
                columns[f"prediction{suffix}"] = predicted[:, place].numpy()
                if "std" in rows:
                    columns[f"std{suffix}"] = rows["std"][:, place].numpy()
        case "multilabel":
            columns["prediction"] = [
                "|".join(name for name, mark in zip(names, marks, strict=True) if mark)
                for marks in predicted.tolist()
            ]
        case _:
            columns["prediction"] = [names[place] for place in predicted.tolist()]
    if "probability" in rows:
        probability = rows["probability"].float().numpy()
        columns |= {f"p({name})": probability[:, place] for place, name in enumerate(names)}
    return pl.DataFrame(columns)
