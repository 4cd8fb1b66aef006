"""The worst rows as a table to read."""

import polars as pl

from callbacks.pictures.judged import Judged
from datamodules.errors import UserError
from datamodules.supervised import SupervisedDataModule

MOST_ROWS = 20
MOST_COLUMNS = 8
LONGEST = 240
"""Characters of a cell; of a text so much is enough to know it by."""
LONGEST_SOURCE = 100_000
"""Rows of a source that is read once more: some tenths of a second."""


def mistakes_table(judged: Judged, places: list[int], contents: pl.DataFrame | None) -> str:
    """Return rows as a table in Markdown.

    Args:
        judged: all rows.
        places: which of them, in this order.
        contents: one line for each of them, with what a person knows it by, if there is any.
    """
    doubt = {"regression": "error", "multilabel": "worst label"}.get(
        judged.spec.kind, "probability of predicted"
    )
    known_by = [] if contents is None else contents.columns
    header = ["row", "true", "predicted", doubt, *known_by]
    cells = [()] * len(places) if contents is None else contents.rows()
    lines = [header, ["---"] * len(header)]
    for place, known in zip(places, cells, strict=True):
        row = str(int(judged.index[place]))
        told = [row, judged.truth(place), judged.said(place), judged.doubt(place)]
        lines.append([*told, *("" if cell is None else str(cell) for cell in known)])
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def contents_of(datamodule: SupervisedDataModule, rows: list[int]) -> pl.DataFrame | None:
    """Return what the source says of rows: the text, or the first columns but for the target.

    The source is read once more, for nothing but numbers is kept while a model trains. One that
    has changed since, is gone, or is so long that reading it would be felt, gives nothing.

    Args:
        datamodule: what the model was trained on.
        rows: their numbers.
    """
    trained, store = datamodule.trained, datamodule.store
    assert trained is not None
    assert store is not None
    if len(store) > LONGEST_SOURCE:
        return None
    try:
        frame = datamodule.read().frame
    except (UserError, OSError):
        return None
    if len(frame) != len(store):
        return None
    columns = [name for name in frame.columns if name in trained.features.used][:MOST_COLUMNS]
    return frame[rows].select(columns) if columns else None


def _cell(text: str) -> str:
    line = " ".join(text.split())
    line = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    for mark in "\\|<`*_":
        line = line.replace(mark, f"\\{mark}" if mark != "<" else "&lt;")
    return line
