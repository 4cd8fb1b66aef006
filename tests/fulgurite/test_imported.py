"""Classes by their import paths: what there is, and why it cannot be had."""

import sys

import pytest

from datamodules.errors import UserError
from fulgurite.imported import import_class, shown


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import nowhere_at_all", r"'own' needs 'nowhere_at_all', which is not installed"),
        ("class Net(", r"own\.py, line 1: '\(' was never closed"),
        ("raise RuntimeError('no GPU')", r"RuntimeError: no GPU"),
        ("class Nett: pass", r"'own' has no class 'Net'. Did you mean 'Nett'"),
    ],
)
def test_a_class_of_one_s_own_that_cannot_be_imported(tmp_path, monkeypatch, source, told):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own", raising=False)
    (tmp_path / "own.py").write_text(source + "\n")
    with pytest.raises(UserError, match=told):
        import_class("own.Net")


def test_what_is_there_is_imported():
    from torch import nn

    assert import_class("torch.nn.Linear") is nn.Linear


def test_a_library_that_people_know_is_told_how_to_be_had(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(UserError, match="It may be had by pip install timm"):
        import_class("timm.create_model")


def test_a_value_is_cut_where_it_is_long():
    assert shown("a") == "'a'"
    assert shown(3) == "3"
    assert len(shown("x" * 100)) == 60
