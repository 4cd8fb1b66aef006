"""One config, from which the same trainer, module and data are built as often as one likes."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger

from callbacks.prediction_table import PredictionTable
from callbacks.tensorboard import Curves
from callbacks.training_loss import TrainingLoss
from datamodules.errors import UserError
from fulgurite.arguments import read_arguments
from fulgurite.experiment import Experiment
from fulgurite.metrics_csv import MetricsCSV


def experiment(config, *words: str) -> Experiment:
    return Experiment(read_arguments(["--config", str(config), *words]))


def built(config, *words: str, **how: Any) -> Any:
    """Return trainer, module and datamodule."""
    return experiment(config, *words).build(run=Path("run"), **how)


def callbacks(config, *words: str) -> dict[type, object]:
    return {type(callback): callback for callback in built(config, *words)[0].callbacks}


@pytest.mark.slow
def test_building_twice_gives_equal_weights(config):
    twice = experiment(config)
    (_, first, data), (_, second, other) = (twice.build(run=Path("run")) for _ in range(2))
    assert first is not second
    assert data is not other
    weights, again = first.state_dict(), second.state_dict()
    assert all(again[name].equal(weights[name]) for name in weights)
    assert first.hparams == second.hparams
    _, third, _ = built(config, "--seed_everything", "1")
    assert not third.state_dict()["head.weight"].equal(weights["head.weight"])


def test_a_setting_changed_between_builds_is_kept_with_the_module(config):
    twice = experiment(config)
    twice.build()
    _, module, _ = twice.build({"model.init_args.optimizer.init_args.lr": 0.5})
    assert module.hparams["optimizer"]["init_args"]["lr"] == 0.5
    _, module, _ = twice.build()
    assert module.hparams["optimizer"]["init_args"]["lr"] == 0.01


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("model.init_args.optimizer.init_args.lr", "much", r"lr: 'much' does not fit"),
        ("trainer.max_epoch", 3, r"trainer\.max_epoch: 3 does not fit"),
    ],
)
def test_an_override_that_does_not_fit_is_told(config, key, value, sentence):
    with pytest.raises(UserError, match=sentence):
        experiment(config).build({key: value})


def test_without_a_run_folder_nothing_is_kept(config):
    trainer, module, data = experiment(config).build({"trainer.max_epochs": 1})
    trainer.fit(module, data)
    assert not list(Path().rglob("*.ckpt"))
    assert not Path("lightning_logs").exists()
    assert any(isinstance(each, EarlyStopping) for each in trainer.callbacks)  # type: ignore[attr-defined]


def test_the_data_describe_themselves_to_the_model(config):
    _, module, data = built(config, "--data.target", "plan")
    assert module.spec is data.spec
    assert module.head.out_features == 3


def test_a_flag_goes_before_the_config(config):
    words = ["--model.backbone", "FTTransformer", "--model.optimizer", "SGD"]
    words += ["--model.optimizer.lr", "1e-1", "--data.batch_size=7", "--data.split.val", "0.3"]
    trainer, module, data = built(config, *words, "--trainer.max_epochs", "5")
    assert type(module.backbone).__name__ == "FTTransformer"
    optimizer = module.configure_optimizers()
    assert (type(optimizer).__name__, optimizer.defaults["lr"]) == ("SGD", 0.1)
    assert (trainer.max_epochs, data.batch_size, len(data.split.val)) == (5, 7, 36)


def test_saved_it_starts_the_same_run(config):
    first = experiment(config, "--data.split.seed", "3", "--early_stopping.patience", "4")
    first.save(Path("saved.yaml"))
    second = experiment("saved.yaml")
    # the same but for the source, which is found from anywhere now
    first.config["data.init_args.source"] = str(Path("people.csv").resolve())
    assert second.cli.parser.dump(second.config) == first.cli.parser.dump(first.config)
    weights, again = (e.build(run=Path("run"))[1].state_dict() for e in (first, second))
    assert all(again[name].equal(weights[name]) for name in weights)
    saved = yaml.safe_load(Path("saved.yaml").read_text())
    assert "spec" not in saved["model"]["init_args"]
    assert saved["data"]["class_path"] == "datamodules.tabular.TabularDataModule"


@pytest.mark.parametrize(
    ("weights", "is_path"), [("Random", False), ("default", False), ("w", True)]
)
def test_saved_it_names_the_same_weights_from_anywhere(config, weights, is_path):
    Path(weights).mkdir()
    words = ["--model.backbone", "TransformersBackbone", "--model.backbone.weights", weights]
    experiment(config, *words).save(Path("saved.yaml"))
    saved = yaml.safe_load(Path("saved.yaml").read_text())
    kept = saved["model"]["init_args"]["backbone"]["init_args"]["weights"]
    assert kept == (str(Path(weights).resolve()) if is_path else weights)


def test_saved_it_still_leaves_out_what_the_user_left_out(config):
    experiment(config, "--early_stopping", "null").save(Path("saved.yaml"))
    assert EarlyStopping not in callbacks("saved.yaml")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("runs/digits/3/config.yaml", "digits"),
        ("lab/mine.yaml", "mine"),
        ("lab/config.yaml", "config"),
    ],
)
def test_a_run_is_named_after_its_config(config, path, name):
    Path(path).parent.mkdir(parents=True)
    Path(path).write_text(config.read_text())
    assert experiment(path).name == name


def test_early_stopping_is_set_by_its_arguments_and_left_out_by_null(config):
    patient = callbacks(config, "--early_stopping.patience", "3")[EarlyStopping]
    assert isinstance(patient, EarlyStopping)
    assert (patient.patience, patient.monitor) == (3, "val/loss")
    assert EarlyStopping not in callbacks(config, "--early_stopping", "null")


def test_checkpoints_are_set_by_their_arguments_and_left_out_by_null(config):
    words = ["--checkpoint.monitor", "val/auroc", "--checkpoint.mode", "max"]
    trainer, _, _ = built(config, *words)
    (best,) = (c for c in trainer.callbacks if isinstance(c, ModelCheckpoint))
    assert (best.monitor, best.mode) == ("val/auroc", "max")
    assert ModelCheckpoint not in callbacks(config, "--checkpoint", "null")


def test_users_callbacks_and_loggers_do_not_replace_ours(config):
    words = ["--trainer.callbacks", "[{class_path: PredictionTable, init_args: {path: p.csv}}]"]
    words += ["--trainer.logger", "{class_path: CSVLogger, init_args: {save_dir: mine}}"]
    trainer, _, _ = built(config, *words)
    kinds = [type(callback) for callback in trainer.callbacks]
    assert {PredictionTable, TrainingLoss, EarlyStopping, ModelCheckpoint} <= set(kinds)
    assert [type(logger) for logger in trainer.loggers] == [
        Curves,
        MetricsCSV,
        CSVLogger,
    ]


def test_only_training_has_loggers_and_stops_early(config):
    trainer, _, _ = built(config, fitting=False)
    assert trainer.loggers == []
    assert not any(isinstance(c, EarlyStopping) for c in trainer.callbacks)
    assert built(config, "--trainer.logger", "false")[0].loggers == []
    assert not Path("run").exists()


def test_the_data_are_prepared_before_the_module_is_built(config):
    state = built(config)[2].state_dict()
    _, module, _ = built(
        config, "--data.target", "plan", prepare=lambda data: data.load_state_dict(state)
    )
    assert module.spec.target.names == ["no", "yes"]
    assert module.head.out_features == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--model.backbone", "ConvNet"], r"ConvNet wants one image.*choose TabularMLP"),
        (["--data.source", "nowhere.csv"], r"There is no 'nowhere\.csv'"),
        (["--data.batch_size", "0"], r"batch_size is 0"),
        (["--data.split.val", "3"], r"shares of a split .* got val 3\.0"),
        (
            ["--data.split", "KFold", "--data.split.fold", "7"],
            r"^--data\.split\.fold: there is no fold 7: they count from 0 to 4\.$",
        ),
        (
            ["--trainer.accelerator", "abacus"],
            r"^--trainer\.accelerator: There is no",
        ),
        (
            ["--trainer.max_epochs", "-3"],
            r"^--trainer\.max_epochs: .*must be",
        ),
        (["--trainer.max_epoch", "3"], r"max_epoch"),
        (["--trainer.max_epochs", "many"], r"trainer\.max_epochs"),
    ],
)
def test_a_user_s_mistake_is_told_as_one(config, words, sentence):
    with pytest.raises(UserError, match=sentence):
        built(config, *words)


def test_a_bug_stays_a_bug(config, monkeypatch):
    from datamodules.tabular import TabularDataModule

    monkeypatch.setattr(TabularDataModule, "read", lambda self: 1 / 0)
    with pytest.raises((ZeroDivisionError, ValueError), match="division by zero"):
        built(config)


def test_data_that_do_not_describe_themselves_are_told(config):
    Path("plain.py").write_text(
        "import lightning as L\nclass Plain(L.LightningDataModule):\n    pass\n"
    )
    with pytest.raises(UserError, match=r"Plain does not say what its data look like"):
        built(config, "--data", "plain.Plain")
