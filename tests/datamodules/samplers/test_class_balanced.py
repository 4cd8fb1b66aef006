"""Classes as often as one another, on training rows alone."""

import polars as pl
import pytest
import torch

from datamodules.augmentation.draws import Draws
from datamodules.errors import UserError
from datamodules.loader import RowBatches
from datamodules.samplers.class_balanced import ClassBalanced
from datamodules.spec import DataSpec
from datamodules.tabular import TabularDataModule
from datamodules.text import TextDataModule


@pytest.fixture
def rare(people) -> str:
    """Fifteen in a hundred and twenty are ill."""
    table = pl.read_csv(people)
    ill = pl.Series("ill", ["ill" if row % 8 == 0 else "well" for row in range(len(table))])
    table.with_columns(ill).write_csv(people)
    return str(people)


def data(source: str, target: str = "ill", **settings) -> TabularDataModule:
    built = TabularDataModule(source, target=target, **settings)
    built.setup("fit")
    return built


def classes(module: TabularDataModule, epoch: int = 0) -> torch.Tensor:
    loader = module.train_dataloader()
    assert isinstance(loader.sampler, RowBatches)
    loader.sampler.set_epoch(epoch)
    return torch.cat([batch["target"] for batch in loader]).bincount()


@pytest.mark.parametrize("epoch", [0, 1])
def test_every_class_is_had_as_often(rare, epoch):
    module = data(rare, sampler=ClassBalanced())
    counts = classes(module, epoch)
    assert counts.sum() == len(module.split.train)  # type: ignore[union-attr]
    assert counts.max() - counts.min() <= 1
    three = data(rare, "plan", sampler=ClassBalanced())
    assert classes(three).max() - classes(three).min() <= 1


def test_between_natural_and_equal_lies_the_power_of_the_counts(rare):
    natural = classes(data(rare))
    assert torch.equal(classes(data(rare, sampler=ClassBalanced(0.0))), natural)
    counts = classes(data(rare, sampler=ClassBalanced(0.5)))
    expected = natural.sqrt() / natural.sqrt().sum() * natural.sum()
    assert (counts - expected).abs().max() < 1


def test_what_becomes_of_the_rarest_class_is_told(rare):
    module = data(rare, sampler=ClassBalanced())
    assert module.notes[-1] == (
        "classes are drawn equally often: 'ill' is 13 % of the training rows and 50 % of those "
        "drawn"
    )
    assert "drawn more evenly: 'ill' is" in data(rare, sampler=ClassBalanced(0.5)).notes[-1]


def test_other_rows_are_had_as_they_are_and_a_trained_model_draws_nothing_on_other_data(rare):
    module = data(rare, sampler=ClassBalanced())
    plain = data(rare)
    loaders = module.val_dataloader(), plain.val_dataloader()
    rows = [torch.cat([batch["index"] for batch in loader]) for loader in loaders]
    assert torch.equal(*rows)
    assert "times" not in next(iter(module.val_dataloader()))
    again = TabularDataModule(rare, target="ill", sampler=ClassBalanced())
    again.load_state_dict(module.state_dict())
    again.setup("fit")
    one, other = (torch.cat([b["index"] for b in m.train_dataloader()]) for m in (module, again))
    assert torch.equal(one, other)
    pl.read_csv(rare).head(20).with_columns(age=pl.lit(33)).write_csv("new.csv")
    elsewhere = TabularDataModule("new.csv", target="ill", sampler=ClassBalanced())
    elsewhere.load_state_dict(module.state_dict())
    elsewhere.setup("test")
    assert elsewhere.drawing is None


def test_a_row_that_is_had_again_is_augmented_otherwise():
    rows = torch.tensor([3, 3, 3])
    numbers = Draws(rows, 0, 0, torch.tensor([0, 1, 2])).uniform(4)
    assert len(numbers.unique(dim=0)) == 3
    assert torch.equal(numbers[0], Draws(rows, 0, 0).uniform(4)[0])


def test_texts_are_balanced_too():
    texts = pl.DataFrame(
        {
            "text": [f"word{n % 7} " * (1 + n % 11) + f"number{n}" for n in range(200)],
            "kind": ["a" if n % 10 else "b" for n in range(200)],
        }
    )
    texts.write_csv("texts.csv")
    module = TextDataModule("texts.csv", text="text", target="kind", sampler=ClassBalanced())
    module.setup("fit")
    counts = torch.cat([batch["target"] for batch in module.train_dataloader()]).bincount()
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(
    ("target", "how", "why"),
    [
        ("likes", {"separator": "|"}, "a row has several labels: draw rows by a column of weights"),
        ("spends", {}, "the target is a number: draw rows by a column of weights"),
    ],
)
def test_other_targets_are_refused_with_what_there_is_instead(people, target, how, why):
    with pytest.raises(UserError, match=why):
        data(str(people), target, sampler=ClassBalanced(), **how)


def test_a_strength_is_from_none_to_all():
    with pytest.raises(UserError, match="ClassBalanced takes strength from 0 to 1, but got 2"):
        ClassBalanced(2.0)


def test_it_is_kept_as_plain_values(rare):
    module = data(rare, sampler=ClassBalanced(0.5))
    kept = module.hparams["sampler"]
    assert kept["class_path"].endswith("ClassBalanced")
    assert kept["init_args"] == {"strength": 0.5}
    assert isinstance(module.spec, DataSpec)
