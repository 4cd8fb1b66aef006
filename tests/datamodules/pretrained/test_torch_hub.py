"""Files that torch's hub keeps: taken from its folder, checked, fetched only if they must be."""

import hashlib
import urllib.error

import pytest
import torch

from datamodules.errors import UserError
from datamodules.pretrained import torch_hub
from datamodules.pretrained.torch_hub import digits_in, from_torch_hub

DIGITS = hashlib.sha256(b"weights").hexdigest()[:8]
ADDRESS = f"https://example.org/models/net-{DIGITS}.pth"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(torch_hub, "reachable", lambda address: False)
    folder = tmp_path / "torch/hub/checkpoints"
    folder.mkdir(parents=True)
    return folder / f"net-{DIGITS}.pth"


def test_the_digits_in_a_name():
    assert digits_in(ADDRESS) == DIGITS
    assert digits_in("https://example.org/vit-b-16.pth") is None


def test_a_file_that_is_there(kept):
    kept.write_bytes(b"weights")
    assert from_torch_hub(ADDRESS, "V1 of net") == kept


def test_a_file_that_is_not_whole(kept):
    kept.write_bytes(b"weigh")
    with pytest.raises(UserError, match="is not whole: its SHA-256 begins with"):
        from_torch_hub(ADDRESS, "V1 of net")


def test_no_file_and_no_network(kept):
    with pytest.raises(UserError) as told:
        from_torch_hub(ADDRESS, "V1 of net")
    assert str(told.value) == (
        f"The weights V1 of net are not in '{kept.parent}' as {kept.name}, and its site cannot be "
        f"reached."
    )


def test_it_is_fetched_where_the_site_answers(kept, monkeypatch):
    monkeypatch.setattr(torch_hub, "reachable", lambda address: True)
    asked = []

    def download(address, path, digits, *, progress):
        asked.append((address, digits, progress))
        kept.write_bytes(b"weights")

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    assert from_torch_hub(ADDRESS, "V1 of net") == kept
    assert from_torch_hub(ADDRESS, "V1 of net") == kept
    assert asked == [(ADDRESS, DIGITS, False)]


def test_a_site_that_refuses(kept, monkeypatch):
    monkeypatch.setattr(torch_hub, "reachable", lambda address: True)

    def download(*_, **__):
        raise urllib.error.URLError("not today")

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    with pytest.raises(UserError, match=r"it cannot be fetched .*not today"):
        from_torch_hub(ADDRESS, "V1 of net")
