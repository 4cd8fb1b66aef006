"""What is parsed: checked as a config is, with the mistake told and nothing built."""

import pytest

from datamodules.errors import UserError
from fulgurite.arguments import Arguments, read_arguments
from fulgurite.parser import ExperimentCLI, help_all, overridden, parsed

LR = "model.init_args.optimizer.init_args.lr"


@pytest.fixture
def cli(config) -> ExperimentCLI:
    return parsed(read_arguments(["--config", str(config)]))


def test_values_have_the_types_of_the_signatures_and_nothing_is_built(cli):
    assert cli.config[LR] == 0.01
    assert cli.config.trainer.max_epochs == 2
    assert cli.config.data.class_path == "datamodules.tabular.TabularDataModule"
    assert not hasattr(cli, "trainer")
    assert not hasattr(cli, "model")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ((("trainer.max_epoch", "3"),), r"max_epoch: the trainer has no setting 'max_epoch'\. Did"),
        ((("trainer", "3"),), r"it takes keys such as max_epochs"),
    ],
)
def test_what_does_not_fit_is_told(flags, sentence):
    with pytest.raises(UserError, match=sentence):
        parsed(Arguments(flags=flags))


def test_an_override_is_checked_and_leaves_the_config_as_it_was(cli):
    changed = overridden(cli.parser, cli.config, {LR: "0.5", "trainer.max_epochs": 7})
    assert (changed[LR], changed.trainer.max_epochs) == (0.5, 7)
    assert (cli.config[LR], cli.config.trainer.max_epochs) == (0.01, 2)
    assert overridden(cli.parser, cli.config, {}) is not cli.config  # a build changes its own
    with pytest.raises(UserError, match=r"^trainer\.max_epochs: 'many' does not fit: "):
        overridden(cli.parser, cli.config, {"trainer.max_epochs": "many"})


def test_every_setting_is_told_without_a_config():
    text = help_all()
    for flag in ("--data", "--model", "--trainer.max_epochs", "--early_stopping", "--checkpoint"):
        assert f"{flag} " in text
