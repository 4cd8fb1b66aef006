"""How much memory and time a table of millions of rows takes until training is under way."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

CHUNK = 500_000
"""Rows that are made at once."""

FLOATS, WHOLE, WORDS = 9, 5, 5
"""Columns of each kind beside the target: twenty in all."""

STEPS = 200
"""Training steps, and as many batches of validation rows."""


def run(words: list[str]) -> None:
    """Make the table, train on it for some steps in a process of its own, and print."""
    parser = argparse.ArgumentParser("python -m benchmarks large-table")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--format", choices=["parquet", "csv", "both"], default="both")
    parser.add_argument("--minutes", type=float, default=10.0, help="the longest a run may take")
    parser.add_argument("--folder", help="where the table and the run are put, and deleted")
    settings = parser.parse_args(words)
    formats = ["parquet", "csv"] if settings.format == "both" else [settings.format]
    with tempfile.TemporaryDirectory(dir=settings.folder) as folder:
        begun = time.perf_counter()
        write_table(Path(folder, "table.csv"), settings.rows)
        if "parquet" in formats:
            table = pl.scan_csv(Path(folder, "table.csv"))
            table.sink_parquet(Path(folder, "table.parquet"), row_group_size=CHUNK)
        print(f"table of {settings.rows:,} rows made in {time.perf_counter() - begun:.0f} s\n")
        for form in formats:
            path = Path(folder, f"table.{form}")
            print(f"{form}, {path.stat().st_size / 1e9:.2f} GB on disk")
            print(_table(measured(path, settings.minutes)))


def write_table(path: Path, rows: int) -> None:
    """Write a CSV file of numbers, whole numbers, and words of few kinds, some of them missing.

    Args:
        path: of the file.
        rows: how many.
    """
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        for first in range(0, rows, CHUNK):
            frame = some_rows(min(CHUNK, rows - first), rng)
            frame.write_csv(file, include_header=first == 0)


def some_rows(rows: int, rng: np.random.Generator) -> pl.DataFrame:
    """Return rows whose target, yes or no, follows from three of the columns."""
    columns: dict[str, pl.Series] = {}
    for place in range(FLOATS):
        values = rng.lognormal(0, 1, rows).round(4)
        columns[f"amount_{place}"] = _with_gaps(pl.Series(values), rng, place % 3 == 0)
    for place in range(WHOLE):
        counts = rng.integers(0, 10 ** (place + 1), rows)
        columns[f"count_{place}"] = _with_gaps(pl.Series(counts), rng, place == 2)
    for place in range(WORDS):
        kinds = pl.Series([f"kind {number}" for number in range(3 * 2**place)])
        chosen = kinds[rng.integers(0, len(kinds), rows)]
        columns[f"word_{place}"] = _with_gaps(chosen, rng, place == 1)
    score = columns["amount_1"] + columns["count_0"] / 5 + rng.normal(0, 1, rows)
    columns["buys"] = pl.Series(np.where(score.to_numpy() > 2.2, "yes", "no"))
    return pl.DataFrame(columns)


def _with_gaps(values: pl.Series, rng: np.random.Generator, gaps: bool) -> pl.Series:
    return values.set(pl.Series(rng.random(len(values)) < 0.05), None) if gaps else values


def measured(source: Path, minutes: float) -> dict[str, dict[str, float]]:
    """Return seconds and peaks of each step of a short training on a table.

    Args:
        source: the table.
        minutes: the longest it may take.
    """
    told = source.with_suffix(".json")
    fit = ["fit", "--data", "TabularDataModule", "--data.source", str(source)]
    fit += ["--data.target", "buys", "--model", "Classification", "--model.backbone", "TabularMLP"]
    fit += ["--trainer.max_epochs", "1", "--trainer.accelerator", "cpu", "--quiet"]
    for part in ("train", "val"):
        fit += [f"--trainer.limit_{part}_batches", str(STEPS)]
    path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    child = subprocess.run(
        [sys.executable, "-m", "benchmarks.phases", str(told), *fit],
        cwd=source.parent,
        env=os.environ | {"PYTHONPATH": path},
        timeout=60 * minutes,
        check=False,
    )
    if child.returncode:
        raise SystemExit(f"the run ended with status {child.returncode}")
    phases: dict[str, dict[str, float]] = json.loads(told.read_text())
    return phases


def _table(phases: dict[str, dict[str, float]]) -> str:
    lines = [f"  {'step':22}{'seconds':>9}{'peak GB':>10}"]
    for step, figures in phases.items():
        peak = f"{figures['peak_gb']:10.2f}" if "peak_gb" in figures else ""
        lines.append(f"  {step:22}{figures['seconds']:9.1f}{peak}")
    return "\n".join(lines) + "\n"
