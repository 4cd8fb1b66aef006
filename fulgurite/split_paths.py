"""``--data.split PATH``: a split file, or shares such as 60/20/20, where a class is expected."""

import re
from pathlib import Path
from typing import Any

from datamodules.errors import UserError
from fulgurite.tree import class_path, init_args

FILE, SHARES = (
    "datamodules.splits.given.SplitFile",
    "datamodules.splits.stratified.StratifiedSplit",
)
NUMBER = r"\d+(?:\.\d*)?|\.\d+"
SHARES_TEXT = rf"\s*({NUMBER})\s*/\s*({NUMBER})\s*(?:/\s*({NUMBER})\s*)?"
SUFFIXES = {".json", ".parquet", ".csv", ".tsv", ".txt"}


def with_split_path(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a config in which a path or shares under ``data.split`` stand for their class.

    Args:
        tree: the config, which stays as it is.

    Raises:
        UserError: shares do not add up.
    """
    data = tree.get("data")
    arguments = init_args(data)
    given = class_path(arguments.get("split"))
    if given is None or not isinstance(data, dict):
        return tree
    meant = _meant(given)
    if meant is None:
        return tree
    path, told = meant
    split = {"class_path": path, "init_args": {**told, **init_args(arguments["split"])}}
    kept = {key: value for key, value in data.items() if key in ("class_path", "dict_kwargs")}
    return {**tree, "data": {**kept, "init_args": {**arguments, "split": split}}}


def shares_in(text: Any) -> dict[str, float] | None:
    """Return the shares that a text such as 60/20/20 means; ``None`` if it means none.

    Raises:
        UserError: they do not add up.
    """
    found = re.fullmatch(SHARES_TEXT, text) if isinstance(text, str) else None
    return _shares(text, [float(each) for each in found.groups() if each]) if found else None


def _meant(given: str) -> tuple[str, dict[str, Any]] | None:
    """Return the class and its arguments; ``None`` for what is a class already."""
    shares = shares_in(given)
    if shares is not None:
        return SHARES, shares
    looks_like_one = "/" in given or "\\" in given or Path(given).suffix.lower() in SUFFIXES
    if looks_like_one or Path(given).expanduser().exists():
        return FILE, {"path": given}
    return None


def _shares(given: str, numbers: list[float]) -> dict[str, float]:
    total = 1 if sum(numbers) < 2 else 100
    if abs(sum(numbers) - total) > 1e-6:
        raise UserError(
            f"--data.split: the shares {given} add up to {sum(numbers):g}, not {total}: write "
            f"train/val/test such as 60/20/20."
        )
    held = numbers[1:]
    val, test = held if len(held) == 2 else (0.0, held[0])
    return {"val": round(val / total, 12), "test": round(test / total, 12)}
