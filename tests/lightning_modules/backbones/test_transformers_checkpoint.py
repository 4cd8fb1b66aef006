"""Where settings are looked for that belong to weights."""

import json

import pytest

from datamodules.errors import UserError
from lightning_modules.backbones.transformers_checkpoint import Checkpoint, chosen_poolings


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "model.safetensors").write_bytes(b"")
    return tmp_path


def test_settings_lie_beside_the_weights_or_are_said(folder):
    name = str(folder)
    assert Checkpoint(name).settings == {"model_type": "bert"}
    assert Checkpoint(f"{name}/model.safetensors").settings == {"model_type": "bert"}
    assert Checkpoint("random", name).settings == {"model_type": "bert"}
    assert Checkpoint("random", None, name).settings == {"model_type": "bert"}
    assert Checkpoint(name, {"model_type": "gpt2"}).settings == {"model_type": "gpt2"}
    assert Checkpoint("random", name).place is None


def test_code_comes_from_files_alone(folder):
    """Settings may be those of a checkpoint, which may have them from anywhere."""
    brought = {"model_type": "bert", "auto_map": {"AutoModel": "another/repository--code.Model"}}
    assert Checkpoint("random", brought).settings == {"model_type": "bert"}
    (folder / "config.json").write_text(json.dumps(brought))
    assert Checkpoint(str(folder)).settings == brought


def test_settings_that_are_nowhere_are_told(folder):
    (folder / "config.json").unlink()
    with pytest.raises(UserError, match=r"has no config\.json .*say --model.backbone.architecture"):
        Checkpoint(str(folder))
    (folder / "config.json").write_text("[]")
    with pytest.raises(UserError, match="does not say of which 'model_type'"):
        Checkpoint(str(folder))


@pytest.mark.parametrize("file", ["preprocessor_config.json", "processor_config.json"])
def test_what_prepares_images_lies_beside_or_in_the_settings(folder, file):
    own = {"size": 32}
    (folder / file).write_text(json.dumps(own if "pre" in file else {"image_processor": own}))
    assert Checkpoint(str(folder)).processor == own
    again = Checkpoint("random", {"model_type": "vit", "image_processor": own})
    assert again.processor == own
    assert again.settings == {"model_type": "vit"}


def test_poolings_are_chosen_from_those_there_are():
    assert chosen_poolings(None) is None
    assert chosen_poolings("cls") == ["cls"]
    assert chosen_poolings(["cls", "mean"]) == ["cls", "mean"]
    with pytest.raises(UserError, match="'sum'"):
        chosen_poolings(["sum"])  # type: ignore[list-item]
