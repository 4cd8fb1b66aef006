"""How a schedule is asked for, and how it gets the optimizer and the length of the run."""

import inspect
import math
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from datamodules.errors import UserError
from datamodules.hyperparameters import behind


class Schedule(Protocol):
    """The annotation of an injected schedule: any importable class of them, less what a run gives.

    The command's parser leaves out these two arguments by their names, where a class has them. A
    ``Callable[[Optimizer, int], LRScheduler]`` would leave out the first two of any class, such as
    the ``step_size`` of ``StepLR``, and ``Callable[[Optimizer], LRScheduler]`` would ask the user
    for ``total_steps``.
    """

    def __call__(self, optimizer: Optimizer, total_steps: int) -> LRScheduler:
        """Build the schedule."""
        ...


def build_schedule(
    factory: Schedule | Callable[[Optimizer], LRScheduler],
    optimizer: Optimizer,
    total_steps: float,
) -> LRScheduler:
    """Call a schedule's class, or a partial of it, with what it takes.

    Args:
        factory: a class, a function, or a partial of one (the command's parser makes these).
        optimizer: what the schedule drives.
        total_steps: the run's optimizer steps, as ``trainer.estimated_stepping_batches`` gives
            them; infinite or below 1 where only time limits the run, which a class gets as -1.

    Raises:
        UserError: the class refuses its arguments, or takes no notice that parts of the model
            have rates of their own.
    """
    call: Callable[..., LRScheduler] = factory
    # by keyword and only where it is known: by position, StepLR would take it for its step_size
    length = {"total_steps": _whole(total_steps)} if _wants_total_steps(factory) else {}
    before = [float(group["lr"]) for group in optimizer.param_groups]
    try:
        schedule = call(optimizer, **length)
    except ValueError as error:
        steps = f" for a run of {length['total_steps']} steps" if length else ""
        raise UserError(f"{_name(factory)} cannot be built{steps}: {error}") from error
    # not every class notes with what rate it begins, such as torch's ReduceLROnPlateau
    after = [float(group.get("initial_lr", group["lr"])) for group in optimizer.param_groups]
    if len(set(before)) > 1 and len(set(after)) == 1:
        raise UserError(
            f"{_name(factory)} sets one rate for all parameters, though parts of this model have "
            f"rates of their own: use a schedule that follows the optimizer's, such as OneCycle or "
            f"WarmupCosine."
        )
    return schedule


def _whole(total_steps: float) -> int:
    return int(total_steps) if 0 < total_steps < math.inf else -1


def _wants_total_steps(factory: Callable[..., Any]) -> bool:
    given = factory.keywords if isinstance(factory, partial) else {}
    return given.get("total_steps") is None and _takes(behind(factory), "total_steps")


def _takes(target: Callable[..., Any], name: str) -> bool:
    """Tell whether a keyword is taken; one that ``**kwargs`` hand on is looked for in the bases."""
    if not inspect.isclass(target):
        return name in inspect.signature(target).parameters
    for base in target.__mro__:
        if "__init__" in vars(base):
            parameters = inspect.signature(vars(base)["__init__"]).parameters
            if name in parameters:
                return True
            if all(each.kind is not each.VAR_KEYWORD for each in parameters.values()):
                return False
    return False


def _name(factory: Callable[..., Any]) -> str:
    target = behind(factory)
    return getattr(target, "__name__", type(target).__name__)
