"""A parsed config, from which fresh trainers, modules and datamodules are built."""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import lightning as L
import yaml
from jsonargparse import ArgumentError, Namespace
from lightning.fabric.plugins import CheckpointIO
from lightning.pytorch.callbacks import Checkpoint, EarlyStopping, ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.loggers import Logger

from callbacks.progress import EpochProgress
from datamodules.errors import UserError
from datamodules.files import written_whole
from datamodules.spec import DataSpec
from fulgurite import defaults, settings
from fulgurite.arguments import Arguments, allow_users_modules
from fulgurite.checkpoints import RunCheckpoints
from fulgurite.construction import Construction, Section, as_sentence
from fulgurite.devices import build_trainer
from fulgurite.lean_imports import imports_are_done
from fulgurite.quiet import is_hushed, quieten
from fulgurite.tree import leaves, put

# the default of a foreign class, such as Lightning's Timer, may be an Enum
yaml.SafeDumper.add_multi_representer(Enum, lambda dumper, each: dumper.represent_data(each.value))

Prepare = Callable[[L.LightningDataModule], None]
Built = tuple[L.Trainer, L.LightningModule, L.LightningDataModule]


class ParserRefusal(Exception):  # noqa: N818  handed from the parser on, it is no user's to see
    """What the parser says of a config, in words of its own."""


class Parser(LightningArgumentParser):
    """A parser that raises instead of printing its usage and leaving."""

    def error(self, message: str, ex: Exception | None = None) -> Any:
        """Raise what is wrong."""
        raise ParserRefusal(message) from ex


class ExperimentCLI(LightningCLI):
    """Lightning's command line as a parser only: nothing is built before it is asked for."""

    def __init__(self, words: list[str]) -> None:
        self.prepare: Prepare | None = None
        self.construction = Construction()
        super().__init__(
            L.LightningModule,
            L.LightningDataModule,
            save_config_callback=None,
            trainer_defaults=settings.TRAINER,
            seed_everything_default=settings.SEED,
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
            default=settings.EARLY_STOPPING,
            help="when to end training; null trains to the end",
        )
        parser.add_argument(
            "--checkpoint",
            type=ModelCheckpoint | None,
            default=settings.CHECKPOINT,
            help="which weights are kept as the best; null keeps none",
        )

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        """Parse the words given; Lightning would warn that ``sys.argv`` holds others."""
        self.config = parser.parse_args(args)

    def _add_instantiators(self) -> None:
        """Build as Lightning does, and remember what refuses its arguments."""
        for key, base in (("model", L.LightningModule), ("data", L.LightningDataModule)):
            section = Section(self, key, self.construction)
            self.parser.add_instantiator(section, base, subclasses=True)
        self.parser.add_instantiator(self.construction, object, subclasses=True)

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

    Raises:
        UserError: the config is wrong; the sentence names the setting and the nearest choices.
    """

    def __init__(self, arguments: Arguments) -> None:
        quieten()
        allow_users_modules(arguments.configs)
        self.arguments = arguments
        self.name = _run_name(arguments.configs)
        self.cli = _parsed(arguments)
        imports_are_done()
        self.config: Namespace = self.cli.config

    def build(
        self,
        overrides: Mapping[str, Any] | None = None,
        *,
        run: Path | None = None,
        from_step: int = 0,
        fitting: bool = True,
        prepare: Prepare | None = None,
    ) -> Built:
        """Return a fresh trainer, module and datamodule, with the weights that the seed gives.

        Args:
            overrides: settings by their full paths, such as
                ``{"model.init_args.optimizer.init_args.lr": 0.1}``, checked as those of a config.
            run: the run folder; ``None`` for what is trained and kept in memory alone, without
                loggers and checkpoints.
            from_step: where the loggers of a resumed run go on.
            fitting: with early stopping, checkpoints and loggers.
            prepare: called with the datamodule before the module is built from its spec.

        Raises:
            UserError: a class refuses its arguments, or an override does not fit.
        """
        config = self._overridden(overrides or {})
        seed = config.seed_everything
        if seed is not False:
            L.seed_everything(None if seed is True else seed, workers=True, verbose=False)
        if is_hushed():
            config.trainer.enable_progress_bar = False
        triggers = defaults.take_triggers(config)
        init = self._instantiate(config, prepare)
        logged = run is not None and fitting and config.trainer.logger is not False
        told = yaml.safe_load(self.dump(config)) if logged else None
        callbacks = _watching(init, run, triggers, told) if fitting else _bar(init.trainer)
        loggers = defaults.default_loggers(run, from_step) if run is not None and logged else []
        trainer = _trainer(init, run if fitting else None, loggers, callbacks)
        return trainer, init.model, init.data

    @property
    def seed(self) -> Any:
        """The seed of splits, order and first weights."""
        return self.config.seed_everything

    def save(self, path: Path) -> None:
        """Write the config with every setting, from which the same run can be started anywhere."""
        config = self.config.clone()
        _absolute_source(config)
        with written_whole(path) as partial:
            partial.write_text(self.dump(config), encoding="utf-8")

    def dump(self, config: Namespace | None = None) -> str:
        """Return every setting as YAML."""
        text: str = self.cli.parser.dump(config or self.config, format="yaml", skip_none=False)
        return text

    def _overridden(self, overrides: Mapping[str, Any]) -> Namespace:
        config: Namespace = self.config.clone()
        for key, value in overrides.items():
            nested: dict[str, Any] = {}
            put(nested, key.split("."), value)
            try:
                config = self.cli.parser.parse_object(nested, config)
            except (ParserRefusal, ArgumentError) as error:
                raise UserError(
                    f"{key}: {value!r} does not fit: {_shortened(str(error))}"
                ) from error
        return config

    def _instantiate(self, config: Namespace, prepare: Prepare | None) -> Namespace:
        self.cli.prepare = prepare
        self.cli.config = config
        self.cli.construction.refused = None
        # what a first build left there would become the second one's hparams
        self.cli.__dict__.pop("config_dump", None)
        try:
            init: Namespace = self.cli.parser.instantiate_classes(config)
        except Exception as error:
            raise self._mistake(error) or error from error
        return init

    def _mistake(self, error: Exception) -> UserError | None:
        """Return the user's mistake behind an error, with the setting that is to be mended."""
        refused = self.cli.construction.refused
        told = _mistake_behind(error)
        if refused is None or (told is not None and str(told).startswith("--")):
            return told
        target, reason = refused
        if told is not None and told is not reason:
            return told
        place = self._place_of(target, str(reason))
        said = "" if isinstance(reason, UserError) else f"{target.__name__} says: "
        return UserError(f"{place}: {said}{as_sentence(reason)}" if place else as_sentence(reason))

    def _place_of(self, target: type, reason: str) -> str:
        """Return where the class that refused was named, or its argument that the reason names."""
        named = [p for p, name in leaves(self.config.as_dict()) if _is_class(name, target)]
        if not named:
            return ""
        path = named[0]
        words = set(re.findall(r"\w+", reason))
        given = [p for p, _ in leaves(self.arguments.tree) if p[:-1] == path and p[-1] in words]
        return self.arguments.where(given[0] if given else (*path, "class_path"))


def _is_class(name: Any, target: type) -> bool:
    return isinstance(name, str) and name.rpartition(".")[2] == target.__name__ and "." in name


def help_all() -> str:
    """Return every setting, as the parser tells them."""
    text: str = UnparsedCLI([]).parser.format_help()
    return text


class UnparsedCLI(ExperimentCLI):
    """The parser alone, without a config."""

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:
        """Parse nothing."""
        self.config = Namespace()  # type: ignore[no-untyped-call]


def _parsed(arguments: Arguments) -> ExperimentCLI:
    """Parse, and say in a person's words what does not fit."""
    try:
        cli = ExperimentCLI(arguments.words())
        if not isinstance(cli.config.trainer, Namespace):
            raise ParserRefusal("trainer takes keys")  # which the parser does not mind
        return cli
    except (ParserRefusal, ArgumentError) as refusal:
        from fulgurite.diagnosis import mistakes

        found = mistakes(arguments) or [_shortened(str(refusal))]
        raise UserError("\n".join(found)) from refusal


def _watching(
    init: Namespace, run: Path | None, triggers: dict[str, Any], told: dict[str, Any] | None
) -> list[L.Callback]:
    """Return what watches training by default."""
    best = init.checkpoint if run is not None else None
    validated = _has_validation(init.data)
    return [
        *defaults.default_callbacks(init.trainer, init.checkpoint, told),
        *defaults.stopping_and_checkpoints(
            run, init.early_stopping, best, triggers, validated=validated
        ),
    ]


def _trainer(
    init: Namespace, run: Path | None, loggers: list[Logger], callbacks: list[L.Callback]
) -> L.Trainer:
    """Return a trainer that keeps what it makes in the run folder, if there is one."""
    chosen = dict(init.trainer)
    users = _as_list(chosen.pop("callbacks", None))
    chosen["logger"] = [*loggers, *_as_list(init.trainer.logger)] if loggers else False
    if not any(isinstance(each, Checkpoint) for each in [*callbacks, *users]):
        chosen["enable_checkpointing"] = False
    if run is not None:
        chosen["default_root_dir"] = chosen.get("default_root_dir") or run
        plugins = _as_list(chosen.get("plugins"))
        if not any(isinstance(each, CheckpointIO) for each in plugins):
            chosen["plugins"] = [*plugins, RunCheckpoints(run)]
    return build_trainer({**chosen, "callbacks": [*callbacks, *users]})


def _run_name(configs: Sequence[Path]) -> str:
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
