"""How the first process starts the others."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import lightning as L
from lightning.fabric.utilities.distributed import _set_num_threads_if_needed
from lightning.pytorch.strategies.launchers.subprocess_script import _SubprocessScriptLauncher

from fulgurite.processes import CHILDREN, PARENT


class Launcher(_SubprocessScriptLauncher):
    """Lightning's launcher with our watch over the processes in place of its own.

    Its own looks every five seconds and kills all, itself included, without a word.
    """

    def launch(
        self, function: Callable[..., Any], *args: Any, trainer: Any = None, **kwargs: Any
    ) -> Any:
        """Start the other processes and call ``function``."""
        environment = self.cluster_environment
        environment.validate_settings(num_devices=self.num_processes, num_nodes=self.num_nodes)
        if not environment.creates_processes_externally:
            self._call_children_scripts()
            CHILDREN.watch(self.procs)
        _set_num_threads_if_needed(num_processes=self.num_processes)
        return function(*args, **kwargs)

    def kill(self, signum: Any) -> None:
        """End the other processes, which is then no accident; on SIGTERM this one too.

        Lightning would go on to broadcast the news from within the signal's handler, and wait for
        ever where the processes are in the middle of another exchange.
        """
        if PARENT not in os.environ:  # they were started by another program, which ends them
            super().kill(signum)
            return
        CHILDREN.end()
        if signum == signal.SIGTERM:
            signal.signal(signum, signal.SIG_DFL)
            os.kill(os.getpid(), signum)

    def _call_children_scripts(self) -> None:
        os.environ[PARENT] = str(os.getpid())
        if threading.current_thread() is not threading.main_thread():
            super()._call_children_scripts()
            return
        # Ctrl-C reaches every process of the terminal: the first one decides what it means. An
        # ignored signal is inherited, so it is ignored from the child's first moment on.
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            super()._call_children_scripts()
        finally:
            signal.signal(signal.SIGINT, handler)


def watched(trainer: L.Trainer) -> L.Trainer:
    """Let the processes that a trainer starts end together."""
    strategy = trainer.strategy
    launcher = strategy.launcher
    if type(launcher) is _SubprocessScriptLauncher:
        strategy._launcher = Launcher(
            launcher.cluster_environment, launcher.num_processes, launcher.num_nodes
        )
    return trainer
