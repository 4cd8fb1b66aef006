"""Configs: found by name from anywhere, read as people mean them."""

from pathlib import Path

import pytest
import yaml

from datamodules.errors import UserError
from fulgurite.configs import Loader, configs_here, find_config, read_config, shipped_configs


def test_a_shipped_config_is_found_by_name_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = find_config("digits_cnn")
    assert path.name == "digits_cnn.yaml"
    assert find_config("digits_cnn.yaml") == path == shipped_configs()["digits_cnn"]
    assert read_config(path)["model"]["init_args"]["backbone"] == "ConvNet"


def test_a_file_goes_before_a_shipped_config(tmp_path):
    (tmp_path / "digits_cnn.yaml").write_text("trainer: {}")
    assert find_config("digits_cnn").resolve() == tmp_path / "digits_cnn.yaml"


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json"])
def test_the_ending_of_a_file_may_be_left_out(tmp_path, suffix):
    path = tmp_path / f"mine.v2{suffix}"
    path.write_text("{}")
    assert find_config("mine.v2").resolve() == path
    assert find_config(str(tmp_path / "mine.v2")) == path


def test_a_config_that_is_not_there_is_told_with_the_nearest(tmp_path):
    (tmp_path / "incomes.yaml").write_text("{}")
    with pytest.raises(UserError) as caught:
        find_config("digit_cnn")
    assert str(caught.value).startswith(
        "There is no config 'digit_cnn', neither as a file nor by name. Did you mean 'digits_cnn'"
    )
    with pytest.raises(UserError, match=r"Did you mean 'incomes\.yaml'\?"):
        find_config("income.yaml")


def test_the_configs_of_the_working_directory_are_its_yaml_files():
    assert configs_here() == []
    for name in ("b.yaml", "a.yml", "rows.csv"):
        Path(name).touch()
    assert configs_here() == ["a.yml", "b.yaml"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("-1E5", -1e5),
        ("3.", 3.0),
        (".5e2", 50.0),
        ("1.5e+3", 1500.0),
        ("7", 7),
        ("e3", "e3"),
        ("1e", "1e"),
        ("v1.2", "v1.2"),
        (".inf", float("inf")),
        ("null", None),
    ],
)
def test_numbers_are_numbers(text, value):
    read = yaml.load(f"x: {text}", Loader)["x"]
    assert read == value
    assert type(read) is type(value)


def test_broken_yaml_is_told_with_its_line(tmp_path):
    path = tmp_path / "broken.yaml"
    path.write_text("data:\n  source: [a, b\nmodel: x\n")
    with pytest.raises(UserError, match=r"broken\.yaml' is not valid YAML in line 3, column \d+: "):
        read_config(path)


def test_a_key_that_stands_twice_is_told(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text("trainer:\n  max_epochs: 3\n  devices: 1\n  max_epochs: 4\n")
    told = (
        r"twice\.yaml' is not valid YAML in line 4, column 3: the key 'max_epochs' stands in line 2"
    )
    with pytest.raises(UserError, match=told):
        read_config(path)


@pytest.mark.parametrize("content", [b"- a\n- b\n", b"just text", b"7"])
def test_a_config_holds_keys(tmp_path, content):
    path = tmp_path / "list.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"must hold keys such as 'data:' and 'model:', not"):
        read_config(path)


def test_what_is_no_text_is_told(tmp_path):
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"\xff\xfe\x00data")
    with pytest.raises(UserError, match=r"binary\.yaml' cannot be read as YAML"):
        read_config(path)


def test_an_empty_file_is_an_empty_config(tmp_path):
    (tmp_path / "empty.yaml").write_text("# nothing yet\n")
    assert read_config(tmp_path / "empty.yaml") == {}
