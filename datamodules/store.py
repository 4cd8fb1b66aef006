"""The rows of a data set as columns of tensors; a whole batch in one indexing operation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils.data import Dataset

from datamodules.batch import FEATURES, Batch
from datamodules.mapped import file_of, mapped
from datamodules.masked import Masked, mask_of, refuse

NARROW = (torch.int8, torch.int16, torch.int32)
"""Types in which ids take less memory than the int64 that a model is given."""


class Column(Protocol):
    """One input of all rows."""

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def take(self, rows: Tensor) -> Tensor:
        """Return the values of ``rows``, (N,) int64, as one tensor (N, ...)."""
        ...


class Dense:
    """Values of one shape: numbers, ids.

    Args:
        values: (rows, ...), given to the model as they are; but ids may be kept as whole numbers of
            8, 16 or 32 bits, see :func:`narrowest`, and are given as int64.
    """

    def __init__(self, values: Tensor) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Tensor) -> Tensor:
        """Return the values of ``rows``: (N,) -> (N, ...)."""
        taken = self.values.index_select(0, rows)
        return taken.long() if taken.dtype in NARROW else taken


class Pixels:
    """Images, kept as bytes: a quarter of the memory of floats.

    Those that are mapped from a file go to another process as the file's name, not as a copy.

    Args:
        images: (rows, C, H, W) uint8, in memory or mapped.
    """

    def __init__(self, images: Tensor) -> None:
        self.images = images

    def __len__(self) -> int:
        return len(self.images)

    def take(self, rows: Tensor) -> Tensor:
        """Return the images of ``rows`` as float32 in [0, 1]: (N,) -> (N, C, H, W)."""
        return torch.div(self.images.index_select(0, rows), 255)  # in one pass

    def __getstate__(self) -> dict[str, Any]:
        file = file_of(self.images)
        return dict(vars(self)) if file is None else {"file": file, "shape": self.images.shape}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "file" in state:
            images = mapped(Path(state["file"]), tuple(state["shape"]))
            if images is None:
                raise FileNotFoundError(f"'{state['file']}' is no longer what it was.")
            state = {"images": images}
        vars(self).update(state)


class Ragged:
    """Sequences of different lengths, kept end to end.

    Args:
        flat: all values, one sequence after the other.
        lengths: (rows,) length of each sequence.
    """

    def __init__(self, flat: Tensor, lengths: Tensor) -> None:
        self.flat = flat
        self.lengths = lengths
        self.starts = lengths.cumsum(0) - lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, rows: Tensor) -> Tensor:
        """Return the sequences of ``rows``, padded with 0 to the longest: (N,) -> (N, L)."""
        lengths = self.lengths[rows]
        longest = max(1, int(lengths.max()) if len(rows) else 0)
        steps = torch.arange(longest)
        inside = steps < lengths[:, None]  # (N, L)
        where = (self.starts[rows, None] + steps).masked_fill(~inside, 0)
        if not len(self.flat):  # no row has a value
            return torch.zeros(len(rows), longest, dtype=self.flat.dtype)
        return self.flat[where].masked_fill(~inside, 0)


class Store(Dataset[Batch]):
    """All rows of a data set.

    A row's number is its place in the source, so it means the same to every callback, split and
    message. Rows that cleaning found unusable keep their place; no part of a split names them.

    Args:
        inputs: each input by name; one input is handed over as a tensor, several as a dictionary.
        target: (rows, ...), or ``None`` where rows have no label.

    Attributes:
        features: what a backbone made of the rows before, handed out in place of their inputs, as
            ``{FEATURES: (N, F)}``; ``None`` where there is nothing of the kind.
    """

    def __init__(self, inputs: Mapping[str, Column], target: Tensor | None = None) -> None:
        self.inputs = dict(inputs)
        self.features: Column | None = None
        self._target = target
        self._held: Tensor | None = None
        self._hidden: tuple[Tensor, Tensor] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def __getitem__(self, rows: Tensor | Sequence[int]) -> Batch:
        """Return one batch with ``rows``, (N,) int64, in the given order.

        Raises:
            UserError: the target of one of them is held back.
        """
        batch = self.unlabelled(rows)
        if self._held is not None:
            refuse(self._held, batch["index"])
        if self._target is not None:
            batch["target"] = self._target.index_select(0, batch["index"])
        return batch

    @property
    def target(self) -> Tensor | None:
        """(rows, ...); one that is held back is -1 or NaN, and an error if it is picked."""
        if self._target is None or self._held is None:
            return self._target
        return Masked.of(self._target, self._held)

    def unlabelled(self, rows: Tensor | Sequence[int]) -> Batch:
        """Return one batch with ``rows``, (N,) int64, held back or not, without their target."""
        rows = torch.as_tensor(rows, dtype=torch.int64)  # an empty list would be of floats
        if self.features is not None:
            return {"inputs": {FEATURES: self.features.take(rows)}, "index": rows}
        return {"inputs": self.own_inputs(rows), "index": rows}

    def own_inputs(self, rows: Tensor) -> Tensor | dict[str, Tensor]:
        """Return the inputs of ``rows``, (N,) int64, whatever stands in for them."""
        taken = {name: column.take(rows) for name, column in self.inputs.items()}
        return next(iter(taken.values())) if len(taken) == 1 else taken

    def hold_back(self, rows: Tensor) -> None:
        """Hand out no target of these rows, and of no others, from now on; of none, all are had.

        Args:
            rows: (M,) int64.
        """
        if self._target is None:
            return
        if self._hidden is not None:
            before, values = self._hidden
            self._target[before] = values
        self._held = self._hidden = None
        if len(rows):
            self._held = torch.zeros(len(self._target), dtype=torch.bool)
            self._held[rows] = True
            self._hidden = rows, self._target[rows].clone()
            self._target[rows] = mask_of(self._target)

    @property
    def lengths(self) -> Tensor | None:
        """(rows,) length of each row's sequence; ``None`` where all have one shape."""
        if self.features is not None:
            return None
        for column in self.inputs.values():
            if isinstance(column, Ragged):
                return column.lengths
        return None


def narrowest(ids: int) -> torch.dtype:
    """Return the type of fewest bits that holds the whole numbers from 0 to below ``ids``."""
    return next((dtype for dtype in NARROW if ids - 1 <= torch.iinfo(dtype).max), torch.int64)
