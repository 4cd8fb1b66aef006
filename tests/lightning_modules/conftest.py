"""A small problem of each kind of target, without a datamodule."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch

from datamodules.batch import Batch
from datamodules.spec import DataSpec, TargetKind, TargetSpec

ROWS = 16
COLUMNS = 5


class Problem(NamedTuple):
    """Rows of random numbers and what is to be predicted of them."""

    spec: DataSpec
    batch: Batch


@pytest.fixture
def problem() -> Callable[..., Problem]:
    """Build a problem: its kind, how many names the target has, how many rows."""
    return _problem


def _problem(kind: TargetKind, names: int = 2, rows: int = ROWS) -> Problem:
    generator = torch.Generator().manual_seed(1)
    numeric = torch.randn(rows, COLUMNS, generator=generator)
    draws = torch.randn(rows, names, generator=generator)
    told: dict[str, Any] = {}
    if kind == "regression":
        target = draws * torch.arange(1, names + 1) * 50 + 1000  # in units of some user's
        told = {
            "mean": target.mean(0).tolist(),
            "std": target.std(0, correction=0).tolist(),
        }
    elif kind == "multilabel":
        target = (draws > 0.3).float()
        told = {"counts": target.sum(0).long().tolist()}
    else:
        # few rows of the last class
        target = (torch.arange(rows) % (names + 1)).remainder(names)
        told = {"counts": torch.bincount(target, minlength=names).tolist()}
    spec = DataSpec(
        inputs={"numeric": [COLUMNS]},
        target=TargetSpec(kind, [f"name{n}" for n in range(names)], rows=rows, **told),
        columns={"numeric": [f"x{n}" for n in range(COLUMNS)]},
        quantiles=[[-2.0, -1.0, 0.0, 1.0, 2.0]] * COLUMNS,
    )
    return Problem(spec, {"inputs": numeric, "target": target, "index": torch.arange(rows)})
