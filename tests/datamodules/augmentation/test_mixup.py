"""Rows mixed with rows of their batch, and targets in the same shares."""

import pytest
import scipy.stats
import torch
from torch import Tensor

from datamodules.augmentation.augment import Augment
from datamodules.augmentation.images import RandomFlip
from datamodules.augmentation.mixing import partners
from datamodules.augmentation.mixup import Mixup
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.spec import DataSpec, TargetKind, TargetSpec

ROWS = 200


def spec(kind: TargetKind = "multiclass", names: int = 3) -> DataSpec:
    return DataSpec(
        {"numeric": [2], "categorical": [2]},
        TargetSpec(kind, [f"c{n}" for n in range(names)]),
        cardinalities={"categorical": [ROWS + 1, ROWS + 1]},
        quantiles=[[-2.0, -1.0, 0.0, 1.0], [0.0, 1.0]],
    )


def table(rows: Tensor) -> Batch:
    """A row's number stands in every column, so that it is seen which rows were mixed."""
    numbers = torch.stack([rows.float(), rows.float()], dim=1)
    ids = torch.stack([rows, rows], dim=1)
    return {
        "inputs": {"numeric": numbers, "categorical": ids},
        "target": rows % 3,
        "index": rows,
    }


def mixed(batch: Batch, alpha: float = 1.0, epoch: int = 0, data: DataSpec | None = None) -> Batch:
    return Augment([Mixup(alpha)], seed=3)(batch, epoch, 0, data or spec())


def test_inputs_and_targets_are_mixed_in_the_same_shares():
    rows = torch.arange(ROWS)
    batch = mixed(table(rows))
    inputs, target = batch["inputs"], batch["target"]
    assert isinstance(inputs, dict)
    assert target.shape == (ROWS, 3)
    torch.testing.assert_close(target.sum(1), torch.ones(ROWS))
    # the one-hot classes of the two rows, found by the categories that came from either
    other = inputs["categorical"].where(inputs["categorical"] != rows[:, None], -1).amax(1)
    seen = other >= 0
    own, partner = rows[seen].float(), other[seen].float()
    share = (inputs["numeric"][seen, 0] - partner) / (own - partner)
    assert ((share >= 0.499) & (share <= 1.001)).all()
    one_hot = torch.eye(3)
    expected = share[:, None] * one_hot[rows[seen] % 3]
    expected += (1 - share[:, None]) * one_hot[other[seen] % 3]
    torch.testing.assert_close(target[seen], expected, atol=2e-3, rtol=0)
    assert batch["index"] is rows or torch.equal(batch["index"], rows)


def test_whole_values_are_of_either_row_by_its_share():
    rows = torch.arange(ROWS)
    inputs = mixed(table(rows))["inputs"]
    assert isinstance(inputs, dict)
    two = inputs["numeric"][:, 1]  # a column of two values, by the spec
    assert torch.equal(two, two.round())
    kept = torch.cat([two[:, None] == rows[:, None], inputs["categorical"] == rows[:, None]], dim=1)
    assert 0.65 < kept.float().mean() < 0.85  # 3/4 at alpha 1, as the greater share is a row's own
    assert (inputs["numeric"][:, 0] != inputs["numeric"][:, 0].round()).float().mean() > 0.9


@pytest.mark.parametrize("alpha", [0.1, 0.4, 1.0, 5.0])
def test_shares_are_of_a_beta_distribution(alpha):
    drawn = torch.rand(20_000, generator=torch.Generator().manual_seed(0))
    shares = Mixup(alpha).shares(drawn)
    levels = torch.linspace(0.05, 0.95, 19)
    # the greater of a pair of shares has the upper half of the distribution
    expected = scipy.stats.beta(alpha, alpha).ppf(0.5 + levels / 2)
    assert shares.quantile(levels).numpy() == pytest.approx(expected, abs=0.01)
    assert shares.min() >= 0.5
    assert shares.max() <= 1


def test_the_order_in_the_batch_does_not_matter():
    rows = torch.arange(40)
    shuffled = torch.randperm(40, generator=torch.Generator().manual_seed(1))
    one, other = mixed(table(rows)), mixed(table(shuffled))
    assert torch.equal(one["target"][shuffled], other["target"])
    later = mixed(table(rows), epoch=1)
    assert not torch.equal(one["target"], later["target"])


def test_everyone_has_a_partner_and_is_one():
    other = partners(torch.rand(31))
    assert other.sort().values.tolist() == list(range(31))
    assert (other != torch.arange(31)).all()
    assert partners(torch.rand(1)).tolist() == [0]
    assert not len(partners(torch.rand(0)))


def test_images_are_mixed_pixel_by_pixel_also_after_other_transforms():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(12, 1, 4, 5, generator=generator)
    data = DataSpec({"image": [1, 4, 5]}, spec().target)
    batch: Batch = {"inputs": images, "target": torch.arange(12) % 3, "index": torch.arange(12)}
    new = Augment([RandomFlip(0.0), Mixup(1.0)], 0)(batch, 0, 0, data)
    assert isinstance(new["inputs"], Tensor)
    assert new["inputs"].shape == images.shape
    # each is on the line between two images
    residuals = []
    for place in range(12):
        own = new["inputs"][place] - images[place]
        along = images - images[place]
        flat, line = own.flatten(), along.flatten(1)
        part = (line @ flat) / line.square().sum(1).clamp(min=1e-9)
        residuals.append((flat - part[:, None] * line).norm(dim=1).min())
    assert max(residuals) < 1e-5


@pytest.mark.parametrize("kind", ["regression", "multilabel"])
def test_numbers_and_labels_are_mixed(kind):
    rows = torch.arange(ROWS)
    batch = table(rows)
    batch["target"] = torch.stack([rows.float(), 2 * rows.float()], dim=1)
    new = mixed(batch, data=spec(kind, 2))
    assert isinstance(new["inputs"], dict)
    torch.testing.assert_close(new["target"][:, 0], new["inputs"]["numeric"][:, 0])
    torch.testing.assert_close(new["target"][:, 1], 2 * new["inputs"]["numeric"][:, 0])


def test_a_row_alone_stays_and_nothing_is_changed_in_place():
    batch = table(torch.tensor([5]))
    new = mixed(batch)
    assert new["target"].tolist() == [[0.0, 0.0, 1.0]]
    before, after = batch["inputs"], new["inputs"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert all(torch.equal(values, before[name]) for name, values in after.items())
    assert batch["target"].tolist() == [2]


def test_what_cannot_be_mixed_is_told():
    tokens: Batch = {
        "inputs": torch.ones(2, 5, dtype=torch.int64),
        "target": torch.zeros(2, dtype=torch.int64),
        "index": torch.arange(2),
    }
    with pytest.raises(UserError) as caught:
        mixed(tokens, data=DataSpec({"tokens": [5]}, spec().target))
    assert str(caught.value) == (
        "Mixup changes images and tables, whose values can be mixed, and this data set has none: "
        "'tokens' is int64 (2, 5). Take it out of --data.augment."
    )
    with pytest.raises(UserError, match=r"alpha from 0\.01 to 100, but got 0"):
        Mixup(0.0)
