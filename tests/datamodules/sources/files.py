"""Frames written as files of each kind."""

from pathlib import Path

import polars as pl


def write(frame: pl.DataFrame, path: str | Path) -> None:
    """Write a frame as the suffix says."""
    match Path(path).suffix:
        case ".csv":
            frame.write_csv(path)
        case ".tsv":
            frame.write_csv(path, separator="\t")
        case ".jsonl":
            frame.write_ndjson(path)
        case ".json":
            frame.write_json(path)
        case ".parquet":
            frame.write_parquet(path)
