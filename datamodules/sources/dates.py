"""Text as dates and times."""

from collections.abc import Callable, Iterable

import polars as pl

Parse = Callable[[pl.Series], pl.Series]

DAYS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]
"""Day first; a year in front is never ambiguous."""
NAMED_DAYS = [
    "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y",
]  # fmt: skip
MONTH_FIRST = ["%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y"]
TIMES = ["%H:%M:%S%.f", "%H:%M"]
ZONED = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%d/%b/%Y:%H:%M:%S%#z"]
"""ISO 8601 and RFC 3339, and what Apache and nginx write."""
DATE = r"\d{4}([-/.])\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
TIME = r"\d{1,2}:\d\d(:\d\d([.,]\d+)?)?"
MONTH = r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
NAMED_DATE = rf"(?i:{MONTH} \d{{1,2}},?|\d{{1,2}}[ -]{MONTH})[ -]\d{{4}}"
LIKELY = (
    rf"^({DATE}|{NAMED_DATE})([T ]{TIME}( ?(Z|[+-]\d\d:?\d\d))?)?$|^{TIME}$"
    r"|^\d\d/[A-Z][a-z]{2}/\d{4}:"
)
"""What is worth a try."""


def to_dates(text: pl.Series) -> pl.Series:
    """Return text as dates, null where a cell is none; days stand before months."""
    return _first_of(text, _day_parsers(), pl.Date())


def to_datetimes(text: pl.Series) -> pl.Series:
    """Return text as dates with times, null where a cell is none; zones are turned into UTC."""
    parsers = [*_moment_parsers(), *_day_parsers()]
    return _first_of(_plain_moments(text), parsers, pl.Datetime("us"))


def with_dates(frame: pl.DataFrame, skip: Iterable[str] = ()) -> pl.DataFrame:
    """Return a frame whose columns of dates, of dates with times, or of times of day are such.

    Every cell of a column has to be written in the same way.

    Args:
        frame: any; columns that are not text stay.
        skip: columns that stay too.
    """
    return frame.with_columns(_dated(column) for column in frame if column.name not in skip)


def months_first(frame: pl.DataFrame, skip: Iterable[str] = ()) -> list[str]:
    """Return a sentence for each column of text that is dates if months stand before days.

    They are not read so: where no day is above 12, nothing would tell them from the others.
    """
    notes = []
    for column in frame:
        if column.dtype != pl.String or column.name in skip or column.null_count() == len(column):
            continue
        if not column.drop_nulls().head(1).str.contains(rf"^({DATE})$|^\d+/\d+/\d\d$")[0]:
            continue
        for form in MONTH_FIRST:
            if column.str.to_date(form, strict=False).null_count() == column.null_count():
                late = column.filter(column.str.contains(r"^\d+[-/](1[3-9]|2\d|3[01])[-/]"))
                notes.append(
                    f"'{column.name}' seems to hold dates with the month first, such as "
                    f"'{late[0] if len(late) else column.drop_nulls()[0]}', and is read as words: "
                    f"write them as 2024-12-31."
                )
                break
    return notes


def _dated(column: pl.Series) -> pl.Series:
    if column.dtype != pl.String or column.null_count() == len(column):
        return column
    first = column.drop_nulls().head(1)
    # one look at the first value spares most columns the search
    if not first.str.contains(LIKELY)[0]:
        return column
    for parse in (*_day_parsers(), *_moment_parsers(), *_time_parsers()):
        if parse(_plain_moments(first)).null_count():
            continue
        found = parse(_plain_moments(column))
        if found.null_count() == column.null_count():
            return found
    return column


def _day_parsers() -> list[Parse]:
    forms = [*DAYS, *NAMED_DAYS]
    return [lambda text, form=form: text.str.to_date(form, strict=False) for form in forms]  # type: ignore[misc]


def _time_parsers() -> list[Parse]:
    return [lambda text, form=form: text.str.to_time(form, strict=False) for form in TIMES]  # type: ignore[misc]


def _moment_parsers() -> list[Parse]:
    forms = [f"{day}{between}{time}" for day in DAYS for between in " T" for time in TIMES]
    local: list[Parse] = [
        lambda text, form=form: text.str.to_datetime(form, time_unit="us", strict=False)  # type: ignore[misc]
        for form in forms
    ]
    return local + [lambda text, form=form: _zoned(text, form) for form in ZONED]


def _zoned(text: pl.Series, form: str) -> pl.Series:
    found = text.str.to_datetime(form, time_unit="us", strict=False, time_zone="UTC")
    return found.dt.replace_time_zone(None)


def _plain_moments(text: pl.Series) -> pl.Series:
    """Return moments with a point before fractions of seconds, and zones as offsets."""
    text = text.str.replace(r"(:\d\d),(\d+)", "$1.$2")  # the comma of Python's logging
    return text.str.replace(r"(\d)Z$", "${1}+00:00").str.replace(r"(\d) ([+-]\d\d:?\d\d)$", "$1$2")


def _first_of(text: pl.Series, parsers: Iterable[Parse], dtype: pl.DataType) -> pl.Series:
    """Return what the first parser that can reads of each cell."""
    found = pl.Series(text.name, [None] * len(text), dtype=dtype)
    for parse in parsers:
        if found.null_count() == text.null_count():
            break
        found = found.zip_with(found.is_not_null(), parse(text).cast(dtype))
    return found
