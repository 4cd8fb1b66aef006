"""A parsed config, from which fresh trainers, modules and datamodules are built."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
from jsonargparse import Namespace
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from callbacks.progress import EpochProgress
from datamodules.errors import UserError
from datamodules.files import written_whole
from datamodules.spec import DataSpec
from fulgurite import defaults
from fulgurite.arguments import Arguments, allow_users_modules
from fulgurite.devices import build_trainer
from fulgurite.quiet import quieten

Prepare = Callable[[L.LightningDataModule], None]


class Parser(LightningArgumentParser):
    """A parser that raises instead of printing its usage and leaving."""

    def error(self, message: str, ex: Exception | None = None) -> Any:
        """Raise the mistake as one sentence."""
        raise UserError(_shortened(message)) from ex


class ExperimentCLI(LightningCLI):
    """Lightning's command line as a parser only: nothing is built before it is asked for."""

    def __init__(self, words: list[str]) -> None:
        self.prepare: Prepare | None = None
        super().__init__(
            L.LightningModule,
            L.LightningDataModule,
            save_config_callback=None,
            trainer_defaults=defaults.TRAINER,
            seed_everything_default=0,
            parser_class=Parser,
            # an abbreviated flag would be taken for whatever it begins
            parser_kwargs={"allow_abbrev": False},
            subclass_mode_model=True,
            subclass_mode_data=True,
            auto_configure_optimizers=False,
            args=words,
            run=False,
        )

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Let the data describe themselves to the model, and add what stands around training."""
        parser.link_arguments(
            "data", "model.init_args.spec", compute_fn=self._spec_of, apply_on="instantiate"
        )
        parser.add_argument(
            "--early_stopping",
            type=EarlyStopping | None,
            default=defaults.EARLY_STOPPING,
            help="when to end training; null trains to the end",
        )
        parser.add_argument(
            "--checkpoint",
            type=ModelCheckpoint | None,
            default=defaults.CHECKPOINT,
            help="which weights are kept as the best; null keeps none",
        )

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        """Parse the words given; Lightning would warn that ``sys.argv`` holds others."""
        self.config = parser.parse_args(args)

    def _spec_of(self, datamodule: L.LightningDataModule) -> DataSpec:
        if self.prepare is not None:
            self.prepare(datamodule)
        spec = getattr(datamodule, "spec", None)
        if not isinstance(spec, DataSpec):
            raise UserError(
                f"{type(datamodule).__name__} does not say what its data look like: give it a "
                f"property 'spec' that returns a DataSpec, or use a model that takes no 'spec'."
            )
        return spec

    def _set_seed(self) -> None:
        """Leave seeding to each build, so that the second has the same weights as the first."""

    def instantiate_classes(self) -> None:
        """Build nothing yet."""


class Experiment:
    """One config: what ``fit`` and every other workflow work on.

    Args:
        arguments: what the user typed.
    """

    def __init__(self, arguments: Arguments) -> None:
        quieten()
        allow_users_modules(arguments.configs)
        self.configs = arguments.configs
        self.name = _run_name(arguments.configs)
        self.cli = ExperimentCLI(arguments.words())
        self.config: Namespace = self.cli.config

    def build(
        self,
        run: Path,
        *,
        fitting: bool = True,
        prepare: Prepare | None = None,
    ) -> tuple[L.Trainer, L.LightningModule, L.LightningDataModule]:
        """Return a fresh trainer, module and datamodule, with the weights that the seed gives.

        Args:
            run: the run folder.
            fitting: with early stopping, checkpoints and loggers.
            prepare: called with the datamodule before the module is built from its spec.

        Raises:
            UserError: a class refuses its arguments.
        """
        config = self.config.clone()
        seed = config.seed_everything
        if seed is not False:
            L.seed_everything(None if seed is True else seed, workers=True, verbose=False)
        init = self._instantiate(config, prepare)
        trainer = self._trainer(init, run, fitting)
        return trainer, init.model, init.data

    def save(self, path: Path) -> None:
        """Write the config with every setting, from which the same run can be started anywhere."""
        config = self.config.clone()
        _absolute_source(config)
        with written_whole(path) as partial:
            text = self.cli.parser.dump(config, format="yaml", skip_none=False)
            partial.write_text(text, encoding="utf-8")

    def _instantiate(self, config: Namespace, prepare: Prepare | None) -> Namespace:
        self.cli.prepare = prepare
        self.cli.config = config
        # what a first build left there would become the second one's hparams
        self.cli.__dict__.pop("config_dump", None)
        try:
            init: Namespace = self.cli.parser.instantiate_classes(config)
        except Exception as error:
            mistake = _mistake_behind(error)
            if mistake is None:
                raise
            raise mistake from None
        return init

    def _trainer(self, init: Namespace, run: Path, fitting: bool) -> L.Trainer:
        settings = dict(init.trainer)
        users = _as_list(settings.pop("callbacks", None))
        callbacks: list[L.Callback] = _bar(init.trainer)
        if fitting:
            callbacks = defaults.default_callbacks(init.trainer, init.checkpoint)
            validated = _has_validation(init.data)
            callbacks += defaults.stopping_and_checkpoints(
                run, init.early_stopping, init.checkpoint, validated
            )
        logger = settings.pop("logger", None)
        if not fitting or logger is False:
            loggers: Any = False
        else:
            loggers = [*defaults.default_loggers(run), *_as_list(logger)]
        settings["default_root_dir"] = settings.get("default_root_dir") or run
        if fitting and init.checkpoint is None:
            settings["enable_checkpointing"] = False
        settings |= {"callbacks": [*callbacks, *users], "logger": loggers}
        return build_trainer(settings)


def _run_name(configs: list[Path]) -> str:
    """Return the first config's name, or that of the run whose config it is."""
    if not configs:
        return "unnamed"
    path = configs[0].resolve()
    of_a_run = path.name == "config.yaml" and path.parent.name.isdigit()
    return path.parent.parent.name if of_a_run else path.stem


def _as_list(value: Any) -> list[Any]:
    if value is None or value is True:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _bar(trainer: Any) -> list[L.Callback]:
    return [] if trainer.enable_progress_bar is False else [EpochProgress()]


def _has_validation(datamodule: L.LightningDataModule) -> bool:
    split = getattr(datamodule, "split", None)
    return split is None or len(split.val) > 0


def _absolute_source(config: Namespace) -> None:
    source = config.get("data.init_args.source")
    if isinstance(source, str) and Path(source).expanduser().exists():
        config["data.init_args.source"] = str(Path(source).expanduser().resolve())


def _mistake_behind(error: BaseException | None) -> UserError | None:
    """Return the user's mistake that the parser's own error, of a link or a union, hides."""
    while error is not None and not isinstance(error, UserError):
        error = error.__cause__ or error.__context__
    return error


def _shortened(message: str) -> str:
    """Return the parser's message without the parts that repeat it."""
    lines = [line.strip() for line in message.strip().splitlines() if line.strip()]
    return "\n".join(lines[:12])
