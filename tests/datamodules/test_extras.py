"""A library that is missing is told with the command that brings it."""

import sys
from pathlib import Path

import pytest

from datamodules.errors import UserError
from datamodules.extras import library


def test_a_library_is_imported():
    assert library("json.decoder", "text", "This") is sys.modules["json.decoder"]


@pytest.mark.parametrize("name", ["no_such_library", "no_such_library.part"])
def test_one_that_is_missing_is_told(name):
    with pytest.raises(UserError) as told:
        library(name, "vision", "'x.png'")
    assert str(told.value) == (
        "'x.png' needs the no_such_library library: pip install 'fulgurite[vision]'."
    )


def test_one_that_is_broken_says_why(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    Path(tmp_path, "broken_library.py").write_text("from json import no_such_name")
    with pytest.raises(UserError, match=r"cannot be imported \(.*no_such_name.*\): pip install"):
        library("broken_library", "vision", "This")
