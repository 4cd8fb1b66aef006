"""Categories as whole numbers or as numbers, with a place for what training never saw."""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import polars as pl

from datamodules.errors import UserError, nearest
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.column_types import CATEGORIES, kind_of
from datamodules.features.pipeline import Pipeline
from datamodules.features.steps.scaling import Standard
from datamodules.features.steps.step import Floats, Step
from datamodules.features.values import TRUTH, as_text, require_column

Encoding = Literal["embedding", "one_hot", "ordinal"]

WORDS = {number: word for word, number in TRUTH.items()}


class Categorical(ColumnFeatures):
    """Number the categories of each column by their training rows.

    A category that is unseen or too rare in training has no number of its own. Values are compared
    as :func:`~datamodules.features.values.as_text` spells them; truth values are the same category
    in any spelling: ``True``, ``true`` and 1.

    Args:
        columns: of the table.
        encoding: ``embedding`` gives ids, from which a model learns an embedding; id 0 stands for
            the rare and the unseen, so that its embedding is learnt from the rare ones. ``one_hot``
            gives a number 0 or 1 for each category, all 0 for the rare and the unseen. ``ordinal``
            gives the place in the order, from 0, and -1 for the rare and the unseen.
        min_count: training rows below which a category counts as rare.
        fill: what stands for a missing value: a category of its own where training has it if
            ``None``, the ``most_frequent`` one of training, or the category of this name.
        order: the categories from the least to the greatest, for ``ordinal``; if ``None``, numbers
            in their order and words by the alphabet. Others are unseen.
        steps: what is done to the places of ``ordinal``; if ``None``, ``Standard``.

    Raises:
        UserError: if a column is named twice, or ``min_count`` is below 1.
    """

    def __init__(
        self,
        columns: str | list[str],
        encoding: Encoding = "embedding",
        min_count: int = 3,
        fill: str | int | float | None = None,
        order: list[str | int | float] | None = None,
        steps: list[Step] | None = None,
    ) -> None:
        super().__init__(columns)
        if min_count < 1:
            raise UserError(f"A category is in at least 1 row, but min_count is {min_count}.")
        self.encoding: Encoding = encoding
        self.min_count = min_count
        self.fill = None if fill is None else _spelt(fill)
        self.order = None if order is None else [_spelt(category) for category in order]
        self.steps = steps
        self.pipeline = Pipeline(0.0, False, [Standard()] if steps is None else steps)
        self.categories: list[list[str | None]] = []
        self.fills: list[str | None] = []
        self.unordered: dict[str, list[str]] = {}

    @property
    def names(self) -> list[str]:
        """The name of each number made."""
        if self.encoding == "one_hot":
            pairs = zip(self.columns, self.categories, strict=True)
            return [_name(column, each) for column, known in pairs for each in known]
        return self.pipeline.names

    @property
    def id_names(self) -> list[str]:
        """The name of each id made."""
        return self.columns if self.encoding == "embedding" else []

    @property
    def cardinalities(self) -> list[int]:
        """How many ids each column has, id 0 included."""
        if self.encoding != "embedding":
            return []
        return [len(known) + 1 for known in self.categories]

    def fit(self, frame: pl.DataFrame, origin: str) -> None:
        """Learn the categories from the training rows.

        Raises:
            UserError: if a cell of a column holds many values, or none of the ``order``.
        """
        self.categories, self.fills, self.unordered = [], [], {}
        for name in self.columns:
            text = as_text(require_column(frame, name, origin, type(self).__name__))
            self.fills.append(self._filling(text))
            self.categories.append(self._common(_filled(text, self.fills[-1])))
            if self.order is not None:
                self._hold_to_order(name, text.drop_nulls(), origin)
        if self.encoding == "ordinal":
            places = ((name, self._places(frame, place)) for place, name in enumerate(self.columns))
            self.pipeline.fit(places, origin)

    def numbers(self, frame: pl.DataFrame, origin: str) -> Iterator[Floats]:
        """Yield each number of all rows, (N,)."""
        if self.encoding == "ordinal":
            yield from self.pipeline(self._places(frame, i) for i in range(len(self.columns)))
        elif self.encoding == "one_hot":
            for place, known in enumerate(self.categories):
                numbered = self._numbered(frame, place).to_numpy()
                yield from ((numbered == i + 1).astype(np.float64) for i in range(len(known)))

    def ids(self, frame: pl.DataFrame) -> Iterator[pl.Series]:
        """Yield each id of all rows, (N,) Int64."""
        if self.encoding == "embedding":
            yield from (self._numbered(frame, place) for place in range(len(self.columns)))

    def misfits(self, frame: pl.DataFrame) -> dict[str, tuple[str, pl.Series]]:
        """Return the values, by column, that can be no categories, such as lists."""
        columns = [frame[name] for name in self.columns if kind_of(frame[name].dtype) is None]
        return {c.name: (CATEGORIES, c.drop_nulls()) for c in columns if c.null_count() < len(c)}

    def notes(self) -> list[str]:
        """Say which columns tell nothing, and which categories the user's order leaves out."""
        rare = [
            f"'{column}' tells nothing: each of its categories is in fewer than {self.min_count} "
            f"training rows (min_count)"
            for column, known in zip(self.columns, self.categories, strict=True)
            if not known
        ]
        order = self.order or []
        return rare + [
            f"'{column}' holds {', '.join(map(repr, others[:3]))}"
            + (f" and {len(others) - 3} more" if len(others) > 3 else "")
            + f", which the order leaves out: taken as unseen.{nearest(others[0], order, most=1)}"
            for column, others in self.unordered.items()
        ]

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {
            "columns": self.columns,
            "categories": self.categories,
            "fills": self.fills,
            "pipeline": self.pipeline.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        self.columns, self.categories = state["columns"], state["categories"]
        self.fills = state["fills"]
        self.pipeline.load_state_dict(state["pipeline"])

    def _numbered(self, frame: pl.DataFrame, place: int) -> pl.Series:
        """Return the number of each row's category, from 1; 0 where it has none."""
        known = pl.Series(self.categories[place], dtype=pl.String)
        text = _spelt_as(as_text(frame[self.columns[place]]), known)
        text = _filled(text, self.fills[place])
        numbers = pl.int_range(1, len(known) + 1, eager=True)
        return text.replace_strict(known, numbers, default=0, return_dtype=pl.Int64)

    def _places(self, frame: pl.DataFrame, place: int) -> Floats:
        return np.asarray(self._numbered(frame, place).cast(pl.Float64).to_numpy()) - 1

    def _filling(self, text: pl.Series) -> str | None:
        if self.fill != "most_frequent":
            return self.fill
        counts = text.drop_nulls().alias("category").value_counts(name="rows")
        most = counts.filter(pl.col("rows") == pl.col("rows").max())["category"]
        return min(most.to_list(), default=None)

    def _hold_to_order(self, name: str, text: pl.Series, origin: str) -> None:
        """Note the training categories that the order leaves out.

        Raises:
            UserError: if it leaves out all of them.
        """
        order = self.order or []
        found = text.unique().sort().to_list()
        others = [category for category in found if category not in order]
        if found and len(others) == len(found):
            raise UserError(
                f"{origin}: column '{name}' holds none of the order {', '.join(order)}, but "
                f"{', '.join(map(repr, found[:5]))}."
            )
        if others:
            self.unordered[name] = others

    def _common(self, text: pl.Series) -> list[str | None]:
        counts = text.alias("category").value_counts(name="rows")
        common = counts.filter(pl.col("rows") >= self.min_count)["category"].to_list()
        if self.encoding == "ordinal":
            return self._ordered(common)
        return sorted(common, key=lambda category: (category is not None, category))

    def _ordered(self, common: list[str | None]) -> list[str | None]:
        if self.order is not None:
            return [category for category in self.order if category in common]
        words = [category for category in common if category is not None]
        numeric = pl.Series(words, dtype=pl.String).cast(pl.Float64, strict=False)
        if not numeric.null_count():
            words = [words[place] for place in numeric.arg_sort()]
        else:
            words = sorted(words)
        return [*words, *(None for category in common if category is None)]


def _spelt_as(text: pl.Series, known: pl.Series) -> pl.Series:
    """Return truth values as the training rows spelt them, and other values as they are."""
    spellings = set(known.drop_nulls())
    lower = {word.lower() for word in spellings}
    if not lower or not (lower <= set(TRUTH) or lower <= set(WORDS)):
        return text
    small = text.str.to_lowercase()
    if lower <= set(WORDS):
        return small.replace(TRUTH)
    trained = {word.lower(): word for word in spellings}
    return small.replace(WORDS).replace(trained)


def _spelt(category: str | int | float) -> str:
    """Return a category that a config gives, which may write codes as numbers, as text."""
    text = str(category).strip()
    return text.removesuffix(".0") if isinstance(category, float) else text


def _filled(text: pl.Series, fill: str | None) -> pl.Series:
    return text if fill is None else text.fill_null(fill)


def _name(column: str, category: str | None) -> str:
    return f"{column} is missing" if category is None else f"{column} is {category}"
