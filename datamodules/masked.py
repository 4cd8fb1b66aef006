"""Targets of held-out rows are for those who measure; whoever else asks is told so.

It keeps an accident from happening, not a secret: who wants to can read the source.
"""

from typing import Any

import torch
from torch import Tensor

from datamodules.errors import UserError

MEASURE = (
    "'fulgurite test' measures them when all is chosen; in Python trainer.test(module, datamodule)"
)


class Masked(Tensor):
    """The target of every row, hidden where rows are held out; to pick a hidden one is an error.

    What is made of it otherwise is a plain tensor, in which :func:`mask_of` stands for them.
    """

    held: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def of(target: Tensor, held: Tensor) -> "Masked":
        """Return a target, (rows, ...), whose rows where ``held``, (rows,), is true are hidden."""
        masked = target.as_subclass(Masked)
        masked.held = held
        return masked

    def __getitem__(self, rows: Any) -> Tensor:
        """Return the target of rows, none of which may be held out."""
        refuse(self.held, rows[0] if isinstance(rows, tuple) else rows)
        return super().__getitem__(rows)

    def index_select(self, dim: int, index: Tensor) -> Tensor:
        """Return the target of rows, none of which may be held out."""
        if dim == 0:
            refuse(self.held, index)
        return super().index_select(dim, index)


def mask_of(target: Tensor) -> float:
    """Return what stands for a hidden value: NaN, or -1 for a class, which no loss takes."""
    return float("nan") if target.is_floating_point() else -1


def refuse_while_fitting(trainer: Any) -> None:
    """Raise UserError where a model is being trained, which must not know held-out rows.

    Args:
        trainer: that was given the rows to train on, if any; another may measure meanwhile.
    """
    if trainer is None or trainer.state.fn != "fit" or trainer.state.status != "running":
        return
    raise UserError(
        f"Held-out rows are hidden while a model is trained, so that nothing is chosen by "
        f"them: {MEASURE}."
    )


def refuse(held: Tensor, rows: Any) -> None:
    """Raise UserError where one of the rows is held out.

    Args:
        held: (rows,) true where a row is.
        rows: anything that picks rows of a tensor.
    """
    asked = held[rows]
    count = int(asked.sum())
    if count:
        raise UserError(
            f"The targets of held-out rows are hidden while a model is trained or chosen, and "
            f"{count} of the {asked.numel()} rows asked for are held out: {MEASURE}."
        )
