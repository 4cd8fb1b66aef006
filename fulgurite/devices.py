"""The trainer on the devices that a config asks for, or a sentence about why not."""

import os
import re
from collections.abc import Mapping
from typing import Any

import lightning as L
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.accelerators import AcceleratorRegistry
from lightning.pytorch.strategies import StrategyRegistry
from lightning.pytorch.strategies.launchers.multiprocessing import _MultiProcessingLauncher
from lightning.pytorch.strategies.launchers.subprocess_script import _SubprocessScriptLauncher

from datamodules.errors import UserError, unknown
from fulgurite.construction import as_sentence
from fulgurite.launcher import watched

CLUSTER = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK")


def build_trainer(settings: Mapping[str, Any]) -> L.Trainer:
    """Return a trainer whose processes, if there are several, end together.

    Args:
        settings: its arguments.

    Raises:
        UserError: this machine cannot serve them.
    """
    _check_words(settings)
    _check_accelerator(settings.get("accelerator", "auto"))
    try:
        trainer = L.Trainer(**settings)
        _check_launcher(trainer.strategy.launcher)
    except (MisconfigurationException, ImportError, RuntimeError, TypeError, ValueError) as error:
        # Lightning raises these for settings that this machine cannot serve
        place, told = _setting_in(str(error), settings), as_sentence(error)
        if place == "--trainer.devices" and "CPUAccelerator" in told:
            raise UserError(
                f"{place} {settings['devices']}: on a CPU this is the number of processes, 1 or "
                f"more."
            ) from error
        raise UserError(f"{place}: the trainer cannot be built: {told}") from error
    return watched(trainer)


def _setting_in(told: str, settings: Mapping[str, Any]) -> str:
    """Return the setting that an error is about: what it was set to is told first, or its name."""
    assigned = [k for k, v in settings.items() if isinstance(v, int) and f"{k}={v}" in told]
    if assigned:
        return f"--trainer.{assigned[0]}"
    words = re.findall(r"[\w.-]+", told.casefold())
    given = {k: v.casefold() for k, v in settings.items() if isinstance(v, str) and v != "auto"}
    said = [key for key, value in given.items() if value in words]
    if said:
        return f"--trainer.{min(said, key=lambda key: words.index(given[key]))}"
    named = [key for key in settings if key in told]
    return f"--trainer.{max(named, key=len)}" if named else "--trainer"


def _check_words(settings: Mapping[str, Any]) -> None:
    """Raise UserError for a word that stands for no accelerator, strategy or profiler.

    Args:
        settings: the trainer's arguments.
    """
    words = {
        "accelerator": ["auto", "gpu", *AcceleratorRegistry.available_accelerators()],
        "strategy": ["auto", *StrategyRegistry.available_strategies()],
        "profiler": ["simple", "advanced", "pytorch", "xla"],
    }
    for key, valid in words.items():
        given = settings.get(key)
        if isinstance(given, str) and given.lower() not in valid:
            raise UserError(f"--trainer.{key}: {unknown(key, given, valid)}")


def _check_accelerator(name: object) -> None:
    """Raise UserError where a machine lacks what is asked for.

    Args:
        name: as in the config; what is no name, or none that is known, is Lightning's to judge.
    """
    kinds = ("cuda", "mps") if name == "gpu" else (str(name),)
    there_are = AcceleratorRegistry.available_accelerators()
    known = [AcceleratorRegistry[kind]["accelerator"] for kind in kinds if kind in there_are]
    if known and not any(kind.is_available() for kind in known):
        raise UserError(
            f"--trainer.accelerator {name}: this machine has none that torch can use; with 'auto' "
            f"training takes the best there is."
        )


def _check_launcher(launcher: object) -> None:
    """Raise an error where processes would be started in vain, or wait for others for ever."""
    if type(launcher) is _MultiProcessingLauncher:
        raise UserError(
            "--trainer.strategy: this one trains in processes from which no figures come back; "
            "use ddp, which starts processes too."
        )
    if not isinstance(launcher, _SubprocessScriptLauncher):
        return
    environment, nodes = launcher.cluster_environment, launcher.num_nodes
    environment.validate_settings(launcher.num_processes, nodes)
    alone = isinstance(environment, LightningEnvironment)
    if nodes > 1 and alone and not all(name in os.environ for name in CLUSTER):
        raise UserError(
            f"--trainer.num_nodes {nodes}: start the command on every machine, with "
            f"{', '.join(CLUSTER)} in the environment, or by torchrun or Slurm, which set them."
        )
