"""One vector out of many tokens."""

import pytest
import torch

from lightning_modules.backbones.pooling import Pooling, pool

HIDDEN = torch.tensor([[[1.0, -1], [3, -5], [50, 50]], [[2, 4], [70, 70], [80, 80]], [[9, 9]] * 3])
MASK = torch.tensor([[True, True, False], [True, False, False], [False, False, False]])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("mean", [[2.0, -3], [2, 4], [0, 0]]),
        ("max", [[3.0, -1], [2, 4], [0, 0]]),
        ("cls", [[1.0, -1], [2, 4], [0, 0]]),
        ("last", [[3.0, -5], [2, 4], [0, 0]]),
        ("pooler", [[6.0, 7], [6, 7], [0, 0]]),
    ],
)
def test_padding_counts_for_nothing(how: Pooling, expected: list[list[float]]):
    pooled = torch.tensor([[6.0, 7]] * 3)
    assert torch.equal(pool(HIDDEN, MASK, pooled, [how]), torch.tensor(expected))


def test_poolings_stand_beside_each_other():
    found = pool(HIDDEN, MASK, None, ["cls", "mean"])
    assert torch.equal(found[0], torch.tensor([1.0, -1, 2, -3]))
