"""What tells a row by its content, in any order and on any machine."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamodules.fingerprint import digests_of
from datamodules.records import Records
from datamodules.seeds import FIRST, GAMMA, SECOND, mix
from datamodules.splits.split import Rows

Hashes = NDArray[np.uint64]

FRACTIONS = {"d": 86_400_000_000, "ms": 1000, "us": 1}
"""Microseconds in what a date or a time of each unit counts."""
NUMBER = re.compile(r"-?\d{1,18}(\.\d+)?(e[+-]?\d{1,3})?", re.ASCII)


def content_columns(records: Records) -> list[str]:
    """Return the columns that make up a row: not the one that only names it, such as a path.

    Of an image it is the pixels alone, so it stays itself under another name, label or folder.
    """
    if records.images is not None:
        return []
    return sorted(name for name in records.frame.columns if name != records.names)


def row_hashes(records: Records, columns: Sequence[str] | None = None) -> Hashes:
    """Return a hash of 64 bits for each row: (N,) uint64.

    It is made of the row's values and the names of their columns alone: the same on every machine
    and with every release of polars, for any order of rows and columns. Equal values of two types
    are equal (1, 1.0 and the text '1'), and a missing one is as if its column were not there.

    Args:
        records: the rows, with their images where they have any.
        columns: what is looked at beside the images; by default :func:`content_columns`.
    """
    return _mixed(_sums(records, content_columns(records) if columns is None else columns))


def row_hashes_of_both(records: Records, columns: Sequence[str]) -> tuple[Hashes, Hashes]:
    """Return the hashes by some columns, and by all that make up a row: (N,) uint64 each.

    They are those of :func:`row_hashes`; what the two have in common is hashed once.

    Args:
        records: the rows, with their images where they have any.
        columns: what is looked at beside the images.
    """
    every = content_columns(records)
    sums = _sums(records, columns)
    rest = [name for name in every if name not in columns]
    if len(every) - len(rest) < len(columns):  # some are no part of a row's content
        return _mixed(sums), row_hashes(records)
    others = _sums(records, rest, pixels=False) if rest else np.uint64(0)
    return _mixed(sums), _mixed(sums + others)


def _sums(records: Records, columns: Sequence[str], *, pixels: bool = True) -> Hashes:
    """Return the sum of each row's terms: it does not know the order of columns."""
    total = np.zeros(len(records), dtype=np.uint64)
    for name in columns:
        column = records.frame[name]
        values = _values(column)
        term = _mixed(values ^ np.uint64(_of_word(name)))
        if column.null_count():
            term[column.is_null().to_numpy()] = 0
        total += term
    if pixels and records.images is not None:
        digests = np.ascontiguousarray(digests_of(records, records.images).numpy()[:, :8])
        total += _mixed(digests.view("<u8")[:, 0].astype(np.uint64))
    return total


def row_keys(hashes: Hashes) -> Hashes:
    """Return a key of its own for each row: (N,) uint64.

    The first of equal rows has its hash for a key, the next ones further numbers in their order.
    Equal rows are equal whatever their order, so what is decided by keys is decided by content.
    """
    copy = ordinals(hashes)
    again = copy > 0
    keys = hashes.copy()
    keys[again] = _mixed(hashes[again] + copy[again].astype(np.uint64) * np.uint64(GAMMA))
    return keys


def ordinals(hashes: Hashes) -> Rows:
    """Return how many equal hashes stand before each: (N,)."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    places = np.arange(len(hashes))
    starts = np.maximum.accumulate(np.where(_begins(ordered), places, 0))
    before = np.empty(len(hashes), dtype=np.int64)
    before[order] = places - starts
    return before


def draws(hashes: Hashes, *keys: int) -> Hashes:
    """Return a random number of 64 bits for each row, a function of (keys, its hash) alone."""
    return _mixed(hashes ^ np.uint64(mix(*keys)))


def _begins(ordered: Hashes) -> NDArray[np.bool_]:
    """Mark the first of each run of equal numbers."""
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return first


def _mixed(state: Hashes) -> Hashes:
    """Return a step of SplitMix64 (Steele, Lea, Flood 2014, figure 16) for each number."""
    state = state + np.uint64(GAMMA)
    state ^= state >> np.uint64(30)
    state *= np.uint64(FIRST)
    state ^= state >> np.uint64(27)
    state *= np.uint64(SECOND)
    state ^= state >> np.uint64(31)
    return state


def _values(column: pl.Series) -> Hashes:
    """Return a number of 64 bits for each value; equal values have equal ones."""
    if column.dtype.is_numeric():
        return _of_numbers(column)
    if column.dtype in (pl.Date, pl.Datetime, pl.Time, pl.Duration):
        return _mixed(_microseconds(column).view(np.uint64))
    if column.dtype.is_nested() or column.dtype == pl.Object:
        return _of_words(pl.Series([str(value) for value in column.to_list()], dtype=pl.String))
    if column.dtype == pl.Binary:
        return _of_words(column.bin.encode("hex"))
    return _of_words(column.cast(pl.String))


def _of_numbers(column: pl.Series) -> Hashes:
    exact = column.cast(pl.Float64).fill_null(0.0).to_numpy().astype(np.float64) + 0.0  # no -0.0
    exact[np.isnan(exact)] = np.nan  # one of the many
    values = _mixed(exact.view(np.uint64))
    if column.dtype in (pl.Int64, pl.UInt64):  # what a float of a large one leaves out
        whole = column.fill_null(0).to_numpy()
        large = np.abs(exact) > 2.0**53
        if large.any():
            values[large] = _mixed(values[large] ^ whole[large].astype(np.uint64))
    return values


def _microseconds(column: pl.Series) -> NDArray[np.int64]:
    """Return a date as its midnight and a time to the microsecond, whatever the unit it is in."""
    counts: NDArray[np.int64] = column.to_physical().cast(pl.Int64).fill_null(0).to_numpy()
    if column.dtype == pl.Date:
        return counts * FRACTIONS["d"]
    unit = getattr(column.dtype, "time_unit", "ns") or "ns"
    return counts // 1000 if unit == "ns" else counts * FRACTIONS[unit]


def _of_words(column: pl.Series) -> Hashes:
    """Return the digest of each different word, where it stands; a number's is that of the number.

    A column is of words where a single cell is no number, so that a row that is added can make
    words of numbers.
    """
    filled = column.fill_null("")
    words = filled.unique()
    digests = _of_each(words.to_list())
    if len(words) == len(filled):
        return _of_each(filled.to_list())
    known = pl.DataFrame({"word": words, "digest": digests})
    found = pl.DataFrame({"word": filled}).join(known, on="word", how="left", maintain_order="left")
    return found["digest"].to_numpy().astype(np.uint64)


def _of_each(words: Sequence[str]) -> Hashes:
    values = np.fromiter(map(_of_word, words), dtype=np.uint64, count=len(words))
    numbers = [place for place, word in enumerate(words) if _is_number(word)]
    exact = np.array([float(words[place]) for place in numbers], dtype=np.float64) + 0.0
    values[numbers] = _mixed(exact.view(np.uint64))
    return values


def _is_number(word: str) -> bool:
    """Tell whether a number is written so; 007 and 1.10 are codes and versions."""
    return bool(NUMBER.fullmatch(word)) and word in (f"{float(word)!r}", f"{float(word):.0f}")


def _of_word(word: str) -> int:
    """Return the first eight bytes of a word's BLAKE2 digest."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")
