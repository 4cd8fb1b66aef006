"""Bags of words and pairs."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.bag_of_words import BagOfWords

SPEC = DataSpec({"tokens": [12]}, cardinalities={"tokens": [50]})


def _small(**settings: Any) -> BagOfWords:
    return BagOfWords(SPEC, **{"dim": 16, "pairs": 64, **settings})


@pytest.mark.parametrize("length", [0, 1, 5, 12])
def test_texts_of_any_length_become_features(length):
    backbone = _small()
    assert backbone.out_features == 32
    assert backbone(torch.randint(1, 50, (3, length))).shape == (3, 32)


def test_padding_changes_no_row():
    backbone = _small().eval()
    tokens = torch.randint(1, 50, (3, 6))
    torch.testing.assert_close(backbone(tokens), backbone(F.pad(tokens, (0, 6))))


def test_words_alone_are_the_mean_and_the_maximum_of_their_embeddings():
    backbone = _small(pairs=0).eval()
    words = backbone.embedding.weight[[3, 7, 7]]
    expected = torch.cat([words.mean(dim=0), words.amax(dim=0)])
    torch.testing.assert_close(backbone(torch.tensor([[3, 7, 7, 0]]))[0], expected)


def test_order_matters_to_pairs_alone():
    tokens = torch.tensor([[3, 4, 5, 6]])
    alone, paired = _small(pairs=0).eval(), _small().eval()
    torch.testing.assert_close(alone(tokens), alone(tokens.flip(1)))
    assert not torch.allclose(paired(tokens), paired(tokens.flip(1)), atol=1e-4)


def test_pairs_have_embeddings_of_their_own():
    backbone = _small(pairs=64)
    tokens = torch.randint(1, 50, (20, 12))
    ids = backbone._hashed(tokens)
    assert int(ids.min()) >= 50
    assert int(ids.max()) < 50 + 64
    assert len(ids.unique()) > 50  # scattered
    tokens[:, 4] = 0
    assert (backbone._hashed(tokens)[:, 3:5] == 0).all()


def test_a_text_without_tokens_is_zero_and_has_finite_gradients():
    backbone = _small()
    features = backbone(torch.tensor([[0, 0], [3, 4]]))
    features.sum().backward()
    assert (features[0] == 0).all()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in backbone.parameters())


def test_token_dropout_acts_in_training_alone():
    backbone = _small(dropout=0.0, token_dropout=0.5)
    tokens = torch.randint(1, 50, (3, 12))
    assert not torch.allclose(backbone(tokens), backbone(tokens))
    backbone.eval()
    torch.testing.assert_close(backbone(tokens), backbone(tokens))


def test_memorises_rows(memorises):
    assert memorises(_small(dropout=0.0, token_dropout=0.0), torch.randint(0, 50, (16, 12)))


def test_errors_name_the_value():
    with pytest.raises(UserError, match="BagOfWords wants one text"):
        BagOfWords(DataSpec({"image": [1, 8, 8]}))
    with pytest.raises(UserError, match="pairs of at least 0, but was given -1"):
        _small(pairs=-1)
    with pytest.raises(UserError, match=r"token_dropout .* given 1.0"):
        _small(token_dropout=1.0)
