"""A frozen backbone stays as it is to the last bit, and is asked once."""

import itertools
import time
from functools import partial

import polars as pl
import pytest
import torch
from torch.optim import SGD

from callbacks.fine_tuning.feature_extractor import FeatureExtractor
from callbacks.fine_tuning.gradual_unfreezing import GradualUnfreezing
from callbacks.fine_tuning.head_first import HeadFirst
from datamodules.augmentation.images import RandomShift
from datamodules.errors import UserError
from datamodules.text import TextDataModule
from lightning_modules.backbones.text_transformer import TextTransformer
from lightning_modules.classification import Classification
from lightning_modules.schedules.cosine import WarmupCosine


@pytest.mark.parametrize("cache", [True, False])
def test_every_tensor_and_buffer_of_the_backbone_stays(digits, trainer, watching, cache):
    module, data = digits()
    head = module.head.weight.detach().clone()
    fit = trainer(max_epochs=2, callbacks=[FeatureExtractor(cache=cache), watching])
    fit.fit(module, data)
    assert list(watching.changed()) == [set(), set()]
    assert watching.training == [set()] * 3  # neither batch normalisation nor dropout
    assert not torch.equal(module.head.weight, head)
    grouped = [p for group in fit.optimizers[0].param_groups for p in group["params"]]
    assert {id(p) for p in grouped} == {id(p) for p in module.head.parameters()}
    # and afterwards it is as it was
    assert all(parameter.requires_grad for parameter in module.parameters())
    assert all(part.training for part in module.backbone.modules())


def test_cached_features_teach_and_measure_what_the_backbone_s_do(digits, trainer):
    heads, figures = [], []
    for cache in (True, False):
        module, data = digits()
        fit = trainer(max_epochs=3, callbacks=[FeatureExtractor(cache=cache)])
        fit.fit(module, data)
        heads.append(module.head.weight.detach())
        figures.append({name: float(value) for name, value in fit.callback_metrics.items()})
    torch.testing.assert_close(heads[0], heads[1], rtol=0, atol=1e-6)
    assert figures[0] == pytest.approx(figures[1], abs=1e-5)


def test_logits_of_cached_rows_are_those_of_the_backbone(digits, trainer, monkeypatch):
    seen = {}
    step = Classification.validation_step

    def keep(self, batch, batch_idx):
        output = step(self, batch, batch_idx)
        seen.update(dict(zip(batch["index"].tolist(), output["logits"].clone(), strict=True)))
        return output

    monkeypatch.setattr(Classification, "validation_step", keep)
    module, data = digits()
    trainer(callbacks=[FeatureExtractor()]).fit(module, data)
    rows = list(seen)
    assert sorted(rows) == sorted(data.split.val.tolist())
    with torch.no_grad():
        logits = module.eval()(data.store[rows]["inputs"])
    torch.testing.assert_close(torch.stack([seen[r] for r in rows]), logits, rtol=0, atol=1e-5)


def test_the_backbone_sees_rows_of_training_and_validation_once(digits, trainer):
    module, data = digits()
    rows: list[int] = []
    module.backbone.register_forward_pre_hook(lambda _, images: rows.append(len(images[0])))
    fit = trainer(max_epochs=3, callbacks=[FeatureExtractor()], num_sanity_val_steps=2)
    fit.fit(module, data)
    assert sum(rows) == len(data.split.train) + len(data.split.val)
    trainer().test(module, data, verbose=False)
    assert sum(rows) == len(data.split.train) + len(data.split.val) + len(data.split.test)


def test_the_data_are_themselves_again_also_after_an_error(digits, trainer, monkeypatch):
    module, data = digits()

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(Classification, "on_validation_epoch_end", fail)
    with pytest.raises(MemoryError):
        trainer(callbacks=[FeatureExtractor()]).fit(module, data)
    assert data.store.features is None
    assert data.store[[0, 1]]["inputs"].shape == (2, 1, 8, 8)
    assert all(parameter.requires_grad for parameter in module.parameters())


@pytest.mark.parametrize("schedule", [None, WarmupCosine])
def test_texts_need_no_batches_of_similar_length(trainer, tmp_path, table_of_people, schedule):
    texts = ["good " * (1 + n % 30) if n % 2 else "bad soup " * (1 + n % 7) for n in range(120)]
    path = tmp_path / "texts.csv"
    table_of_people.select("buys").with_columns(text=pl.Series(texts)).write_csv(path)
    data = TextDataModule(str(path), text="text", target="buys", batch_size=16)
    module = Classification(
        data.spec,
        partial(TextTransformer, dim=8, depth=1),
        optimizer=partial(SGD, lr=0.1),
        schedule=schedule,
    )
    fit = trainer(callbacks=[FeatureExtractor()])
    fit.fit(module, data)
    sizes = fit.train_dataloader.sampler.sizes
    assert max(sizes) - min(sizes) <= 1
    assert data.store is not None
    assert data.store.lengths is not None


@pytest.mark.slow
def test_epochs_after_the_first_are_twenty_times_faster(trainer):
    from datamodules.image import ImageDataModule
    from lightning_modules.backbones.resnet import ResNet

    data = ImageDataModule("sample:digits")
    backbone = partial(ResNet, widths=(128, 256), blocks=2)
    seconds = {}
    for cache in (True, False):
        module = Classification(data.spec, backbone)
        begun: list[float] = []

        class Clock(FeatureExtractor):
            def on_train_epoch_start(self, trainer, pl_module, begun=begun):
                super().on_train_epoch_start(trainer, pl_module)
                begun.append(time.monotonic())

        trainer(max_epochs=3, callbacks=[Clock(cache=cache)]).fit(module, data)
        seconds[cache] = min(b - a for a, b in itertools.pairwise(begun))
    assert seconds[False] > 20 * seconds[True]


def test_what_does_not_go_together_is_told(digits, trainer):
    module, data = digits(augment=[RandomShift()])
    with pytest.raises(UserError, match=r"with --data.augment rows look different in each epoch"):
        trainer(callbacks=[FeatureExtractor()]).fit(module, data)
    assert all(parameter.requires_grad for parameter in module.parameters())
    trainer(callbacks=[FeatureExtractor(cache=False)]).fit(module, data)
    module, data = digits()
    for other in (GradualUnfreezing(), HeadFirst()):
        with pytest.raises(UserError, match="both decide when the backbone learns"):
            trainer(callbacks=[FeatureExtractor(), other]).fit(module, data)
    module.adapter = torch.nn.Identity()
    with pytest.raises(UserError, match="with an adapter it never does"):
        trainer(callbacks=[FeatureExtractor()]).fit(module, data)


def test_users_own_modules_and_data(digits, trainer):
    import lightning as L
    from lightning.pytorch.demos.boring_classes import BoringModel

    class Own(BoringModel):
        def __init__(self, backbone: torch.nn.Module) -> None:
            super().__init__()
            self.backbone = backbone

    with pytest.raises(UserError, match="BoringModel has no 'backbone'"):
        trainer(callbacks=[FeatureExtractor()]).fit(BoringModel())
    with pytest.raises(UserError, match="say cache: false"):
        trainer(callbacks=[FeatureExtractor()]).fit(Own(torch.nn.Linear(2, 2)))
    own: L.LightningModule = Own(torch.nn.Linear(2, 2))
    fit = trainer(callbacks=[FeatureExtractor(cache=False)], limit_train_batches=2)
    fit.fit(own)
    assert len(list(own.parameters())) == 4


def test_random_weights_get_a_note(digits, trainer, capsys, monkeypatch):
    module, data = digits()
    trainer(callbacks=[FeatureExtractor()]).fit(module, data)
    assert "freezes ResNet, whose weights are random" in capsys.readouterr().err
    module.backbone.pretrained = True
    trainer(callbacks=[FeatureExtractor()]).fit(module, data)
    assert capsys.readouterr().err == ""
    module.backbone.pretrained = False
    monkeypatch.setenv("FULGURITE_QUIET", "1")
    trainer(callbacks=[FeatureExtractor()]).fit(module, data)
    assert capsys.readouterr().err == ""
