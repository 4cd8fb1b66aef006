"""A person is spoken to on standard error, unless they want quiet."""

from callbacks.console import console
from datamodules.progress import QUIET


def test_it_is_standard_error(capsys, monkeypatch):
    monkeypatch.delenv(QUIET, raising=False)
    to_user = console()
    assert to_user is not None
    to_user.print("weights: 3 of 4")
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "weights: 3 of 4\n"


def test_nobody_is_spoken_to_where_quiet_is_wanted(monkeypatch):
    monkeypatch.setenv(QUIET, "1")
    assert console() is None
