"""Images as the libraries prepare them: equal to the last bit on a CPU."""

import numpy as np
import pytest
import torch
from PIL import Image

from datamodules.errors import UserError
from lightning_modules.backbones.image_preparation import (
    INTERPOLATIONS,
    ImagePreparation,
    Mode,
    for_channels,
)

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
SIZES = [(427, 640), (100, 77), (33, 210), (224, 300), (40, 40), (64, 64), (80, 80)]


def photographs() -> list[np.ndarray]:
    from sklearn.datasets import load_sample_images

    first, second = load_sample_images().images
    found = [first[:height, :width] for height, width in SIZES]
    return [*found, second[:300, 5:400]]


def as_batch(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_it_gives_what_torchvision_gives_of_a_picture(interpolation):
    from torchvision.transforms import Compose, InterpolationMode, transforms

    expected = Compose(
        [
            transforms.Resize(80, InterpolationMode(interpolation)),
            transforms.CenterCrop(64),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )
    prepare = ImagePreparation((64, 64), MEAN, STD, 0.8, interpolation)
    for image in photographs():
        assert torch.equal(prepare(as_batch(image))[0], expected(Image.fromarray(image)))


@pytest.mark.parametrize("crop_mode", ["center", "squash", "border"])
@pytest.mark.parametrize("size", [(64, 64), (48, 65)])
def test_it_gives_what_timm_gives_of_a_picture(crop_mode, size):
    timm = pytest.importorskip("timm", reason="needs fulgurite[vision]")
    modes: dict[str, Mode] = {"center": "shorter side", "squash": "exact", "border": "longer side"}
    expected = timm.data.create_transform(
        (3, *size), mean=MEAN, std=STD, crop_pct=0.9, crop_mode=crop_mode, interpolation="bicubic"
    )
    prepare = ImagePreparation(size, MEAN, STD, 0.9, "bicubic", modes[crop_mode])
    for image in photographs():
        found, wanted = prepare(as_batch(image))[0], expected(Image.fromarray(image))
        assert torch.allclose(found, wanted, atol=1e-6)


def test_torch_s_own_arithmetic_is_that_of_transforms_on_tensors():
    from torchvision.transforms.v2 import functional

    prepare = ImagePreparation((64, 64), [0.0], [1.0], 1.0, "bicubic", "exact", "torch")
    image = torch.randint(0, 256, (2, 3, 50, 70), dtype=torch.uint8)
    expected = functional.resize(image, [64, 64], functional.InterpolationMode.BICUBIC)
    assert torch.equal(prepare(image / 255), expected / 255)


def test_every_weights_scale_is_found_again_from_its_crop():
    from torchvision import models

    for name in models.list_models(module=models):
        for weights in models.get_model_weights(name):
            preset = weights.transforms()
            (side,), (scaled,) = preset.crop_size, preset.resize_size
            prepare = ImagePreparation((side, side), MEAN, STD, side / scaled)
            assert prepare.scaled_size(scaled, scaled) == (scaled, scaled), weights


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_with_a_gradient_few_pixels_differ_and_by_one_step(interpolation):
    prepare = ImagePreparation((64, 64), [0.0], [1.0], 0.8, interpolation)
    for image in map(as_batch, photographs()):
        exact = prepare(image)
        wanted = image.clone().requires_grad_()
        found = prepare(wanted)
        steps = (found.detach() - exact).abs() * 255
        assert steps.max() < 1.01
        assert (steps > 0.5).float().mean() < 1e-2
        found.sum().backward()
        assert wanted.grad is not None
        assert wanted.grad.abs().sum() > 0


def test_no_gradient_is_kept_where_none_is_wanted():
    prepare = ImagePreparation((8, 8), [0.0], [1.0])
    with torch.no_grad():
        image = torch.rand(1, 3, 20, 30).requires_grad_()
        assert not prepare(image).requires_grad


def test_images_of_the_size_are_only_normalised_if_all_is_kept():
    image = torch.rand(2, 3, 16, 24)
    prepare = ImagePreparation((16, 24), MEAN, STD)
    expected = (image - torch.tensor(MEAN).reshape(3, 1, 1)) / torch.tensor(STD).reshape(3, 1, 1)
    assert torch.equal(prepare(image), expected)


def test_no_rows_half_precision_and_many_channels():
    prepare = ImagePreparation((8, 8), [0.5] * 5, [0.5] * 5)
    assert prepare(torch.zeros(0, 5, 20, 30)).shape == (0, 5, 8, 8)
    images = torch.rand(2, 5, 20, 30)
    assert prepare(images.half()).shape == (2, 5, 8, 8)
    alone = ImagePreparation((8, 8), [0.5], [0.5])
    assert torch.equal(prepare(images)[:, 3:4], alone(images[:, 3:4]))


def test_mean_and_deviation_travel_in_the_state_and_the_export():
    prepare = ImagePreparation((8, 8), MEAN, STD, 0.875, "bicubic")
    assert set(prepare.state_dict()) == {"mean", "std"}
    image = torch.rand(1, 3, 20, 30)
    exported = torch.export.export(prepare, (image,))
    steps = (exported.module()(image) - prepare(image)).abs() * 255 * min(STD)
    assert steps.max() < 1.01


def test_channels_that_are_not_three():
    assert for_channels(MEAN, 3) == MEAN
    assert for_channels([0.1, 0.2, 0.3], 1) == [pytest.approx(0.2)]
    assert for_channels([0.1, 0.2, 0.3], 4) == [0.1, 0.2, 0.3, 0.1]
    assert for_channels([0.1, 0.2, 0.3], 2) == [0.1, 0.2]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"size": (0, 4)}, "at least 1 pixel, but 0"),
        ({"crop": 0.0}, "crop is the share .* not 0.0"),
        ({"crop": 1.5}, "not 1.5"),
        ({"interpolation": "bicubik"}, "Did you mean 'bicubic'"),
        ({"mode": "shorter"}, "Did you mean 'shorter side'"),
    ],
)
def test_what_makes_no_sense_is_told(wrong, told):
    with pytest.raises(UserError, match=told):
        ImagePreparation(**{"size": (8, 8), "mean": MEAN, "std": STD, **wrong})
