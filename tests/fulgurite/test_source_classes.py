"""What the source says of a class, with no import."""

import subprocess
import sys

from fulgurite.source_classes import Parameter, classes_in, folder_of


def test_what_the_source_says_of_a_class():
    (entry,) = (each for each in classes_in("lightning_modules.heads") if each.name == "MLPHead")
    assert entry.path == "lightning_modules.heads.MLPHead"
    assert entry.summary == "One hidden layer."
    assert entry.bases == ("Sequential",)
    assert list(entry.parameters)[:2] == ["in_features", "out_features"]
    assert entry.parameters["in_features"] == Parameter("int", None)
    assert entry.parameters["hidden"].annotation == "int"


def test_the_fields_of_a_dataclass_are_its_parameters():
    entries = {entry.name: entry for entry in classes_in("datamodules.splits")}
    assert {name: p.annotation for name, p in entries["RandomSplit"].parameters.items()} == {
        "val": "float",
        "test": "float",
        "seed": "int",
        "near_duplicates": "bool",
    }


NET = """\
class Net(a.Base):
    '''A ``net``
    of mine.

    More.'''

    def __init__(self, a, *, b: int = 1 + 1): ...


class _Part:
    pass
"""
OUT = """\
class Out:
    pass


Out.__doc__ = ('''Set
    below.''' + 'x')
"""


def test_only_public_classes_are_told(tmp_path, monkeypatch):
    (tmp_path / "lab" / "nets").mkdir(parents=True)
    (tmp_path / "lab" / "__init__.py").touch()
    (tmp_path / "lab" / "nets" / "mine.py").write_text(NET)
    (tmp_path / "lab" / "nets" / "__init__.py").write_text(OUT)
    monkeypatch.syspath_prepend(tmp_path)
    out, net = classes_in("lab")
    assert (net.name, net.path, net.summary) == ("Net", "lab.nets.mine.Net", "A net of mine.")
    assert net.bases == ("Base",)
    assert net.parameters == {"a": Parameter("", None), "b": Parameter("int", "1 + 1")}
    assert (out.path, out.summary) == ("lab.nets.Out", "Set below.")


def test_a_package_that_is_not_there_has_no_classes():
    assert folder_of("nowhere.at.all") is None
    assert classes_in("nowhere.at.all") == ()


def test_reading_imports_nothing():
    code = (
        "import sys; from fulgurite.kinds import KINDS, classes_of;"
        "print(sum(len(classes_of(kind)) for kind in KINDS) > 80);"
        "print([n for n in ('torch', 'lightning', 'numpy', 'polars') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["True", "[]"]
