"""An optimizer with the parameters in groups, as far as it takes any."""

from collections.abc import Callable
from typing import Any

from torch import nn
from torch.optim import Optimizer

from datamodules.errors import UserError
from lightning_modules.parameter_groups.decay import decayed_and_undecayed, undecayed
from lightning_modules.parameter_groups.discriminative import Discriminative
from lightning_modules.parameter_groups.groups import ParameterGroups, Part


def build_optimizer(
    factory: Callable[[Any], Optimizer], module: nn.Module, groups: ParameterGroups | None = None
) -> Optimizer:
    """Call an optimizer's factory with a module's parameters, in groups where there are several.

    Args:
        factory: takes parameters, as Lightning's ``OptimizerCallable``.
        module: what is trained.
        groups: which parameters learn at which rate; ``None`` is one rate for all.

    Raises:
        UserError: nothing can be trained, or the optimizer refuses its arguments or the groups.
    """
    trained = decayed_and_undecayed(module)
    if not trained:
        raise UserError("There is nothing to train: every parameter of the model is frozen.")
    try:
        # only a built optimizer says whether it decays; one that does not may refuse groups (LBFGS)
        optimizer = factory([parameter for group in trained for parameter in group["params"]])
        decays = "weight_decay" in optimizer.defaults
        if groups is None:
            return factory(trained) if decays else optimizer
        parts = groups.parts(module)
        if _is_uniform(parts) and not decays:
            return optimizer
        return _at_rates(factory, optimizer, _named(parts, module, optimizer), groups)
    except ValueError as error:
        raise UserError(f"--model.optimizer: it cannot be built: {error}") from error


def groups_for(module: nn.Module, chosen: ParameterGroups | None) -> ParameterGroups | None:
    """Return the groups that a user chose, or what suits the backbone.

    The whole of a pretrained backbone at the rate of a new head is the best known mistake of
    fine-tuning, so it learns at a tenth of it. An adapter is as new as the head.

    Args:
        module: what is trained.
        chosen: by the user, if any.
    """
    pretrained = getattr(getattr(module, "backbone", None), "pretrained", False)
    if chosen is not None or not pretrained or getattr(module, "adapter", None) is not None:
        return chosen
    return Discriminative()


def _is_uniform(parts: list[Part]) -> bool:
    """Tell whether all that is trained has one rate."""
    return all(p.factor == 1 or not any(each.requires_grad for each in p.parameters) for p in parts)


def _named(parts: list[Part], module: nn.Module, optimizer: Optimizer) -> list[dict[str, Any]]:
    """Return the parts as groups of an optimizer, each in two where it decays weights."""
    rate = optimizer.defaults.get("lr")
    without = undecayed(module) if "weight_decay" in optimizer.defaults else set()
    groups: list[dict[str, Any]] = []
    for name, factor, parameters in parts:
        trained = [parameter for parameter in parameters if parameter.requires_grad]
        base = {} if rate is None else {"lr": rate * factor}
        weights = [parameter for parameter in trained if id(parameter) not in without]
        others = [parameter for parameter in trained if id(parameter) in without]
        groups.append({"name": name, "params": weights, **base})
        groups.append({"name": f"{name} undecayed", "params": others, **base, "weight_decay": 0.0})
    return [group for group in groups if group["params"]]


def _at_rates(
    factory: Callable[[Any], Optimizer],
    optimizer: Optimizer,
    named: list[dict[str, Any]],
    groups: ParameterGroups,
) -> Optimizer:
    kind, chosen = type(optimizer).__name__, type(groups).__name__
    try:
        if "lr" not in optimizer.defaults:
            raise ValueError("it has no learning rate")
        return factory(named)
    except ValueError as error:
        raise UserError(
            f"{chosen} gives parts of the model learning rates of their own, which the optimizer "
            f"{kind} does not take ({str(error).rstrip('.')}): choose another, or one rate for all "
            f"by --model.parameter_groups Discriminative --model.parameter_groups.backbone 1."
        ) from error
