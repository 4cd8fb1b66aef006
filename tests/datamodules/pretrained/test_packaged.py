"""Packages are found without running them."""

from datamodules.pretrained.packaged import folder_of_package, release_of


def test_a_package_is_found_by_either_name(tmp_path, monkeypatch):
    (tmp_path / "my_net").mkdir()
    (tmp_path / "my_net/__init__.py").write_text("raise RuntimeError")
    monkeypatch.syspath_prepend(tmp_path)
    assert folder_of_package("my-net") == folder_of_package("my_net") == tmp_path / "my_net"
    assert release_of("my_net") is None


def test_what_is_no_package():
    for name in ("no_such_package", "a/b", "", "2x", "json.decoder"):
        assert folder_of_package(name) is None


def test_the_release_of_an_installed_package():
    name, _, release = str(release_of("torch")).partition(" ")
    assert name == "torch"
    assert release[0].isdigit()
