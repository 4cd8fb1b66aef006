"""What every backbone must be able to do."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

LEARNT = 0.1
"""A loss at which every row is right: a guess among four has 1.39."""


def _losses(backbone: Any, inputs: Tensor | dict[str, Tensor], steps: int) -> tuple[float, float]:
    target = torch.arange(16) % 4
    model = nn.ModuleList([backbone, nn.Linear(backbone.out_features, 4)])
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(steps):
        features = backbone(**inputs) if isinstance(inputs, dict) else backbone(inputs)
        assert features.shape == (16, backbone.out_features)
        loss = F.cross_entropy(model[1](features), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if losses[-1] < LEARNT:
            break
    return losses[0], losses[-1]


@pytest.fixture
def memorises() -> Callable[..., bool]:
    """Say whether a backbone learns 16 rows by heart, with a gradient for every parameter."""

    def check(backbone: Any, inputs: Tensor | dict[str, Tensor], steps: int = 150) -> bool:
        first, last = _losses(backbone.train(), inputs, steps)
        for name, parameter in backbone.named_parameters():
            assert parameter.grad is not None, name
            assert bool(parameter.grad.abs().sum() > 0), name
        return last < LEARNT and first > 1.0

    return check
