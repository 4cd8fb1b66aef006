"""Where a setting was given."""

from pathlib import Path

import pytest

from fulgurite.origins import line_of, where

TEXT = """\
data: {class_path: D, init_args: {source: a.csv}}
model:
  class_path: M
  init_args:
    backbone:
      class_path: B
      init_args: {width: 8}
trainer:
  callbacks:
    - A
    - class_path: C
      init_args: {x: 1}
"""


@pytest.fixture
def file() -> Path:
    path = Path("mine.yaml")
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("data",), 1),
        (("data", "source"), 1),
        (("model",), 2),
        (("model", "class_path"), 3),
        (("model", "backbone"), 5),
        (("model", "backbone", "class_path"), 6),
        (("data", "class_path"), 1),
        (("model", "backbone", "width"), 7),
        (("trainer", "callbacks", "0"), 10),
        (("trainer", "callbacks", "1", "x"), 12),
        (("trainer", "max_epochs"), None),
    ],
)
def test_the_line_of_a_key(file, path, line):
    assert line_of(path, file) == line


def test_a_file_without_yaml_has_no_lines(tmp_path):
    assert line_of(("a",), tmp_path / "nowhere.yaml") is None
    (tmp_path / "empty.yaml").write_text("")
    assert line_of(("a",), tmp_path / "empty.yaml") is None


@pytest.mark.parametrize(
    ("path", "flags", "place"),
    [
        (("model", "backbone", "width"), [], "model.backbone.width in mine.yaml, line 7"),
        (("model", "backbone", "width"), ["model.backbone.width"], "--model.backbone.width"),
        (
            ("model", "backbone", "width"),
            ["model.backbone"],
            "model.backbone.width in --mod",
        ),
        (("model", "backbone"), ["model.init_args.backbone.class_path"], "--model.backbone"),
        (("trainer", "callbacks", "0"), ["trainer.callbacks+"], "trainer.callbacks.0 in --t"),
        (("trainer", "max_time"), [], "--trainer.max_time"),
        (("model", "backbone", "class_path"), [], "model.backbone in mine.yaml, line 6"),
        (
            ("trainer", "callbacks", "0", "class_path"),
            [],
            "trainer.callbacks.0 in mine.yaml, line 10",
        ),
    ],
)
def test_the_last_word_counts(file, path, flags, place):
    assert where(path, flags, [file]).startswith(place)
