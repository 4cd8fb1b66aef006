"""The learning rate as one curve, or one for each group that has a rate of its own."""

from collections.abc import Iterable

from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import Callback
from torch.optim import Optimizer

from callbacks.log_now import log_now

MONITORED = "lr-"
"""How Lightning's LearningRateMonitor, which a user may add, begins the names of its rates."""


class LearningRates(Callback):
    """Log the rates at the beginning of each epoch and every ``log_every_n_steps`` steps.

    They go to the loggers and nowhere else: a rate is a curve, not a figure to compare epochs by.
    """

    def __init__(self) -> None:
        self.logged = -1

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin another run."""
        self.logged = -1

    def on_train_batch_start(
        self, trainer: Trainer, pl_module: LightningModule, batch: object, batch_idx: int
    ) -> None:
        """Log what the coming step is made with."""
        step = trainer.global_step
        due = batch_idx == 0 or step % trainer.log_every_n_steps == 0  # type: ignore[attr-defined]
        if not due or step == self.logged:  # batches that are accumulated share a step
            return
        self.logged = step
        log_now(trainer, rates(trainer.optimizers), step)


def rates(optimizers: Iterable[Optimizer]) -> dict[str, float]:
    """Return each learning rate by name: ``train/lr`` alone where all parameters share one.

    Otherwise ``train/lr/`` and the group's name, which is its number where it has none; several
    optimizers come first in the name. What a part leaves undecayed has the part's curve. A part
    that is frozen has the rate 0.
    """
    optimizers = list(optimizers)
    groups = [group for optimizer in optimizers for group in optimizer.param_groups]
    # rates that set out from one value and differ later would leave a stump of a shared curve
    if len({(group.get("initial_lr", group["lr"]), float(group["lr"])) for group in groups}) == 1:
        return {"train/lr": float(groups[0]["lr"])}
    named = {}
    for place, optimizer in enumerate(optimizers):
        of = f"{place} {type(optimizer).__name__} " if len(optimizers) > 1 else ""
        for number, group in enumerate(optimizer.param_groups):
            part = str(group.get("name", number)).removesuffix(" undecayed")
            learns = any(parameter.requires_grad for parameter in group["params"])
            named[f"train/lr/{of}{part}"] = float(group["lr"]) if learns else 0.0
    return named
