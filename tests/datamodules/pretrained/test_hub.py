"""Files of the hub: those that are there, in their order, and one sentence where there are none."""

import json
import socket
import sys
import threading
import time

import pytest

from datamodules.errors import UserError
from datamodules.pretrained import hub
from datamodules.pretrained.hub import from_hub, is_hub_name, reachable, shards

WEIGHTS = (("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"),)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Return a folder that stands for a repository, and what was asked of it."""
    library = pytest.importorskip("huggingface_hub", reason="needs fulgurite[text]")
    folder = tmp_path / "repository"
    folder.mkdir()
    asked = []

    def download(name, file, *, revision, local_files_only):
        asked.append((name, file, revision, local_files_only))
        if not (folder / file).is_file():
            raise OSError(f"404. {file} is not in {name}\nmore")
        return str(folder / file)

    monkeypatch.setattr(library, "hf_hub_download", download)
    monkeypatch.setattr(hub, "reachable", lambda address: True)
    monkeypatch.setattr(library.constants, "HF_HUB_OFFLINE", False)
    return folder, asked


def test_names_of_the_hub():
    assert all(map(is_hub_name, ["bert-base", "acme/net.v1", "acme/net@refs/pr/1"]))
    assert not any(map(is_hub_name, ["a/b/c", "/tmp/net", "~/net", "a b"]))


def test_the_best_file_that_there_is(repository):
    folder, asked = repository
    (folder / "pytorch_model.bin").touch()
    assert from_hub("acme/net@v1", WEIGHTS, ["config.json"]) == folder
    assert {(name, revision) for name, _, revision, _ in asked} == {("acme/net", "v1")}
    assert [file for _, file, _, _ in asked][-2:] == ["pytorch_model.bin", "config.json"]


def test_the_files_of_an_index_come_along(repository):
    folder, asked = repository
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": "one", "b": "two"}})
    )
    for name in ("one", "two"):
        (folder / name).touch()
    from_hub("acme/net", WEIGHTS)
    assert {"one", "two"} <= {file for _, file, _, _ in asked}
    (folder / "two").unlink()
    with pytest.raises(UserError, match=r"gives no .* of 'acme/net': 404\."):
        from_hub("acme/net", WEIGHTS)


@pytest.mark.parametrize("text", ["{}", "[]", "no JSON", '{"weight_map": {"a": "x", "b": 1}}'])
def test_an_index_that_names_no_files(tmp_path, text):
    path = tmp_path / "model.safetensors.index.json"
    path.write_text(text)
    with pytest.raises(UserError, match="is no index of files of weights"):
        shards(path)


def test_a_repository_that_has_none(repository):
    with pytest.raises(UserError) as told:
        from_hub("acme/net", WEIGHTS)
    assert str(told.value) == (
        "the hub gives no model.safetensors or model.safetensors.index.json of 'acme/net': 404."
    )


def test_without_a_network_only_what_was_fetched_before_is_looked_for(repository, monkeypatch):
    folder, asked = repository
    monkeypatch.setattr(hub, "reachable", lambda address: False)
    with pytest.raises(UserError, match="cannot be reached, and they were not fetched before"):
        from_hub("acme/net", WEIGHTS)
    (folder / "model.safetensors").touch()
    assert from_hub("acme/net", WEIGHTS) == folder
    assert all(local for _, _, _, local in asked)


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(UserError, match=r"pip install 'fulgurite\[text\]'"):
        from_hub("acme/net", WEIGHTS)


def test_a_site_is_reachable_that_answers(monkeypatch):
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert reachable(f"http://127.0.0.1:{port}")
    assert not reachable(f"http://127.0.0.1:{port}")


def test_a_name_that_nobody_resolves_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("urllib.request.getproxies", dict)
    monkeypatch.setattr(hub, "SECONDS", 0.05)
    released = threading.Event()

    def connect(*_, **__):
        released.wait(5)
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    began = time.perf_counter()
    assert not reachable("https://example.org")
    assert time.perf_counter() - began < 1.0
    released.set()


def test_a_proxy_may_reach_it(monkeypatch):
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "proxy"})
    assert reachable("https://example.org")
