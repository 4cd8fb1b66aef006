"""Which sources are URLs, and what of them is shown."""

import pytest

from datamodules.errors import UserError
from datamodules.sources.paths import absolute, absolute_path
from datamodules.sources.urls import (
    from_environment,
    is_database,
    is_url,
    is_web,
    shown,
    suffix_of,
    with_credentials,
    without_secrets,
)


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("a.csv", (False, False, False)),
        ("sample:digits", (False, False, False)),
        ("C:\\a.csv", (False, False, False)),
        ("HTTPS://x/a", (True, True, False)),
        ("postgresql+psycopg://x", (True, False, True)),
        ("sqlite:///x.db", (True, False, True)),
    ],
)
def test_the_form_of_a_source_says_what_it_is(source, kinds):
    assert (is_url(source), is_web(source), is_database(source)) == kinds


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://me:s3cret@host/db", "postgresql://me:***@host/db"),
        ("mysql://me:a/b?c@host/d", "mysql://me:***@host/d"),
        ("mysql://me:a@b:c@host", "mysql://me:***@host"),
        ("x --data.source 'https://me:pw@h/x' y", "x --data.source 'https://me:***@h/x' y"),
        ("postgresql://me:$PW@host/db", "postgresql://me:$PW@host/db"),
        ("postgresql://me:${PW}@host/db", "postgresql://me:${PW}@host/db"),
        ("postgresql://me@host:5432/db", "postgresql://me@host:5432/db"),
        ("https://h:80/a?to=me:you@there", "https://h:80/a?to=me:you@there"),
        (
            "https://h/?apikey=12&a=1&access_token=34#x",
            "https://h/?apikey=***&a=1&access_token=***#x",
        ),
        ("Authorization: Bearer abcdefgh12", "Authorization: Bearer ***"),
        ("Authorization: Bearer $TOKEN_ABCDEFGH", "Authorization: Bearer $TOKEN_ABCDEFGH"),
        ("source: 'sqlite:///x.db'\nmail: a:b@c", "source: 'sqlite:///x.db'\nmail: a:b@c"),
    ],
)
def test_passwords_and_keys_are_masked(text, masked):
    assert without_secrets(text) == masked


def test_several_sources_are_shown_by_the_first():
    assert shown(["a://u:p@h", "b", "c"]) == "a://u:***@h and 2 more"
    assert shown(["a"]) == shown("a") == "a"


def test_names_of_the_environment_are_filled_in(monkeypatch):
    monkeypatch.setenv("PW", "a/b@c")
    assert from_environment("x $PW ${PW}y", "it") == "x a/b@c a/b@cy"
    assert with_credentials("pg://me:$PW@h/$x") == "pg://me:a%2Fb%40c@h/$x"
    assert with_credentials("pg://h/$x") == "pg://h/$x"
    assert with_credentials("https://h/?$top=a@b") == "https://h/?$top=a@b"
    with pytest.raises(UserError, match="masked when the run was saved"):
        with_credentials("pg://me:***@h/x")
    with pytest.raises(UserError, match="'NO_SUCH' is not set"):
        from_environment("$NO_SUCH", "it")


def test_the_suffix_is_that_of_the_path():
    assert suffix_of("https://a.b/c.CSV?d=e.json") == ".csv"
    assert suffix_of("https://a.b/c") == suffix_of("https://a.b") == ""


def test_paths_are_made_absolute_and_nothing_else_is(tmp_path):
    (tmp_path / "a.csv").touch()
    (tmp_path / "data").mkdir()
    assert absolute("a.csv") == f"{tmp_path}/a.csv"
    assert absolute("data/**/*.csv") == f"{tmp_path}/data/**/*.csv"
    assert absolute("sqlite:///a.csv") == f"sqlite:///{tmp_path}/a.csv"
    for other in ("sample:digits", "https://x/a.csv", "no/*.csv", "postgresql://h/a.csv"):
        assert absolute(other) == other
    assert absolute_path("~/no") == "~/no"
    assert absolute_path("data") == f"{tmp_path}/data"
    assert absolute(["a.csv", "sample:x"]) == [f"{tmp_path}/a.csv", "sample:x"]
