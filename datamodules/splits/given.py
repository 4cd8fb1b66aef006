"""Parts that a file or a column tells, and what becomes of rows that it does not know."""

import importlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from datamodules.errors import UserError
from datamodules.row_hashes import content_columns, draws, row_hashes, row_keys
from datamodules.splits.dealing_shares import deal_shares
from datamodules.splits.foreign import foreign_parts, key_of
from datamodules.splits.shares import check_validation_share
from datamodules.splits.split import NOWHERE, TEST, TRAIN, VAL, Split
from datamodules.splits.splitter import Parts, Splitter, Undivided
from datamodules.splits.stratified import StratifiedSplit
from datamodules.splits.table import NAMES, SplitTable, is_split_table, parts_by_keys
from datamodules.splits.units import groups_of, joined


class GivenParts:
    """What all splits that are told the parts have in common; no column is hidden by default."""

    val: Any

    def __post_init__(self) -> None:
        if isinstance(self.val, int | float):
            check_validation_share(self.val)

    @property
    def leave_out(self) -> list[str]:
        """Columns that a model must not see."""
        return []


@dataclass(frozen=True)
class SplitFile(GivenParts):
    """Take each row's part from a file, so that configs and models share one split.

    The file is the ``split.json`` or ``split.parquet`` of a run, or a table made elsewhere: CSV,
    JSON or Parquet with a column ``part`` (train, val or test) and a column ``row`` (row numbers
    from 0) or columns that tell the rows apart, or JSON such as ``{"train": [0, 2], "test": [1]}``.

    A model does not see a column that alone names the rows, or groups of them.

    Rows are known by what they hold, in any order. Rows that the file knows keep their part. Added
    rows get one by the file's own recipe, or are trained on where it was made elsewhere; what is
    gone is told.

    Args:
        path: of the file, or the folder of a run.
        val: share of the training rows that become validation rows, where a table made elsewhere
            names none.
    """

    path: str
    val: float = 0.15

    @property
    def leave_out(self) -> list[str]:
        """What the recipe of the file hides from a model, or the column that names its rows."""
        if self.table is not None:
            return self.table.leave_out
        return [] if self.group is None else [self.group]

    @cached_property
    def group(self) -> str | None:
        """The one column by which a file made elsewhere tells rows, or groups of them."""
        return key_of(self.file) if self.table is None else None

    @cached_property
    def file(self) -> Path:
        """The file that is meant.

        Raises:
            UserError: there is none.
        """
        path = Path(self.path).expanduser()
        inside = [path / name for name in NAMES if (path / name).is_file()]
        if path.is_dir() and not inside:
            raise UserError(f"--data.split: the folder '{path}' holds no {' or '.join(NAMES)}.")
        if not path.exists():
            raise UserError(
                f"--data.split: there is no split file or run '{path}' (from '{Path.cwd()}')."
            )
        return inside[0] if inside else path

    @cached_property
    def table(self) -> SplitTable | None:
        """The split of a run; ``None`` where the file was made elsewhere."""
        file = self.file
        try:
            return SplitTable.read(file) if is_split_table(file) else None
        except UserError as error:
            raise UserError(f"--data.split: {error}") from error

    @property
    def recipe(self) -> dict[str, Any] | None:
        """By which added rows get a part."""
        return None if self.table is None else self.table.recipe

    @property
    def near_duplicates(self) -> bool:
        """Whether the recipe keeps rows in one part that are all but copies."""
        arguments = (self.recipe or {}).get("init_args", {})
        return bool(arguments.get("near_duplicates", False))

    def __call__(self, undivided: Undivided) -> Split:
        """Give rows the parts that the file tells.

        Raises:
            UserError: there is no such file, or it is of other data.
        """
        table = self.table
        if table is None:
            told = foreign_parts(self.file, undivided)
            refuse_without_training(told, f"--data.split: '{self.file}'")
            rows = undivided
            if self.group in undivided.frame.columns:  # validation cuts no group that it names
                units = joined(groups_of(undivided, self.group), undivided.together)
                rows = replace(undivided, together=units)
            return undivided.split(with_validation(told, rows, self.val))
        known = self._known(table, undivided)
        if (known == NOWHERE).any():
            split = splitter_of(table)(replace(undivided, settled=known))
        else:
            split = undivided.split(known)
        self._tell(table, undivided, known, split)
        return split

    def _tell(self, table: SplitTable, undivided: Undivided, known: Parts, split: Split) -> None:
        kept = int((known != NOWHERE).sum())
        added, gone = sum(map(len, split)) - kept, len(table.hashes) - kept
        how = "by its recipe" if is_ours(table) else "by chance"
        told = [f"{added} added rows got one {how}"] if added else []
        told += [f"{gone} rows of it are gone"] if gone else []
        undivided.notes.append(
            "; ".join([f"{kept} rows have the part that '{self.file}' gives them", *told])
        )

    def _known(self, table: SplitTable, undivided: Undivided) -> Parts:
        """Return the parts of the rows that the file knows: (M,), -1 for others."""
        records = undivided.records
        here = content_columns(records)
        lacking = [name for name in table.columns if name not in records.frame.columns]
        if lacking or bool(table.columns) != bool(here):
            what = f"has no column '{lacking[0]}'" if lacking else "holds another kind of data"
            raise UserError(f"{self._other_data()}: '{records.origin}' {what}.")
        hashes = undivided.hashes if table.columns == here else row_hashes(records, table.columns)
        keys = row_keys(hashes[undivided.rows])
        known = parts_by_keys(row_keys(table.hashes), table.parts, keys)
        kept = int((known != NOWHERE).sum())
        if kept == 0 or 2 * kept < min(len(table.hashes), len(known)):
            raise UserError(
                f"{self._other_data()}: of its {len(table.hashes)} rows, {kept} are among "
                f"the {len(known)} of '{records.origin}'."
            )
        return known

    def _other_data(self) -> str:
        return f"--data.split: the split file '{self.file}' is one of other data"


def is_ours(table: SplitTable) -> bool:
    """Tell whether a file was made by a splitter of this package."""
    path = str((table.recipe or {}).get("class_path", ""))
    return path.startswith("datamodules.splits.")


def splitter_of(table: SplitTable) -> Splitter:
    """Return the splitter by which a file was made; a stratified one where that is not ours.

    A file names no other code to run.

    Raises:
        UserError: there is no such splitter, or none with such settings.
    """
    recipe = table.recipe or {}
    path = str(recipe.get("class_path", ""))
    module, _, name = path.rpartition(".")
    if not is_ours(table):
        return StratifiedSplit(rare="train")
    try:
        splitter: Splitter = getattr(importlib.import_module(module), name)(
            **recipe.get("init_args", {})
        )
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise UserError(
            f"--data.split: the recipe of the split file, '{path}', is none that this release can "
            f"follow: {error}."
        ) from error
    return splitter


def with_validation(known: Parts, undivided: Undivided, share: float, seed: int = 0) -> Parts:
    """Return parts with validation rows taken out of training, where none are named: (M,).

    Args:
        known: (M,) the parts that are told.
        undivided: the rows.
        share: of the training rows.
        seed: makes the choice repeatable.
    """
    train = np.flatnonzero(known == TRAIN)
    if (known == VAL).any() or not share or not len(train):
        return known
    rows = undivided.only(train, undivided.settled[train])  # those that were trained on stay so
    parts = deal_shares(rows, draws(rows.keys, seed, VAL), (share,), rows.settled)
    given = known.copy()
    given[train[parts == 1]] = VAL
    undivided.notes.append(
        f"no row is named for validation, so {int((parts == 1).sum())} training rows are taken: "
        f"--data.split.val 0 takes none"
    )
    return given


def refuse_without_training(known: Parts, place: str) -> None:
    """Raise UserError where no row is for training."""
    if not (known == TRAIN).any():
        held = "test" if (known == TEST).any() else "any part"
        raise UserError(f"{place} names no row for training, only for {held}.")
