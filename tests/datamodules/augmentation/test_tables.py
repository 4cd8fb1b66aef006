"""Noise on numbers and categories that are not told, by row and by nothing else."""

import pytest
import torch
from torch import Tensor

from datamodules.augmentation.augment import Augment
from datamodules.augmentation.draws import Draws
from datamodules.augmentation.tables import CategoryDropout, NumericNoise, two_valued
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.features.categorical import Categorical
from datamodules.features.numeric import Numeric
from datamodules.features.table import TableFeatures
from datamodules.records import Records
from datamodules.spec import DataSpec

ROWS = 4000
SPEC = DataSpec(
    {"numeric": [3], "categorical": [2]},
    cardinalities={"categorical": [9, 9]},
    quantiles=[[-2.0, -1.0, 0.0, 1.0], [0.0, 0.25, 1.0], [0.0, 1.0]],
)


def draws(rows: int = ROWS, epoch: int = 0) -> Draws:
    return Draws(torch.arange(rows), seed=1, epoch=epoch)


def batch_of(rows: Tensor) -> Batch:
    generator = torch.Generator().manual_seed(3)
    numbers = torch.randn(ROWS, 3, generator=generator)
    ids = torch.randint(1, 9, (ROWS, 2), generator=generator)
    return {"inputs": {"numeric": numbers[rows], "categorical": ids[rows]}, "index": rows}


def inputs_of(batch: Batch) -> dict[str, Tensor]:
    assert isinstance(batch["inputs"], dict)
    return batch["inputs"]


def test_noise_is_normal_with_the_deviation_that_was_asked_for():
    noise = NumericNoise(0.5)(torch.zeros(ROWS, 3), draws())
    assert noise.mean().abs() < 0.02
    assert noise.std() == pytest.approx(0.5, abs=0.01)
    inside = (noise.abs() < 0.5).float().mean()
    assert inside == pytest.approx(0.6827, abs=0.01)
    assert torch.corrcoef(noise.T)[0, 1].abs() < 0.05


def test_the_most_extreme_draws_are_finite(fixed):
    highest = 1 - 2.0**-24
    noise = NumericNoise(1.0)(torch.zeros(1, 2), fixed(0.0, highest))
    assert noise.isfinite().all()
    assert noise[0, 0] < -5
    assert noise[0, 1] > 5


def test_columns_of_two_values_stay():
    augment = Augment([NumericNoise(0.5)], seed=1)
    batch = batch_of(torch.arange(50))
    before, after = inputs_of(batch), inputs_of(augment(batch, 0, 0, SPEC))
    assert (after["numeric"][:, 0] != before["numeric"][:, 0]).all()
    assert torch.equal(after["numeric"][:, 1:], before["numeric"][:, 1:])
    assert after["categorical"] is before["categorical"]


def test_marks_of_what_is_missing_are_told_by_the_features(table_of_people):
    frame = table_of_people.with_columns(member=(table_of_people["height"] > 170).cast(int))
    skip = ["plan", "likes", "spends", "saves"]
    features = TableFeatures(Numeric([]), Categorical([]), [], skip)
    features.fit(Records(frame, "people"))
    spec = DataSpec(**features.parts)
    names = spec.columns["numeric"]
    assert names == ["age", "height", "member", "age is missing"]
    marks = two_valued(spec, torch.zeros(1, 4)).tolist()
    assert marks == [False, False, True, True]


def test_as_many_categories_as_asked_for_become_unknown():
    ids = torch.randint(1, 9, (ROWS, 2))
    dropped = CategoryDropout(0.3)(ids, draws())
    assert (dropped == 0).float().mean() == pytest.approx(0.3, abs=0.02)
    assert torch.equal(dropped[dropped != 0], ids[dropped != 0])
    assert torch.equal(CategoryDropout(0.0)(ids, draws()), ids)
    assert not CategoryDropout(1.0)(ids, draws()).any()


def test_a_row_changes_alike_in_any_batch_and_anew_in_each_epoch():
    augment = Augment([NumericNoise(), CategoryDropout(0.5)], seed=4)
    whole = inputs_of(augment(batch_of(torch.arange(40)), 2, 0, SPEC))
    rows = torch.tensor([30, 2, 17])
    part = inputs_of(augment(batch_of(rows), 2, 9, SPEC))
    later = inputs_of(augment(batch_of(rows), 3, 9, SPEC))
    for name, values in part.items():
        assert torch.equal(values, whole[name][rows])
        assert not torch.equal(values, later[name])


def test_numbers_alone_arrive_without_a_name():
    spec = DataSpec({"numeric": [3]}, quantiles=SPEC.quantiles)
    alone: Batch = {"inputs": torch.zeros(5, 3), "index": torch.arange(5)}
    changed = Augment([NumericNoise()], 0)(alone, 0, 0, spec)["inputs"]
    assert isinstance(changed, Tensor)
    assert changed.count_nonzero() == 5
    with pytest.raises(UserError) as caught:
        Augment([CategoryDropout()], 0)(alone, 0, 0, spec)
    assert str(caught.value) == (
        "CategoryDropout changes categories, the input 'categorical' of a table, and this data set "
        "has none: 'numeric' is float32 (5, 3). Take it out of --data.augment."
    )


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: NumericNoise(-1), "NumericNoise takes std from 0 to 10, but got -1"),
        (lambda: CategoryDropout(1.5), "CategoryDropout takes p from 0 to 1, but got 1.5"),
    ],
)
def test_what_is_out_of_range_is_told(make, told):
    with pytest.raises(UserError, match=told):
        make()
