"""What holds for every transform of ours, then shifts, flips and erasing against closed forms."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from datamodules.augmentation.affine import RandomAffine
from datamodules.augmentation.color import RandomColor
from datamodules.augmentation.draws import Draws
from datamodules.augmentation.images import (
    ImageAugmentation,
    RandomErasing,
    RandomFlip,
    RandomShift,
)
from datamodules.errors import UserError

STRONG = [
    RandomShift(0.3),
    RandomShift(0.3, padding="edge"),
    RandomFlip(0.5, 0.5),
    RandomErasing(0.9),
    RandomAffine(90, 0.3, (0.5, 2), 20),
    RandomColor(1, 1, 1),
]
IDENTITY = [
    RandomShift(0),
    RandomFlip(0, 0),
    RandomErasing(0),
    RandomAffine(0, 0, (1, 1), 0),
    RandomColor(0, 0, 0),
]


def named(transform: ImageAugmentation) -> str:
    return type(transform).__name__


def drawn(rows: Tensor, seed: int = 0, epoch: int = 0) -> Draws:
    return Draws(rows, seed, epoch)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("transform", STRONG, ids=named)
def test_a_row_changes_alike_alone_and_in_any_order(
    transform: ImageAugmentation, images: Tensor, threads: int
):
    rows = torch.arange(len(images)) + 1000
    together = transform(images, drawn(rows))
    order = torch.randperm(len(images))
    torch.set_num_threads(threads)
    assert torch.equal(transform(images[order], drawn(rows[order])), together[order])
    for row in range(len(images)):
        one = slice(row, row + 1)
        assert torch.equal(transform(images[one], drawn(rows[one])), together[one])


@pytest.mark.parametrize("transform", STRONG, ids=named)
def test_rows_epochs_and_seeds_differ(transform: ImageAugmentation):
    same = torch.rand(3, 12, 12).expand(64, 3, 12, 12)
    rows = torch.arange(64)
    first = transform(same, drawn(rows))
    for other in (
        transform(same, drawn(rows, epoch=1)),
        transform(same, drawn(rows, seed=1)),
        transform(same, drawn(rows + 64)),
        first.roll(1, 0),
    ):
        assert (other != first).flatten(1).any(dim=1).float().mean() > 0.5


@pytest.mark.parametrize("transform", STRONG, ids=named)
def test_range_shape_type_and_input_are_kept(transform: ImageAugmentation, images: Tensor):
    images = torch.stack([images, images.round()]).flatten(0, 1)  # zeros and ones too
    before = images.clone()
    changed = transform(images, drawn(torch.arange(len(images))))
    assert changed.shape == images.shape
    assert changed.dtype == torch.float32
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert not torch.equal(changed, images)
    assert torch.equal(images, before)


@pytest.mark.parametrize("transform", STRONG, ids=named)
def test_memory_layout_makes_no_difference(transform: ImageAugmentation):
    images, rows = torch.rand(6, 3, 9, 11), torch.arange(6)
    last = images.to(memory_format=torch.channels_last)
    assert torch.equal(transform(last, drawn(rows)), transform(images, drawn(rows)))


@pytest.mark.parametrize("transform", STRONG, ids=named)
def test_an_empty_batch_stays_empty(transform: ImageAugmentation):
    assert transform(torch.rand(0, 3, 8, 8), drawn(torch.arange(0))).shape == (0, 3, 8, 8)


@pytest.mark.parametrize("transform", IDENTITY, ids=named)
def test_identity_gives_the_very_input(transform: ImageAugmentation, images: Tensor):
    assert torch.equal(transform(images, drawn(torch.arange(len(images)))), images)


@pytest.mark.parametrize(("identity", "strong"), [(0, 0), (1, 2), (2, 3), (3, 4), (4, 5)])
def test_draws_do_not_depend_on_hyperparameters(identity: int, strong: int):
    operations = []
    for transform in (IDENTITY[identity], STRONG[strong]):
        draws = drawn(torch.arange(4))
        transform(torch.rand(4, 3, 8, 8), draws)
        operations.append(draws.operation)
    assert operations == [1, 1]


def test_random_numbers_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    for transform in STRONG:
        transform(torch.zeros(4, 3, 8, 8), drawn(torch.arange(4)))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("padding", ["zero", "edge"])
def test_shift_is_a_slice(padding: str, fixed: Callable[..., Draws]):
    image = torch.rand(1, 3, 8, 16)
    shift = RandomShift(0.25, padding)  # type: ignore[arg-type]  # 2 pixels down, 4 to the right
    filled = F.pad(image, (4, 4, 2, 2), "replicate" if padding == "edge" else "constant")
    for down in range(5):
        for right in range(9):
            draws = fixed((down + 0.5) / 5, (right + 0.5) / 9)
            expected = filled[:, :, down : down + 8, right : right + 16]
            assert torch.equal(shift(image, draws), expected)


def test_shifts_are_evenly_spread():
    dots = torch.zeros(5000, 1, 9, 9)
    dots[:, :, 4, 4] = 1
    moved = RandomShift(0.22)(dots, drawn(torch.arange(5000))).sum(0)[0]  # up to 2 pixels
    expected = torch.zeros(9, 9)
    expected[2:7, 2:7] = 200
    assert (moved - expected).abs().max() < 60
    assert torch.equal(moved > 0, expected > 0)


@pytest.mark.parametrize(
    ("horizontal", "vertical", "sides"), [(1, 0, [3]), (0, 1, [2]), (1, 1, [2, 3])]
)
def test_certain_flips_are_torch_flip(
    images: Tensor, horizontal: float, vertical: float, sides: list[int]
):
    flipped = RandomFlip(horizontal, vertical)(images, drawn(torch.arange(len(images))))
    assert torch.equal(flipped, images.flip(sides))


def test_flips_come_as_often_as_asked_and_independently():
    images = torch.arange(4.0).view(1, 1, 2, 2).expand(10_000, 1, 2, 2)
    flipped = RandomFlip(0.3, 0.6)(images, drawn(torch.arange(10_000)))
    first = flipped[:, 0, 0, 0]  # 0 as it was, 1 mirrored, 2 upside down, 3 both
    shares = torch.bincount(first.long(), minlength=4) / 10_000
    torch.testing.assert_close(
        shares, torch.tensor([0.7 * 0.4, 0.3 * 0.4, 0.7 * 0.6, 0.3 * 0.6]), atol=0.015, rtol=0
    )


def test_erasing_all():
    erased = RandomErasing(1, (1, 1), 1, value=0.5)(torch.rand(9, 3, 7, 7), drawn(torch.arange(9)))
    assert torch.equal(erased, torch.full((9, 3, 7, 7), 0.5))


def test_erased_rectangle_by_hand(fixed: Callable[..., Draws]):
    image = torch.ones(1, 2, 10, 10)
    # 16 pixels, height / width = 4: 8 x 2; 3 places for the top and 9 for the left
    draws = fixed(0.0, 0.5, 1.0, 0.5, 0.99)
    expected = image.clone()
    expected[:, :, 1:9, 8:10] = 0
    assert torch.equal(RandomErasing(0.5, (0.12, 0.20), 4)(image, draws), expected)


def test_erased_share_and_frequency():
    rows = torch.arange(4000)
    lost = 1 - RandomErasing(0.4, (0.1, 0.3), 2)(torch.ones(4000, 1, 40, 40), drawn(rows))
    share = lost.mean(dim=(1, 2, 3))
    assert abs((share > 0).float().mean() - 0.4) < 0.03
    hit = share[share > 0]
    assert abs(hit.mean() - 0.2) < 0.01
    assert hit.min() > 0.08
    assert hit.max() < 0.33
    height = lost.amax(3).sum(2)[share > 0]
    width = lost.amax(2).sum(2)[share > 0]
    assert abs((height / width).log().mean()) < 0.06  # as often tall as wide
    assert (height / width).max() < 2.3
    # whole rectangles, as often near one corner as near the other
    assert torch.equal(height * width, lost.sum(dim=(2, 3))[share > 0])
    centre = lost.mean(0)[0] - lost.mean(0)[0].flip((0, 1))
    assert centre.abs().max() < 0.03


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: RandomShift(1.5), "RandomShift takes fraction from 0 to 1, but got 1.5."),
        (lambda: RandomShift(float("nan")), "RandomShift takes fraction from 0 to 1, but got nan."),
        (
            lambda: RandomShift(padding="zeros"),  # type: ignore[arg-type]
            "There is no padding 'zeros'. Did you mean 'zero'? Valid: 'zero', 'edge'.",
        ),
        (lambda: RandomFlip(-0.1), "RandomFlip takes horizontal from 0 to 1, but got -0.1."),
        (lambda: RandomFlip(vertical=2), "RandomFlip takes vertical from 0 to 1, but got 2."),
        (lambda: RandomErasing(7), "RandomErasing takes p from 0 to 1, but got 7."),
        (
            lambda: RandomErasing(area=(0.5, 0.1)),
            "RandomErasing takes area as two numbers, the smaller first, above 0 and up to 1, "
            "but got [0.5, 0.1].",
        ),
        (
            lambda: RandomErasing(aspect=0.3),
            "RandomErasing takes aspect from 1 to 100, but got 0.3.",
        ),
        (lambda: RandomErasing(value=255), "RandomErasing takes value from 0 to 1, but got 255."),
        (lambda: RandomAffine(-5), "RandomAffine takes degrees from 0 to 180, but got -5."),
        (lambda: RandomAffine(translate=4), "RandomAffine takes translate from 0 to 1, but got 4."),
        (
            lambda: RandomAffine(scale=(0, 1)),
            "RandomAffine takes scale as two numbers, the smaller first, above 0 and up to 100, "
            "but got [0, 1].",
        ),
        (lambda: RandomAffine(shear=90), "RandomAffine takes shear from 0 to 80, but got 90."),
        (lambda: RandomColor(1.1), "RandomColor takes brightness from 0 to 1, but got 1.1."),
        (lambda: RandomColor(contrast=-1), "RandomColor takes contrast from 0 to 1, but got -1."),
        (lambda: RandomColor(saturation=9), "RandomColor takes saturation from 0 to 1, but got 9."),
    ],
)
def test_hyperparameters_are_checked(build: Callable[[], ImageAugmentation], sentence: str):
    with pytest.raises(UserError) as caught:
        build()
    assert str(caught.value) == sentence
