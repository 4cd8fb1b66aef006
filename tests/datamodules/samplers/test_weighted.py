"""Rows as often as a column says, which no model sees."""

import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.samplers.weighted import Weighted
from datamodules.splits.column import ColumnSplit
from datamodules.tabular import TabularDataModule


def with_weights(people, weights) -> str:
    table = pl.read_csv(people)
    values = pl.Series("weight", [weights(row) for row in range(len(table))], strict=False)
    table.with_columns(values).write_csv("weighted.csv")
    return "weighted.csv"


def data(source: str, **settings) -> TabularDataModule:
    module = TabularDataModule(source, target="buys", sampler=Weighted("weight"), **settings)
    module.setup("fit")
    return module


def rows_of(module: TabularDataModule) -> torch.Tensor:
    return torch.cat([batch["index"] for batch in module.train_dataloader()])


def test_rows_are_had_in_proportion_to_their_weights(people):
    module = data(with_weights(people, lambda row: row % 4))
    counts = rows_of(module).bincount(minlength=120)
    train = torch.from_numpy(module.split.train)  # type: ignore[union-attr]
    due = (train % 4) / (train % 4).sum() * len(train)
    assert (counts[train] - due).abs().max() < 1
    assert counts.sum() == len(train)
    assert "rows are drawn by 'weight': an epoch has some " in module.notes[-1]


def test_no_model_sees_the_column_and_new_rows_need_not_have_it(people):
    module = data(with_weights(people, lambda row: 1 + row % 4))
    assert "weight" not in [name for names in module.spec.columns.values() for name in names]
    assert module.spec.inputs == TabularDataModule(str(people), target="buys").spec.inputs
    later = TabularDataModule(str(people), target="buys", sampler=Weighted("weight"))
    later.load_state_dict(module.state_dict())
    later.setup("predict")
    assert len(list(later.predict_dataloader())) > 0


def test_weights_of_held_out_rows_are_not_looked_at(people):
    table = pl.read_csv(people)
    part = pl.Series("part", [("train", "val", "test")[row % 3] for row in range(len(table))])
    table.with_columns(part).write_csv("parts.csv")
    source = with_weights("parts.csv", lambda row: -5.0 if row % 3 else 1.0)
    module = data(source, split=ColumnSplit("part"))
    assert sorted(rows_of(module).tolist()) == list(range(0, 120, 3))


@pytest.mark.parametrize(
    ("weights", "why"),
    [
        (lambda row: "much", "must be numbers, but it holds String, such as 'much'"),
        (lambda row: -1.0, "must be numbers from 0, but 84 training rows have others; row "),
        (lambda row: None if row % 2 else 1.0, "training rows have others; row .* has None"),
        (lambda row: 0, "every training row has the weight 0 in 'weight'"),
    ],
)
def test_what_is_no_weight_is_told(people, weights, why):
    with pytest.raises(UserError, match=why):
        data(with_weights(people, weights))


def test_a_column_that_is_not_there_is_told(people):
    with pytest.raises(UserError, match=r"--data.sampler.column: .* has no column 'heigth'.*heigh"):
        TabularDataModule(str(people), target="buys", sampler=Weighted("heigth")).setup("fit")
