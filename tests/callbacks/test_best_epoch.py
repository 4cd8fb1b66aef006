"""The best epoch is the one whose figure is best, and the last where nothing decides."""

import lightning as L
import pytest

from callbacks.best_epoch import BestEpoch, is_better

NAN = float("nan")


@pytest.mark.parametrize(
    ("figure", "best", "mode", "better"),
    [
        (1.0, None, "min", True),
        (1.0, 2.0, "min", True),
        (2.0, 1.0, "min", False),
        (1.0, 1.0, "min", False),
        (2.0, 1.0, "max", True),
        (1.0, 2.0, "max", False),
        (NAN, 1.0, "min", False),
        (NAN, 1.0, "max", False),
        (1.0, NAN, "min", True),
        (1.0, NAN, "max", True),
        (None, 1.0, "min", True),
        (None, None, "max", True),
    ],
)
def test_better(figure, best, mode, better):
    assert is_better(figure, best, mode) is better


@pytest.mark.parametrize(("monitor", "mode"), [("val/loss", "min"), ("val/loss", "max")])
def test_the_figures_are_those_of_the_best_epoch(run, trainer, monitor, mode):
    history = []

    class Write(L.Callback):
        def on_train_epoch_end(self, trainer, pl_module):
            history.append({n: float(v) for n, v in trainer.callback_metrics.items()})
            pl_module.log("lr-Adam", 0.1)  # a rate is no figure

    best = BestEpoch(monitor, mode)
    module, data = run(rate=0.5)  # far too high: the loss goes up and down
    trainer(max_epochs=6, callbacks=[Write(), best]).fit(module, data)
    losses = [figures[monitor] for figures in history]
    place = losses.index(min(losses) if mode == "min" else max(losses))
    assert best.epoch == place
    assert best.figures == {n: v for n, v in history[place].items() if n != "lr-Adam"}
    assert "lr-Adam" in history[1]
    assert len(set(losses)) > 1


def test_a_resumed_run_still_knows_the_best():
    best, again = BestEpoch("val/f1", "max"), BestEpoch("val/f1", "max")
    best.epoch, best.figures = 3, {"val/f1": 0.5}
    again.load_state_dict(best.state_dict())
    assert (again.epoch, again.figures) == (3, {"val/f1": 0.5})
