"""Wrong configs: each message names the setting, where it was given, and the right word first."""

from pathlib import Path

import pytest

# what is typed; where the message says it was; what it must say
FLAGS = [
    ("--model.backbone.wdth 3", "--model.backbone.wdth", "Did you mean 'width'"),
    ("--model.backbone TabularMPL", "--model.backbone", "Did you mean 'TabularMLP'"),
    ("--model.backbone tabularmlp", "--model.backbone", "Did you mean 'TabularMLP'"),
    ("--model.bakbone TabularMLP", "--model.bakbone", "Did you mean 'backbone'"),
    ("--model.backbone nonet.Foo", "--model.backbone", "there is no module 'nonet'"),
    ("--model.backbone nonet.ConvNt", "--model.backbone", "Did you mean 'ConvNet'"),
    ("--model.backbone.dropout 2", "--model.backbone.dropout", "dropout of 0 up to below 1"),
    ("--model.backbone.numeric piecwise", "--model.backbone.numeric", "Did you mean 'piecewise'"),
    ("--model.lr 0.1", "--model.lr", "Did you mean 'optimizer.lr'"),
    ("--model Regresion", "--model", "Did you mean 'Regression'"),
    ("--model Regression", "--model", "the data's target is binary: use Classification"),
    ("--model.spec 3", "--model.spec", "the data give this"),
    ("--model.head Liner", "--model.head", "Did you mean 'Linear'"),
    ("--model.loss CrosEntropyLoss", "--model.loss", "Did you mean 'CrossEntropyLoss'"),
    ("--model.loss torch.nn.MSELos", "--model.loss", "'torch.nn' has no class 'MSELos'. Did you"),
    ("--model.loss MSELoss", "", "The loss MSELoss does not fit a binary target"),
    ("--model.class_weight balance", "--model.class_weight", "Did you mean 'balanced'"),
    ("--model.optimizer AdamV", "--model.optimizer", "Did you mean 'AdamW'"),
    ("--model.optimizer torch.nn.Linear", "--model.optimizer", "Linear is no Optimizer. Valid: "),
    ("--model.optimizer.lrr 1", "--model.optimizer.lrr", "Did you mean 'lr'"),
    ("--model.optimizer.lr abc", "--model.optimizer.lr", "'abc' was given, but it takes a number."),
    ("--model.optimizer.lr -1", "--model.optimizer", "Invalid learning rate: -1.0"),
    ("--model.optimizer.betas 0.9", "--model.optimizer.betas", "it takes a list"),
    ("--model.schedule WarmupCosin", "--model.schedule", "Did you mean 'WarmupCosine'"),
    ("--model.schedule.warmup 3", "--model.schedule", "which schedule? Say --model.schedule CLASS"),
    ("--data.sorce x", "--data.sorce", "Did you mean 'source'"),
    ("--data.source peple.csv", "--data.source", "Did you mean 'people.csv'"),
    ("--data.source no/people.csv", "--data.source", "its folder 'no' does not exist"),
    ("--data.source sample:digit", "--data.source", "Did you mean 'digits'"),
    ("--data.schema.city catgory", "--data.schema.city", "Did you mean 'category'"),
    ("--data.target buy", "--data.target", "Did you mean 'buys'"),
    ("--data.leave_out [hight]", "--data.leave_out", "Did you mean 'height'"),
    ("--data.cleaning Duplicates", "--data.cleaning", "such as [Duplicates]."),
    ("--data.batch_size big", "--data.batch_size", "it takes a whole number or null"),
    ("--data.batch_size 0", "--data.batch_size", "at least 1 row"),
    ("--data.split.vall 0.2", "--data.split.vall", "Did you mean 'val'"),
    ("--data.split.val 2", "", "try --data.split.val 0.15"),
    (
        "--data.split {class_path: TimeSplit, column: height}",
        "data.split.column",
        "TimeSplit has no argument 'column'.",
    ),
    ("--data.split {class_path: GroupedSplit, grop: city}", "data.split.grop", "mean 'group'"),
    ("--data.split GroupedSplit", "--data.split", "GroupedSplit needs 'data.split.group'"),
    ("--data.split torch.nn.Linear", "--data.split", "Linear is no StratifiedSplit. Valid: "),
    ("--data.cleaning Duplicates", "--data.cleaning", "is wanted, such as [Duplicates]."),
    ("--data TabularDatModule", "--data", "Did you mean 'TabularDataModule'"),
    ("--data people.csv", "--data", "'people.csv' is a file: name it by --data.source"),
    ("--data ImageDataModule", "data.image", "no column holds image paths"),
    ("--trainer.max_epoch 3", "--trainer.max_epoch", "Did you mean 'max_epochs'"),
    ("--trainer.overfit_batches 1", "--trainer.overfit_batches", "--trainer.limit_train_batches 1"),
    ("--trainer.max_epochs many", "--trainer.max_epochs", "it takes a whole number or null"),
    ("--trainer.max_epochs -5", "--trainer.max_epochs", "You passed in -5"),
    ("--trainer.max_time soon", "--trainer.max_time", "DD:HH:MM:SS"),
    ("--trainer.precision bf17", "--trainer.precision", "Did you mean 'bf16'"),
    ("--trainer.accelerator gpuu", "--trainer.accelerator", "Did you mean 'gpu'"),
    ("--trainer.strategy dpp", "--trainer.strategy", "Did you mean 'ddp'"),
    ("--trainer.devices two", "--trainer.devices", "the number of processes, 1 or more"),
    ("--trainer.profiler simpel", "--trainer.profiler", "Did you mean 'simple'"),
    ("--trainer.logger WandbLogger", "--trainer.logger", "pip install"),
    ("--trainer.fast_dev_run maybe", "--trainer.fast_dev_run", "a whole number or true or false"),
    ("--trainer.limit_train_batches 2.5", "--trainer.limit_train_batches", "invalid value 2.5"),
    ("--trainer.gradient_clip_val [1]", "--trainer.gradient_clip_val", "it takes a whole number"),
    ("--trainer.callbacks [EarlyStoping]", "trainer.callbacks.0", "Did you mean 'EarlyStopping'"),
    ("--trainer.callbacks [EarlyStopping]", "trainer.callbacks.0", "EarlyStopping needs"),
    ("--early_stopping.patence 3", "--early_stopping.patence", "Did you mean 'patience'"),
    ("--early_stopping.patience long", "--early_stopping.patience", "it takes a whole number"),
    ("--early_stopping.monitor val/los", "--early_stopping.monitor", "Did you mean 'val/loss'"),
    ("--checkpoint.monitor val/acuracy", "--checkpoint.monitor", "Did you mean 'val/accuracy'"),
    ("--checkpoint.mode best", "--checkpoint.mode", "can be min, max but got best"),
    ("--early_stoping.patience 3", "--early_stoping", "Did you mean '--early_stopping'"),
    ("--trainr.max_epochs 3", "--trainr", "Did you mean '--trainer'"),
    ("--dat.source x", "--dat", "Did you mean '--data'"),
    ("--seed 3", "--seed", "Did you mean '--seed_everything'"),
    ("--seed_everything abc", "--seed_everything", "true or false or a whole number"),
    ("--lr 0.1", "--lr", "Did you mean '--model.optimizer.lr'"),
    ("--epochs 3", "--epochs", "Did you mean '--trainer.max_epochs'"),
    ("--model.backbone null", "--model.backbone", "None was given, but it takes the name"),
    ("--model.backbone MLP", "--model.backbone", "Did you mean 'TabularMLP'"),
    ("--model.backbone json.JSONDecoder", "--model.backbone", "JSONDecoder is no Module"),
    ("--model.backbone math.pi", "--model.backbone", "'math.pi' is 3.14"),
    ("--model.backbone timm.create_model", "--model.backbone", "--model.backbone TimmBackbone"),
    ("--model.backbone torchvision.models.resnet18", "--model.backbone", "TorchvisionBackbone"),
    ("--model.schedule CosineWarmup", "--model.schedule", "Did you mean 'WarmupCosine'"),
    ("--model.optimizer.learning_rate 1", "--model.optimizer.learning_rate", "Did you mean 'lr'"),
    ("--trainer.callbacks [null]", "trainer.callbacks.0", "None was given"),
    ("--trainer.callbacks ModelPruning", "--trainer.callbacks", "ModelPruning needs"),
    ("--trainer.devices 0", "--trainer.devices", "is not a valid input"),
    ("--trainer.strategy fsdp", "--trainer.strategy", "requires a GPU"),
    ("--trainer.max_epochs", "--trainer.max_epochs", "no value was given"),
    (
        "--checkpoint.every_n_steps 5",
        "--checkpoint.every_n_steps",
        "mean 'every_n_train_steps'",
    ),
    ("--seed_everything -4", "--seed_everything", "a whole number from 0"),
    ("--init_form last", "--init_form", "Did you mean '--init_from'"),
    ("--ckpt_path last", "--ckpt_path", "Did you mean '--resume' or '--init_from'"),
]
# what is written for what in the config, which has 10 lines; the line; what it must say
LINES = [
    ("init_args: {width: 8, depth: 1}", "init_arg: {width: 8}", 7, "Did you mean 'init_args'"),
    ("class_path: TabularMLP", "class_pth: TabularMLP", 7, "Did you mean 'class_path'"),
    ("class_path: TabularMLP", "class_path: TabularMPL", 7, "Did you mean 'TabularMLP'"),
    ("class_path: TabularMLP", "class_path: 3", 7, "class_path is 3, but it takes the name"),
    ("    backbone:", "    bakbone:", 7, "Did you mean 'backbone'"),
    ("width: 8", "width: wide", 7, "'wide' was given, but it takes a whole number."),
    ("lr: 1e-2", "lr: fast", 8, "'fast' was given, but it takes a number."),
    ("max_epochs", "max_epoch", 9, "Did you mean 'max_epochs'"),
    ("model:", "modell:", 4, "Did you mean '--model'"),
    ("  class_path: TabularDataModule\n", "", 1, "which datamodule? Say --data CLASS"),
    (
        "source: people.csv, ",
        "",
        2,
        "needs 'data.source': it takes text or a list of text.",
    ),
    ("class_path: Classification", "class_path: collections.OrderedDict", 5, "is no Lightning"),
    ("class_path: Classification", "class_path: lightning_moduls.x.Clasification", 5, "mean 'Clas"),
    ("{max_epochs: 2, enable_progress_bar: false}", "3", 9, "it takes keys such as max_epochs"),
    ("{max_epochs: 2,", "{max_epochs: 2", 9, "is not valid YAML in line 9"),
    ("source: people.csv", "source: peple.csv", 3, "Did you mean 'people.csv'"),
    ("target: buys", "target: buy", 3, "Did you mean 'buys'"),
    ("trainer:", "model: {}\ntrainer:", 9, "the key 'model' stands in line 4 already"),
]


def check_error(outcome, told: str) -> str:
    """Check the form of a message, and return it."""
    assert outcome.status == 2, outcome
    assert "Traceback" not in outcome.err
    message = outcome.err[outcome.err.index("error: ") :].removeprefix("error: ")
    assert len(message.splitlines()) <= 12
    assert told in message, message
    assert "Namespace" not in message
    assert "jsonargparse" not in message
    if "Did you mean" in told:
        assert message.count("Did you mean") == 1
    return str(message)


@pytest.mark.parametrize(("flag", "place", "told"), FLAGS, ids=[flag for flag, _, _ in FLAGS])
def test_a_wrong_flag(command, config, flag, place, told):
    outcome = command("fit", "--config", config, *flag.split(" ", 1))
    assert check_error(outcome, told).startswith(place)


@pytest.mark.parametrize(("right", "wrong", "line", "told"), LINES)
def test_a_wrong_line(command, config, right, wrong, line, told):
    text = config.read_text()
    assert right in text
    config.write_text(text.replace(right, wrong))
    message = check_error(command("fit", "--config", config), told)
    assert f"people.yaml, line {line}" in message or f"YAML in line {line}" in message


def test_several_mistakes_are_told_at_once(command, config):
    words = ["--model.backbone.wdth", "3", "--trainer.max_epoch", "3", "--data.sorce", "x"]
    outcome = command("fit", "--config", config, *words, "--early_stopping.patence", "3")
    message = check_error(outcome, "'patience'")
    assert [line.partition(":")[0] for line in message.splitlines()] == [
        "--data.sorce",
        "--model.backbone.wdth",
        "--early_stopping.patence",
    ]


def test_the_last_of_two_configs_is_named(command, config):
    Path("second.yaml").write_text("trainer:\n  max_epoch: 3\n")
    outcome = command("fit", "--config", config, "--config", "second.yaml")
    assert "trainer.max_epoch in second.yaml, line 2" in check_error(outcome, "'max_epochs'")


def test_debug_shows_the_traceback(command, config):
    from datamodules.errors import UserError

    with pytest.raises(UserError):
        command("fit", "--debug", "--config", config, "--data.target", "buy")


def test_a_class_of_one_s_own_that_refuses_its_arguments(command, config):
    Path("own_loss.py").write_text(
        "from torch import nn\n\n\n"
        "class Loss(nn.CrossEntropyLoss):\n"
        "    def __init__(self, power: int):\n"
        "        super().__init__()\n"
        "        if power < 1:\n"
        "            raise ValueError('power is too small')\n"
    )
    words = ["--model.loss", "own_loss.Loss"]
    outcome = command("fit", "--config", config, *words, "--model.loss.power", "0")
    assert "--model.loss.power: Loss says: power is too small." in check_error(outcome, "power")
    outcome = command("fit", "--config", config, *words)
    assert "Loss needs 'model.loss.power': it takes a whole number." in check_error(outcome, "Loss")


def test_a_source_that_lies_beside_its_config_is_told(command, config):
    Path("lab").mkdir()
    Path("people.csv").rename("lab/people.csv")
    config.rename("lab/people.yaml")
    outcome = command("fit", "--config", "lab/people.yaml")
    assert "beside the config it is --data.source lab/people.csv." in check_error(outcome, "Paths")
    assert (
        command("fit", "--config", "lab/people.yaml", "--data.source", "lab/people.csv").status == 0
    )
