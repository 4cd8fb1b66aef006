"""The encoder, against torch's own layer."""

import pytest
import torch
from torch import nn

from lightning_modules.backbones.encoder import Encoder, EncoderBlock


def _reference(block: EncoderBlock, dim: int, heads: int) -> nn.TransformerEncoderLayer:
    """Return torch's own layer with the weights of ours."""
    layer = nn.TransformerEncoderLayer(
        dim, heads, 3 * dim, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    pairs = [
        (layer.self_attn.in_proj_weight, block.query_key_value.weight),
        (layer.self_attn.in_proj_bias, block.query_key_value.bias),
        (layer.self_attn.out_proj.weight, block.projection.weight),
        (layer.self_attn.out_proj.bias, block.projection.bias),
    ]
    modules = [
        (layer.norm1, block.attention_norm),
        (layer.norm2, block.network_norm),
        (layer.linear1, block.network[0]),
        (layer.linear2, block.network[3]),
    ]
    for their_module, our_module in modules:
        pairs += list(zip(their_module.parameters(), our_module.parameters(), strict=True))
    with torch.no_grad():
        for theirs, ours in pairs:
            ours.normal_(std=0.3)  # the initial norms are alike and would hide a swap
            theirs.copy_(ours)
    return layer


@pytest.mark.parametrize("masked", [False, True])
def test_a_block_equals_torchs_layer(masked):
    block = EncoderBlock(12, heads=3, dropout=0.0, expansion=3.0)
    layer = _reference(block, 12, 3)
    tokens = torch.randn(4, 7, 12)
    mask = torch.rand(4, 7) < 0.7
    mask[:, 0] = True
    ours = block(tokens, mask if masked else None)
    theirs = layer(tokens, src_key_padding_mask=~mask if masked else None)
    real = mask if masked else torch.ones_like(mask)
    torch.testing.assert_close(ours[real], theirs[real])


def test_masked_tokens_change_no_other_token():
    encoder = Encoder(8, depth=2, heads=2).eval()
    mask = torch.tensor([[True, True, False, True, False]])
    tokens = torch.randn(1, 5, 8)
    changed = tokens.masked_fill(~mask[:, :, None], 9.0)
    torch.testing.assert_close(encoder(tokens, mask)[mask], encoder(changed, mask)[mask])


def test_a_row_of_padding_alone_is_encoded_as_if_real_with_a_finite_gradient():
    encoder = Encoder(8, depth=2, heads=2).eval()
    tokens = torch.randn(2, 3, 8, requires_grad=True)
    encoded = encoder(tokens, torch.tensor([[False] * 3, [True] * 3]))
    torch.testing.assert_close(encoded, encoder(tokens))
    encoded.square().sum().backward()
    assert encoded.isfinite().all()
    assert tokens.grad is not None
    assert tokens.grad.isfinite().all()


def test_without_positions_the_order_does_not_matter():
    encoder = Encoder(8, depth=2, heads=2).eval()
    tokens, order = torch.randn(2, 6, 8), torch.randperm(6)
    torch.testing.assert_close(encoder(tokens)[:, order], encoder(tokens[:, order]))


def test_the_last_step_normalises():
    encoded = Encoder(32, depth=1, heads=4).eval()(torch.randn(2, 3, 32) * 50)
    torch.testing.assert_close(encoded.mean(-1), torch.zeros(2, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(encoded.var(-1, correction=0), torch.ones(2, 3), atol=1e-3, rtol=0)
