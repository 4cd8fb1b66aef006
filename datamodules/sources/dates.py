"""Text as dates and times."""

import polars as pl

DATES = ["%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]
"""Day first, as CSV files are read; a year in front is never ambiguous."""
TIMES = ["%H:%M:%S%.f", "%H:%M"]
ZONED = [
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%d/%b/%Y:%H:%M:%S %#z",  # Apache and nginx
]
ISO = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?)?$"
APACHE = r"^\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$"


def to_dates(text: pl.Series) -> pl.Series:
    """Return text as dates, null where a cell is none."""
    return _first_of(text, [text.str.to_date(form, strict=False) for form in DATES])


def to_datetimes(text: pl.Series) -> pl.Series:
    """Return text as dates with times, null where a cell is none; zones are turned into UTC."""
    text = text.str.replace(r"(:\d\d),(\d+)", "$1.$2")  # the comma of Python's logging
    text = text.str.replace(r"(\d)Z$", "${1}+00:00")
    found = [
        text.str.to_datetime(
            form, time_unit="us", strict=False, time_zone="UTC"
        ).dt.replace_time_zone(None)
        for form in ZONED
    ]
    for day in DATES:
        found.append(text.str.to_date(day, strict=False).cast(pl.Datetime("us")))
        for time in TIMES:
            for between in " T":
                form = f"{day}{between}{time}"
                found.append(text.str.to_datetime(form, time_unit="us", strict=False))
    return _first_of(text, found)


def with_dates(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame whose columns of ISO or Apache dates are dates; other columns stay."""
    return frame.with_columns([_dated(column) for column in frame])


def _dated(column: pl.Series) -> pl.Series:
    if column.dtype != pl.String or column.null_count() == len(column):
        return column
    given = column.drop_nulls()
    # one look at the first value spares most columns the search
    if not (given.head(1).str.contains(ISO) | given.head(1).str.contains(APACHE))[0]:
        return column
    short = bool(given.str.len_chars().max() == len("2024-01-01"))
    dates = to_dates(column) if short else to_datetimes(column)
    return dates if dates.null_count() == column.null_count() else column


def _first_of(text: pl.Series, found: list[pl.Series]) -> pl.Series:
    frame = pl.DataFrame([each.alias(str(place)) for place, each in enumerate(found)])
    return frame.select(pl.coalesce(pl.all()).alias(text.name)).to_series()
