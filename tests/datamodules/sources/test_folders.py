"""Files in folders of classes, whatever they hold."""

from pathlib import Path

from datamodules.sources.folders import class_folders
from datamodules.splits.by_file import FileSplit


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


def test_classes_may_stand_in_folders_that_say_what_is_held_out(tmp_path):
    found = listed(tmp_path, "train/a/1.wav", "train/b/2.wav", "test/a/3.wav", "valid/b/4.wav")
    assert [path.name for path in found.paths] == ["3.wav", "1.wav", "2.wav", "4.wav"]
    assert found.labels == ["a", "a", "b", "b"]
    assert found.splitter == FileSplit(["train/*"], ["test/*"], ["valid/*"])
    found = listed(tmp_path / "some", "train/a/1.wav", "val/a/1.wav")
    assert found.splitter == FileSplit(["train/*"], [], ["val/*"])
    found = listed(tmp_path / "one", "train/a/1.wav", "train/b/1.wav")
    assert (found.labels, found.splitter) == (["a", "b"], None)
    assert listed(tmp_path / "classes", "train/1.wav", "bus/1.wav").splitter is None
    assert listed(tmp_path / "flat", "train/1.wav", "test/1.wav").labels == ["test", "train"]
