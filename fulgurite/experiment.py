"""A parsed config, from which fresh trainers, modules and datamodules are built."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import lightning as L
import yaml
from jsonargparse import Namespace
from lightning.fabric.plugins import CheckpointIO
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.loggers import Logger
from torch import nn

from callbacks.fine_tuning.feature_extractor import FeatureExtractor
from callbacks.interruption import Interruption
from callbacks.progress import EpochProgress
from datamodules.errors import UserError
from datamodules.files import written_whole
from datamodules.pretrained.place import in_no_file
from datamodules.sources.paths import absolute
from datamodules.sources.urls import is_url, without_secrets
from fulgurite import defaults
from fulgurite.arguments import Arguments, allow_users_modules
from fulgurite.checkpoints import RunCheckpoints
from fulgurite.construction import as_sentence
from fulgurite.devices import build_trainer
from fulgurite.lean_imports import imports_are_done
from fulgurite.parser import Prepare, overridden, parsed
from fulgurite.quiet import is_hushed, quieten
from fulgurite.tree import leaves

# the default of a foreign class, such as Lightning's Timer, may be an Enum
yaml.SafeDumper.add_multi_representer(Enum, lambda dumper, each: dumper.represent_data(each.value))

WEIGHTS = "model.init_args.backbone.init_args.weights"
PATHS = (
    "data.init_args.source",
    "data.init_args.tokenizer",
    WEIGHTS,
    "model.init_args.backbone.init_args.architecture",
)
"""Settings that may name a file or folder."""
Built = tuple[L.Trainer, L.LightningModule, L.LightningDataModule]


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
        self.cli = parsed(arguments)
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
        config = overridden(self.cli.parser, self.config, overrides or {})
        seed = config.seed_everything
        if not isinstance(seed, bool) and not 0 <= seed < 2**32:
            place = self.arguments.where(("seed_everything",))
            raise UserError(f"{place}: a seed is a whole number from 0 to {2**32 - 1}, not {seed}.")
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
        _absolute_paths(config)
        with written_whole(path) as partial:
            partial.write_text(self.dump(config), encoding="utf-8")

    def dump(self, config: Namespace | None = None) -> str:
        """Return every setting as YAML; passwords in URLs are masked."""
        text: str = self.cli.parser.dump(config or self.config, format="yaml", skip_none=False)
        return without_secrets(text)

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
        if told is not None and str(told).startswith("--"):
            return self._with_line(told)
        if refused is None:
            return told
        target, reason = refused
        if told is not None and told is not reason:
            return told
        if isinstance(reason, UserError) and str(reason).startswith("--"):
            return self._with_line(reason)
        place = self._place_of(target, str(reason))
        text, said = as_sentence(reason), f"{target.__name__} says: "
        if isinstance(reason, UserError):  # it names the setting itself, but not the line
            said, text = "", re.sub(r"^--[\w.]+: ", "", text) if place else text
        return UserError(f"{place}: {said}{text}" if place else text)

    def _with_line(self, told: UserError) -> UserError:
        """Return a mistake that names a setting by its flag, with the line where it was given."""
        flag, colon, rest = str(told).removeprefix("--").partition(": ")
        given = colon and re.fullmatch(r"[\w.]+", flag)
        if not given:
            return told
        beside = self._source_beside_config() if flag == "data.source" else ""
        return UserError(f"{self.arguments.where(tuple(flag.split('.')))}: {rest}{beside}")

    def _source_beside_config(self) -> str:
        """Return a hint where the source lies beside a config: it is looked for from here."""
        given = self.config.get("data.init_args.source")
        if not isinstance(given, str) or is_url(given):
            return ""
        source = Path(given)
        found = [c.parent / source for c in self.arguments.configs if (c.parent / source).exists()]
        if source.is_absolute() or source.exists() or not found:
            return ""
        return f" Paths are from where you are; beside the config it is --data.source {found[0]}."

    def _place_of(self, target: type, reason: str) -> str:
        """Return where the class that refused was named, or its argument that the reason tells.

        By its name, or by its value in quotation marks.
        """
        named = [p for p, name in leaves(self.config.as_dict()) if _is_class(name, target)]
        if not named:
            return ""
        path = named[0]
        words = set(re.findall(r"\w+", reason))
        own = [(p, value) for p, value in leaves(self.arguments.tree) if p[:-1] == path]
        given = [p for p, value in own if p[-1] in words]
        given += [p for p, value in own if p[-1] != "class_path" and f"'{value}'" in reason]
        return self.arguments.where(given[0] if given else (*path, "class_path"))


def _is_class(name: Any, target: type) -> bool:
    return isinstance(name, str) and name.rpartition(".")[2] == target.__name__ and "." in name


def _watching(
    init: Namespace, run: Path | None, triggers: dict[str, Any], told: dict[str, Any] | None
) -> list[L.Callback]:
    """Return what watches training by default."""
    best = init.checkpoint if run is not None else None
    validated = _has_validation(init)
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
            chosen["plugins"] = [*plugins, RunCheckpoints(run, _frozen(init.model, users))]
    # what ends training after a step comes after all that count the step
    ordered = sorted([*callbacks, *users], key=lambda each: isinstance(each, Interruption))
    return build_trainer({**chosen, "callbacks": ordered})


def _frozen(module: L.LightningModule, callbacks: list[Any]) -> nn.Module | None:
    """Return what training will leave as it is, if anything."""
    backbone = getattr(module, "backbone", None)
    if not any(isinstance(each, FeatureExtractor) for each in callbacks):
        return None
    return backbone if isinstance(backbone, nn.Module) else None


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


def _has_validation(init: Namespace) -> bool:
    split = getattr(init.data, "split", None)
    return init.trainer.limit_val_batches != 0 and (split is None or len(split.val) > 0)


def _absolute_paths(config: Namespace) -> None:
    """Write paths of data and of pretrained files so that they are found from anywhere."""
    for key in PATHS:
        given = config.get(key)
        if isinstance(given, str | list) and not (key == WEIGHTS and _is_word(given)):
            config[key] = absolute(given)


def _is_word(weights: Any) -> bool:
    """Tell whether weights are named by a word, even where a folder of that name lies about."""
    return isinstance(weights, str) and (in_no_file(weights) or weights.lower() == "default")


def _mistake_behind(error: BaseException | None) -> UserError | None:
    """Return the user's mistake that the parser's own error, of a link or a union, hides."""
    while error is not None and not isinstance(error, UserError):
        error = error.__cause__ or error.__context__
    return error
