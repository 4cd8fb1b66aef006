"""The residual network."""

import pytest
import torch

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.resnet import ResidualBlock, ResNet


def silence(block: ResidualBlock) -> None:
    """Let the block add nothing."""
    for parameter in block.residual[3].parameters():
        torch.nn.init.zeros_(parameter)


@pytest.mark.parametrize("shape", [[1, 8, 8], [3, 32, 32], [3, 224, 224], [2, 5, 90], [1, 1, 1]])
def test_images_of_any_size_become_features(shape):
    backbone = ResNet(DataSpec({"image": shape}), widths=(4, 6), blocks=1)
    assert backbone.out_features == 6
    features = backbone(torch.rand(2, *shape))
    assert features.shape == (2, 6)
    assert features.isfinite().all()


@pytest.mark.parametrize("blocks", [1, 3])
def test_every_stage_has_its_blocks(blocks):
    backbone = ResNet(DataSpec({"image": [1, 8, 8]}), widths=(4, 6), blocks=blocks)
    assert sum(isinstance(m, ResidualBlock) for m in backbone.modules()) == 2 * blocks


def test_a_block_of_one_shape_passes_its_input_on_untouched():
    block = ResidualBlock(3, 3, (1, 1)).eval()
    silence(block)
    image = torch.randn(2, 3, 5, 5)
    torch.testing.assert_close(block(image), image)


def test_a_block_of_another_shape_projects_the_activated_input():
    block = ResidualBlock(3, 4, (2, 1)).eval()
    silence(block)
    image = torch.randn(2, 3, 5, 6)
    assert block.shortcut is not None
    expected = torch.einsum("oi,nihw->nohw", block.shortcut.weight[:, :, 0, 0], image.relu())
    # fresh running statistics divide by sqrt(1 + 1e-5)
    torch.testing.assert_close(block(image), expected[:, :, ::2], rtol=1e-4, atol=1e-4)


def test_memorises_rows(memorises):
    backbone = ResNet(DataSpec({"image": [1, 8, 8]}), widths=(8, 16), blocks=1, dropout=0.0)
    assert memorises(backbone, torch.rand(16, 1, 8, 8))


def test_errors_name_the_value():
    image = DataSpec({"image": [1, 8, 8]})
    with pytest.raises(UserError, match="ResNet wants one image"):
        ResNet(DataSpec({"numeric": [5]}))
    with pytest.raises(UserError, match=r"blocks .* given 0"):
        ResNet(image, blocks=0)
    with pytest.raises(UserError, match=r"ResNet needs widths .* given \[8, 0\]"):
        ResNet(image, widths=(8, 0))
    with pytest.raises(UserError, match=r"dropout .* given -1"):
        ResNet(image, dropout=-1.0)
