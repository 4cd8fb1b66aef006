"""A table that lists images, each row with what is known of one."""

from pathlib import Path

import polars as pl

from datamodules.errors import UserError, choices
from datamodules.sources.folders import SUFFIXES, ImageFiles
from datamodules.sources.several import expanded, is_pattern, joined
from datamodules.sources.table_files import SUFFIXES as TABLES
from datamodules.sources.table_files import table_suffix
from datamodules.sources.tables import read_tables
from datamodules.sources.urls import is_url, shown

MOST = 5
"""Rows that a message names."""
SHARE = 0.5
"""Part of a column's values that end as images do, from which the column is one of images."""


def is_manifest(source: str | list[str]) -> bool:
    """Return whether a source is a table and not a folder, an image or a sample."""
    if isinstance(source, list):
        return True
    return is_url(source) or is_pattern(source) or table_suffix(source) in TABLES


def read_manifest(
    source: str | list[str],
    image: str | None = None,
    folder: str | None = None,
    query: str | None = None,
    *,
    trained: bool = False,
) -> ImageFiles:
    """List the images of a table; its other columns are kept.

    Args:
        source: a file, a pattern, a database, or a list of them.
        image: the column of paths; ``None`` finds it where one column's values end as images do.
        folder: from which relative paths go; ``None`` is the folder of the table's file, and for a
            database the working directory.
        query: which rows of a database.
        trained: whether ``query`` is that of a trained model.

    Raises:
        UserError: there is no such column, or an image is not there; its row is named.
    """
    names = expanded(source)
    tables = read_tables(names, query=query, trained=trained)
    table = joined(names, tables)
    column = _image_column(table.frame, image, shown(source))
    frame = table.frame.with_columns(pl.col(column).cast(pl.String))
    cells = frame[column].to_list()
    counts = [len(each.frame) for each in tables]
    folders = _folders(names, counts, folder)
    paths = [
        where / Path(cell or "").expanduser() for where, cell in zip(folders, cells, strict=True)
    ]
    _refuse_missing(shown(source), column, cells, paths)
    told = [f"row {row}: {cell}" for row, cell in enumerate(cells, 1)]
    return ImageFiles(paths, told, None, table.notes, frame, column)


def _folders(names: list[str], counts: list[int], folder: str | None) -> list[Path]:
    """Return the folder from which the path of each row goes."""
    if folder is not None:
        path = Path(folder).expanduser()
        if not path.is_dir():
            raise UserError(f"--data.folder: there is no folder '{folder}'.")
        return [path] * sum(counts)
    of = [Path() if is_url(name) else Path(name).expanduser().parent for name in names]
    return [where for where, count in zip(of, counts, strict=True) for _ in range(count)]


def _image_column(frame: pl.DataFrame, image: str | None, origin: str) -> str:
    if image is not None:
        if image not in frame.columns:
            told = choices(image, frame.columns)
            raise UserError(f"--data.image: {origin} has no column '{image}'.{told}")
        return image
    found = [column.name for column in frame if _holds_images(column)]
    if len(found) != 1:
        what = "no column holds" if not found else f"several columns ({', '.join(found)}) hold"
        raise UserError(
            f"--data.image: in '{origin}' {what} image paths ({', '.join(SUFFIXES)}): name the "
            f"column, one of {', '.join(frame.columns[:20])}."
        )
    return found[0]


def _holds_images(column: pl.Series) -> bool:
    if column.dtype != pl.String or column.null_count() == len(column):
        return False
    pattern = rf"(?i)({'|'.join(suffix.replace('.', '[.]') for suffix in SUFFIXES)})$"
    share = column.drop_nulls().str.contains(pattern).mean()
    return isinstance(share, float) and share > SHARE


def _refuse_missing(origin: str, column: str, cells: list[str | None], paths: list[Path]) -> None:
    wrong = [
        f"row {row} ({_why(cell)})"
        for row, (cell, path) in enumerate(zip(cells, paths, strict=True), 1)
        if not cell or not path.is_file()
    ]
    if not wrong:
        return
    more = f" and {len(wrong) - MOST} more" if len(wrong) > MOST else ""
    raise UserError(
        f"--data.source: {len(wrong)} of the {len(cells)} images that '{origin}' lists in "
        f"'{column}' are not there: {', '.join(wrong[:MOST])}{more}. Relative paths go from "
        f"'{_from(paths)}'; --data.folder names another folder."
    )


def _why(cell: str | None) -> str:
    if not cell:
        return "no path"
    return f"'{cell}', which is no file here: download it first" if is_url(cell) else f"'{cell}'"


def _from(paths: list[Path]) -> Path:
    return next((path for path in paths if not path.is_absolute()), paths[0]).parent
