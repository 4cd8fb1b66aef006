"""After the split nothing is made of the targets of held-out rows."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import polars as pl
import torch

from datamodules.errors import UserError
from datamodules.features.features import Features
from datamodules.records import Records
from datamodules.store import Column


def columns_without_target(
    features: Features, records: Records, target: list[str]
) -> dict[str, Column]:
    """Return the inputs of all rows, made by features that cannot see the target.

    Features that look back at the target's past, and say so, keep it: what lies before a row is
    known on its day.

    Raises:
        UserError: a feature asks for the target.
    """
    parts = getattr(features, "all", [])
    looked_at = {*features.used, *(name for each in parts for name in each.needs)}
    hidden = [name for name in target if name in records.frame.columns and name not in looked_at]
    try:
        return features.columns(replace(records, frame=records.frame.drop(hidden)))
    except (pl.exceptions.ColumnNotFoundError, KeyError) as error:
        asked = _named(str(error), hidden)
        if asked is None:
            raise
        raise UserError(
            f"A feature asks for the target '{asked}' of the rows that it is made of, some of them "
            f"held out. New rows have none, so a model must not see it: what training rows teach "
            f"of it is learnt in 'fit', and Lags and Rolling look back at its past."
        ) from error


def without_targets_of(records: Records, rows: Any, target: Collection[str]) -> Records:
    """Return records whose ``rows`` have no target, for what is fitted after the split."""
    names = [name for name in target if name in records.frame.columns]
    if not len(rows) or not names:
        return records
    held = torch.zeros(len(records), dtype=torch.bool)
    held[torch.from_numpy(rows)] = True
    hide = pl.Series(held.numpy())
    return records.with_columns(pl.when(~hide).then(pl.col(name)).alias(name) for name in names)


def _named(told: str, names: list[str]) -> str | None:
    """Return the one of some names that an error is about."""
    return next((name for name in names if name in told), None)
