"""Files in folders of classes, whatever they hold."""

from pathlib import Path

import pytest

from datamodules.errors import UserError
from datamodules.sources.folders import class_folders


def listed(root: Path, *names: str):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return class_folders("here", root, lambda path: path.suffix == ".wav", "sounds")


def test_each_folder_is_a_class_and_what_is_hidden_or_else_is_not_seen(tmp_path):
    names = ["b/2.wav", "b/deep/1.wav", "a/.3.wav", "a/3.wav", "a/3.txt", ".c/4.wav", "d/5.txt"]
    found = listed(tmp_path, *names, "loose.wav")
    assert [path.name for path in found.paths] == ["3.wav", "2.wav", "1.wav"]
    assert found.labels == ["a", "b", "b"]
    assert found.notes == [
        "Sounds in 'here' that lie in no class folder were left out: 1 (first: 'loose.wav').",
        "Folders in 'here' without sounds are no classes: d.",
    ]


def test_a_flat_folder_has_no_classes(tmp_path):
    found = listed(tmp_path, "2.wav", "1.wav", "1.txt")
    assert [path.name for path in found.paths] == ["1.wav", "2.wav"]
    assert found.labels is None
    assert found.notes == []
    (tmp_path / "none").mkdir()
    assert listed(tmp_path / "none").paths == []


def test_splits_are_no_classes(tmp_path):
    with pytest.raises(UserError, match="are splits"):
        listed(tmp_path, "train/a/1.wav", "test/a/2.wav")
