"""Dates and times of day, from the types of a file or from text in the form of ISO 8601."""

import polars as pl

DATES, TIMES = "dates", "times of day"

_OFFSET = r"(Z|[+-]\d{2}:?\d{2})$"
_CLOCK = ["%H:%M:%S%.f", "%H:%M:%S", "%H:%M"]
_DATED = ["%Y-%m-%d", *(f"%Y-%m-%d {clock}" for clock in _CLOCK)]
ISO = r"^\s*(\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?|\d{2}:\d{2}(:\d{2}(\.\d+)?)?)\s*$"


def as_moments(column: pl.Series, kind: str) -> pl.Series:
    """Return a column as Datetime in us, or as Time for times of day; missing where it is neither.

    A date is its midnight. Text with an offset is taken to UTC; a column with a time zone keeps it,
    since hours and weekdays are those of its clocks.

    Args:
        column: of dates, dates with times, times of day or text.
        kind: ``dates`` or ``times of day``.
    """
    dtype = column.dtype.base_type()
    if kind == TIMES:
        if dtype == pl.Time:
            return column
        return _read_time(column) if dtype == pl.String else _nothing(column, pl.Time())
    if dtype == pl.Datetime:
        return column.dt.cast_time_unit("us")
    if dtype == pl.Date:
        return column.cast(pl.Datetime("us"))
    return _read_date(column) if dtype == pl.String else _nothing(column, pl.Datetime("us"))


def moment_kind(column: pl.Series) -> str | None:
    """Say whether a column holds dates or times of day; ``None`` where it holds neither.

    Text counts where every value is in the form of ISO 8601.
    """
    dtype = column.dtype.base_type()
    if dtype in (pl.Date, pl.Datetime):
        return DATES
    if dtype == pl.Time:
        return TIMES
    values = column.drop_nulls() if dtype == pl.String else column.clear()
    # most text is told from a date by its first values
    if not len(values) or not values.head(20).str.contains(ISO).all():
        return None
    kinds = (kind for kind in (DATES, TIMES) if not as_moments(values, kind).null_count())
    return next(kinds, None)


def days(moments: pl.Series) -> pl.Series:
    """Return the days since 1970, or the part of the day that is over: (N,) Float64."""
    ticks = moments.to_physical().cast(pl.Float64)
    return ticks / (86_400_000_000_000 if moments.dtype == pl.Time else 86_400_000_000)


def _read_date(text: pl.Series) -> pl.Series:
    plain = text.str.strip_chars().str.replace("T", " ", literal=True)
    offset = plain.str.extract(_OFFSET)
    plain = plain.str.replace(_OFFSET, "").str.strip_chars() if offset.count() else plain
    read = _first(plain, [plain.str.strptime(pl.Datetime("us"), f, strict=False) for f in _DATED])
    return read if not offset.count() else (read - _duration(offset)).alias(text.name)


def _read_time(text: pl.Series) -> pl.Series:
    plain = text.str.strip_chars()
    return _first(plain, [plain.str.strptime(pl.Time, form, strict=False) for form in _CLOCK])


def _first(text: pl.Series, read: list[pl.Series]) -> pl.Series:
    return pl.select(pl.coalesce(read)).to_series().alias(text.name)


def _duration(offset: pl.Series) -> pl.Series:
    digits = offset.str.replace_all("[^0-9]", "").str.zfill(4)
    minutes = digits.str.head(2).cast(pl.Int64) * 60 + digits.str.tail(2).cast(pl.Int64)
    signed = minutes * (1 - 2 * offset.str.starts_with("-").cast(pl.Int64))
    return (signed.fill_null(0) * 60_000_000).cast(pl.Duration("us"))


def _nothing(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.Series(column.name, [None] * len(column), dtype=dtype)
