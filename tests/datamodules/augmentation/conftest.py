"""Images of the sizes that break code written for one size, and one batch's draws."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from datamodules.augmentation.draws import Draws


class FixedDraws(Draws):
    """Gives each row the same numbers, chosen by the test."""

    def __init__(self, *numbers: float) -> None:
        super().__init__(torch.arange(0), 0, 0)
        self.numbers = numbers

    def uniform(self, count: int) -> Tensor:
        assert count == len(self.numbers)
        return torch.tensor(self.numbers).expand(1, count)


@pytest.fixture(params=[(5, 1, 8, 8), (6, 3, 17, 31), (64, 1, 28, 28)], ids=str)
def images(request: pytest.FixtureRequest) -> Tensor:
    return torch.rand(request.param, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def fixed() -> Callable[..., FixedDraws]:
    return FixedDraws
