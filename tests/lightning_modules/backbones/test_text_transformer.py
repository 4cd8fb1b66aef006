"""The transformer over tokens."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.text_transformer import TextTransformer, pooled

SPEC = DataSpec({"tokens": [12]}, cardinalities={"tokens": [50]})


def _small(**settings: Any) -> TextTransformer:
    return TextTransformer(SPEC, dim=16, depth=1, heads=2, **settings)


@pytest.mark.parametrize("length", [0, 1, 5, 12])
def test_texts_of_any_length_become_features(length):
    backbone = _small()
    assert backbone.out_features == 32
    assert backbone(torch.randint(1, 50, (3, length))).shape == (3, 32)


def test_padding_changes_no_row():
    backbone = _small().eval()
    tokens = torch.randint(1, 50, (3, 6))
    torch.testing.assert_close(backbone(tokens), backbone(F.pad(tokens, (0, 6))))


def test_a_text_without_tokens_is_finite_and_leaves_the_others_alone():
    backbone = _small()
    tokens = torch.randint(1, 50, (3, 6))
    tokens[1] = 0
    features = backbone(tokens)
    features.sum().backward()
    assert (features[1] == 0).all()
    gradients = [parameter.grad for parameter in backbone.parameters()]
    assert all(g is not None and g.isfinite().all() for g in gradients)
    backbone.eval()
    torch.testing.assert_close(backbone(tokens)[::2], backbone(tokens[::2]))


def test_the_order_of_words_matters():
    backbone = _small().eval()
    tokens = torch.tensor([[3, 4, 5, 6]])
    assert not torch.allclose(backbone(tokens), backbone(tokens.flip(1)), atol=1e-4)


def test_token_dropout_acts_in_training_alone():
    backbone = _small(dropout=0.0, token_dropout=0.5)
    tokens = torch.randint(1, 50, (3, 12))
    assert not torch.allclose(backbone(tokens), backbone(tokens))
    backbone.eval()
    torch.testing.assert_close(backbone(tokens), backbone(tokens))


def test_the_pool_is_the_mean_and_maximum_of_real_tokens():
    tokens = torch.tensor([[[-1.0], [-3.0], [9.0]], [[5.0], [5.0], [5.0]]])
    mask = torch.tensor([[True, True, False], [False, False, False]])
    torch.testing.assert_close(pooled(tokens, mask), torch.tensor([[-2.0, -1.0], [0.0, 0.0]]))


def test_the_padding_id_stays_the_zero_vector():
    assert (_small().embedding.weight[0] == 0).all()


def test_memorises_rows(memorises):
    backbone = _small(dropout=0.0, token_dropout=0.0)
    assert memorises(backbone, torch.randint(0, 50, (16, 12)))


def test_errors_name_the_value():
    with pytest.raises(UserError, match="TextTransformer wants one text"):
        TextTransformer(DataSpec({"image": [1, 8, 8]}))
    with pytest.raises(UserError, match="dim 10 and heads 4"):
        TextTransformer(SPEC, dim=10, heads=4)
    with pytest.raises(UserError, match=r"token_dropout .* given 1.0"):
        TextTransformer(SPEC, token_dropout=1.0)
