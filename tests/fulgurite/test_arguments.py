"""What the user typed, as flags and configs, before anything heavy is imported."""

import json
import subprocess
import sys

import pytest
import yaml

from datamodules.errors import UserError
from fulgurite.arguments import Arguments, allow_users_modules, read_arguments

CONVNET = "lightning_modules.backbones.convnet.ConvNet"


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        (["--trainer.max_epochs", "5"], [("trainer.max_epochs", "5")]),
        (["--trainer.max_epochs=5"], [("trainer.max_epochs", "5")]),
        (["--model.optimizer.lr", "-1"], [("model.optimizer.lr", "-1")]),
        (["--data.source", "a=b.csv"], [("data.source", "a=b.csv")]),
        (["--data.target="], [("data.target", "")]),
        (["--trainer.fast_dev_run"], [("trainer.fast_dev_run", True)]),
        (["--a", "1", "--b=2", "--c", "3"], [("a", "1"), ("b", "2"), ("c", "3")]),
        (["--early_stopping", "null"], [("early_stopping", None)]),
        (["--model.backbone", "ConvNet"], [("model.backbone", CONVNET)]),
        (["--model.backbone.class_path=ConvNet"], [("model.backbone.class_path", CONVNET)]),
        (["--data", "ImageDataModule"], [("data", "datamodules.image.ImageDataModule")]),
        (["--data.target", "ConvNet"], [("data.target", "ConvNet")]),
    ],
)
def test_flags_become_settings(words, flags):
    assert list(read_arguments(words).flags) == flags


@pytest.mark.parametrize(
    ("word", "value"),
    [
        (
            "--data.augment=[RandomShift, {class_path: RandomFlip, p: 0.1}]",
            [
                "datamodules.augmentation.images.RandomShift",
                {
                    "class_path": "datamodules.augmentation.images.RandomFlip",
                    "init_args": {"p": 0.1},
                },
            ],
        ),
        ("--trainer.callbacks+=[TrainingLoss]", ["callbacks.training_loss.TrainingLoss"]),
        ("--model.loss={lr: 1e-3}", {"lr": 1e-3}),
        ("--data.leave_out=[ConvNet]", ["ConvNet"]),
        ("--data.leave_out+=[ConvNet]", ["ConvNet"]),
    ],
)
def test_values_may_be_yaml(word, value):
    (flag,) = read_arguments([word]).flags
    assert flag == (word.removeprefix("--").partition("=")[0], value)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["epochs"], r"^'epochs' is no flag: settings are given as --key value\.$"),
        (["--a", "1", "2"], r"^'2' is no flag"),
        (["--a=1", "2"], r"^'2' is no flag"),
        (["--data.augment", "[RandomShift"], r"^--data\.augment: '\[RandomShift' is not valid"),
        (["--config", "nowhere"], r"^There is no config 'nowhere'"),
    ],
)
def test_what_is_no_flag_is_told(words, sentence):
    with pytest.raises(UserError, match=sentence):
        read_arguments(words)


def test_configs_are_merged_in_order_and_flags_win(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text("model: {class_path: Classification, init_args: {backbone: ResNet}}")
    second.write_text("model: {init_args: {backbone: ConvNet}}\ntrainer: {max_epochs: 3}")
    words = ["--trainer.max_epochs", "9", "--config", str(first), "-c", str(second)]
    arguments = read_arguments([*words, "--model.backbone.dropout", "0.5"])
    assert arguments.configs == (first, second)
    assert arguments.tree == {
        "model": {
            "class_path": "lightning_modules.classification.Classification",
            "init_args": {"backbone": {"class_path": CONVNET, "init_args": {"dropout": "0.5"}}},
        },
        "trainer": {"max_epochs": "9"},
    }


def test_what_flags_alone_say(tmp_path):
    config = tmp_path / "a.yaml"
    config.write_text("model: {class_path: Classification}")
    arguments = read_arguments([f"--config={config}", "--model.backbone.dropout=0.5"])
    assert arguments.typed == {"model": {"backbone": {"dropout": "0.5"}}}


def test_the_parser_is_given_one_config():
    assert Arguments().words() == []
    # YAML knows dates and JSON does not
    tree = yaml.safe_load("data: {day: 2020-01-31, target: null, x: 1.5}")
    (config,) = Arguments(base=tree, flags=(("a", "1"),)).words()
    assert json.loads(config.removeprefix("--config=")) == {
        "data": {"day": "2020-01-31", "target": None, "x": 1.5},
        "a": "1",
    }


def test_a_command_has_flags_of_its_own():
    words = ["--ckpt_path", "a", "--x=1", "--ckpt_path=b", "--ckpt_path2=c", "--resume"]
    arguments = read_arguments(words, ["ckpt_path", "resume"])
    assert arguments.options == {"ckpt_path": "b", "resume": ""}
    assert arguments.flags == (("x", "1"), ("ckpt_path2", "c"))


def test_a_short_name_that_stands_for_nothing_is_told_with_its_line(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("model:\n  class_path: Classification\n  init_args: {backbone: ConvNt}\n")
    told = r"^model\.backbone in mine\.yaml, line 3: There is no backbone 'ConvNt'\. Did you mean "
    with pytest.raises(UserError, match=told + "'ConvNet'"):
        read_arguments(["--config", str(mine)])


def test_users_folders_come_last_on_the_import_path(tmp_path, monkeypatch):
    (tmp_path / "lab").mkdir()
    config = tmp_path / "lab" / "mine.yaml"
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), "/ours"])
    for _ in range(2):
        allow_users_modules([config])
        assert sys.path == ["/ours", str(tmp_path), str(tmp_path / "lab")]


def test_reading_arguments_imports_nothing_heavy():
    code = (
        "import sys; from fulgurite.arguments import read_arguments;"
        "read_arguments(['--config', 'digits_cnn', '--model.backbone', 'ResNet']);"
        "print([name for name in ('torch', 'lightning', 'polars') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
