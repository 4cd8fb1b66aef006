"""Tokens that become unknown: how many, in what runs, and never padding or all of a text."""

import pytest
import torch
from torch import Tensor

from datamodules.augmentation.augment import Augment
from datamodules.augmentation.draws import Draws
from datamodules.augmentation.texts import SpanMasking, TokenDropout, masked
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.spec import DataSpec

SPEC = DataSpec({"tokens": [200]}, cardinalities={"tokens": [50]})
BOTH = [TokenDropout(0.3), SpanMasking(0.3, 4)]


def texts(rows: int = 300, longest: int = 200) -> Tensor:
    """Texts of all lengths, padded with 0."""
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(2, 50, (rows, longest), generator=generator)
    lengths = torch.randint(0, longest + 1, (rows, 1), generator=generator)
    return tokens.masked_fill(torch.arange(longest) >= lengths, 0)


def draws(rows: int = 300, epoch: int = 0) -> Draws:
    return Draws(torch.arange(rows), seed=1, epoch=epoch)


@pytest.mark.parametrize("transform", BOTH, ids=str)
def test_masked_tokens_become_unknown_and_padding_stays(transform):
    tokens = texts()
    changed = transform(tokens, draws())
    assert torch.equal(changed == 0, tokens == 0)
    moved = changed != tokens
    assert (changed[moved] == 1).all()
    assert moved.sum() / (tokens != 0).sum() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize("length", [2.0, 3.0, 8.0])
def test_spans_have_their_mean_length(length):
    tokens = torch.full((2000, 300), 7)
    hidden = SpanMasking(0.2, length)(tokens, draws(2000)) == 1
    assert hidden.float().mean() == pytest.approx(0.2, abs=0.01)
    assert hidden[:, 0].float().mean() == pytest.approx(0.2, abs=0.03)  # also at the edge
    begins = hidden[:, 1:] & ~hidden[:, :-1]
    ends = hidden[:, :-1] & ~hidden[:, 1:]
    assert hidden.sum() / ((begins.sum() + ends.sum()) / 2) == pytest.approx(length, rel=0.05)


@pytest.mark.parametrize("transform", [TokenDropout(1.0), SpanMasking(0.99, 1000)], ids=str)
def test_at_least_one_token_stays(transform):
    tokens = texts(longest=6)
    changed = transform(tokens, draws())
    left = (changed > 1).sum(dim=1)
    assert (left[(tokens != 0).any(dim=1)] >= 1).all()
    if isinstance(transform, TokenDropout):
        assert (left <= 1).all()


def test_the_token_with_the_highest_draw_is_spared():
    tokens = torch.tensor([[5, 6, 7, 0], [5, 0, 0, 0], [0, 0, 0, 0]])
    drawn = torch.tensor([[0.1, 0.3, 0.2, 0.9]]).expand(3, 4)
    assert masked(tokens, torch.ones_like(tokens).bool(), drawn).tolist() == [
        [1, 6, 1, 0],
        [5, 0, 0, 0],
        [0, 0, 0, 0],
    ]


@pytest.mark.parametrize("transform", BOTH, ids=str)
def test_a_text_changes_alike_in_any_batch_however_long_the_others_are(transform):
    tokens = texts()
    augment = Augment([transform], seed=4)
    rows = (tokens != 0).sum(dim=1).argsort()[5:60]
    longest = int((tokens[rows] != 0).sum(dim=1).max())
    whole = augment({"inputs": tokens, "index": torch.arange(300)}, 2, 0, SPEC)["inputs"]
    short: Batch = {"inputs": tokens[rows, :longest], "index": rows}
    part = augment(short, 2, 7, SPEC)["inputs"]
    assert isinstance(whole, Tensor)
    assert isinstance(part, Tensor)
    assert torch.equal(part, whole[rows, :longest])
    assert not torch.equal(part, augment(short, 3, 7, SPEC)["inputs"])  # type: ignore[arg-type]


def test_categories_are_no_texts():
    batch: Batch = {"inputs": {"categorical": texts(4)}, "index": torch.arange(4)}
    with pytest.raises(UserError, match="TokenDropout changes texts, the input 'tokens', and this"):
        Augment([TokenDropout()], 0)(batch, 0, 0)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: TokenDropout(-0.1), "TokenDropout takes p from 0 to 1, but got -0.1"),
        (lambda: SpanMasking(0.2, 0.5), "takes length from 1 to 1000, but got 0.5"),
        (lambda: SpanMasking(0.6, 2.0), "spans of 2 tokens takes p from 0 to 0.5, but got 0.6"),
    ],
)
def test_what_is_out_of_range_is_told(make, told):
    with pytest.raises(UserError, match=told):
        make()
