"""Several files as one table."""

import datetime
from pathlib import Path

import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.sources.several import expanded, is_pattern
from datamodules.sources.tables import read_table


def write(files: dict[str, str]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content)


def error(source) -> str:
    with pytest.raises(UserError) as caught:
        read_table(source)
    return str(caught.value)


def test_patterns_and_lists_give_sorted_files_once(tmp_path):
    write({"d/b.csv": "x", "d/a.csv": "x", "d/e/c.csv": "x", "d/.h.csv": "x", "d/n.txt": "x"})
    assert expanded("d/*.csv") == ["d/a.csv", "d/b.csv"]
    assert expanded("d/**/*.csv") == ["d/a.csv", "d/b.csv", "d/e/c.csv"]
    assert expanded(["d/b.csv", "d/[ab].csv", f"{tmp_path}/d/a.csv"]) == [
        f"{tmp_path}/d/a.csv",
        "d/b.csv",
    ]
    assert expanded("sample:digits") == ["sample:digits"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file():
    write({"a[1].csv": "x\n1\n"})
    assert not is_pattern("a[1].csv")
    assert is_pattern("a[2].csv")
    assert len(read_table("a[1].csv").frame) == 1


def test_a_query_of_a_url_is_no_pattern():
    assert not is_pattern("https://x/y?a=[1]*")


def test_rows_follow_the_files_and_columns_the_first():
    write({"b.csv": "y,x\nq,3\n", "a.csv": "x,y\n1,p\n2,\n", "c.jsonl": '{"x": 4.5, "y": null}'})
    records = read_table(["c.jsonl", "b.csv", "a.csv"])
    assert records.frame.to_dict(as_series=False) == {
        "x": [1.0, 2.0, 3.0, 4.5],
        "y": ["p", None, "q", None],
    }
    assert records.notes == ["Read 4 rows of 3 files."]
    assert records.origin == "c.jsonl and 2 more"


def test_a_column_that_is_empty_in_a_file_takes_the_type_of_the_others():
    write({"a.csv": "x,d\n,\n1,\n", "b.csv": "x,d\n2,2024-01-02\n"})
    frame = read_table("*.csv").frame
    assert frame.schema == {"x": pl.Int64, "d": pl.Date}
    write({"a.csv": "x,d\n ,1\n"})
    write({"b.csv": "x,d\n2,3\n"})
    assert read_table("*.csv").frame["x"].to_list() == [None, 2]
    write({"a.csv": "x,d\n1,2\n", "b.csv": "x,d\n,3\n"})
    assert read_table("*.csv").frame["x"].to_list() == [1, None]


def test_dates_and_dates_with_times_meet():
    write({"a.csv": "d\n2024-01-02\n", "b.csv": "d\n2024-01-03 04:05:06\n"})
    assert read_table("*.csv").frame["d"].to_list() == [
        datetime.datetime(2024, 1, 2),
        datetime.datetime(2024, 1, 3, 4, 5, 6),
    ]


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ("x\n1\n", "'b.csv' lacks the column 'y' that 'a.csv' has"),
        ("x,y,z\n1,2,3\n", "'b.csv' has the column 'z' that 'a.csv' lacks"),
        ("x,Y\n1,2\n", "lacks the column 'y' that 'a.csv' has, and 'b.csv' has the column 'Y'"),
        ("x,y\n1,k\n", "column 'y' holds numbers in 'a.csv' and text in 'b.csv', such as 'k'"),
        ("x,y\n1,2024-01-01\n", "dates or times in 'b.csv'"),
    ],
)
def test_files_that_are_unlike_are_told(second, told):
    write({"a.csv": "x,y\n1,2\n", "b.csv": second})
    assert told in error("*.csv")


def test_a_file_that_is_unlike_can_be_given_a_type():
    write({"a.csv": "x,y\n1,12\n", "b.csv": "x,y\n1,2A\n"})
    assert "--data.schema.y category" in error("*.csv")
    frame = read_table("*.csv", schema={"y": "category"}).frame
    assert frame["y"].to_list() == ["12", "2A"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("*.csv", "no file matches '*.csv'"),
        ("dta/*.csv", "There is no 'dta'. Did you mean 'data'?"),
        ([], "it is empty"),
        ("", "it is empty"),
        (["data/x.csv", "no.csv"], "There is no 'no.csv'"),
        (["sample:digits", "data/x.csv"], "a sample stands alone"),
    ],
)
def test_what_is_not_there_is_told(source, told):
    write({"data/x.csv": "a\n1\n"})
    assert error(source).startswith("--data.source: ")
    assert told in error(source)
