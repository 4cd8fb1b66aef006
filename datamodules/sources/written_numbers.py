"""Numbers as people write them: ``$1,234.50``, ``12 %``, ``1.234,56``."""

from collections.abc import Collection

import polars as pl

from datamodules.sources.missing import NUMERIC_MARKS

LOOK = 1000
"""Values at the beginning of a column that say whether it is worth a look at all."""
MOSTLY = 0.9
"""A column of words of which so many are numbers may have been meant as numbers."""
SIGNS = "$€£¥₹%"
DRESSED = rf"^[{SIGNS}]?\s?([+-]?)\s?[{SIGNS}]?\s?(\d(?:[\d.,' \u00a0\u202f]*\d)?)\s?[{SIGNS}]?$"
COMMA_GROUPS = r"^[+-]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?$"
POINT_GROUPS = r"^[+-]?([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d+)?$"
SPACE = "[ '\u00a0\u202f]"
SPACE_GROUPS = rf"^[+-]?[1-9]\d{{0,2}}({SPACE}\d{{3}})+([.,]\d+)?$"


def with_written_numbers(
    frame: pl.DataFrame, decimal_comma: bool = False, as_text: Collection[str] = ()
) -> tuple[pl.DataFrame, list[str]]:
    """Return a frame whose columns of written numbers are numbers, and a sentence for each.

    Every cell has to be one: a sign of one currency or of per cent may stand beside it, thousands
    may be set apart, and the fraction may begin with a comma. A column of words that are nearly all
    numbers stays, and is told of.

    Args:
        frame: cells as read, without what counts as missing.
        decimal_comma: whether ``1,234`` is below two.
        as_text: columns that stay as they are.
    """
    columns, notes = [], []
    for column in frame:
        if column.dtype != pl.String or column.name in as_text or not _may_be_numbers(column):
            continue
        number = _numbers(column, decimal_comma)
        if number is None:
            notes += _stray(column, decimal_comma)
            continue
        columns.append(number)
        notes.append(
            f"'{column.name}' holds numbers such as '{_first(column)}': read as "
            f"{number.drop_nulls()[0]:.10g}."
        )
    return frame.with_columns(columns), notes


def _may_be_numbers(column: pl.Series) -> bool:
    first = _given(column.head(LOOK)).drop_nulls()
    return len(first) > 0 and 2 * int(first.str.contains(DRESSED).sum()) > len(first)


def _given(column: pl.Series) -> pl.Series:
    return column.set(column.str.to_lowercase().is_in(NUMERIC_MARKS), None)


def _first(column: pl.Series) -> str:
    """Return the first value that is more than digits."""
    given = _given(column).drop_nulls()
    dressed = given.filter(given.cast(pl.Float64, strict=False).is_null())
    return str(dressed[0])


def _numbers(column: pl.Series, decimal_comma: bool) -> pl.Series | None:
    """Return the column as numbers, or ``None`` where a cell is none."""
    given = _given(column)
    signs = given.str.extract_all(f"[{SIGNS}]").list.join("")
    # dollars are no euros, and a share is no per cent
    if signs.drop_nulls().filter(signs.drop_nulls() != "").n_unique() > 1 or (
        signs.str.contains("%", literal=True).any() and (signs == "").any()
    ):
        return None
    plain = given.str.replace(DRESSED, "$1$2")
    apart = plain.str.contains(SPACE_GROUPS).fill_null(False)
    plain = plain.str.replace_all(SPACE, "").zip_with(apart, plain)
    number = _digits(plain, decimal_comma).cast(pl.Float64, strict=False)
    return number if number.null_count() == given.null_count() else None


def _digits(plain: pl.Series, decimal_comma: bool) -> pl.Series:
    """Return numbers without what sets thousands apart, and with a point before fractions."""
    if plain.str.contains(COMMA_GROUPS).all() and not decimal_comma:
        return plain.str.replace_all(",", "", literal=True)
    # without a fraction of two digits, '1,2' may as well be two labels in one cell
    comma = decimal_comma or plain.str.contains(r",\d\d+$").any()
    if comma and plain.str.contains(POINT_GROUPS).all():
        return plain.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return plain


def _stray(column: pl.Series, decimal_comma: bool) -> list[str]:
    """Return a sentence on the few words among numbers, if there are."""
    given = _given(column)
    number = given.str.replace(r"^([+-]?\d+),(\d+)$", "$1.$2") if decimal_comma else given
    strange = number.cast(pl.Float64, strict=False).is_null() & given.is_not_null()
    count, values = int(strange.sum()), len(given) - given.null_count()
    if not 0 < count <= (1 - MOSTLY) * values:
        return []
    row = int(strange.arg_true()[0])
    return [
        f"'{column.name}' is read as words, since {count} of its {values} values are no numbers "
        f"(first: {column[row]!r:.40} in row {row + 1}): if it should hold numbers, mend them or "
        f"leave them empty."
    ]
