"""Rectangles of one image in another, and targets by their exact area."""

import pytest
import torch
from torch import Tensor

from datamodules.augmentation.augment import Augment
from datamodules.augmentation.cutmix import CutMix, rectangles
from datamodules.augmentation.mixup import Mixup
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.spec import DataSpec, TargetSpec

ROWS, HEIGHT, WIDTH, CLASSES = 120, 9, 14, 5
DATA = DataSpec(
    {"image": [2, HEIGHT, WIDTH]},
    TargetSpec("multiclass", [f"c{n}" for n in range(CLASSES)]),
)


def images(rows: Tensor) -> Batch:
    """A row's number stands in every pixel, so that it is seen what was pasted where."""
    pixels = rows.float().view(-1, 1, 1, 1).expand(-1, 2, HEIGHT, WIDTH).clone()
    return {"inputs": pixels, "target": rows % CLASSES, "index": rows}


def cut(batch: Batch, *transforms: torch.nn.Module, epoch: int = 0) -> Batch:
    return Augment(transforms or [CutMix()], seed=3)(batch, epoch, 0, DATA)


def test_targets_have_exactly_the_shares_of_the_pixels():
    rows = torch.arange(ROWS)
    batch = cut(images(rows))
    pixels, target = batch["inputs"], batch["target"]
    assert isinstance(pixels, Tensor)
    mixed = 0
    for row in range(ROWS):
        found, counts = pixels[row].unique(return_counts=True)
        expected = torch.zeros(CLASSES)
        for number, count in zip(found.long().tolist(), counts.tolist(), strict=True):
            expected[number % CLASSES] += count / pixels[row].numel()
        torch.testing.assert_close(target[row], expected, atol=1e-6, rtol=0)
        assert len(found) <= 2
        others = pixels[row, 0] != row
        if 0 < others.sum() < others.numel():  # one full rectangle, the same in each channel
            mixed += 1
            lines, columns = others.any(1), others.any(0)
            assert torch.equal(others, lines[:, None] & columns[None, :])
            assert torch.equal(pixels[row, 1] != row, others)
    assert mixed > ROWS / 2


def test_rectangles_are_torchvisions_own(monkeypatch):
    v2 = pytest.importorskip("torchvision.transforms.v2")
    generator = torch.Generator().manual_seed(0)
    theirs = v2.CutMix(alpha=1.0, num_classes=CLASSES)
    for _ in range(50):
        share, y, x = torch.rand(3, generator=generator)
        ours = rectangles(share[None], y[None], x[None], HEIGHT, WIDTH)[0]
        drawn = iter([(x * WIDTH).long(), (y * HEIGHT).long()])
        monkeypatch.setattr(theirs._dist, "sample", lambda _, share=share: share)
        monkeypatch.setattr(torch, "randint", lambda *_, drawn=drawn, **__: next(drawn))
        found = theirs.make_params([torch.zeros(2, 3, HEIGHT, WIDTH)])
        monkeypatch.undo()
        left, top, right, bottom = found["box"]
        expected = torch.zeros(HEIGHT, WIDTH, dtype=torch.bool)
        expected[top:bottom, left:right] = True
        assert torch.equal(ours, expected)
        kept = 1 - float(ours.sum()) / (HEIGHT * WIDTH)
        assert kept == pytest.approx(float(found["lam_adjusted"]), abs=1e-6)


def test_a_row_is_the_same_in_any_order_of_its_batch():
    rows = torch.arange(40)
    shuffled = torch.randperm(40, generator=torch.Generator().manual_seed(1))
    one, other = cut(images(rows)), cut(images(shuffled))
    assert isinstance(one["inputs"], Tensor)
    assert isinstance(other["inputs"], Tensor)
    assert torch.equal(one["inputs"][shuffled], other["inputs"])
    assert torch.equal(one["target"][shuffled], other["target"])
    assert not torch.equal(one["target"], cut(images(rows), epoch=1)["target"])


def test_shares_that_stay_are_alike_and_p_leaves_rows_alone():
    drawn = torch.rand(20_000, generator=torch.Generator().manual_seed(0))
    levels = torch.linspace(0.05, 0.95, 19)
    torch.testing.assert_close(
        CutMix(1.0).shares(drawn).quantile(levels), levels, atol=0.02, rtol=0
    )
    rows = torch.arange(ROWS)
    pixels = cut(images(rows), CutMix(p=0.5))["inputs"]
    assert isinstance(pixels, Tensor)
    whole = (pixels == rows.view(-1, 1, 1, 1)).flatten(1).all(1).float().mean()
    assert 0.4 < whole < 0.7
    assert torch.equal(cut(images(rows), CutMix(p=0.0))["target"], torch.eye(CLASSES)[rows % 5])


def test_after_mixup_shares_are_still_of_one_whole():
    batch = cut(images(torch.arange(ROWS)), Mixup(1.0), CutMix())
    torch.testing.assert_close(batch["target"].sum(1), torch.ones(ROWS))
    assert (batch["target"] > 0).sum(1).max() > 2
    # the mean of an image's numbers is mixed as its target is, of which each class has one number
    pixels = batch["inputs"]
    assert isinstance(pixels, Tensor)
    numbered = images(torch.arange(CLASSES))
    mixed = cut(numbered, Mixup(1.0), CutMix())
    assert isinstance(mixed["inputs"], Tensor)
    torch.testing.assert_close(
        mixed["inputs"].mean((1, 2, 3)), mixed["target"] @ torch.arange(float(CLASSES))
    )


def test_nothing_is_changed_in_place_and_a_row_alone_stays():
    batch = images(torch.tensor([7]))
    new = cut(batch)
    assert new["target"].tolist() == [[0.0, 0.0, 1.0, 0.0, 0.0]]
    assert torch.equal(new["inputs"], images(torch.tensor([7]))["inputs"])  # type: ignore[arg-type]
    assert batch["target"].tolist() == [2]


def test_what_cannot_be_mixed_is_told():
    table: Batch = {
        "inputs": {"numeric": torch.zeros(2, 3)},
        "target": torch.zeros(2, dtype=torch.int64),
        "index": torch.arange(2),
    }
    with pytest.raises(
        UserError, match="CutMix changes images alone, all of one size, and this data"
    ):
        cut(table)
    with pytest.raises(UserError, match=r"CutMix takes p from 0 to 1, but got 2"):
        CutMix(p=2.0)
