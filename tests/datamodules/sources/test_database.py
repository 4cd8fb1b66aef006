"""Rows of SQLite, DuckDB and PostgreSQL."""

import datetime
import sqlite3
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from datamodules.errors import UserError
from datamodules.sources.tables import read_table
from datamodules.tabular import TabularDataModule


def made(name: str = "x.db", script: str = "") -> str:
    with sqlite3.connect(name) as connection:
        connection.executescript(
            script
            or """
            CREATE TABLE people (zip TEXT, age INT, height REAL, born DATE);
            INSERT INTO people VALUES ('00123', 31, 1.5, '1990-01-02');
            INSERT INTO people VALUES ('04567', NULL, 2, '1991-12-31');
            """
        )
    connection.close()
    return f"sqlite:///{name}"


def error(source: str, query: str | None = None) -> str:
    with pytest.raises(UserError) as caught:
        read_table(source, query=query)
    return str(caught.value)


def test_the_only_table_is_read_with_its_types():
    records = read_table(made())
    assert records.frame.schema == {
        "zip": pl.String,
        "age": pl.Int64,
        "height": pl.Float64,
        "born": pl.Date,
    }
    assert records.frame.rows()[1] == ("04567", None, 2.0, datetime.date(1991, 12, 31))
    assert records.origin == "sqlite:///x.db"


def test_a_query_and_the_name_of_a_table_choose_rows(tmp_path):
    url = made()
    assert read_table(url, query="SELECT age AS a FROM people;").frame.columns == ["a"]
    assert len(read_table(url, query="people").frame) == 2
    assert len(read_table(f"sqlite:////{str(tmp_path)[1:]}/x.db").frame) == 2


def test_several_batches_have_one_type(monkeypatch):
    monkeypatch.setattr("datamodules.sources.database.BATCH", 2)
    mixed = made("m.db", "CREATE TABLE t (a); INSERT INTO t VALUES ('x'), (x'ff'), (1)")
    assert read_table(mixed).frame["a"].to_list() == ["x", "b'\\xff'", "1"]
    url = made(
        script="CREATE TABLE t (a, b, c);"
        "INSERT INTO t VALUES (NULL, 1, 1), (NULL, 2, 2), (3, 2.5, 'x'), (4, NULL, NULL), (5, 1, 0)"
    )
    assert read_table(url).frame.to_dict(as_series=False) == {
        "a": [None, None, 3, 4, 5],
        "b": [1, 2, 2.5, None, 1],
        "c": ["1", "2", "x", None, "0"],
    }


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM people", "DROP TABLE people", "INSERT INTO people DEFAULT VALUES"],
)
def test_a_query_cannot_write(query):
    url = made()
    assert "readonly" in error(url, query) or "no rows by its nature" in error(url, query)
    assert len(read_table(url).frame) == 2


def test_a_missing_file_is_not_made():
    assert error("sqlite:///no.db").startswith("--data.source: There is no 'no.db'")
    assert not Path("no.db").exists()


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * FROM peple", "no such table: peple"),
        ("SELECT age, age FROM people", "more than one column named 'age'"),
        ("SELECT * FROM people WHERE age > 100", "the query gives no rows"),
        ("peple", "Did you mean 'people'"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELEC 1", "syntax error"),
    ],
)
def test_a_query_that_fails_is_one_sentence(query, told):
    message = error(made(), query)
    assert message.startswith("--data.query: ")
    assert told in message
    assert "\n" not in message


def test_without_a_query_the_tables_are_listed():
    url = made(script="CREATE TABLE a (x); CREATE TABLE b (x); CREATE VIEW c AS SELECT 1")
    assert error(url) == (
        "--data.query: 'sqlite:///x.db' has 3 tables (a, b, c): say which rows, such as "
        "--data.query 'SELECT * FROM a'."
    )
    assert error(made("e.db", "PRAGMA user_version = 1")).endswith("has no tables.")


@pytest.mark.parametrize("url", ["sqlite://x.db", "sqlite://", "sqlite:///:memory:"])
def test_a_url_without_a_file_says_how_to_write_it(url):
    made()
    assert "sqlite:///FILE.db" in error(url)


def test_a_file_of_another_kind_is_told():
    Path("x.db").write_text("age\n1\n")
    assert error("sqlite:///x.db") == (
        "--data.source: 'sqlite:///x.db' is no SQLite database: file is not a database."
    )


def test_duckdb_is_read_and_cannot_write():
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect("x.duckdb") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS a, DATE '2024-01-02' AS b")
    assert read_table("duckdb:///x.duckdb").frame.rows() == [(1, datetime.date(2024, 1, 2))]
    assert "read-only" in error("duckdb:///x.duckdb", "DELETE FROM t")
    assert "t.csv" not in str(error("duckdb:///x.duckdb", "COPY t TO 'o.csv'"))
    assert not Path("o.csv").exists()


def test_a_scheme_that_is_none_is_told():
    pytest.importorskip("sqlalchemy")
    assert "Did you mean 'postgresql'" in error("postgrsql://me@here/x")


def test_a_server_that_is_not_there_is_told_without_the_password():
    pytest.importorskip("psycopg")
    message = error("postgresql://me:s3cret@127.0.0.1:1/x")
    assert message.startswith(
        "--data.source: 'postgresql://me:***@127.0.0.1:1/x' cannot be reached: "
    )
    assert "s3cret" not in message
    assert message.endswith("Connection refused.")


def test_a_model_trained_on_a_database_takes_a_file_too(people):
    pl.read_csv(people).write_csv("new.csv")
    with sqlite3.connect("p.db") as connection:
        frame = pl.read_csv(people).select("age", "height", "buys")
        connection.execute("CREATE TABLE t (age INT, height REAL, buys TEXT)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", frame.rows())
    connection.close()
    query = "SELECT * FROM t WHERE age > 0"
    data = TabularDataModule("sqlite:///p.db", target="buys", query=query)
    data.setup("fit")
    data.source = "new.csv"
    data.setup("predict")
    assert sum(len(batch["index"]) for batch in data.predict_dataloader()) == 120


def test_the_query_of_a_file_is_refused_before_training(people):
    with pytest.raises(UserError, match=r"^--data\.query: .* is no database"):
        TabularDataModule(str(people), target="buys", query="SELECT 1").setup("fit")


@pytest.mark.slow
class TestPostgreSQL:
    @pytest.fixture
    def url(self, postgres):
        import psycopg

        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute(
                "CREATE TABLE people (id INT PRIMARY KEY, name TEXT, paid NUMERIC(8, 2), "
                "seen TIMESTAMP, mark UUID, note JSONB, ok BOOLEAN)"
            )
            connection.execute(
                "CREATE FUNCTION wipe() RETURNS INT LANGUAGE SQL AS 'DELETE FROM people; SELECT 1'"
            )
            connection.execute(
                "INSERT INTO people VALUES "
                "(2, 'b%', 1.25, '2024-01-02 03:04:05', gen_random_uuid(), '{\"a\": 1}', true), "
                "(1, NULL, NULL, NULL, NULL, NULL, false)"
            )
        return postgres

    def test_types_and_the_order_of_the_key(self, url):
        frame = read_table(url).frame
        assert frame["id"].to_list() == [1, 2]
        kinds = frame.schema
        assert kinds["paid"] == pl.Float64
        assert kinds["seen"] == pl.Datetime("us")
        assert kinds["mark"] == pl.String
        assert kinds["ok"] == pl.Boolean

    def test_a_query_with_signs_of_parameters(self, url):
        query = "SELECT id, 'a:b' AS c FROM people WHERE name LIKE '%\\%' OR id = 7;"
        assert read_table(url, query=query).frame.rows() == [(2, "a:b")]

    def test_equal_to_polars_own_reading(self, url):
        query = "SELECT g AS n, g / 3.0 AS x, 'v' || g % 5 AS c FROM generate_series(1, 50000) g"
        from sqlalchemy import create_engine

        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            expected = pl.read_database(query, connection)
        engine.dispose()
        read = read_table(url, query=query).frame
        assert_frame_equal(read, expected.cast({"x": pl.Float64}), check_dtypes=False)

    @pytest.mark.parametrize(
        "query",
        [
            "DELETE FROM people",
            "WITH gone AS (DELETE FROM people RETURNING *) SELECT * FROM gone",
            "SELECT wipe()",
            "DROP TABLE people",
            "SELECT 1; DELETE FROM people; COMMIT",
        ],
    )
    def test_a_query_cannot_write(self, url, query):
        message = error(url, query)
        assert message.startswith("--data.query: 'postgresql://me:***@")
        assert "\n" not in message
        assert len(read_table(url).frame) == 2

    @pytest.mark.parametrize(
        ("query", "told"),
        [
            ("SELECT * FROM peple", 'relation "peple" does not exist'),
            ("SELECT id, id FROM people", "more than one column named 'id'"),
            ("SELECT * FROM people WHERE id > 5", "gives no rows"),
            ("SELECT 1 / (id - 1) FROM people", "division by zero"),
        ],
    )
    def test_a_query_that_fails_is_one_sentence(self, url, query, told):
        message = error(url, query)
        assert told in message
        assert "s3cret" not in message
        assert "\n" not in message

    def test_a_wrong_password_is_not_told(self, url):
        message = error(url.replace("s3cret", "wrongword"))
        assert "password authentication failed" in message
        assert "wrongword" not in message

    def test_a_password_from_the_environment(self, url, monkeypatch):
        other = url.replace("s3cret", "$DB_PASSWORD")
        assert "'DB_PASSWORD' is not set" in error(other)
        monkeypatch.setenv("DB_PASSWORD", "s3cret")
        assert len(read_table(other).frame) == 2

    def test_a_database_that_is_not_there(self, url):
        assert 'database "nope" does not exist' in error(url.replace("/postgres", "/nope"))
