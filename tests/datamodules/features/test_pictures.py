"""Embeddings of images that a column names."""

import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from datamodules.errors import UserError
from datamodules.features.pictures import ImageEmbedding


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with three images, a table's name and the weights of a small network."""
    from torchvision import models

    path = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for name in "abc":
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(
            path / f"{name}.png"
        )
    (path / "broken.png").write_text("none")
    torch.manual_seed(0)
    network = models.get_model("squeezenet1_1", weights=None)
    torch.save(network.state_dict(), path / "net.pth")
    return path


def embedded(
    folder: Path, names: list[str], architecture: str = "squeezenet1_1", weights: str = "net.pth"
) -> tuple[ImageEmbedding, np.ndarray]:
    features = ImageEmbedding("file", str(folder / weights), architecture, batch_size=2)
    rows = pl.DataFrame({"file": names})
    features.fit(rows, str(folder / "table.csv"))
    return features, np.stack(list(features.numbers(rows, str(folder / "table.csv"))), axis=1)


@pytest.mark.slow
def test_it_is_what_the_network_gives_before_its_head(folder):
    from torchvision import models

    features, found = embedded(folder, ["a.png", "b.png", str(folder / "c.png")])
    network = models.get_model("squeezenet1_1", weights=None).eval()
    network.load_state_dict(torch.load(folder / "net.pth"))
    prepare = models.get_model_weights("squeezenet1_1").DEFAULT.transforms()
    for name, row in zip("abc", found, strict=True):
        with Image.open(folder / f"{name}.png") as image, torch.inference_mode():
            expected = network.features(prepare(image)[None]).flatten()
        assert row == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-5)
    state = features.state_dict()
    again = ImageEmbedding("file", str(folder / "net.pth"), "squeezenet1_1", batch_size=2)
    again.load_state_dict(state)
    rows = pl.DataFrame({"file": ["c.png", "a.png"]})
    other = np.stack(list(again.numbers(rows, str(folder / "table.csv"))), axis=1)
    assert np.array_equal(other, found[[2, 0]])


@pytest.mark.slow
def test_a_network_of_timm(folder):
    timm = pytest.importorskip("timm", reason="needs fulgurite[vision]")
    torch.manual_seed(0)
    network = timm.create_model("mobilenetv3_small_050", pretrained=False)
    torch.save(network.state_dict(), folder / "timm.pth")
    features, found = embedded(folder, ["a.png", "b.png"], "mobilenetv3_small_050", "timm.pth")
    assert found.shape == (2, network.classifier.in_features)
    assert len(features.names) == network.classifier.in_features
    with pytest.raises(
        UserError, match=r"no network 'mobilenetv3_smal_050'.*mobilenetv3_small_050"
    ):
        embedded(folder, ["a.png"], "mobilenetv3_smal_050")


@pytest.mark.slow
def test_what_cannot_be_embedded_is_told(folder, monkeypatch):
    for names, told in [
        (["a.png", "d.png"], "table.csv: column 'file' names the image 'd.png', but there is no"),
        (["broken.png"], "the image 'broken.png', but it cannot be read"),
    ]:
        with pytest.raises(UserError, match=told):
            embedded(folder, names)
    with pytest.raises(UserError, match="does not hold the weights of alexnet"):
        embedded(folder, ["a.png"], "alexnet")
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(UserError, match=r"'squeezenet1_1'.*|pip install 'fulgurite\[vision\]'"):
        embedded(folder, ["a.png"], "squeezenet")
