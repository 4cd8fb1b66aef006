"""Pretrained transformers of images beside the library that they come from."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.transformers_backbone import TransformersBackbone

transformers = pytest.importorskip("transformers", reason="needs fulgurite[text]")
pytest.importorskip("safetensors", reason="needs fulgurite[text]")

SMALL = {
    "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
    "image_size": 32, "patch_size": 8,
}  # fmt: skip
FAMILIES: dict[str, dict[str, Any]] = {
    "vit": SMALL,
    "deit": SMALL,
    "dinov2": SMALL,
    "beit": SMALL,
    "convnext": {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2},
    "resnet": {
        "embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic",
    },
    "clip": {
        "vision_config": SMALL, "projection_dim": 8,
        "text_config": {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
                        "num_attention_heads": 2, "vocab_size": 50},
    },
}  # fmt: skip
PROCESSOR = {
    "image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32},
    "resample": 3, "image_mean": [0.1, 0.5, 0.4], "image_std": [0.3, 0.2, 0.5],
}  # fmt: skip
CROPPED = {
    "image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 40},
    "crop_size": {"height": 32, "width": 32}, "do_center_crop": True, "do_resize": True,
    "do_rescale": True, "do_normalize": True, "rescale_factor": 1 / 255,
    "resample": 3, "image_mean": [0.1, 0.5, 0.4], "image_std": [0.3, 0.2, 0.5],
}  # fmt: skip

BY_SHARE = {
    "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 32},
    "crop_pct": 0.875, "resample": 3, "image_mean": [0.1, 0.5, 0.4], "image_std": [0.3, 0.2, 0.5],
}  # fmt: skip


def saved(folder, family: str, head: str = "", processor=PROCESSOR):
    """Save a small network with its processor, and return the folder."""
    folder.mkdir()
    config = transformers.CONFIG_MAPPING[family](**FAMILIES[family])
    torch.manual_seed(0)
    getattr(transformers, f"AutoModel{head}").from_config(config).save_pretrained(folder)
    if processor is not None:
        (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return folder


def images(height=45, width=61, channels=3) -> torch.Tensor:
    drawn = np.random.default_rng(0).integers(0, 256, (2, channels, height, width))
    return torch.from_numpy(drawn).float() / 255


def spec_of(given: torch.Tensor) -> DataSpec:
    return DataSpec({"image": list(given.shape[1:])})


@torch.inference_mode()
def features(backbone: TransformersBackbone, given: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = backbone.eval()(given)
    return found


@torch.inference_mode()
def theirs(folder, given: torch.Tensor):
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    pixels = processor(list((given * 255).round().byte()), return_tensors="pt")["pixel_values"]
    model = transformers.AutoModel.from_pretrained(folder).eval()
    return getattr(model, "vision_model", model)(pixels)


@pytest.mark.parametrize("processor", [PROCESSOR, CROPPED])
@pytest.mark.parametrize("family", FAMILIES)
def test_features_are_those_of_the_library(tmp_path, family, processor):
    check_equal(saved(tmp_path / family, family, processor=processor), images())


@pytest.mark.parametrize("processor", [PROCESSOR, CROPPED, BY_SHARE])
@pytest.mark.parametrize(("height", "width"), [(32, 32), (40, 40)])
def test_images_of_the_network_s_size_are_prepared_as_any_other(tmp_path, processor, height, width):
    check_equal(saved(tmp_path / "vit", "vit", processor=processor), images(height, width))


def check_equal(folder, given: torch.Tensor) -> None:
    """Compare features with those that the library gives of the same folder and images."""
    backbone = TransformersBackbone(spec_of(given), weights=str(folder))
    assert backbone.pooling == ["pooler"]
    expected = theirs(folder, given).pooler_output.flatten(1)
    assert features(backbone, given) == pytest.approx(expected, abs=1e-5)
    assert backbone.out_features == 16
    assert "new: " not in backbone.notes[0]


def test_a_classifier_is_pooled_as_it_was_trained(tmp_path):
    folder = saved(tmp_path / "vit", "vit", "ForImageClassification")
    given = images()
    backbone = TransformersBackbone(spec_of(given), weights=str(folder))
    assert backbone.pooling == ["cls"]
    expected = theirs(folder, given).last_hidden_state
    assert features(backbone, given) == pytest.approx(expected[:, 0], abs=1e-5)
    assert "left out: classifier.bias, classifier.weight" in backbone.notes[0]
    mean = TransformersBackbone(spec_of(given), weights=str(folder), pooling="mean")
    assert features(mean, given) == pytest.approx(expected.mean(dim=1), abs=1e-5)


@pytest.mark.parametrize("channels", [1, 4])
def test_other_channels_are_taken(tmp_path, channels):
    folder = saved(tmp_path / "vit", "vit", processor={**PROCESSOR, "image_mean": [0.5] * 3,
                                                       "image_std": [0.5] * 3})  # fmt: skip
    given = images(channels=channels)
    backbone = TransformersBackbone(spec_of(given), weights=str(folder))
    assert backbone.notes[1:] == []
    assert "fitted to the images' channels: embeddings.patch" in backbone.notes[0]
    assert features(backbone, given).shape == (2, 16)
    if channels == 1:
        colours = given.expand(-1, 3, -1, -1)
        whole = TransformersBackbone(spec_of(colours), weights=str(folder))
        assert features(backbone, given) == pytest.approx(features(whole, colours), abs=1e-5)


def test_it_is_built_again_without_files(tmp_path):
    folder = saved(tmp_path / "vit", "vit", processor=CROPPED)
    given = images(channels=1)
    backbone = TransformersBackbone(spec_of(given), weights=str(folder))
    folder.rename(tmp_path / "away")
    again = TransformersBackbone(spec_of(given), **backbone.rebuilt_from)
    again.load_state_dict(backbone.state_dict())
    assert torch.equal(features(again, given), features(backbone, given))


def test_an_architecture_is_taken_by_its_name(tmp_path):
    folder = saved(tmp_path / "vit", "vit")
    given = images()
    drawn = TransformersBackbone(spec_of(given), weights="random", architecture=str(folder))
    assert not drawn.pretrained
    assert features(drawn, given).shape == (2, 16)


def test_what_does_not_fit_images_is_told(tmp_path):
    given = images()
    folder = saved(tmp_path / "vit", "vit", processor={**PROCESSOR, "size": 40})
    with pytest.raises(UserError, match="gives no features of such inputs"):
        TransformersBackbone(spec_of(given), weights=str(folder))
    with pytest.raises(UserError, match="needs weights for images"):
        TransformersBackbone(spec_of(given))
    with pytest.raises(UserError, match=r"say --model\.backbone\.architecture"):
        TransformersBackbone(spec_of(given), weights="random")


def test_a_network_of_texts_is_none_of_images():
    settings = {**SMALL, "model_type": "bert"}
    with pytest.raises(UserError, match=r"'random' \(BertModel\) is a network of texts, but the"):
        TransformersBackbone(spec_of(images()), weights="random", architecture=settings)


def test_without_a_processor_the_network_says_the_size(tmp_path):
    folder = saved(tmp_path / "vit", "vit", processor=None)
    given = images()
    backbone = TransformersBackbone(spec_of(given), weights=str(folder))
    assert backbone.prepare.shape == (3, 32, 32)
    folder = saved(tmp_path / "resnet", "resnet", processor=None)
    with pytest.raises(UserError, match="does not say of what size its images are"):
        TransformersBackbone(spec_of(given), weights=str(folder))
