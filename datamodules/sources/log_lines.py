"""Lines of log files as rows."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from datamodules.errors import UserError, choices
from datamodules.progress import progress
from datamodules.sources.dates import with_dates
from datamodules.sources.encoding import check_utf8
from datamodules.sources.json_files import read_json_lines
from datamodules.sources.missing import without_marks
from datamodules.sources.paths import existing_path
from datamodules.sources.reader import Reader
from datamodules.sources.table import Table
from datamodules.sources.table_files import SUFFIXES, called, plain, table_suffix, unpacked
from datamodules.sources.urls import is_url

REQUEST = r'"(?:(?P<method>[A-Z]+) (?P<path>\S+)(?: (?P<protocol>[^"\s]+))?|(?:\\.|[^"\\])*)"'
COMMON = (
    r"(?P<host>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "
    + REQUEST
    + r" (?P<status>\d{3}) (?P<size>\d+|-)"
)
FORMATS = {
    "combined": COMMON + r' "(?P<referer>(?:\\.|[^"\\])*)" "(?P<agent>(?:\\.|[^"\\])*)".*',
    "common": COMMON,
    "syslog": (
        r"(?:<\d+>)?(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
        r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) "
        r"(?P<host>\S+) (?P<program>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: (?P<message>.*)"
    ),
    "leveled": (
        r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[,.]\d+)?) (?:- )?"
        r"\[?(?P<level>[A-Z]{4,9})\]? +(?:- )?(?P<logger>[^\s:]+)(?: - |: )(?P<message>.*)"
    ),
}
"""Of the lines of web servers, of the system, and of Python's logging and its like."""

LOG = re.compile(r"\.log(\.\d+)?(\.gz)?$", re.IGNORECASE)
FIRST = 200
"""Lines that tell which named format a file has."""
SYSLOG_TIME = r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d$"


def is_log(source: str) -> bool:
    """Return whether a source is a log file by its name, rotated and packed ones too."""
    return not is_url(source) and LOG.search(source) is not None


class LogLines(Reader):
    """Lines of a log file, of which a regular expression makes columns.

    Lines that do not match are counted and left out; where they are the greater part, the pattern
    is not that of the file. Times become dates, and digits numbers.

    Args:
        pattern: a regular expression with named groups, one a column, that matches a whole line, or
            a named format: ``common``, ``combined``, ``syslog`` or ``leveled``. ``None`` takes the
            named format that fits most of the first lines.
    """

    reads = "files of lines"

    def __init__(self, pattern: str | None = None) -> None:
        self.pattern = pattern
        self._compiled = None if pattern is None else _compiled(pattern)

    def suits(self, source: str) -> bool:
        """Tell whether a source is a file, and none of a table."""
        if is_url(source) or source.startswith("sample:") or Path(source).expanduser().is_dir():
            return False
        return table_suffix(source) not in SUFFIXES

    def read(self, source: str, as_text: Collection[str] = ()) -> Table:
        """Read the lines of one file, which may be packed.

        Raises:
            UserError: there is no such file, it is no text, or most lines do not match.
        """
        path = existing_path(source)
        if path.is_dir():
            raise UserError(f"--data.source: '{source}' is a folder: name a file in it.")
        try:
            if path.suffix.lower() != ".gz":
                return self._read(path, as_text)
            with unpacked(path) as file, called(file, str(path)):
                return self._read(file, as_text, path)
        except OSError as error:
            raise UserError(f"'{path}' cannot be read: {error.strerror or error}.") from error

    def _read(self, path: Path, as_text: Collection[str], packed: Path | None = None) -> Table:
        check_utf8(path)
        text = path.read_text(encoding="utf-8-sig")
        lines = [line for line in text.split("\n") if line.strip()]
        name = str(packed or path)
        if self._compiled is None and lines and lines[0].lstrip().startswith("{"):
            table = plain(name, read_json_lines(path, as_text))
            return replace(table, notes=[f"'{name}' is read as lines of JSON.", *table.notes])
        pattern, notes = self._compiled, []
        if pattern is None:
            best = _best(name, lines[:FIRST])
            pattern = re.compile(FORMATS[best])
            notes.append(f"'{name}' is read as '{best}' log lines; LogLines takes other patterns.")
        columns, unmatched = _columns(pattern, lines)
        notes += _refuse_unlike(name, unmatched, len(lines))
        changed = datetime.fromtimestamp((packed or path).stat().st_mtime)
        frame = pl.DataFrame(columns, schema=dict.fromkeys(pattern.groupindex, pl.String))
        frame = without_marks(frame.with_columns(_dashes(frame, as_text)), as_text=as_text)
        frame = with_dates(frame.with_columns(_dated(c, changed) for c in frame), as_text)
        return plain(name, Table(frame, notes=notes))


def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern that can be matched.

    Raises:
        UserError: it is no regular expression, has no named group, or is no format there is.
    """
    if pattern in FORMATS:
        return re.compile(FORMATS[pattern])
    where = "--data.reader.pattern"
    if pattern.isidentifier():
        raise UserError(f"{where}: There is no format '{pattern}'.{choices(pattern, FORMATS)}")
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UserError(f"{where}: '{pattern}' is no regular expression: {error}.") from error
    if not compiled.groupindex:
        raise UserError(
            f"{where}: '{pattern}' has no named groups, which become columns: write them as "
            f"(?P<level>\\w+), or name a format: {', '.join(FORMATS)}."
        )
    return compiled


def _best(name: str, lines: list[str]) -> str:
    """Return the format that fits most of the lines; of equals the one that tells more."""
    fits = {key: _count(re.compile(form), lines) for key, form in FORMATS.items()}
    best = max(fits, key=lambda key: fits[key])
    if 2 * fits[best] < len(lines):
        raise UserError(
            f"'{name}' has log lines of no known format ({', '.join(FORMATS)}), such as "
            f"'{_short(lines[0])}': give their pattern, --data.reader LogLines "
            f"--data.reader.pattern '(?P<time>\\S+) (?P<message>.*)'."
        )
    return best


def _count(pattern: re.Pattern[str], lines: Iterable[str]) -> int:
    return sum(pattern.fullmatch(line.rstrip("\r")) is not None for line in lines)


def _columns(
    pattern: re.Pattern[str], lines: list[str]
) -> tuple[dict[str, list[str | None]], list[str]]:
    """Return the groups of the lines that match, and the lines that do not."""
    columns: dict[str, list[str | None]] = {name: [] for name in pattern.groupindex}
    groups = [(values, pattern.groupindex[name]) for name, values in columns.items()]
    unmatched = []
    with progress("reading log lines", len(lines)) as bar:
        for place, line in enumerate(lines):
            match = pattern.fullmatch(line.rstrip("\r"))
            if match is None:
                unmatched.append(line)
                continue
            for values, group in groups:
                values.append(match[group])
            if place % 10_000 == 0:
                bar.advance(10_000)
    return columns, unmatched


def _refuse_unlike(name: str, unmatched: list[str], count: int) -> list[str]:
    """Return a note of the lines that did not match.

    Raises:
        UserError: they are over half of all.
    """
    if not unmatched:
        return []
    if 2 * len(unmatched) > count:
        raise UserError(
            f"--data.reader.pattern: {len(unmatched)} of the {count} lines of '{name}' do not "
            f"match, the first of them '{_short(unmatched[0])}'."
        )
    return [
        f"Lines of '{name}' that do not match were left out: {len(unmatched)} of {count} (first: "
        f"'{_short(unmatched[0])}')."
    ]


def _short(line: str) -> str:
    line = line.strip()
    return line if len(line) <= 100 else f"{line[:99]}…"


def _dashes(frame: pl.DataFrame, as_text: Collection[str]) -> list[pl.Series]:
    """Return the columns with ``-`` as nothing, which is how servers write it."""
    return [column.set(column == "-", None) for column in frame if column.name not in as_text]


def _dated(column: pl.Series, changed: datetime) -> pl.Series:
    """Return a column of syslog's times with the year that they lack: the last in which they fit.

    Args:
        column: of any kind.
        changed: when the file was written last, after which nothing in it happened.
    """
    if column.dtype != pl.String or not column.drop_nulls().str.contains(SYSLOG_TIME).all():
        return column
    if column.null_count() == len(column):
        return column
    years = [changed.year, changed.year - 1]
    this, before = (
        (f"{year} " + column.str.replace("  ", " 0")).str.to_datetime(
            "%Y %b %d %H:%M:%S", time_unit="us", strict=False
        )
        for year in years
    )
    late = (this > changed).fill_null(True)  # 29 February is in one year and not in the other
    times = this.zip_with(~late, before).alias(column.name)
    return times if times.null_count() == column.null_count() else column
