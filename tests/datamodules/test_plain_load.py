"""Files of torch: tensors are read, code is not run, and what is broken is told."""

import argparse
import pickle
from pathlib import Path

import pytest
import torch

from datamodules.errors import UserError
from datamodules.plain_load import load_plain


class Malicious:
    """Writes a file as soon as it is unpickled."""

    def __reduce__(self):
        return Path.write_text, (Path("ran"), "")


def test_tensors_and_plain_values_are_read(tmp_path):
    held = {"weights": {"a": torch.arange(3)}, "epoch": 2, "name": "net"}
    torch.save(held, tmp_path / "net.pt")
    found = load_plain(tmp_path / "net.pt")
    assert found["epoch"] == 2
    assert torch.equal(found["weights"]["a"], torch.arange(3))


@pytest.mark.parametrize("zipped", [True, False])
def test_tensors_that_stay_in_the_file_are_the_same(tmp_path, zipped):
    path = tmp_path / "net.pt"
    torch.save({"a": torch.arange(3)}, path, _use_new_zipfile_serialization=zipped)
    assert torch.equal(load_plain(path, mapped=True)["a"], torch.arange(3))


@pytest.mark.parametrize("zipped", [True, False])
def test_code_does_not_run(tmp_path, zipped):
    path = tmp_path / "net.pt"
    torch.save({"a": Malicious()}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(UserError, match="a checkpoint can run any code"):
        load_plain(path)
    assert not Path("ran").exists()


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_alone_does_not_run(tmp_path, protocol):
    path = tmp_path / "net.pt"
    path.write_bytes(pickle.dumps(Malicious(), protocol))
    with pytest.raises(UserError, match="so it is not read: a checkpoint can run any"):
        load_plain(path)
    assert not Path("ran").exists()


def test_what_is_not_plain_is_named(tmp_path):
    torch.save({"args": argparse.Namespace(lr=1)}, tmp_path / "net.pt")
    with pytest.raises(UserError, match=r"plain values \(argparse\.Namespace\)"):
        load_plain(tmp_path / "net.pt")


def test_a_broken_file_is_told(tmp_path):
    path = tmp_path / "net.pt"
    torch.save({"a": torch.zeros(1000)}, path)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:10], b"", b"no checkpoint at all"):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"net\.pt'.*(is it whole|is no checkpoint)"):
            load_plain(path)
