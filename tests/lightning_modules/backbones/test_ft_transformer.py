"""The transformer over columns."""

from typing import Any

import pytest
import torch

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.ft_transformer import FTTransformer

EDGES = [[-2.0, 0.0, 1.0, 2.0], [-2.0, 2.0], [-2.0, 1.0, 2.0]]
CARDINALITIES = {"categorical": [4, 6]}
NUMERIC = DataSpec({"numeric": [3]}, quantiles=EDGES)
CATEGORICAL = DataSpec({"categorical": [2]}, cardinalities=CARDINALITIES)
BOTH = DataSpec({"numeric": [3], "categorical": [2]}, cardinalities=CARDINALITIES, quantiles=EDGES)


def _small(spec: DataSpec, **settings: Any) -> FTTransformer:
    sizes: dict[str, Any] = {"dim": 16, "depth": 1, "heads": 2}
    return FTTransformer(spec, **sizes, **settings)


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
        assert alone.shape == categories.shape == both.shape == (rows, 16)
    assert _small(BOTH).out_features == 16


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


def test_unseen_values_of_two_columns_are_not_confused():
    backbone = _small(CATEGORICAL).eval()
    first, second = torch.tensor([[0, 1]]), torch.tensor([[1, 0]])
    with torch.no_grad():
        assert backbone.categorical is not None
        backbone.categorical.embedding.weight.fill_(0.0)
        assert torch.allclose(backbone(first), backbone(second))
        backbone.categorical.embedding.weight[[1, 5]] = torch.randn(16)
    assert not torch.allclose(backbone(first), backbone(second))


def test_errors_name_the_value():
    with pytest.raises(UserError, match="FTTransformer wants the columns of a table"):
        FTTransformer(DataSpec({"image": [1, 8, 8]}))
    with pytest.raises(UserError, match=r"dropout .* given 1.0"):
        FTTransformer(NUMERIC, dropout=1.0)
    with pytest.raises(UserError, match="Did you mean 'plain'"):
        FTTransformer(NUMERIC, numeric="plane")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="FTTransformer wants quantiles"):
        FTTransformer(DataSpec({"numeric": [3]}))
    with pytest.raises(UserError, match="dim 10 and heads 4"):
        FTTransformer(NUMERIC, dim=10, heads=4)
