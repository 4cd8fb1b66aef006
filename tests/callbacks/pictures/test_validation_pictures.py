"""What is shown is what the best epoch said of the validation rows."""

import lightning as L
import pytest
import torch
from torch.optim import Adam

from callbacks.best_epoch import BestEpoch
from callbacks.pictures import shown
from callbacks.pictures.kept_rows import Rows
from callbacks.pictures.validation_pictures import ValidationPictures, judge
from callbacks.tensorboard import Curves


@pytest.fixture
def judged(monkeypatch):
    """Collect what is shown instead of showing it."""
    told = []
    monkeypatch.setattr(shown, "show", lambda *given: told.append(given))
    return told


@pytest.mark.parametrize("mode", ["min", "max"])
def test_the_rows_are_the_best_epoch_s(run, watch, judged, mode):
    module, data = run("plan", rate=0.3)
    history = []

    class Remember(L.Callback):
        def on_validation_end(self, trainer, pl_module):
            rows = data.store[data.split.val]
            with torch.no_grad():
                history.append(pl_module.probabilities(pl_module(rows["inputs"])))

    best, _ = watch(module, data, Remember(), mode=mode, max_epochs=6)
    assert best.epoch is not None
    ((_, rows, datamodule, title, step),) = judged
    assert rows.index.tolist() == data.split.val.tolist()
    assert rows.target.equal(data.store[data.split.val]["target"])
    assert torch.allclose(rows.probability, history[best.epoch], atol=1e-6)
    assert rows.prediction.equal(history[best.epoch].argmax(dim=1))
    assert datamodule is data
    assert title == f"18 validation rows, epoch {best.epoch + 1}"
    assert step == best.epoch * 5 + 4


def test_a_run_that_got_no_better_shows_its_last_epoch(run, trainer, judged, tmp_path):
    module, data = run()
    best = BestEpoch("val/f1", "max")
    best.epoch, best.figures = 7, {"val/f1": 2.0}
    callbacks = [best, ValidationPictures(best)]
    curves = Curves(str(tmp_path / "run"))
    trainer(max_epochs=3, logger=curves, callbacks=callbacks).fit(module, data)
    assert judged[0][3].endswith("epoch 3")


def test_nothing_is_kept_or_shown_without_tensorboard(run, watch, judged):
    class Look(L.Callback):
        def on_train_end(self, trainer, pl_module):
            (pictures,) = (c for c in trainer.callbacks if isinstance(c, ValidationPictures))
            assert pictures.kept is None

    module, data = run()
    watch(module, data, Look(), logger=False)
    assert judged == []


def test_a_foreign_module_and_no_validation_rows_are_passed_over(run, watch, judged):
    class Other(L.LightningModule):
        def configure_model(self):
            self.layer = torch.nn.Linear(1, 1)

        def training_step(self, batch, batch_idx):
            return {"loss": self.layer(batch["inputs"]["numeric"][:, :1]).mean()}

        def validation_step(self, batch, batch_idx):
            return self.layer(batch["inputs"]["numeric"][:, :1])

        def configure_optimizers(self):
            return Adam(self.parameters())

    module, data = run()
    watch(Other(), data)
    watch(module, data, limit_val_batches=0)
    assert judged == []


def test_rows_that_are_no_numbers_are_left_out(run):
    module, _data = run()
    logits = torch.tensor([[1.0, 2.0], [float("nan"), 0.0]])
    rows = Rows(logits, torch.tensor([1, 1]), torch.tensor([4, 5]))
    told = judge(module, rows)
    assert told is not None
    assert told.index.tolist() == [4]
    assert judge(module, rows.take(torch.tensor([1]))) is None


def test_the_module_s_device_is_asked(run, monkeypatch):
    module, _ = run()
    seen = []

    def predictions(logits):
        seen.append(logits.device)
        return {"prediction": logits.argmax(1), "probability": logits}

    monkeypatch.setattr(module, "predictions", predictions)
    rows = Rows(torch.rand(2, 2), torch.tensor([1, 1]), torch.tensor([4, 5]))
    assert judge(module, rows) is not None
    assert seen == [module.device]


def test_a_share_of_many_rows_is_kept(run, watch, judged, monkeypatch):
    monkeypatch.setattr("callbacks.pictures.kept_rows.MOST_ROWS", 7)
    module, data = run()
    watch(module, data)
    assert len(judged[0][1].index) == 7
