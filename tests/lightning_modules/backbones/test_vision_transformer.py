"""The transformer over patches."""

from typing import Any

import pytest
import torch

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.vision_transformer import VisionTransformer, patch_side, patches


def _small(shape: list[int], **settings: Any) -> VisionTransformer:
    return VisionTransformer(DataSpec({"image": shape}), dim=16, depth=1, heads=2, **settings)


@pytest.mark.parametrize("shape", [[1, 8, 8], [3, 32, 32], [1, 7, 30], [1, 1, 1], [3, 96, 64]])
def test_images_of_any_size_become_features(shape):
    backbone = _small(shape)
    assert backbone.out_features == 16
    assert backbone(torch.rand(2, *shape)).shape == (2, 16)


@pytest.mark.parametrize(
    ("side", "expected"), [(1, 1), (8, 2), (28, 4), (32, 4), (64, 8), (224, 16), (512, 32)]
)
def test_the_patch_suits_the_image(side, expected):
    assert patch_side(side, side) == patch_side(1, side) == expected


def test_patches_cover_the_image_exactly():
    image = torch.arange(2 * 3 * 6 * 4, dtype=torch.float32).view(2, 3, 6, 4)
    cut = patches(image, 2)
    assert cut.shape == (2, 6, 12)
    for row in range(3):
        for column in range(2):
            square = image[:, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
            torch.testing.assert_close(cut[:, 2 * row + column], square.flatten(1))


def test_a_side_that_does_not_divide_is_padded_with_zeros_at_its_end():
    image = torch.ones(1, 1, 5, 3)
    cut = patches(image, 4)
    assert cut.shape == (1, 2, 16)
    assert cut.sum() == 15
    torch.testing.assert_close(cut[0, 0].view(4, 4)[:, 3], torch.zeros(4))
    torch.testing.assert_close(cut[0, 1].view(4, 4)[0], torch.tensor([1.0, 1.0, 1.0, 0.0]))


@pytest.mark.parametrize("patch", [None, 3])
def test_every_pixel_counts(patch):
    image = torch.rand(1, 1, 8, 8, requires_grad=True)
    _small([1, 8, 8], patch=patch)(image)[0, 0].backward()
    assert image.grad is not None
    assert (image.grad != 0).all()


def test_where_a_patch_stands_matters():
    backbone = _small([1, 8, 8]).eval()
    image = torch.rand(1, 1, 8, 8)
    assert not torch.allclose(backbone(image), backbone(image.flip(3)), atol=1e-4)
    torch.nn.init.zeros_(backbone.positions)
    swapped = torch.cat([image[:, :, 4:], image[:, :, :4]], dim=2)
    torch.testing.assert_close(backbone(image), backbone(swapped))


def test_memorises_rows(memorises):
    assert memorises(_small([1, 8, 8], dropout=0.0), torch.rand(16, 1, 8, 8))


def test_errors_name_the_value():
    image = DataSpec({"image": [1, 8, 8]})
    with pytest.raises(UserError, match="VisionTransformer wants one image"):
        VisionTransformer(DataSpec({"numeric": [5]}))
    with pytest.raises(UserError, match="dim 10 and heads 4"):
        VisionTransformer(image, dim=10, heads=4)
    for patch in (0, 9):
        with pytest.raises(UserError, match=rf"patch of 1 to 8 pixels .* given {patch}"):
            VisionTransformer(image, patch=patch)
