"""The trainer on the devices that a config asks for, or a sentence about why not."""

import os
from collections.abc import Mapping
from typing import Any

import lightning as L
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.accelerators import AcceleratorRegistry
from lightning.pytorch.strategies.launchers.multiprocessing import _MultiProcessingLauncher
from lightning.pytorch.strategies.launchers.subprocess_script import _SubprocessScriptLauncher

from datamodules.errors import UserError
from fulgurite.launcher import watched

CLUSTER = ("MASTER_ADDR", "MASTER_PORT", "NODE_RANK")


def build_trainer(settings: Mapping[str, Any]) -> L.Trainer:
    """Return a trainer whose processes, if there are several, end together.

    Args:
        settings: its arguments.

    Raises:
        UserError: this machine cannot serve them.
    """
    check_accelerator(settings.get("accelerator", "auto"))
    try:
        trainer = L.Trainer(**settings)
        _check_launcher(trainer.strategy.launcher)
    except (MisconfigurationException, ImportError, RuntimeError, ValueError) as error:
        # Lightning raises these for settings that this machine cannot serve
        raise UserError(f"The trainer cannot be built: {error}") from error
    except TypeError as error:
        if "devices" not in str(error):
            raise
        raise UserError(
            f"--trainer.devices {settings['devices']}: on a CPU this is the number of "
            f"processes, 1 or more."
        ) from error
    return watched(trainer)


def check_accelerator(name: object) -> None:
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
