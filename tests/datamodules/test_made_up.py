"""Made-up rows are ones that the data could hold."""

import pytest
import torch

from datamodules.made_up import made_up_inputs
from datamodules.spec import DataSpec


def test_pixels_lie_between_0_and_1():
    image = made_up_inputs(DataSpec({"image": [3, 8, 8]}), 4)
    assert isinstance(image, torch.Tensor)
    assert image.shape == (4, 3, 8, 8)
    assert 0.0 <= image.min() < 0.1 < 0.9 < image.max() < 1.0


def test_texts_have_different_lengths_and_zeros_behind_their_end():
    tokens = made_up_inputs(DataSpec({"tokens": [30]}, cardinalities={"tokens": [7]}), 20)
    assert isinstance(tokens, torch.Tensor)
    assert tokens.shape == (20, 30)
    assert tokens.max() == 6
    lengths = (tokens != 0).sum(dim=1)
    assert lengths[0] == 30
    assert 1 <= lengths.min() < 15
    for row, length in zip(tokens, lengths, strict=True):
        assert row[:length].min() > 0
        assert row[length:].eq(0).all()


def test_columns_come_by_name_with_ids_that_there_are():
    spec = DataSpec({"numeric": [4], "categorical": [2]}, cardinalities={"categorical": [2, 50]})
    inputs = made_up_inputs(spec, 200)
    assert isinstance(inputs, dict)
    assert inputs["numeric"].shape == (200, 4)
    assert inputs["numeric"].min() < -1
    assert inputs["categorical"].amax(dim=0).tolist() == [1, 49]


@pytest.mark.parametrize("shape", [[3, 8, 8], [5]])
def test_the_seed_decides_and_nothing_else_is_drawn(shape):
    spec = DataSpec({"x": shape})
    before = torch.get_rng_state()
    first, again, other = (made_up_inputs(spec, 2, seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)  # type: ignore[arg-type]
    assert not torch.equal(first, other)  # type: ignore[arg-type]
    assert torch.equal(torch.get_rng_state(), before)
