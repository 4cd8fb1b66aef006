"""From a source to batches: what is split, what is fitted, what is loaded, what is kept."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import lightning as L
import numpy as np
import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.splits.split import Split
from datamodules.splits.stratified import StratifiedSplit
from datamodules.tabular import TabularDataModule
from datamodules.trained import Trained
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification


class FirstAreTraining:
    """A splitter that looks at no values."""

    leave_out: tuple[str, ...] = ()

    def __call__(self, undivided) -> Split:
        return Split(*np.split(undivided.rows, [70, 100]))


class Scribble(torch.nn.Module):
    """A transform that leaves its mark on each image."""

    def forward(self, images):
        return torch.ones_like(images)


def prepared(source, stage: str = "fit", **settings: Any) -> TabularDataModule:
    data = TabularDataModule(str(source), **{"target": "buys", **settings})
    data.setup(stage)
    return data


def trained(data: TabularDataModule) -> Trained:
    assert data.trained is not None
    return data.trained


def parts(data: TabularDataModule) -> Split:
    assert data.split is not None
    return data.split


def module(data: TabularDataModule) -> Classification:
    return Classification(data.spec, partial(TabularMLP, width=8, depth=1))


def rewritten(source, name: str, change):
    """Write the table anew, changed, and return its path."""
    path = source.with_name(name)
    change(pl.read_csv(source)).write_csv(path)
    return path


def strange(frame: pl.DataFrame, rows) -> pl.DataFrame:
    """Give rows values that no other row has."""
    hit = pl.int_range(pl.len()).is_in(list(rows))
    return frame.with_columns(
        pl.when(hit).then(10**6).otherwise(pl.col("age")).alias("age"),
        pl.when(hit).then(-1e6).otherwise(pl.col("height")).alias("height"),
        pl.when(hit).then(pl.lit("Mars")).otherwise(pl.col("city")).alias("city"),
    )


@pytest.fixture
def checkpoint(people, trainer, tmp_path):
    """A checkpoint of one epoch on the table of people."""
    data, run = prepared(people), trainer()
    run.fit(module(data), data)
    run.save_checkpoint(tmp_path / "run.ckpt")
    return tmp_path / "run.ckpt"


# What is split and fitted


def test_every_row_stands_in_one_part_with_the_classes_frequencies(people):
    data = prepared(people)
    assert sorted(np.concatenate(parts(data)).tolist()) == list(range(120))
    buys = pl.read_csv(people)["buys"] == "yes"
    for part in parts(data):
        assert buys.gather(part).mean() == pytest.approx(buys.mean(), abs=0.05)


@pytest.mark.parametrize("target", ["buys", "spends"])
def test_rows_that_are_held_out_change_nothing_that_is_fitted(people, target):
    settings: dict[str, Any] = {"target": target, "split": FirstAreTraining()}
    data = prepared(people, **settings)
    held_out = np.concatenate([parts(data).val, parts(data).test])
    other = prepared(
        rewritten(people, "other.csv", lambda frame: strange(frame, held_out)), **settings
    )
    assert trained(other).data != trained(data).data
    assert other.spec.as_config() == data.spec.as_config()
    assert trained(other).features.state_dict() == trained(data).features.state_dict()
    assert other.spec.target is not None


def test_a_row_of_training_does_change_what_is_fitted(people):
    data = prepared(people, split=FirstAreTraining())
    first = parts(data).train[:1]
    other = prepared(
        rewritten(people, "other.csv", lambda frame: strange(frame, first)),
        split=FirstAreTraining(),
    )
    assert trained(other).features.state_dict() != trained(data).features.state_dict()


def test_the_spec_tells_of_the_target_what_training_rows_tell(people):
    def doubled_when_held_out(frame):
        return frame.with_columns(
            pl.when(pl.int_range(pl.len()) < 70).then("spends").otherwise(pl.col("spends") * 2)
        )

    settings: dict[str, Any] = {"target": "spends", "split": FirstAreTraining()}
    target = prepared(people, **settings).spec.target
    other = prepared(rewritten(people, "other.csv", doubled_when_held_out), **settings).spec.target
    first = pl.read_csv(people)["spends"][:70].to_numpy()
    assert target is not None
    assert other is not None
    assert target.mean == pytest.approx([first.mean()])
    assert target.std == pytest.approx([first.std()])
    assert (other.mean, other.std, other.rows) == (target.mean, target.std, 70)


def test_rows_without_a_target_are_left_out_and_others_keep_their_numbers(people):
    gaps = [0, 5, 119]
    path = rewritten(
        people,
        "gaps.csv",
        lambda frame: frame.with_columns(
            pl.when(pl.int_range(pl.len()).is_in(gaps)).then(None).otherwise("buys").alias("buys")
        ),
    )
    data = prepared(path)
    assert "left out 3 of 120 rows: no value in 'buys'" in data.notes
    assert sorted(np.concatenate(parts(data)).tolist()) == sorted({*range(120)} - {*gaps})
    buys = pl.read_csv(path)["buys"]
    for batch in data.train_dataloader():
        expected = [int(buys[row] == "yes") for row in batch["index"].tolist()]
        assert batch["target"].tolist() == expected


def test_what_a_model_is_not_to_see_is_no_input(people):
    columns = prepared(people, leave_out=["plan", "likes"]).spec.columns
    assert columns["categorical"] == ["city"]
    assert columns["numeric"] == ["age", "height", "spends", "saves", "age is missing"]


def test_a_target_must_be_named_and_be_there(people):
    with pytest.raises(UserError, match=r"which column is to be predicted\? Say --data\.target"):
        TabularDataModule(str(people)).setup("fit")
    with pytest.raises(UserError, match=r"has no column 'buy'\. Did you mean 'buys'"):
        prepared(people, target="buy")


def test_impossible_settings_are_refused(people):
    with pytest.raises(UserError, match=r"batch_size is 0 and workers is 0"):
        TabularDataModule(str(people), batch_size=0)
    with pytest.raises(UserError, match=r"workers is -1"):
        TabularDataModule(str(people), workers=-1)


# What is loaded


def test_batches_hold_the_rows_of_their_part(people):
    data = prepared(people, "test", batch_size=16)
    loaders = [data.train_dataloader(), data.val_dataloader(), data.test_dataloader()]
    for rows, loader in zip(parts(data), loaders, strict=True):
        batches = list(loader)
        assert max(len(batch["index"]) for batch in batches) <= 16
        assert sorted(torch.cat([batch["index"] for batch in batches]).tolist()) == rows.tolist()
        assert set(batches[0]["inputs"]) == set(data.spec.inputs)
        for name, shape in data.spec.inputs.items():
            assert list(batches[0]["inputs"][name].shape[1:]) == shape


def test_only_training_rows_are_shuffled(people):
    data = prepared(people, "test", batch_size=100)
    assert next(iter(data.val_dataloader()))["index"].tolist() == parts(data).val.tolist()
    assert next(iter(data.test_dataloader()))["index"].tolist() == parts(data).test.tolist()
    assert next(iter(data.train_dataloader()))["index"].tolist() != parts(data).train.tolist()


def test_a_part_without_rows(people):
    data = prepared(people, "test", split=StratifiedSplit(val=0.0, test=0.0))
    assert data.val_dataloader() == []
    with pytest.raises(UserError) as caught:
        data.test_dataloader()
    assert str(caught.value) == (
        f"{people}: the split leaves no rows for 'test': try --data.split.test 0.15."
    )


def test_setup_reads_once(people):
    data = prepared(people)
    store = data.store
    people.unlink()
    for stage in ("fit", "validate", "test"):
        data.setup(stage)
    assert data.store is store


def test_augmentation_changes_training_batches_alone(trainer):
    from datamodules.image import ImageDataModule
    from lightning_modules.backbones.convnet import ConvNet

    data = ImageDataModule("sample:digits", augment=[Scribble()], batch_size=500)
    network = Classification(data.spec, partial(ConvNet, widths=(4,)))
    marked = {}

    class Watch(L.Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
            marked["train"] = bool((batch["inputs"] == 1).all())

        def on_validation_batch_start(self, trainer, pl_module, batch, batch_idx, dataloader_idx=0):
            marked["val"] = bool((batch["inputs"] == 1).all())

        def on_test_batch_start(self, trainer, pl_module, batch, batch_idx, dataloader_idx=0):
            marked["test"] = bool((batch["inputs"] == 1).all())

    run = trainer(callbacks=[Watch()], limit_train_batches=1, limit_val_batches=1)
    run.fit(network, data)
    run.test(network, data, verbose=False)
    assert marked == {"train": True, "val": False, "test": False}


# What is kept


def test_a_checkpoint_holds_what_training_fixed_in_plain_values(people, checkpoint):
    state = torch.load(checkpoint, weights_only=True)["TabularDataModule"]
    data = TabularDataModule("nowhere.csv")
    data.load_state_dict(state)
    fresh = prepared(people)
    assert trained(data).same_as(trained(fresh))
    assert data.spec.as_config() == fresh.spec.as_config()


def test_the_same_data_keep_their_split_whatever_the_seed(people, checkpoint):
    state = torch.load(checkpoint, weights_only=True)["TabularDataModule"]
    data = TabularDataModule(str(people), target="buys", split=StratifiedSplit(seed=5))
    data.load_state_dict(state)
    data.setup("test")
    assert parts(data).fingerprint == parts(prepared(people)).fingerprint
    assert parts(prepared(people, split=StratifiedSplit(seed=5))).fingerprint != (
        parts(data).fingerprint
    )


def test_rows_prepared_before_the_state_came_are_prepared_again(people, checkpoint):
    state = torch.load(checkpoint, weights_only=True)["TabularDataModule"]
    data = prepared(people, "test", split=StratifiedSplit(seed=5), scaling="standard")
    data.load_state_dict(state)
    batch, expected = (next(iter(d.test_dataloader())) for d in (data, prepared(people, "test")))
    assert batch["index"].equal(expected["index"])
    assert batch["inputs"]["numeric"].equal(expected["inputs"]["numeric"])


def test_other_data_are_all_held_out_and_prepared_as_in_training(people, checkpoint):
    other = rewritten(people, "other.csv", lambda frame: frame[:50].with_columns(age=30))
    data = TabularDataModule(str(other))
    data.load_state_dict(torch.load(checkpoint, weights_only=True)["TabularDataModule"])
    data.setup("test")
    assert [len(part) for part in parts(data)] == [0, 0, 50]
    assert sum("not the data of the training" in note for note in data.notes) == 1
    assert any(note.endswith("all 50 rows are measured") for note in data.notes)
    first, before = (
        next(iter(d.test_dataloader()))["inputs"]["numeric"]
        for d in (data, prepared(people, "test"))
    )
    assert first.shape[1] == before.shape[1]
    assert len(set(first[:, 0].tolist())) == 1
    assert -1 < float(first[0, 0]) < 0  # 30 is young among those of training
    with pytest.raises(UserError, match=r"no rows for 'train': the model was trained on other"):
        data.train_dataloader()


def test_a_class_of_other_data_must_be_known(people, checkpoint):
    other = rewritten(people, "other.csv", lambda frame: frame.with_columns(buys=pl.lit("maybe")))
    data = TabularDataModule(str(other))
    data.load_state_dict(torch.load(checkpoint, weights_only=True)["TabularDataModule"])
    with pytest.raises(UserError, match=r"other\.csv: 'buys' is 'maybe' in row 1 \(and in"):
        data.setup("test")


def test_training_does_not_go_on_with_other_data(people, checkpoint, trainer):
    other = prepared(rewritten(people, "other.csv", lambda frame: frame[:100]))
    with pytest.raises(UserError, match=r"other\.csv: these are not the data that the run was"):
        trainer(max_epochs=2).fit(module(other), other, ckpt_path=checkpoint, weights_only=True)


def test_testing_other_data_prepares_them_anew(people, checkpoint, trainer):
    other = prepared(
        rewritten(
            people,
            "other.csv",
            lambda frame: frame[:60].with_columns(pl.col("height") + 0.5),
        )
    )
    trainer().test(module(other), other, ckpt_path=checkpoint, weights_only=True, verbose=False)
    assert [len(part) for part in parts(other)] == [0, 0, 60]
    assert other.spec.as_config() == prepared(people).spec.as_config()


def test_training_goes_on_with_the_same_data(people, checkpoint, trainer):
    data, run = prepared(people), trainer(max_epochs=2)
    run.fit(module(data), data, ckpt_path=checkpoint, weights_only=True)
    assert run.current_epoch == 2


def test_prediction_needs_no_target_and_keeps_every_row_in_order(people, checkpoint):
    bare = rewritten(people, "bare.csv", lambda frame: frame.drop("buys").reverse())
    data = TabularDataModule.load_from_checkpoint(checkpoint, source=str(bare), weights_only=True)
    data.load_state_dict(torch.load(checkpoint, weights_only=True)["TabularDataModule"])
    data.setup("predict")
    batches = list(data.predict_dataloader())
    assert torch.cat([batch["index"] for batch in batches]).tolist() == list(range(120))
    assert all("target" not in batch for batch in batches)
    numeric = torch.cat([batch["inputs"]["numeric"] for batch in batches])
    store = prepared(people).store
    assert store is not None
    inputs = store.unlabelled(torch.arange(120))["inputs"]
    assert isinstance(inputs, dict)
    assert numeric.equal(inputs["numeric"].flip(0))


def test_prediction_before_anything_else_prepares_training_first(people):
    data = TabularDataModule(str(people), target="buys", batch_size=50)
    assert sum(len(batch["index"]) for batch in data.predict_dataloader()) == 120
    assert data.spec.target is not None


def test_load_from_checkpoint_takes_settings_state_and_another_source(people, trainer, tmp_path):
    data = prepared(people, batch_size=7, split=StratifiedSplit(val=0.3), leave_out=["likes"])
    run = trainer()
    run.fit(module(data), data)
    run.save_checkpoint(tmp_path / "run.ckpt")
    new = rewritten(people, "new.csv", lambda frame: frame[:10].with_columns(age=30))

    same = TabularDataModule.load_from_checkpoint(tmp_path / "run.ckpt", weights_only=True)
    same.setup("test")
    assert parts(same).fingerprint == parts(data).fingerprint
    assert (same.batch_size, same.recipe.splitter, same.leave_out) == (
        7,
        StratifiedSplit(val=0.3),
        ["likes"],
    )

    other = TabularDataModule.load_from_checkpoint(
        tmp_path / "run.ckpt", source=str(new), weights_only=True
    )
    other.setup("test")
    assert other.spec.as_config() == data.spec.as_config()
    assert len(parts(other).test) == 10


def test_state_that_was_not_trained_is_empty(people):
    assert TabularDataModule(str(people)).state_dict() == {}


def test_the_user_decides_about_batches_first(people):
    assert len(next(iter(prepared(people).train_dataloader()))["index"]) in {14, 15}  # at most 16
    assert len(next(iter(prepared(people, batch_size=99).train_dataloader()))["index"]) == 84


@pytest.mark.parametrize(("given", "size"), [(None, 7), (20, 14)])
def test_a_size_that_nobody_gave_is_that_of_all_devices_together(people, given, size):
    # 84 rows, for which 16 are fitting, make 6 batches; 20 for each of two devices make 3
    data = prepared(people, batch_size=given)
    data.trainer = SimpleNamespace(global_rank=1, world_size=2)  # type: ignore[assignment]
    assert {len(batch["index"]) for batch in data.train_dataloader()} == {size}


def test_data_that_cannot_be_read_are_named_without_reading_them_again(monkeypatch):
    data = TabularDataModule("no.csv", target="y")
    monkeypatch.setattr(data, "read", lambda: pytest.fail("it reads"))
    assert str(data) == "TabularDataModule(no.csv)"


def test_rows_that_are_too_few_to_hold_any_out_are_told():
    Path("two.csv").write_text("x,y\n1,a\n2,b\n")
    with pytest.raises(UserError, match=r"the class 'a' \(and 1 more\) has one row"):
        TabularDataModule("two.csv", target="y").setup("fit")
    data = TabularDataModule("two.csv", target="y", split=StratifiedSplit(val=0, test=0))
    data.setup("fit")
    assert data.split is not None
    assert data.split.train.tolist() == [0, 1]
