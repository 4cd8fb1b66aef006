"""A table's columns as one tensor of numbers and one of category ids."""

from typing import Any

from datamodules.errors import UserError
from datamodules.features.categorical import CategoricalFeatures, as_text
from datamodules.features.column_types import CATEGORIES, kind_of, pick_column_types
from datamodules.features.numeric import NumericFeatures, quantiles_of
from datamodules.records import Records
from datamodules.spec import SpecParts
from datamodules.store import Column, Dense


class TableFeatures:
    """Pick each column's type, then fit numbers and categories.

    Args:
        numeric: what to do with numbers.
        categorical: what to do with categories.
        as_category: columns to take as categories whatever their type, such as codes.
        skip: columns a model must not see: the target, what the user left out.
    """

    def __init__(
        self,
        numeric: NumericFeatures,
        categorical: CategoricalFeatures,
        as_category: list[str],
        skip: list[str],
    ) -> None:
        self.numeric = numeric
        self.categorical = categorical
        self.as_category = as_category
        self.skip = skip
        self.left_out: dict[str, str] = {}
        self.parts: SpecParts = {"inputs": {}}

    @property
    def used(self) -> list[str]:
        """The columns that are not left out."""
        return self.numeric.names + self.categorical.names

    def fit(self, train: Records) -> None:
        """Learn from training rows.

        Raises:
            UserError: if no column is left to learn from.
        """
        frame = train.frame.drop(self.skip)
        codes = [frame[name] for name in self.as_category]
        frame = frame.with_columns(as_text(column) for column in codes if kind_of(column.dtype))
        types = pick_column_types(frame)
        self.left_out = types.left_out
        if not types.numeric and not types.categorical:
            reasons = "; ".join(f"'{name}': {why}" for name, why in types.left_out.items())
            raise UserError(
                f"{train.origin}: no column is left to learn from"
                + (f" ({reasons})." if reasons else ".")
            )
        self.numeric.fit(frame, types.numeric)
        self.categorical.fit(frame, types.categorical)
        self.parts = self._describe(train)

    def columns(self, records: Records) -> dict[str, Column]:
        """Turn rows, from training or elsewhere, into what the model is given.

        Raises:
            UserError: if a column that the model was trained on is missing or of another type.
        """
        self._check(records)
        columns: dict[str, Column] = {}
        if self.numeric.names:
            columns["numeric"] = Dense(self.numeric(records.frame))
        if self.categorical.names:
            columns["categorical"] = Dense(self.categorical(records.frame))
        return columns

    def notes(self) -> list[str]:
        """Say what was picked."""
        picked = [f"{len(self.numeric.names)} columns of numbers"]
        if self.numeric.marked:
            picked[0] += f" ({len(self.numeric.marked)} with missing values, marked)"
        picked.append(f"{len(self.categorical.names)} of categories")
        left_out = [f"left out '{name}': {why}" for name, why in self.left_out.items()]
        return [", ".join(picked), *left_out]

    def state_dict(self) -> dict[str, Any]:
        """Return what was learnt, as plain values."""
        return {
            "numeric": self.numeric.state_dict(),
            "categorical": self.categorical.state_dict(),
            "left_out": self.left_out,
            "parts": self.parts,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what was learnt elsewhere."""
        self.numeric.load_state_dict(state["numeric"])
        self.categorical.load_state_dict(state["categorical"])
        self.left_out = state["left_out"]
        self.parts = state["parts"]

    def _describe(self, train: Records) -> SpecParts:
        parts: SpecParts = {"inputs": {}, "columns": {}}
        if self.numeric.names:
            parts["inputs"]["numeric"] = [self.numeric.width]
            parts["columns"]["numeric"] = self.numeric.columns
            parts["quantiles"] = quantiles_of(self.numeric(train.frame))
        if self.categorical.names:
            parts["inputs"]["categorical"] = [len(self.categorical.names)]
            parts["columns"]["categorical"] = self.categorical.names
            parts["cardinalities"] = {"categorical": self.categorical.cardinalities}
        return parts

    def _check(self, records: Records) -> None:
        frame = records.frame
        names = self.numeric.names + self.categorical.names
        missing = [name for name in names if name not in frame.columns]
        if missing:
            raise UserError(
                f"{records.origin}: the model was trained on columns that are not there: "
                f"{', '.join(missing)}. There are: {', '.join(frame.columns)}."
            )
        kinds = dict(zip(self.numeric.names, self.numeric.kinds, strict=True))
        for name, wrong in (self.numeric.misfits(frame) | self.categorical.misfits(frame)).items():
            raise UserError(
                f"{records.origin}: column '{name}' held {kinds.get(name, CATEGORIES)} in training "
                f"and holds {wrong.dtype} here, such as '{wrong.to_list()[0]}'."
            )
