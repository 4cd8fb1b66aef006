"""Lists of transforms on batches: ours by row, foreign ones by batch, all else as it was."""

import pytest
import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from datamodules.augmentation.augment import Augment
from datamodules.augmentation.images import RandomFlip, RandomShift
from datamodules.batch import Batch
from datamodules.errors import UserError

IMAGES = torch.rand(32, 3, 12, 12, generator=torch.Generator().manual_seed(5))


class Noise(nn.Module):
    """A foreign transform with a number for each image."""

    def forward(self, images: Tensor) -> Tensor:
        return (images + torch.rand(len(images), 1, 1, 1, device=images.device)) / 2


class Remember(nn.Module):
    """Keep what the global generator gave."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[float] = []

    def forward(self, images: Tensor) -> Tensor:
        self.drawn.append(torch.rand(1).item())
        return images


def batch_of(rows: Tensor) -> Batch:
    return {"inputs": IMAGES[rows], "target": rows % 10, "index": rows}


def changed(augment: Augment, batch: Batch, epoch: int = 0, batch_number: int = 0) -> Tensor:
    inputs = augment(batch, epoch, batch_number)["inputs"]
    assert isinstance(inputs, Tensor)
    return inputs


def test_our_rows_change_alike_in_any_batch():
    augment = Augment([RandomShift(0.3), RandomFlip()], seed=4)
    whole = changed(augment, batch_of(torch.arange(32)), epoch=2, batch_number=0)
    rows = torch.tensor([30, 2, 17])
    assert torch.equal(changed(augment, batch_of(rows), epoch=2, batch_number=9), whole[rows])
    assert not torch.equal(changed(augment, batch_of(rows), epoch=3), whole[rows])
    other = Augment(augment.transforms, seed=5)
    assert not torch.equal(changed(other, batch_of(rows), epoch=2), whole[rows])


def test_two_of_a_kind_draw_independently():
    twice = Augment([RandomFlip(), RandomFlip()], seed=0)
    rows = torch.arange(32)
    mirrored = (changed(twice, batch_of(rows)) != IMAGES).flatten(1).any(1)
    assert 6 < mirrored.sum() < 26  # drawing the same twice, no image would end up mirrored


def test_all_else_stays_and_nothing_changes_in_place():
    batch = batch_of(torch.arange(32))
    before = {name: value.clone() for name, value in batch.items() if isinstance(value, Tensor)}
    new = Augment([RandomShift(0.3), RandomFlip(), Noise()], seed=0)(batch, 1, 2)
    assert new["target"] is batch["target"]
    assert new["index"] is batch["index"]
    assert not torch.equal(new["inputs"], before["inputs"])  # type: ignore[arg-type]
    for name, value in before.items():
        assert torch.equal(batch[name], value)  # type: ignore[literal-required]


def test_images_among_other_inputs():
    rows = torch.arange(32)
    numbers = torch.rand(32, 4)
    inputs = {"left": IMAGES, "numbers": numbers, "right": IMAGES.clone()}
    batch: Batch = {"inputs": inputs, "index": rows}
    augment = Augment([RandomShift(0.3), Noise()], seed=1)
    new = augment(batch, 0, 0)["inputs"]
    assert isinstance(new, dict)
    assert list(new) == ["left", "numbers", "right"]
    assert new["numbers"] is numbers
    assert torch.equal(new["left"], changed(augment, batch_of(rows)))
    assert torch.equal(new["left"], new["right"])
    assert inputs["left"] is IMAGES


def test_foreign_transforms_are_a_function_of_seed_epoch_and_batch():
    transforms = [v2.RandomCrop(12, padding=2), v2.ColorJitter(0.5), Noise()]
    batch = batch_of(torch.arange(32))
    first = changed(Augment(transforms, 0), batch, 1, 2)
    torch.rand(7)  # what ran before does not matter
    assert torch.equal(changed(Augment(transforms, 0), batch, 1, 2), first)
    for seed, epoch, number in ((1, 1, 2), (0, 2, 2), (0, 1, 3)):
        assert not torch.equal(changed(Augment(transforms, seed), batch, epoch, number), first)


def test_foreign_transforms_leave_the_global_generator_alone():
    before = torch.get_rng_state()
    changed(Augment([Noise(), RandomFlip()], 0), batch_of(torch.arange(8)))
    assert torch.equal(torch.get_rng_state(), before)


def test_the_generator_is_put_back_after_an_error():
    before = torch.get_rng_state()
    with pytest.raises(UserError):
        changed(Augment([Noise(), v2.CenterCrop(3)], 0), batch_of(torch.arange(8)))
    assert torch.equal(torch.get_rng_state(), before)


def test_foreign_transforms_of_one_list_draw_independently():
    first, second = Remember(), Remember()
    changed(Augment([first, second], 0), batch_of(torch.arange(2)))
    assert first.drawn != second.drawn


def test_our_draws_do_not_depend_on_foreign_neighbours():
    rows = torch.arange(32)
    alone = changed(Augment([RandomShift(), RandomFlip()], 0), batch_of(rows))
    mixed = [RandomShift(), nn.Identity(), Remember(), RandomFlip()]
    assert torch.equal(changed(Augment(mixed, 0), batch_of(rows)), alone)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu():
    rows = torch.arange(32)
    batch: Batch = {"inputs": IMAGES.cuda(), "index": rows.cuda()}
    ours = Augment([RandomShift(), RandomFlip()], 0)
    assert torch.equal(changed(ours, batch).cpu(), changed(ours, batch_of(rows)))
    before = torch.cuda.get_rng_state()
    foreign = Augment([Noise()], 0)
    assert torch.equal(changed(foreign, batch), changed(foreign, batch))
    assert torch.equal(torch.cuda.get_rng_state(), before)


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        (torch.zeros(2, 7), "the input is float32 (2, 7)"),
        (torch.zeros(2, 3, 8, 8, dtype=torch.uint8), "the input is uint8 (2, 3, 8, 8)"),
        (
            {"numbers": torch.zeros(2, 3), "categories": torch.zeros(2, 1, dtype=torch.long)},
            "'numbers' is float32 (2, 3), 'categories' is int64 (2, 1)",
        ),
    ],
)
def test_a_batch_without_images_is_told(inputs: Tensor | dict[str, Tensor], found: str):
    with pytest.raises(UserError) as caught:
        Augment([RandomFlip()], 0)({"inputs": inputs, "index": torch.arange(2)}, 0, 0)
    assert str(caught.value) == (
        "RandomFlip changes images, floats of shape (N, C, H, W), and this data set has none: "
        f"{found}. Take it out of --data.augment."
    )


@pytest.mark.parametrize(
    ("transform", "into"),
    [
        (
            v2.CenterCrop(6),
            "CenterCrop turned images, float32 (32, 3, 12, 12), into float32 (32, 3, 6",
        ),
        (v2.ToDtype(torch.float64), "ToDtype turned images, float32 (32, 3, 12, 12), into float64"),
        (v2.FiveCrop(12), "FiveCrop turned images, float32 (32, 3, 12, 12), into tuple"),
    ],
)
def test_a_foreign_transform_that_breaks_the_shape_is_told(transform: nn.Module, into: str):
    with pytest.raises(UserError) as caught:
        changed(Augment([transform], 0), batch_of(torch.arange(32)))
    assert into in str(caught.value)
