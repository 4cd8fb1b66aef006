"""Tables from small files of each format, and each way a file can be broken."""

import datetime
import gzip
import json
import os
from pathlib import Path

import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.sources.tables import read_table


def written(name: str, content: str | bytes) -> str:
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def error(source: str) -> str:
    with pytest.raises(UserError) as caught:
        read_table(source)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "age,city\n31,Oslo\nNA,Rome\n"),
        ("a.tsv", "age\tcity\n31\tOslo\n?\tRome\n"),
        ("A.CSV", "age;city\r\n31;Oslo\r\n;Rome\r\n"),
        ("a.json", '[{"age": 31, "city": "Oslo"}, {"age": null, "city": "Rome"}]'),
        ("a.jsonl", '{"age": 31, "city": "Oslo"}\n\n{"city": "Rome"}\n'),
        ("a.ndjson", '\ufeff{"age": "31", "city": " Oslo"}\n{"age": "NA", "city": "Rome"}'),
    ],
)
def test_every_format_gives_the_same_frame(name, content):
    records = read_table(written(name, content))
    assert records.frame.schema == {"age": pl.Int64, "city": pl.String}
    assert records.frame.rows() == [(31, "Oslo"), (None, "Rome")]
    assert records.origin == name
    assert records.images is None
    assert records.target is None


def test_parquet_keeps_its_types_but_categories_and_nan(tmp_path):
    frame = pl.DataFrame(
        {"n": [1, None], "x": [1.5, float("nan")], "c": ["a", "b"], "t": ["NA", "01"]},
        schema_overrides={"c": pl.Categorical},
    )
    frame.write_parquet("a.parquet")
    read = read_table(str(tmp_path / "a.parquet")).frame
    assert read.schema == {"n": pl.Int64, "x": pl.Float64, "c": pl.String, "t": pl.String}
    assert read.rows() == [(1, 1.5, "a", "NA"), (None, None, "b", "01")]


@pytest.mark.parametrize(
    "mark", ["", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "NULL", "?", " NA "]
)
def test_a_mark_is_null_and_the_column_stays_numeric(mark):
    rows = f"1,1.5,a,k\n{mark},{mark},{mark},k\n2,2,b,k\n"
    frame = read_table(written("a.csv", "i,x,s,k\n" + rows + "3,3,c,k\n")).frame
    assert frame["i"].to_list() == [1, None, 2, 3]
    assert frame["i"].dtype == pl.Int64
    assert frame["x"].to_list() == [1.5, None, 2.0, 3.0]
    assert frame["s"].to_list() == ["a", None, "b", "c"]


def test_a_dash_or_none_is_missing_among_numbers_and_a_value_among_words():
    frame = read_table(written("a.csv", "i,x,s\n1,2.5,none\n-,None,-\n2,-1,airbag\n")).frame
    assert frame.rows() == [(1, 2.5, "none"), (None, None, "-"), (2, -1.0, "airbag")]


def test_a_column_of_marks_alone_has_no_values():
    frame = read_table(written("a.csv", "i,s\n1,-\n2,NA\n")).frame
    assert frame["s"].to_list() == ["-", None]


def test_types_are_inferred_over_all_rows():
    lines = "".join(f"{i},{i}\n" for i in range(10_001))
    frame = read_table(written("a.csv", "a,b\n" + lines + "x,0.5\n")).frame
    assert frame.schema == {"a": pl.String, "b": pl.Float64}
    assert frame.row(-1) == ("x", 0.5)
    rows = [{"a": i} for i in range(10_001)] + [{"a": "x"}]
    frame = read_table(written("a.jsonl", "\n".join(map(json.dumps, rows)))).frame
    assert frame["a"].to_list()[-2:] == ["10000", "x"]


def test_dates_times_and_truth_values():
    frame = read_table(written("a.csv", "d,t,b\n2020-01-02,2020-01-02 10:00:00,true\nNA,,false\n"))
    day = datetime.datetime(2020, 1, 2, 10)
    assert frame.frame.rows() == [(day.date(), day, True), (None, None, False)]


def test_dates_with_the_month_named_are_dates_in_every_form_of_file():
    content = {
        "a.csv": "day,y\nJan 2 2024,1\nFeb 3 2024,2\n",
        "a.jsonl": '{"day": "Jan 2 2024", "y": 1}\n{"day": "Feb 3 2024", "y": 2}\n',
    }
    for name, text in content.items():
        Path(name).write_text(text)
        assert read_table(name).frame.schema["day"] == pl.Date
        assert read_table(name, schema={"day": "text"}).frame.schema["day"] == pl.String


def test_numbers_wider_than_64_bits_become_floats():
    frame = read_table(written("a.csv", "a\n99999999999999999999\n1\n")).frame
    assert frame["a"].to_list() == [1e20, 1.0]


def test_names_are_stripped_of_white_space_and_byte_order_mark():
    source = written("a.csv", '\ufeff a ,"b, c"\n1,2\n')
    assert read_table(source).frame.columns == ["a", "b, c"]
    assert read_table(written("a.json", '[{" a ": 1}]')).frame.columns == ["a"]


def test_semicolons_with_decimal_commas():
    records = read_table(written("a.csv", 'x;"a, b, c"\n1,5;k\n-2,25;l\n'))
    assert records.frame.rows() == [(1.5, "k"), (-2.25, "l")]
    assert records.notes == ["'a.csv' is separated by ';'."]


def test_quoted_cells_keep_separators_quotes_and_line_breaks():
    frame = read_table(written("a.csv", 'a,b\n"x, y","he said ""hi"""\n"two\nlines",2\n')).frame
    assert frame.rows() == [("x, y", 'he said "hi"'), ("two\nlines", "2")]


def test_blank_and_short_lines_are_told():
    records = read_table(written("a.csv", "\na,b\n1,2\n\n3\n4,5\n"))
    assert records.frame.rows() == [(1, 2), (3, None), (4, 5)]
    assert records.notes == [
        "Lines of 'a.csv' with fewer than 2 values: 1 (first: line 5). "
        "What they lack counts as missing.",
        "Rows of 'a.csv' without a single value were left out: 1.",
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '{"data": [{"a": 1, "u": {"b": 2}}, {"a": 3, "u": {"b": null}}], "total": 2}'),
        ("a.json", '{"a": 1, "u": {"b": 2}}\n{"a": 3}\n'),
        ("a.jsonl", '[{"a": 1, "u": {"b": 2}},\n {"a": 3}]'),
        ("a.log", '{"a": 1, "u": {"b": 2}}\n{"a": 3}\n'),
    ],
)
def test_objects_are_found_wherever_they_stand(name, content):
    frame = read_table(written(name, content)).frame
    assert frame.to_dict(as_series=False) == {"a": [1, 3], "u.b": [2, None]}


def test_one_object_is_one_row():
    assert read_table(written("a.json", '{"a": 1, "b": "x"}')).frame.rows() == [(1, "x")]


def test_numbers_with_points_are_no_dates_of_long_ago():
    frame = read_table(written("a.csv", "version,b\n5.2.3,1\n5.3.1,2\n")).frame
    assert frame["version"].to_list() == ["5.2.3", "5.3.1"]


@pytest.mark.parametrize(
    "cell", ["5-Jan-2024", "5 January 2024", '"Jan 5, 2024"', '"January 5, 2024"', "5 Jan 2024"]
)
def test_months_may_have_names(cell):
    frame = read_table(written("a.csv", f"d,b\n{cell},1\n{cell},2\n")).frame
    assert frame["d"].to_list() == [datetime.date(2024, 1, 5)] * 2


def test_months_before_days_are_told():
    records = read_table(written("a.csv", "d,b\n1/2/2024,1\n1/13/2024,2\n"))
    assert records.frame["d"].dtype == pl.String
    assert records.notes == [
        "'d' seems to hold dates with the month first, such as '1/13/2024', and is read as words: "
        "write them as 2024-12-31."
    ]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", b"PAR1 and so on", "is a Parquet file"),
        ("a.csv", gzip.compress(b"a,b\n1,2\n", mtime=0), "is a file packed with gzip"),
        ("a.csv", b"PK\x03\x04", "is a zip archive or an Excel workbook"),
        ("a.csv", b'[{"a": 1}]', "is JSON, whatever its name says"),
        ("a.csv", b"<!DOCTYPE html>\n<p>Hello, you, there</p>", "is a web page or XML"),
        ("a.csv", b"Sales of 2024\na,b\n1,2\n", "has 1 names, but line 2 has 2 values: remove"),
        ("a.csv", b"# by us\n# today\na,b\n1,2\n", "has 1 names, but line 3 has 2 values"),
        ("a.csv", b"a,b\n1,2,3\n2,3,4\n", "has 2 names, but line 2 has 3 values: remove"),
        ("a.jsonl", b'{"a": 1}\n{"a": NaN}\nnull\n', "does not hold rows in line 3"),
        ("a.db", b"", "'a.db' is a database: name it as sqlite:///a.db, and say which rows"),
        ("a.xlsx", b"", "Save the sheet as CSV."),
    ],
)
def test_a_file_of_another_kind_than_its_name_says_is_told(name, content, told):
    assert told in error(written(name, content))


def test_a_tsv_file_that_has_no_tabs_is_separated_by_what_it_has():
    assert read_table(written("a.tsv", "a,b\n1,2\n")).frame.rows() == [(1, 2)]


def test_what_is_no_file_is_told():
    os.mkfifo("a.csv")
    assert error("a.csv") == "--data.source: 'a.csv' is neither a file nor a folder."
    Path("b.csv").symlink_to("gone.csv")
    assert "is a link to 'gone.csv', which is not there" in error("b.csv")


def test_a_row_of_nothing_keeps_its_place_but_at_the_end():
    records = read_table(written("a.csv", "a,b\n1,2\n,\n\n3,4\n,\n,\n"))
    assert records.frame.rows() == [(1, 2), (None, None), (3, 4)]
    assert records.notes == ["Rows of 'a.csv' without a single value were left out: 3."]


@pytest.mark.parametrize("mark", ["NAN", "Nan", "n.a.", "1.#QNAN", "\\N", "#VALUE!", "NONE"])
def test_marks_among_numbers_count_as_missing_however_they_are_spelt(mark):
    frame = read_table(written("a.csv", f"a,b\n1,2\n{mark},4\n")).frame
    assert frame["a"].to_list() == [1, None]


def test_written_numbers_of_a_file_are_numbers():
    records = read_table(written("a.csv", 'a,b\n"$1,200.50",x\n$3,y\n'))
    assert records.frame["a"].to_list() == [1200.5, 3.0]
    assert records.notes == ["'a' holds numbers such as '$1,200.50': read as 1200.5."]


def test_a_header_that_polars_reads_otherwise_is_refused():
    sentence = "The header of 'a.csv' cannot be read: is it one line of column names?"
    assert error(written("a.csv", "a,b\r1,2\r")) == sentence


def test_nameless_columns():
    records = read_table(written("a.csv", ",b,,\n0,2,7,\n1,3,9,\n"))
    assert records.frame.to_dict(as_series=False) == {
        "column_1": [0, 1],
        "b": [2, 3],
        "column_3": [7, 9],
    }
    assert records.leave_out == ["column_1"]
    assert records.notes == ["'column_1' of 'a.csv' only numbers the rows: left out."]


def test_json_with_nan_is_read():
    assert read_table(written("a.json", '[{"a": NaN}, {"a": 1}]')).frame["a"].to_list() == [None, 1]


def test_a_name_with_wildcards_is_one_file():
    written("ab.csv", "a\n1\n")
    assert read_table(written("a[b].csv", "a\n2\n")).frame.rows() == [(2,)]


def test_no_such_file_names_the_nearest():
    written("income.csv", "a\n1\n")
    assert (
        error("incme.csv") == "--data.source: There is no 'incme.csv'. Did you mean 'income.csv'?"
    )
    folder = Path.cwd()
    assert error("zzz") == (
        f"--data.source: There is no 'zzz'. The folder '{folder}' holds 'income.csv'."
    )
    assert error("no/a.csv") == (
        "--data.source: There is no 'no/a.csv': its folder 'no' does not exist."
    )


VALID = ".csv, .tsv, .json, .jsonl, .ndjson, .parquet"
UTF8 = "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8')."
ROWS = (
    'each must be an object, such as {"text": "a fine day", "label": "good"}; pandas writes them '
    'with orient="records".'
)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", "", "'a.csv' is empty."),
        ("a.csv", "\n \n", "'a.csv' is empty."),
        ("a.csv", "\ufeff\n\n", "'a.csv' is empty."),
        ("a.json", "", "'a.json' is empty."),
        ("a.parquet", "", "'a.parquet' is empty."),
        ("a.csv", "a,b\n", "'a.csv' has no rows."),
        ("a.json", "[]", "'a.json' has no rows."),
        (
            "a.xlsx",
            "PK",
            "--data.source: 'a.xlsx' is of a kind that cannot be read as a table ('.xlsx'): "
            f"valid suffixes are {VALID}, each also with .gz. Save the sheet as CSV.",
        ),
        (
            "a.csv",
            'a,b\n"1\n",2\n3,4,5\n',
            "Line 4 of 'a.csv' has 3 values for 2 columns: quote a value that contains ',', "
            "or mend the line.",
        ),
        (
            "a.csv",
            'a,b\n1,2\n"3,4\n5,6\n',
            "A quotation mark in line 3 of 'a.csv' is out of place or never closed.",
        ),
        (
            "a.csv",
            "a,b\n1,2\ncafé,3\n".encode("latin-1"),
            f"'a.csv' is not UTF-8 text (line 3): {UTF8}",
        ),
        ("a.csv", "café\n1\n".encode("latin-1"), f"'a.csv' is not UTF-8 text (line 1): {UTF8}"),
        ("a.csv", "a\n1\n\xe9".encode("latin-1"), f"'a.csv' is not UTF-8 text (line 3): {UTF8}"),
        (
            "a.jsonl",
            '{"a": "é"}'.encode("latin-1"),
            f"'a.jsonl' is not UTF-8 text (line 1): {UTF8}",
        ),
        (
            "a.csv",
            "a,b,a ,b,c\n1,2,3,4,5\n",
            "'a.csv' has more than one column named 'a', 'b': rename all but one.",
        ),
        (
            "a.json",
            '[{"a": 1, "a ": 2}]',
            "'a.json' has more than one column named 'a': rename all but one.",
        ),
        (
            "a.json",
            '[{"a": 1},\n {"a": }]',
            "'a.json' is not valid JSON in line 2, column 8: Expecting value.",
        ),
        ("a.json", '{"a": [1, 2]}', f"'a.json' does not hold rows: {ROWS}"),
        ("a.json", "[1, 2]", f"'a.json' does not hold rows: {ROWS}"),
        ("a.json", "3", f"'a.json' does not hold rows: {ROWS}"),
        (
            "a.jsonl",
            '{"a": 1}\n\n{"a": oops}\n',
            "'a.jsonl' is not valid JSON in line 3, column 7: Expecting value.",
        ),
        ("a.jsonl", "[1, 2]\n", f"'a.jsonl' does not hold rows: {ROWS}"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(name, content, sentence):
    assert error(written(name, content)) == sentence


def test_a_file_that_is_a_database_is_named_by_a_url():
    for name, scheme in (("shop.db", "sqlite"), ("shop.duckdb", "duckdb")):
        assert error(written(name, "SQLite format 3")) == (
            f"--data.source: '{name}' is a database: name it as {scheme}:///{name}, and say which "
            f"rows by --data.query."
        )


def test_a_broken_parquet_file_and_a_folder():
    assert error(written("a.parquet", b"PAR1")).startswith(
        "'a.parquet' cannot be read as Parquet: "
    )
    Path("data").mkdir()
    assert error("data") == f"--data.source: 'data' is a folder: name one file in it ({VALID})."


def test_text_split_between_two_chunks_is_one_character(monkeypatch):
    monkeypatch.setattr("datamodules.sources.encoding.CHUNK", 4)
    assert read_table(written("a.csv", "abé\né\n")).frame.rows() == [("é",)]
    assert error(written("b.csv", "ab\n1\n2\n3\n4\né\n".encode("latin-1"))).startswith(
        "'b.csv' is not UTF-8 text (line 6)"
    )
