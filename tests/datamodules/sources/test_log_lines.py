"""Log files of the named formats and of patterns."""

import datetime
import gzip
import os
from pathlib import Path

import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.hyperparameters import as_config
from datamodules.sources.log_lines import LogLines, is_log
from datamodules.sources.tables import read_table

COMBINED = (
    '127.0.0.1 - ann [10/Oct/2024:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326 '
    '"http://x/\\"y" "Mozilla/5.0 (X11)"\n'
    '::1 - - [10/Oct/2024:13:55:37 -0700] "\\x16\\x03" 400 - "-" "-"\n'
)
LEVELED = (
    "2024-01-01 12:00:00,123 INFO app.db: connected\n"
    "2024-01-01 12:00:01,000 ERROR app: it: failed\n"
)


def written(content: str | bytes, name: str = "a.log") -> str:
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def error(content: str, pattern: str | None = None) -> str:
    with pytest.raises(UserError) as caught:
        read_table(written(content), reader=LogLines(pattern))
    return str(caught.value)


def test_names_of_log_files():
    assert all(map(is_log, ["a.log", "x/b.LOG", "a.log.1", "a.log.12.gz", "a.log.gz"]))
    assert not any(map(is_log, ["a.csv", "a.log.csv", "log", "http://x/a.log", "catalog"]))


def test_combined_lines_of_a_web_server():
    records = read_table(written(COMBINED))
    first, second = records.frame.to_dicts()
    assert first == {
        "host": "127.0.0.1",
        "user": "ann",
        "time": datetime.datetime(2024, 10, 10, 20, 55, 36),
        "method": "GET",
        "path": "/a?b=c",
        "protocol": "HTTP/1.0",
        "status": 200,
        "size": 2326,
        "referer": 'http://x/\\"y',
        "agent": "Mozilla/5.0 (X11)",
    }
    assert [second[name] for name in ("user", "method", "size", "agent")] == [None] * 4
    assert records.notes == [
        "'a.log' is read as 'combined' log lines; LogLines takes other patterns."
    ]


def test_common_lines_are_not_combined_ones():
    lines = "".join(line.partition(' "http')[0].partition(' "-"')[0] for line in [COMBINED])
    records = read_table(written(lines.split("\n")[0] + "\n"))
    assert "agent" not in records.frame.columns
    assert "'common'" in records.notes[0]


def test_leveled_lines():
    frame = read_table(written(LEVELED)).frame
    assert frame["time"].to_list()[0] == datetime.datetime(2024, 1, 1, 12, 0, 0, 123000)
    assert frame["level"].to_list() == ["INFO", "ERROR"]
    assert frame["message"].to_list() == ["connected", "it: failed"]


def test_syslog_lines_have_the_year_of_the_file():
    path = written(
        "Dec 31 23:59:59 box sshd[42]: Accepted\nJan  2 00:00:01 box kernel: up\n", "s.log"
    )
    changed = datetime.datetime(2024, 1, 3).timestamp()
    os.utime(path, (changed, changed))
    frame = read_table(path).frame
    assert frame["time"].to_list() == [
        datetime.datetime(2023, 12, 31, 23, 59, 59),
        datetime.datetime(2024, 1, 2, 0, 0, 1),
    ]
    assert frame["pid"].to_list() == [42, None]
    line = "2024-01-02T03:04:05.5+00:00 box app: hi\n"
    assert read_table(written(line)).frame["time"].dtype == pl.Datetime("us")


def test_a_pattern_and_a_named_format():
    pattern = r"(?P<n>\d+) (?P<what>\w+)"
    reader = LogLines(pattern)
    frame = read_table(written("1 a\r\n2 b\r\n", "x.txt"), reader=reader).frame
    assert frame.rows() == [(1, "a"), (2, "b")]
    assert as_config(reader)["init_args"] == {"pattern": pattern}
    assert len(read_table(written(LEVELED), reader=LogLines("leveled")).frame) == 2


def test_types_that_the_user_gives():
    reader = LogLines(r"(?P<zip>\d+) (?P<what>\S+)")
    frame = read_table(written("007 -\n"), reader=reader, schema={"zip": "category"}).frame
    assert frame.rows() == [("007", None)]


def test_packed_and_rotated_files_are_read_together():
    written(LEVELED, "a.log")
    written(LEVELED.replace("2024", "2023"), "a.log.1")
    Path("a.log.2.gz").write_bytes(gzip.compress(LEVELED.replace("2024", "2022").encode()))
    records = read_table("a.log*")
    assert records.frame["time"].dt.year().to_list() == [2024, 2024, 2023, 2023, 2022, 2022]


def test_lines_that_do_not_match_are_counted():
    records = read_table(written(LEVELED + "Traceback (most recent call last):\n"))
    assert len(records.frame) == 2
    assert records.notes[-1] == (
        "Lines of 'a.log' that do not match were left out: 1 of 3 (first: "
        "'Traceback (most recent call last):')."
    )


@pytest.mark.parametrize(
    ("content", "pattern", "told"),
    [
        ("a\nb\n1 c\n", r"(?P<n>\d) (?P<w>\w)", "2 of the 3 lines of 'a.log' do not match"),
        ("hello\n", None, "log lines of no known format"),
        ("", None, "'a.log' is empty"),
        ("\n\n", None, "'a.log' is empty"),
    ],
)
def test_a_file_that_is_none_is_told(content, pattern, told):
    assert told in error(content, pattern)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("combine", "Did you mean 'combined'"),
        ("(?P<a>", "is no regular expression"),
        (r"\d+ \w+", "has no named groups"),
    ],
)
def test_a_pattern_that_is_none_is_told(pattern, told):
    with pytest.raises(UserError) as caught:
        LogLines(pattern)
    assert str(caught.value).startswith("--data.reader.pattern: ")
    assert told in str(caught.value)
