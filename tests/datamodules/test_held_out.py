"""After the split nothing sees the targets of held-out rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from lightning.pytorch.callbacks import Callback

from datamodules.cleaning.step import Cleaned, TrainingRows, TrainingStep
from datamodules.errors import UserError
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.past import Lags
from datamodules.splits.by_time import TimeSplit
from datamodules.tabular import TabularDataModule
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification


class Peek(ColumnFeatures):
    """A feature that is the target."""

    shared = True

    @property
    def names(self) -> list[str]:
        return ["peek"]

    def fit(self, frame: pl.DataFrame, origin: str) -> None:
        assert "buys" in frame.columns  # training rows teach it

    def numbers(self, frame: pl.DataFrame, origin: str) -> Iterator[Any]:
        yield (frame["buys"] == "yes").cast(pl.Float64).to_numpy()

    def state_dict(self) -> dict[str, Any]:
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None: ...


class Look(TrainingStep):
    """A step that keeps the target of each row that it is shown, and changes another column."""

    seen: pl.Series

    def fit(self, training: TrainingRows) -> Cleaned:
        self.seen = training.records.frame["buys"]
        return Cleaned("Look")

    def apply(self, records):
        return records.with_columns([pl.col("height") * 2])


def data_of(people: Path, **settings: Any) -> TabularDataModule:
    data = TabularDataModule(str(people), target="buys", **settings)
    data.setup("fit")
    return data


def module(data: TabularDataModule) -> Classification:
    return Classification(data.spec, lambda spec: TabularMLP(spec, width=8, depth=1))


def test_a_feature_that_asks_for_the_target_is_told(people):
    with pytest.raises(UserError, match=r"A feature asks for the target 'buys' of the rows"):
        data_of(people, features=[Peek("age")])


def test_another_column_that_a_feature_misses_is_another_error(people):
    class Absent(Peek):
        def numbers(self, frame: pl.DataFrame, origin: str) -> Iterator[Any]:
            yield frame["no such column"].to_numpy()

    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        data_of(people, features=[Absent("age")])


def test_a_fitted_step_sees_targets_of_no_held_out_row(people):
    step = Look()
    data = data_of(people, cleaning=[step])
    assert data.split is not None
    whole = pl.read_csv(people)["buys"]
    shown = np.setdiff1d(np.arange(120), data.split.test)
    assert step.seen[data.split.test].null_count() == len(data.split.test)
    assert step.seen[shown].equals(whole[shown])
    data.setup("test")
    classes = data.spec.target.names if data.spec.target else []
    targets = torch.cat([batch["target"] for batch in data.test_dataloader()])
    assert [classes[place] for place in targets.tolist()] == whole[data.split.test].to_list()


def test_the_past_of_the_target_may_be_looked_back_at():
    rows = pl.DataFrame({"day": range(60), "y": [float(day % 7) for day in range(60)]})
    rows.write_csv("series.csv")
    lags = Lags("y", "day", steps=[])
    data = TabularDataModule(
        "series.csv", target="y", leave_out="day", features=[lags], split=TimeSplit(time="day")
    )
    data.setup("fit")
    assert data.store is not None
    numbers = data.store.unlabelled(torch.arange(60))["inputs"]
    assert isinstance(numbers, torch.Tensor)
    assert numbers[1:, 0].tolist() == rows["y"][:-1].to_list()


class Nosy(Callback):
    """A callback that does something with the datamodule in the middle of training."""

    def __init__(self, act) -> None:
        self.act = act

    def on_train_epoch_end(self, trainer, pl_module) -> None:
        self.act(trainer.datamodule, pl_module)


def rows_of(data: TabularDataModule) -> torch.Tensor:
    assert data.split is not None
    return torch.from_numpy(data.split.test)


@pytest.fixture
def nosy(people, trainer):
    def fit(act) -> TabularDataModule:
        data = data_of(people)
        trainer(callbacks=[Nosy(act)]).fit(module(data), data)
        return data

    return fit


def test_callbacks_get_no_target_of_held_out_rows_while_training(nosy, trainer):
    acts = [
        lambda data, _: data.test_dataloader(),
        lambda data, _: data.setup("test"),
        lambda data, _: data.store[rows_of(data)],
        lambda data, _: data.store.target[rows_of(data)],
        lambda data, module: trainer().test(module, data, verbose=False),
    ]
    for act in acts:
        with pytest.raises(UserError, match=r"'fulgurite test' measures them"):
            nosy(act)


def test_inputs_and_other_targets_are_had_while_training(nosy):
    def act(data: TabularDataModule, _) -> None:
        assert data.split is not None
        assert data.store is not None
        assert data.store.target is not None
        assert (data.store.target[data.split.val] >= 0).all()
        assert len(data.store.unlabelled(rows_of(data))["index"]) == 18

    nosy(act)


def test_from_python_a_trainer_tests_and_trains_again(people, trainer):
    data = data_of(people)
    model, run = module(data), trainer()
    run.fit(model, data)
    with pytest.raises(UserError, match=r"in Python trainer\.test\(module, datamodule\)"):
        data.test_dataloader()
    run.validate(model, data, verbose=False)
    (figures,) = run.test(model, data, verbose=False)
    assert 0 <= figures["test/accuracy"] <= 1
    assert len(data.store[rows_of(data)]["target"]) == 18 if data.store else False
    run.fit_loop.epoch_progress.reset()
    run.fit(model, data)
    with pytest.raises(UserError):
        data.test_dataloader()


def test_who_measures_by_hand_sets_up_for_it(people):
    data = TabularDataModule(str(people), target="buys")
    assert sum(len(batch["target"]) for batch in data.test_dataloader()) == 18
    data.setup("fit")
    with pytest.raises(UserError, match="hidden from all but a test"):
        data.test_dataloader()
    data.setup("test")
    assert sum(len(batch["target"]) for batch in data.test_dataloader()) == 18
