"""``--init_from``: begin a new run with the weights of another."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
from torch import Tensor, nn

from datamodules.errors import UserError, first_of
from datamodules.spec import DataSpec, TargetSpec
from fulgurite.checkpoints import find_checkpoint, read_checkpoint
from lightning_modules.adapters.names import adapted_names, has_adapters
from lightning_modules.backbones.loading import refuse_not_finite

NOT_WEIGHTS = ("loss.", "val_", "test_")
"""What a module keeps beside its weights: class weights of the old data, sums of metrics."""
HEAD = "head."
ENOUGH = 0.5
"""The share of a pretrained backbone's parameters that another run must have."""


class InitialWeights:
    """The best weights of a checkpoint, of which those are taken that fit.

    Args:
        given: a run, a checkpoint or ``last``.

    Raises:
        UserError: there is no such checkpoint, or it cannot be read.

    Attributes:
        notes: what was loaded, once it is.
    """

    def __init__(self, given: str) -> None:
        self.checkpoint: Path = find_checkpoint(given, prefer="best")
        state = read_checkpoint(self.checkpoint)
        self.notes: list[str] = []
        tensors: dict[str, Tensor] = state["state_dict"]
        self.tensors = {k: v for k, v in tensors.items() if not k.startswith(NOT_WEIGHTS)}
        self.target = _target(state.get("hyper_parameters", {}).get("spec"))

    def load_into(self, module: L.LightningModule) -> None:
        """Load every tensor that the module has in the same shape; note what was and was not.

        A head for other classes, or for other numbers, begins at random: its shape says nothing of
        what it predicts. A linear one for the same in another order is put in order.

        Raises:
            UserError: not one fits, they are of another network than a pretrained backbone, or one
                holds NaN or infinity.
        """
        own = {k: v for k, v in module.state_dict().items() if not k.startswith(NOT_WEIGHTS)}
        tensors = self._named_as(own)
        others = self._fit_head(tensors, module)
        fitting = {
            name: tensor
            for name, tensor in tensors.items()
            if name in own and own[name].shape == tensor.shape
            if not (others and name.startswith(HEAD))
        }
        if not fitting:
            raise UserError(
                f"'{self.checkpoint}' has no tensor that fits this model: it has "
                f"{first_of(tensors)}, the model {first_of(own)}."
            )
        self._refuse_another_network(module, fitting)
        module.load_state_dict(fitting, strict=False)
        refuse_not_finite(module, str(self.checkpoint))
        self.notes = [f"{len(fitting)} of {len(own)} tensors loaded from '{self.checkpoint}'"]
        fresh = [
            f"{name} {tuple(own[name].shape)}"
            + (f", there {tuple(tensors[name].shape)}" if _differs(name, tensors, own) else "")
            for name in own
            if name not in fitting
        ]
        if fresh:
            self.notes.append(f"begin at random: {first_of(fresh, separator='; ')}{others}")

    def _refuse_another_network(
        self, module: L.LightningModule, fitting: Mapping[str, Tensor]
    ) -> None:
        """Raise UserError where a pretrained backbone would keep its weights but for a few.

        These few, such as the deviation of its images, would spoil it.
        """
        backbone = getattr(module, "backbone", None)
        if not isinstance(backbone, nn.Module) or not getattr(backbone, "pretrained", False):
            return
        sizes = {f"backbone.{name}": each.numel() for name, each in backbone.named_parameters()}
        share = sum(sizes[name] for name in fitting if name in sizes) / sum(sizes.values())
        if share < ENOUGH:
            raise UserError(
                f"'{self.checkpoint}' is of another network than {type(backbone).__name__} here: "
                f"{share:.0%} of the backbone's parameters are in it by name and shape. Leave "
                f"--init_from out, or give the --model.backbone of that run."
            )

    def _fit_head(self, tensors: dict[str, Tensor], module: L.LightningModule) -> str:
        """Put the rows of a linear head in the module's order, or return why the head is of no use.

        Args:
            tensors: changed in place.
            module: whose target may be another one.
        """
        spec, before = getattr(module, "spec", None), self.target
        after = spec.target if isinstance(spec, DataSpec) else None
        if before is None or after is None:
            return ""
        if (before.kind, before.names) == (after.kind, after.names):
            return ""
        what = "numbers" if after.kind == "regression" else "classes"
        if before.kind != after.kind or set(before.names) != set(after.names):
            return f": the {what} are others"
        head = getattr(module, "head", None)
        if not isinstance(head, nn.Linear) or head.out_features != len(after.names):
            return f": the {what} stand in another order"
        rows = [before.names.index(name) for name in after.names]
        for name in (f"{HEAD}weight", f"{HEAD}bias"):
            if name in tensors:
                tensors[name] = tensors[name][rows]
        return ""

    def _named_as(self, own: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the tensors by the names that they have where adapters stand around layers.

        Raises:
            UserError: they hold adapters, without which they are not what was trained, and the
                model has none.
        """
        adapted = has_adapters(own)
        if has_adapters(self.tensors):
            if not adapted:
                raise UserError(
                    f"'{self.checkpoint}' holds adapters, which this model lacks: merge them with "
                    f"fulgurite export --ckpt_path {self.checkpoint}, or give --model.adapter."
                )
            return dict(self.tensors)
        around = adapted_names(own) if adapted else {}
        return {around.get(name, name): tensor for name, tensor in self.tensors.items()}


def _target(kept: Any) -> TargetSpec | None:
    """Return the target of a spec as a checkpoint keeps it, where it does."""
    try:
        return DataSpec.from_config(kept).target
    except (AttributeError, KeyError, TypeError):  # of a user's own model
        return None


def _differs(name: str, tensors: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> bool:
    return name in tensors and tensors[name].shape != own[name].shape
