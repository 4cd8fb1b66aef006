"""The embeddings of numbers, against their papers' equations."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.numeric_embeddings import (
    Periodic,
    PiecewiseEncoding,
    PiecewiseLinear,
    PlainLinear,
    numeric_embedding,
)

EDGES = [[-1.0, 0.0, 0.5, 2.0], [0.0, 10.0], [-3.0, -2.0, -1.0]]


def _equation_one(number: float, edges: list[float], most: int) -> list[float]:
    """Return the paper's equation 1 for a number between the first and the last edge."""
    encoded = []
    for left, right in itertools.pairwise(edges):
        if number < left:
            encoded.append(0.0)
        elif number >= right:
            encoded.append(1.0)
        else:
            encoded.append((number - left) / (right - left))
    return encoded + [0.0] * (most - len(encoded))


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_the_encoding_is_equation_one(shares):
    row = [e[0] + s * (e[-1] - e[0]) for e, s in zip(EDGES, shares, strict=True)]
    expected = [_equation_one(x, e, 3) for x, e in zip(row, EDGES, strict=True)]
    encoded = PiecewiseEncoding(EDGES)(torch.tensor([row]))
    torch.testing.assert_close(encoded[:, 0], torch.tensor(expected), atol=1e-5, rtol=0)


def test_beyond_the_ends_the_encoding_stands_still():
    encoded = PiecewiseEncoding([[0.0, 1e-6, 1.0]])(torch.tensor([[-1e6], [1e6]]))
    torch.testing.assert_close(encoded[0], torch.tensor([[0.0, 0.0], [1.0, 1.0]]))


@pytest.mark.parametrize("edges", [[], [1.0], [0.0, 0.0], [1.0, 0.0]])
def test_edges_must_increase(edges):
    with pytest.raises(ValueError, match="column 1"):
        PiecewiseEncoding([[0.0, 1.0, 2.0], edges])


def test_the_bends_give_the_interpolation_through_any_heights():
    heights = torch.tensor([3.0, -1.0, 4.0, 4.5])
    embedding = PiecewiseLinear(EDGES[:1], size=1)
    with torch.no_grad():
        embedding.plain.weight.zero_()
        embedding.plain.bias.fill_(heights[0])
        embedding.bends[0, :, 0] = heights.diff()
    numbers = torch.tensor([[-1.0], [-0.25], [0.0], [0.25], [0.5], [1.25], [2.0], [7.0]])
    expected = torch.tensor([3.0, 0.0, -1.0, 1.5, 4.0, 4.25, 4.5, 4.5])
    torch.testing.assert_close(embedding(numbers)[:, 0, 0], expected)


def test_the_piecewise_embedding_starts_as_a_line_and_goes_on_beyond_the_ends():
    embedding = PiecewiseLinear(EDGES, size=4)
    numbers = torch.randn(5, 3) * 20
    torch.testing.assert_close(embedding(numbers), embedding.plain(numbers))


def test_the_plain_embedding_is_a_line_of_each_column():
    embedding = PlainLinear(3, 4)
    numbers = torch.randn(5, 3)
    embedded = embedding(numbers)
    for row in range(5):
        for column in range(3):
            line = numbers[row, column] * embedding.weight[column] + embedding.bias[column]
            torch.testing.assert_close(embedded[row, column], line)


def test_the_periodic_embedding_is_waves_a_linear_layer_and_relu():
    embedding = Periodic(2, 3, frequencies=4, sigma=1.0)
    numbers = torch.randn(5, 2)
    embedded = embedding(numbers)
    for column in range(2):
        angles = 2 * math.pi * numbers[:, column : column + 1] * embedding.frequencies[column]
        waves = torch.cat([torch.cos(angles), torch.sin(angles)], dim=1)
        expected = torch.relu(waves @ embedding.weight[column] + embedding.bias[column])
        torch.testing.assert_close(embedded[:, column], expected)


@pytest.mark.parametrize(
    "embedding", [PlainLinear(3, 4), PiecewiseLinear(EDGES, 4), Periodic(3, 4)]
)
def test_a_column_feels_its_own_number_alone(embedding):
    numbers = torch.zeros(2, 3)
    numbers[1, 1] = 5.0
    embedded = embedding(numbers)
    assert embedded.shape == (2, 3, 4)
    torch.testing.assert_close(embedded[0, [0, 2]], embedded[1, [0, 2]])
    assert not torch.allclose(embedded[0, 1], embedded[1, 1])


def test_the_kind_is_chosen_by_name():
    spec = DataSpec({"numeric": [3]}, quantiles=EDGES)
    assert isinstance(numeric_embedding("plain", spec, 4, "Net"), PlainLinear)
    assert isinstance(numeric_embedding("periodic", spec, 4, "Net"), Periodic)
    assert isinstance(numeric_embedding("piecewise", spec, 4, "Net"), PiecewiseLinear)


def test_bins_without_quantiles_name_the_way_out():
    with pytest.raises(UserError, match=r"Net wants quantiles .* choose numeric: periodic"):
        numeric_embedding("piecewise", DataSpec({"numeric": [3]}), 4, "Net")
