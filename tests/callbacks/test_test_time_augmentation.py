"""The mean answer to several views of a row: by hand, in figures and in files, and gone after."""

from functools import partial

import lightning as L
import polars as pl
import pytest
import torch
from torch import nn

from callbacks.prediction_table import PredictionTable
from callbacks.test_time_augmentation import TestTimeAugmentation, mean_logits
from datamodules.augmentation.augment import Augment
from datamodules.augmentation.cutmix import CutMix
from datamodules.augmentation.images import RandomFlip, RandomShift
from datamodules.augmentation.tables import NumericNoise
from datamodules.augmentation.texts import TokenDropout
from datamodules.errors import UserError
from datamodules.image import ImageDataModule
from datamodules.tabular import TabularDataModule
from datamodules.text import TextDataModule
from lightning_modules.backbones.bag_of_words import BagOfWords
from lightning_modules.backbones.convnet import ConvNet
from lightning_modules.backbones.tabular_mlp import TabularMLP
from lightning_modules.classification import Classification
from lightning_modules.losses.gaussian_nll import GaussianNLL
from lightning_modules.regression import Regression

SMALL = partial(TabularMLP, width=8, depth=1)


def digits() -> tuple[Classification, ImageDataModule]:
    L.seed_everything(0, verbose=False)
    data = ImageDataModule("sample:digits")
    return Classification(data.spec, partial(ConvNet, widths=(8,))).eval(), data


def predicted(trainer, module, data, *callbacks) -> torch.Tensor:
    trainer(callbacks=[*callbacks, PredictionTable("p.csv")]).predict(
        module, data, return_predictions=False
    )
    table = pl.read_csv("p.csv")
    return table.select([name for name in table.columns if name.startswith("p")][1:]).to_torch()


def test_probabilities_are_the_mean_over_the_row_and_its_copies(trainer):
    module, data = digits()
    transforms: list[nn.Module] = [RandomShift()]
    found = predicted(trainer, module, data, TestTimeAugmentation(transforms, times=3))
    batch = next(iter(data.predict_dataloader()))
    with torch.no_grad():
        views = [batch["inputs"]]
        views += [Augment(transforms, 0)(batch, copy, 0)["inputs"] for copy in range(3)]
        by_hand = torch.stack([module(view).softmax(1) for view in views]).mean(0)
    torch.testing.assert_close(found[: len(by_hand)].float(), by_hand, atol=1e-5, rtol=0)
    assert (found - predicted(trainer, module, data)).abs().max() > 1e-4
    assert not module._forward_hooks


def test_copies_that_change_nothing_change_no_figure(trainer):
    module, data = digits()
    still = TestTimeAugmentation([RandomFlip(0.0)], times=2)
    (plain,) = trainer().test(module, data, verbose=False)
    (same,) = trainer(callbacks=[still]).test(module, data, verbose=False)
    assert same == pytest.approx(plain, rel=1e-4)
    shifted = TestTimeAugmentation([RandomShift()], times=2)
    (other,) = trainer(callbacks=[shifted]).test(module, data, verbose=False)
    assert other["test/loss"] != same["test/loss"]
    (again,) = trainer(callbacks=[shifted]).test(module, data, verbose=False)
    assert again == other


def test_a_row_is_answered_alike_in_any_batch(trainer):
    module, data = digits()
    one = predicted(trainer, module, data, TestTimeAugmentation([RandomShift()]))
    data.batch_size = 7
    data._to_predict = None
    other = predicted(trainer, module, data, TestTimeAugmentation([RandomShift()]))
    torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_training_and_its_validation_are_left_alone(people, trainer):
    figures = []
    for callbacks in ([], [TestTimeAugmentation([NumericNoise(1.0)])]):
        L.seed_everything(0, verbose=False)
        data = TabularDataModule(str(people), target="buys")
        module = Classification(data.spec, SMALL)
        built = trainer(callbacks=callbacks)
        built.fit(module, data)
        figures.append(dict(built.callback_metrics))
    assert figures[0] == figures[1]


def test_tables_and_texts_are_answered_by_their_own_transforms(people, trainer):
    data = TabularDataModule(str(people), target="spends")
    numbers = Regression(data.spec, SMALL)
    noisy = TestTimeAugmentation([NumericNoise(0.5)], times=2)
    (one,) = trainer(callbacks=[noisy]).test(numbers, data, verbose=False)
    (other,) = trainer().test(numbers, data, verbose=False)
    assert one["test/mae"] != other["test/mae"]
    words = [f"{'good' if n % 2 else 'bad'} thing number {n % 9}" for n in range(90)]
    pl.DataFrame({"says": words, "mood": [w[:3] for w in words]}).write_csv("texts.csv")
    texts = TextDataModule("texts.csv", text="says", target="mood")
    module = Classification(texts.spec, BagOfWords)
    dropped = TestTimeAugmentation([TokenDropout(0.5)], times=2)
    (one,) = trainer(callbacks=[dropped]).test(module, texts, verbose=False)
    (other,) = trainer().test(module, texts, verbose=False)
    assert one["test/loss"] != other["test/loss"]


LOGITS = 4 * torch.randn(5, 6, 3, generator=torch.Generator().manual_seed(0))


def test_labels_have_the_mean_of_their_probabilities(people):
    data = TabularDataModule(str(people), target="likes", separator="|")
    module = Classification(data.spec, SMALL)
    torch.testing.assert_close(
        mean_logits(module, list(LOGITS)).sigmoid(), LOGITS.sigmoid().mean(0)
    )


def test_far_logits_stay_numbers(people):
    module = Classification(TabularDataModule(str(people), target="plan").spec, SMALL)
    far = torch.tensor([[[500.0, 0.0, -500.0]], [[400.0, 0.0, -400.0]]])
    assert mean_logits(module, list(far)).isfinite().all()


def test_numbers_have_the_mean_and_the_spread_of_the_mixture(people):
    spec = TabularDataModule(str(people), target=["spends", "saves"]).spec
    plain = Regression(spec, SMALL)
    views = LOGITS[..., :2]
    torch.testing.assert_close(
        plain.predicted(mean_logits(plain, list(views))), plain.predicted(views.mean(0))
    )
    sure = Regression(spec, SMALL, loss=GaussianNLL())
    views = torch.cat([views, LOGITS[..., 1:] / 4], dim=-1)
    found = sure.predictions(mean_logits(sure, list(views)))
    means, deviations = views[..., :2], (views[..., 2:] / 2).exp()
    draws = means + deviations * torch.randn(4000, *means.shape)
    spread = draws.flatten(0, 1).std(0) * sure.std
    torch.testing.assert_close(found["std"], spread, rtol=0.05, atol=0)


def test_what_has_no_views_is_refused():
    with pytest.raises(UserError, match="at least 1 transform and 1 copy, but got 0 transforms"):
        TestTimeAugmentation([])
    with pytest.raises(UserError, match="one row at a time, but CutMix mixes rows"):
        TestTimeAugmentation([CutMix()])


def test_a_transform_of_other_data_is_told_by_where_it_stands(people, trainer):
    data = TabularDataModule(str(people), target="buys")
    module = Classification(data.spec, SMALL)
    views = TestTimeAugmentation([RandomFlip()])
    with pytest.raises(UserError, match="Take it out of the transforms of TestTimeAugmentation"):
        trainer(callbacks=[views]).test(module, data, verbose=False)
