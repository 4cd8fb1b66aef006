"""Images from a user's own folder."""

import numpy as np
import pytest
import torch
from PIL import Image

from datamodules.errors import UserError
from datamodules.image import ImageDataModule


def fill(folder, classes: dict[str, int], side: int = 6, mode: str = "L"):
    """Write images whose grey is that of their class, with a row's number in a corner."""
    for name, grey in classes.items():
        (folder / name).mkdir(parents=True)
        for row in range(10):
            pixels = np.full((side, side), grey, dtype=np.uint8)
            pixels[0, 0] = row
            Image.fromarray(pixels).convert(mode).save(folder / name / f"{row}.png")
    return folder


@pytest.fixture
def folder(tmp_path):
    return fill(tmp_path / "shades", {"dark": 20, "light": 200, "mid": 100})


def prepared(source, **settings) -> ImageDataModule:
    data = ImageDataModule(str(source), **settings)
    data.setup("fit")
    return data


def test_class_folders_are_the_target(folder):
    data = prepared(folder)
    assert data.spec.inputs == {"image": [1, 6, 6]}
    assert data.spec.target is not None
    assert data.spec.target.names == ["dark", "light", "mid"]
    assert data.spec.target.kind == "multiclass"
    assert "images of 1 x 6 x 6" in data.notes
    grey = torch.tensor([20, 200, 100]) / 255
    for batch in data.train_dataloader():
        assert batch["inputs"].dtype == torch.float32
        assert batch["inputs"][:, 0, 3, 3].equal(grey[batch["target"]])
        assert (batch["inputs"][:, 0, 0, 0] * 255).round().equal((batch["index"] % 10).float())


def test_size_and_channels_are_as_wished(folder):
    assert prepared(folder, size=12, channels=3).spec.inputs == {"image": [3, 12, 12]}
    assert prepared(folder, size=(6, 8)).spec.inputs == {"image": [1, 6, 8]}


def test_new_images_are_brought_to_the_shape_of_training(folder, tmp_path):
    data = prepared(folder)
    other = ImageDataModule(str(fill(tmp_path / "new", {"light": 200}, side=9, mode="RGB")))
    other.load_state_dict(data.state_dict())
    other.setup("test")
    batch = next(iter(other.test_dataloader()))
    assert batch["inputs"].shape == (10, 1, 6, 6)
    assert batch["target"].tolist() == [1] * 10


def test_prediction_takes_a_folder_without_classes(folder, tmp_path):
    data = prepared(folder)
    flat = fill(tmp_path / "new", {"any": 200}) / "any"
    other = ImageDataModule(str(flat))
    other.load_state_dict(data.state_dict())
    other.setup("predict")
    (batch,) = other.predict_dataloader()
    assert batch["index"].tolist() == list(range(10))
    assert "target" not in batch


def test_a_folder_without_classes_teaches_nothing(tmp_path):
    flat = fill(tmp_path / "new", {"any": 200}) / "any"
    with pytest.raises(UserError, match=r"holds images without classes"):
        prepared(flat)


def test_a_fourth_channel_keeps_transparency(tmp_path):
    """Grey all over, it is the transparency alone that tells the classes."""
    pytest.importorskip("timm", reason="needs fulgurite[vision]")
    from lightning_modules.backbones.timm_backbone import TimmBackbone

    for name, half in {"left": slice(0, 8), "right": slice(8, 16)}.items():
        (tmp_path / name).mkdir()
        for row in range(10):
            pixels = np.full((16, 16, 4), 100 + row, dtype=np.uint8)
            pixels[..., 3] = 255
            pixels[:, half, 3] = 0
            Image.fromarray(pixels).save(tmp_path / name / f"{row}.png")
    data = prepared(tmp_path, channels=4)
    assert data.spec.inputs == {"image": [4, 16, 16]}
    images = next(iter(data.train_dataloader()))["inputs"]
    assert set(images[:, 3].unique().tolist()) == {0.0, 1.0}
    assert images[:, :3].min() >= 100 / 255
    backbone = TimmBackbone(data.spec, "resnet10t", "random", size=32)
    assert next(iter(backbone.network.parameters())).shape[1] == 4
    features = backbone.eval()(images)
    assert features.shape == (len(images), backbone.out_features)
    small = prepared(tmp_path, channels=4, size=8)  # what is not seen colours nothing
    images = next(iter(small.train_dataloader()))["inputs"]
    assert images[:, :3][(images[:, 3:] > 0).expand(-1, 3, -1, -1)].min() >= 99 / 255
    assert prepared(tmp_path).spec.inputs == {"image": [3, 16, 16]}
