"""A config as a few flat settings, and as a text."""

import yaml

from fulgurite.hyperparameters import LONGEST, hyperparameters, readable


def test_classes_are_short_and_their_arguments_stand_below_them():
    optimizer = {"class_path": "torch.optim.AdamW", "init_args": {"lr": 0.003, "eps": None}}
    backbone = {"class_path": "rooms.nets.ConvNet", "init_args": {"widths": [32, 64]}}
    model = {"class_path": "a.Net", "init_args": {"backbone": backbone, "optimizer": optimizer}}
    assert hyperparameters({"model": model, "seed_everything": 0}) == {
        "model": "Net",
        "model.backbone": "ConvNet",
        "model.backbone.widths": "32, 64",
        "model.optimizer": "AdamW",
        "model.optimizer.lr": 0.003,
        "seed_everything": 0,
    }


def test_a_class_without_arguments_and_a_factory_s_further_ones_are_told():
    assert hyperparameters({"data": {"class_path": "Rows"}}) == {"data": "Rows"}
    timm = {"class_path": "timm.create_model", "dict_kwargs": {"depth": 3}}
    assert hyperparameters({"model": timm}) == {"model": "create_model", "model.depth": 3}


def test_what_a_list_names_stands_below_it():
    shift = {"class_path": "augment.RandomShift", "init_args": {"fraction": 0.125}}
    flip = {"class_path": "augment.RandomFlip"}
    assert hyperparameters({"data": {"augment": [shift, flip]}}) == {
        "data.augment": "RandomShift, RandomFlip",
        "data.augment.RandomShift.fraction": 0.125,
    }


def test_what_is_not_set_is_left_out_and_switches_are_words():
    data: dict[str, object] = {
        "target": None,
        "size": False,
        "pin": True,
        "columns": [],
        "more": {},
        "n": 0,
    }
    assert hyperparameters({"data": data}) == {"data.pin": "true", "data.n": 0}


def test_what_is_long_is_cut():
    told = hyperparameters({"data": {"categories": [f"column {n}" for n in range(99)]}})
    assert len(str(told["data.categories"])) == LONGEST
    assert str(told["data.categories"]).startswith("column 0, column 1, ")


def test_a_file_s_name_is_no_class():
    assert hyperparameters({"data": {"source": "my.Data.csv"}}) == {"data.source": "my.Data.csv"}


def test_of_the_machine_and_the_trainer_s_defaults_nothing_is_told():
    trainer = {"accelerator": "gpu", "max_epochs": 3, "max_steps": -1, "overfit_batches": 0.0}
    more = {"accumulate_grad_batches": 4, "devices": "auto", "logger": True}
    config = {"trainer": {**trainer, **more}, "data": {"workers": 8}, "unknown": 3}
    assert hyperparameters(config) == {
        "trainer.max_epochs": 3,
        "trainer.accumulate_grad_batches": 4,
    }


def test_of_what_stops_and_ranks_the_figure_and_the_patience_are_told():
    stopping = {"class_path": "EarlyStopping", "init_args": {"monitor": "val/f1", "patience": 2}}
    best = {"class_path": "ModelCheckpoint", "init_args": {"monitor": "val/f1", "save_top_k": 1}}
    assert hyperparameters({"early_stopping": stopping, "checkpoint": best}) == {
        "early_stopping.monitor": "val/f1",
        "early_stopping.patience": 2,
        "checkpoint.monitor": "val/f1",
    }


def test_the_text_has_data_and_model_first_and_no_nulls():
    config = {"checkpoint": 2, "trainer": {"a": None, "b": 1}, "model": {"c": [{"d": None}]}}
    config |= {"data": {"e": "é"}}
    text = readable(config)
    assert text.splitlines()[0] == "data:"
    assert "é" in text
    assert list(yaml.safe_load(text).items()) == [
        ("data", {"e": "é"}),
        ("model", {"c": [{}]}),
        ("trainer", {"b": 1}),
        ("checkpoint", 2),
    ]
