"""Images are handed over as they were read, if they have the shape of training."""

import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.features.pixels import PixelFeatures
from datamodules.records import Records


def records(*shape: int) -> Records:
    images = torch.randint(0, 256, (4, *shape), dtype=torch.uint8)
    return Records(pl.DataFrame({"path": list("abcd")}), "shots", images)


def fitted(train: Records) -> PixelFeatures:
    features = PixelFeatures()
    features.fit(train)
    return features


def test_pixels_become_floats_between_0_and_1():
    train = records(3, 5, 7)
    assert train.images is not None
    features = fitted(train)
    assert features.parts == {"inputs": {"image": [3, 5, 7]}}
    assert features.notes() == ["images of 3 x 5 x 7"]
    taken = features.columns(train)["image"].take(torch.tensor([2, 0]))
    assert taken.equal(train.images[[2, 0]].float() / 255)


def test_another_shape_is_refused_also_after_a_round_trip():
    features = PixelFeatures()
    features.load_state_dict(fitted(records(1, 8, 8)).state_dict())
    assert len(features.columns(records(1, 8, 8))["image"]) == 4
    with pytest.raises(UserError) as caught:
        features.columns(records(3, 8, 8))
    assert str(caught.value) == (
        "shots: images are 3 x 8 x 8, but the model was trained on 1 x 8 x 8."
    )
