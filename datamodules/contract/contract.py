"""What a table looked like in training, written down, and held against every other table."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from datamodules.contract.as_before import as_before
from datamodules.errors import UserError, nearest
from datamodules.features.column_types import FEW
from datamodules.records import Records

if TYPE_CHECKING:
    from pandera.polars import DataFrameSchema

MOST_VALUES = 1000
"""Columns of words with more values than this are open: a new value there is no surprise."""
LONGEST = 100
"""Characters of a value; where one is longer the column holds texts, and is open too."""
MOST_NOTES = 8
"""Columns that are told of one by one."""


@dataclass
class Contract:
    """Types, gaps, ranges and values of columns, as pandera writes a schema down.

    Attributes:
        columns: by name, what pandera's ``DataFrameSchema.to_json`` says of each.
        target: those that are there for training alone.
    """

    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    target: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, train: pl.DataFrame, inputs: Iterable[str], target: list[str]) -> "Contract":
        """Write down what training rows look like.

        Args:
            train: the training rows.
            inputs: the columns that the model uses.
            target: the columns that it predicts.
        """
        columns = {name: _described(train[name]) for name in inputs}
        wanted = {name: {**_described(train[name]), "required": False} for name in target}
        return cls({**columns, **wanted}, target)

    def check(self, records: Records) -> tuple[Records, list[str]]:
        """Return rows with the types of training, and a sentence for each column that is unlike it.

        Args:
            records: rows that training has not seen, with or without a target.

        Raises:
            UserError: a column is not there, or a cell of it is of another type; column, row and
                value are named.
        """
        inputs = {name: told for name, told in self.columns.items() if name not in self.target}
        self._refuse_missing(inputs, records)
        columns = [
            as_before(records.frame[name], told["dtype"], told.get("isin"), records.origin)
            for name, told in inputs.items()
        ]
        records = records.with_columns(columns)
        # white space around a word makes no other word of it, but a tokenizer sees it in a text
        trimmed = records.with_columns([pl.col(pl.String).str.strip_chars()])
        notes = _Differences(self.as_pandera(inputs), trimmed).notes() if inputs else []
        return records, notes

    def as_pandera(self, columns: Iterable[str] | None = None) -> "DataFrameSchema":
        """Return it as a schema that pandera validates frames with; of all columns by default."""
        import pandera.polars

        return pandera.polars.DataFrameSchema.from_json(json.dumps(self.as_plain(columns)))

    def as_plain(self, columns: Iterable[str] | None = None) -> dict[str, Any]:
        """Return it in pandera's own format, from which ``DataFrameSchema.from_json`` reads it."""
        names = self.columns if columns is None else columns
        chosen = {name: self.columns[name] for name in names}
        return {"schema_type": "polars_dataframe", "api": "polars", "columns": chosen}

    def _refuse_missing(self, inputs: Iterable[str], records: Records) -> None:
        there = records.frame.columns
        gone = [name for name in inputs if name not in there]
        if not gone:
            return
        listed = ", ".join(f"'{name}'" for name in gone[:10])
        more = f" and {len(gone) - 10} more" if len(gone) > 10 else ""
        others = [name for name in there if name not in self.columns]
        raise UserError(
            f"--data.source: {records.origin} lacks columns that the model was trained on: "
            f"{listed}{more}.{nearest(gone[0], others)} There are: {', '.join(there[:20])}."
        )


class _Differences:
    """What pandera finds, in words."""

    def __init__(self, schema: "DataFrameSchema", records: Records) -> None:
        self.records = records
        self.schema = schema

    def notes(self) -> list[str]:
        from pandera.errors import SchemaErrors

        try:
            self.schema.validate(self.records.frame, lazy=True)
        except SchemaErrors as errors:
            cases = errors.failure_cases
        else:
            return []
        found = cases.filter(pl.col("index").is_not_null()).sort("index")
        by_column = found.group_by("column", "check", maintain_order=True).agg("index")
        # the columns with most such rows go first
        ordered = by_column.sort(pl.col("index").list.len(), descending=True, maintain_order=True)
        notes = [self._sentence(*row) for row in ordered.head(MOST_NOTES).iter_rows()]
        if len(ordered) > MOST_NOTES:
            notes.append(f"{len(ordered) - MOST_NOTES} more columns hold what training never had")
        return notes

    def _sentence(self, column: str, check: str, rows: list[int]) -> str:
        value = self.records.frame[column][rows[0]]
        where = f"{self.records.origin}: '{column}'"
        others = f" (and {len(rows) - 1} more rows)" if len(rows) > 1 else ""
        told = self.schema.to_json()
        known = json.loads(told or "{}")["columns"][column]
        if check.startswith("in_range"):
            low, high = known["in_range"]["min_value"], known["in_range"]["max_value"]
            given, lowest, highest = _apart(value, low, high)
            return (
                f"{where} is {given} in row {rows[0] + 1}, outside of what training had, "
                f"{lowest} to {highest}{others}"
            )
        if check.startswith("isin"):
            return (
                f"{where} is '{value}' in row {rows[0] + 1}, which training never had{others}."
                f"{nearest(value, known['isin'], most=1)}"
            )
        return f"{where} is missing in row {rows[0] + 1}; in training no row lacked it{others}"


def _apart(value: float, low: float, high: float) -> list[str]:
    """Return the three as text, with as many digits as it takes to tell them apart."""
    digits, told = 3, [""] * 3
    while told[0] in told[1:] and digits < 15:
        digits += 3
        told = [f"{number:.{digits}g}" for number in (value, low, high)]
    return told


def _described(column: pl.Series) -> dict[str, Any]:
    """Return what pandera's serialised schemas say of a column."""
    told: dict[str, Any] = {"dtype": _type_name(column.dtype)}
    if column.dtype.is_numeric():
        finite = column.cast(pl.Float64)
        finite = finite.filter(finite.is_finite())
        if len(finite):
            told["in_range"] = {
                "min_value": finite.min(),
                "max_value": finite.max(),
                "include_min": True,
                "include_max": True,
            }
        gaps = len(finite) < len(column)
    else:
        gaps = column.null_count() > 0
    if gaps:
        told["nullable"] = True
    if column.dtype == pl.String and _is_closed(column):
        told["isin"] = column.drop_nulls().str.strip_chars().unique().sort().to_list()
    return told


def _is_closed(column: pl.Series) -> bool:
    """Tell whether values come again and again, so that another one is a surprise."""
    longest = column.str.len_chars().max() or 0
    assert isinstance(longest, int)
    most = min(MOST_VALUES, max(FEW, len(column) // 2))
    return column.n_unique() <= most and longest <= LONGEST


def _type_name(dtype: pl.DataType) -> str:
    # whole numbers may come as 3.0 another time, and 3.5 is no mistake either
    return "Float64" if dtype.is_numeric() else str(dtype)
