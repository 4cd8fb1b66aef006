"""The plain convolutional network."""

import pytest
import torch

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.convnet import ConvNet


@pytest.mark.parametrize("shape", [[1, 8, 8], [3, 32, 32], [3, 224, 224], [2, 5, 90], [1, 1, 1]])
def test_images_of_any_size_become_features(shape):
    backbone = ConvNet(DataSpec({"image": shape}), widths=(4, 6))
    assert backbone.out_features == 6
    features = backbone(torch.rand(2, *shape))
    assert features.shape == (2, 6)
    assert features.isfinite().all()


def test_memorises_rows(memorises):
    backbone = ConvNet(DataSpec({"image": [1, 8, 8]}), widths=(8, 16), dropout=0.0)
    assert memorises(backbone, torch.rand(16, 1, 8, 8))


def test_a_row_alone_is_a_batch():
    backbone = ConvNet(DataSpec({"image": [1, 8, 8]}))
    assert backbone(torch.rand(1, 1, 8, 8)).isfinite().all()


def test_rows_do_not_mix_in_evaluation():
    backbone = ConvNet(DataSpec({"image": [1, 8, 8]}), widths=(4,)).eval()
    images = torch.rand(5, 1, 8, 8)
    torch.testing.assert_close(backbone(images)[2:3], backbone(images[2:3]))


def test_widths_from_yaml_are_a_list():
    assert ConvNet(DataSpec({"image": [1, 8, 8]}), widths=[4, 5]).out_features == 5  # type: ignore[arg-type]


def test_dropout_falls_on_the_features():
    backbone = ConvNet(DataSpec({"image": [1, 8, 8]}), widths=(64,), dropout=0.9)
    backbone.stages.eval()
    image = torch.rand(1, 1, 8, 8)
    assert (backbone(image) == 0).sum() > (backbone.eval()(image) == 0).sum()


def test_errors_name_the_value():
    image = DataSpec({"image": [1, 8, 8]})
    with pytest.raises(UserError, match="ConvNet wants one image"):
        ConvNet(DataSpec({"numeric": [5]}))
    with pytest.raises(UserError, match=r"ConvNet needs widths .* given \[\]"):
        ConvNet(image, widths=())
    with pytest.raises(UserError, match=r"dropout .* given 1.5"):
        ConvNet(image, dropout=1.5)
