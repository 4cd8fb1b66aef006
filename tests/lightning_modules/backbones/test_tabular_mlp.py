"""The perceptron for tables."""

from typing import Any

import pytest
import torch

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.tabular_mlp import TabularMLP

EDGES = [[-2.0, 0.0, 1.0, 2.0], [-2.0, 2.0], [-2.0, 1.0, 2.0]]
CARDINALITIES = {"categorical": [4, 6]}
NUMERIC = DataSpec({"numeric": [3]}, quantiles=EDGES)
CATEGORICAL = DataSpec({"categorical": [2]}, cardinalities=CARDINALITIES)
BOTH = DataSpec({"numeric": [3], "categorical": [2]}, cardinalities=CARDINALITIES, quantiles=EDGES)


def _small(spec: DataSpec, **settings: Any) -> TabularMLP:
    sizes: dict[str, Any] = {"width": 32, "depth": 2}
    return TabularMLP(spec, **sizes, **settings)


def _numbers(rows: int) -> torch.Tensor:
    return torch.randn(rows, 3)


def _categories(rows: int) -> torch.Tensor:
    return torch.stack([torch.randint(0, 4, (rows,)), torch.randint(0, 6, (rows,))], dim=1)


@pytest.mark.parametrize("numeric", ["piecewise", "periodic", "plain"])
def test_tables_of_any_columns_become_features(numeric):
    for rows in (1, 5):
        alone = _small(NUMERIC, numeric=numeric)(_numbers(rows))
        categories = _small(CATEGORICAL, numeric=numeric)(_categories(rows))
        both = _small(BOTH, numeric=numeric)(numeric=_numbers(rows), categorical=_categories(rows))
        assert alone.shape == categories.shape == both.shape == (rows, 32)
    assert _small(BOTH).out_features == 32


@pytest.mark.parametrize("numeric", ["piecewise", "periodic", "plain"])
def test_memorises_rows(memorises, numeric):
    backbone = _small(BOTH, numeric=numeric, dropout=0.0)
    inputs = {"numeric": _numbers(16), "categorical": _categories(16)}
    assert memorises(backbone, inputs)


def test_every_column_counts():
    backbone = _small(BOTH).eval()
    numbers, categories = _numbers(1).clamp(-1, 1), torch.ones(1, 2, dtype=torch.int64)
    features = backbone(numeric=numbers, categorical=categories)
    for column in range(3):
        changed = numbers.clone()
        changed[:, column] += 0.5
        assert not torch.allclose(backbone(numeric=changed, categorical=categories), features)
    for column in range(2):
        other = categories.clone()
        other[:, column] = 2
        assert not torch.allclose(backbone(numeric=numbers, categorical=other), features)


def test_an_unseen_category_adds_nothing_at_the_start():
    with_unseen, without = _small(BOTH).eval(), _small(NUMERIC).eval()
    assert with_unseen.numeric is not None
    assert without.numeric is not None
    without.numeric.load_state_dict(with_unseen.numeric.state_dict())
    layers = with_unseen.layers.state_dict()
    layers["0.weight"] = layers["0.weight"][:, : 3 * 8]
    without.layers.load_state_dict(layers)
    numbers, unseen = _numbers(4), torch.zeros(4, 2, dtype=torch.int64)
    both = with_unseen(numeric=numbers, categorical=unseen)
    torch.testing.assert_close(both, without(numbers))


def test_depth_is_the_number_of_layers():
    backbone = TabularMLP(NUMERIC, width=8, depth=4)
    assert sum(isinstance(layer, torch.nn.Linear) for layer in backbone.layers) == 4


def test_errors_name_the_value():
    with pytest.raises(UserError, match="TabularMLP wants the columns of a table"):
        TabularMLP(DataSpec({"image": [1, 8, 8]}))
    with pytest.raises(UserError, match=r"dropout .* given 1.0"):
        TabularMLP(NUMERIC, dropout=1.0)
    with pytest.raises(UserError, match="Did you mean 'plain'"):
        TabularMLP(NUMERIC, numeric="plane")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="TabularMLP wants quantiles"):
        TabularMLP(DataSpec({"numeric": [3]}))
    with pytest.raises(UserError, match=r"numeric_size .* given 0"):
        TabularMLP(NUMERIC, numeric_size=0)
