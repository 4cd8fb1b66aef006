"""What a step draws depends on where it stands, and on nothing that was drawn before."""

from types import SimpleNamespace

import lightning as L
import torch

from callbacks.reproducible import Reproducible


def drawn(seed: int = 0, rank: int = 0, epoch: int = 0, batch: int = 0) -> float:
    L.seed_everything(seed, verbose=False)
    torch.rand(epoch + 7)  # something was drawn before
    where = SimpleNamespace(global_rank=rank, current_epoch=epoch)
    on_cpu = SimpleNamespace(device=torch.device("cpu"))
    Reproducible().on_train_batch_start(where, on_cpu, None, batch)  # type: ignore[arg-type]
    return float(torch.rand(()))


def test_each_place_has_numbers_of_its_own():
    places = [{}, {"seed": 1}, {"rank": 1}, {"epoch": 1}, {"batch": 1}, {"epoch": 1, "batch": 1}]
    assert len({drawn(**place) for place in places}) == len(places)
    assert drawn(epoch=2, batch=3) == drawn(epoch=2, batch=3)


class Noise(L.Callback):
    """Draws numbers of its own, as another callback or a logger may."""

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        torch.rand(batch_idx + 1)


def weights(run, trainer, *callbacks) -> torch.Tensor:
    module, data = run(dropout=0.5)
    trainer(max_epochs=2, callbacks=list(callbacks)).fit(module, data)
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


def test_dropout_is_the_same_whatever_was_drawn_before(run, trainer):
    expected = weights(run, trainer, Reproducible())
    assert weights(run, trainer, Noise(), Reproducible()).equal(expected)
    assert not weights(run, trainer, Noise()).equal(weights(run, trainer))
