"""A table's columns as one tensor of numbers and one of category ids."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from datamodules.errors import UserError
from datamodules.features.categorical import Categorical
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.column_types import kind_of, pick_column_types
from datamodules.features.dates import Dates
from datamodules.features.made_of import built, told
from datamodules.features.numeric import Numeric, quantiles_of
from datamodules.features.values import as_text
from datamodules.records import Records
from datamodules.spec import SpecParts
from datamodules.store import Column, Dense, narrowest
from datamodules.targets.pick import check_columns

FEW = 4
"""Columns of a kind that a note names; of more it tells the number."""

ENOUGH = 1_000_000
"""Training rows from which the quantiles for a model's own embeddings are exact to a few digits."""

LARGEST = float(np.finfo(np.float32).max)


class TableFeatures:
    """Make of the columns what the user says, and of all others what their types say.

    Args:
        numbers: what to make of columns of numbers.
        categories: what to make of columns of categories.
        as_category: columns to take as categories whatever their type, such as codes.
        skip: columns a model must not see: the target, what the user left out.
        named: features of the columns that they name.
    """

    def __init__(
        self,
        numbers: Numeric,
        categories: Categorical,
        as_category: list[str],
        skip: list[str],
        named: Sequence[ColumnFeatures] = (),
    ) -> None:
        self.named = list(named)
        self.picked: list[ColumnFeatures] = [numbers, Dates([], steps=numbers.steps), categories]
        self.as_category = as_category
        self.skip = skip
        self.left_out: dict[str, str] = {}
        self.sampled = False
        self.parts: SpecParts = {"inputs": {}}

    @property
    def all(self) -> list[ColumnFeatures]:
        """Every part of the features: those named first, then numbers, dates and categories."""
        return [*self.named, *self.picked]

    @property
    def used(self) -> list[str]:
        """The columns that are not left out, without a target whose past is looked at."""
        needs = [name for features in self.all for name in _needs(features, self.skip)]
        return list(dict.fromkeys(needs))

    def fit(self, train: Records) -> None:
        """Learn from training rows.

        Raises:
            UserError: if no column is left to learn from, or features cannot be made of a column.
        """
        frame = self._pick(train)
        for features in self.all:
            features.fit(frame, train.origin)
        if not any(features.names or features.id_names for features in self.all):
            reasons = "; ".join(f"'{name}': {why}" for name, why in self.left_out.items())
            raise UserError(
                f"{train.origin}: no column is left to learn from"
                + (f" ({reasons})." if reasons else ".")
            )
        self.parts = self._describe(frame, train.origin)

    def columns(self, records: Records) -> dict[str, Column]:
        """Turn rows, from training or elsewhere, into what the model is given.

        Raises:
            UserError: if a column that the model was trained on is missing or of another type.
        """
        self._check(records)
        columns: dict[str, Column] = {}
        if self.number_names:
            columns["numeric"] = Dense(self.numbers(records.frame, records.origin))
        if self.id_names:
            columns["categorical"] = Dense(self.ids(records.frame))
        return columns

    @property
    def number_names(self) -> list[str]:
        """The name of each number of a row."""
        return [name for features in self.all for name in features.names]

    @property
    def id_names(self) -> list[str]:
        """The name of each category id of a row."""
        return [name for features in self.all for name in features.id_names]

    def numbers(self, frame: pl.DataFrame, origin: str) -> Tensor:
        """Return all numbers, (N, D) float32; column by column, so that no more is ever held."""
        values = np.empty((len(frame), len(self.number_names)), dtype=np.float32)
        made = (column for features in self.all for column in features.numbers(frame, origin))
        for place, column in enumerate(made):
            values[:, place] = column.clip(-LARGEST, LARGEST)
        return torch.from_numpy(values)

    def ids(self, frame: pl.DataFrame) -> Tensor:
        """Return all category ids, (N, K), in as few bits as they need."""
        sizes = [size for features in self.all for size in features.cardinalities]
        values = torch.empty(len(frame), len(self.id_names), dtype=narrowest(max(sizes, default=1)))
        made = (column for features in self.all for column in features.ids(frame))
        for place, column in enumerate(made):
            values[:, place] = torch.from_numpy(column.to_numpy(writable=True))
        return values

    def notes(self) -> list[str]:
        """Say what was picked for the columns that the user did not name."""
        numbers, dates, categories = self.picked
        marked = sum(name.endswith(" is missing") for name in numbers.names)
        missing = f"{marked} with missing values, marked" if marked else ""
        kinds = [
            ("of numbers", numbers.columns, missing),
            ("of dates", dates.columns, ""),
            ("of categories", categories.columns, ""),
        ]
        picked = [_counted(what, names, more) for what, names, more in kinds if names]
        if picked:  # "1 column of numbers, 2 of categories"
            number, _, rest = picked[0].partition(" ")
            picked[0] = f"{number} {'column' if number == '1' else 'columns'} {rest}"
        left_out = [f"left out '{name}': {why}" for name, why in self.left_out.items()]
        notes = [note for features in self.all for note in features.notes()]
        if self.sampled:
            notes.append(f"quantiles of numbers for a model's embeddings are of {ENOUGH:,} rows")
        made = [f"{type(f).__name__} of {_listed(f.columns)}" for f in self.named]
        return [", ".join([*made, *picked]), *notes, *left_out]

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {
            "named": [told(features) for features in self.named],
            "picked": [told(features) for features in self.picked],
            "left_out": self.left_out,
            "skip": self.skip,
            "parts": self.parts,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere.

        Raises:
            UserError: if features of a class of the user's own cannot be built again.
        """
        self.named = [built(config) for config in state["named"]]
        self.picked = [built(config) for config in state["picked"]]
        self.left_out = state["left_out"]
        self.skip = state["skip"]
        self.parts = state["parts"]

    def _pick(self, train: Records) -> pl.DataFrame:
        """Divide the columns among the features, and return the frame with codes as text."""
        frame = train.frame
        taken = self._claimed(train)
        codes = [frame[name] for name in self.as_category]
        frame = frame.with_columns(as_text(column) for column in codes if kind_of(column.dtype))
        types = pick_column_types(frame.drop(set(self.skip) | taken, strict=False))
        self.left_out = types.left_out
        picked = (types.numeric, types.dates, types.categorical)
        for features, names in zip(self.picked, picked, strict=True):
            features.columns = names
        return frame

    def _claimed(self, train: Records) -> set[str]:
        """Return the columns that the named features take for themselves.

        Raises:
            UserError: if one is not there, must not be seen or is taken twice.
        """
        taken = dict.fromkeys(self.as_category, "--data.categories")
        for features in self.named:
            kind = type(features).__name__
            if not features.columns:
                raise UserError(f"--data.features ({kind}): the list of columns is empty.")
            check_columns(train.frame, features.needs, f"features ({kind})", train.origin)
            for name in [] if features.shared else features.columns:
                if name in self.skip:
                    raise UserError(
                        f"{train.origin}: {kind} cannot be made of column '{name}': it is the "
                        f"target or left out. Lags and Rolling may look back at it."
                    )
                if name in taken:
                    raise UserError(
                        f"{train.origin}: column '{name}' stands in both {taken[name]} and {kind}: "
                        f"name it once."
                    )
                taken[name] = kind
        return set(taken) - set(self.as_category)

    def _describe(self, frame: pl.DataFrame, origin: str) -> SpecParts:
        parts: SpecParts = {"inputs": {}, "columns": {}}
        if self.number_names:
            parts["inputs"]["numeric"] = [len(self.number_names)]
            parts["columns"]["numeric"] = self.number_names
            parts["quantiles"] = quantiles_of(self.numbers(self._sampled(frame), origin))
        if self.id_names:
            parts["inputs"]["categorical"] = [len(self.id_names)]
            parts["columns"]["categorical"] = self.id_names
            sizes = [size for features in self.all for size in features.cardinalities]
            parts["cardinalities"] = {"categorical": sizes}
        return parts

    def _sampled(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a million evenly spaced rows of more, or all where a row may need others."""
        self.sampled = not self.named and len(frame) > ENOUGH
        if not self.sampled:
            return frame
        return frame[np.linspace(0, len(frame) - 1, ENOUGH).astype(np.int64)]

    def _check(self, records: Records) -> None:
        frame = records.frame
        missing = [name for name in self.used if name not in frame.columns]
        if missing:
            raise UserError(
                f"{records.origin}: the model was trained on columns that are not there: "
                f"{', '.join(missing)}. There are: {', '.join(frame.columns)}."
            )
        for features in self.all:
            for name, (kind, wrong) in features.misfits(frame).items():
                raise UserError(
                    f"{records.origin}: column '{name}' held {kind} in training and holds "
                    f"{wrong.dtype} here, such as '{wrong.to_list()[0]}'."
                )


def _needs(features: ColumnFeatures, skip: list[str]) -> list[str]:
    """Return the columns that new rows must have; of a target the past need not be known."""
    return [name for name in features.needs if name not in skip or name not in features.columns]


def _counted(what: str, names: list[str], more: str = "") -> str:
    told = [", ".join(names)] if 0 < len(names) <= FEW else []
    inside = "; ".join([*told, *([more] if more else [])])
    return f"{len(names)} {what}" + (f" ({inside})" if inside else "")


def _listed(names: Iterable[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    more = f" and {len(quoted) - FEW} more" if len(quoted) > FEW else ""
    return ", ".join(quoted[:FEW]) + more
