"""How long it takes to divide a million rows, and in how much memory."""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.large_table import some_rows
from datamodules.division import Division, divide
from datamodules.fingerprint import fingerprint
from datamodules.records import Records
from datamodules.splits.by_time import TimeSplit
from datamodules.splits.given import SplitFile
from datamodules.splits.grouped import GroupedSplit
from datamodules.splits.k_fold import StratifiedKFold
from datamodules.splits.splitter import Splitter
from datamodules.splits.stratified import StratifiedSplit

GROUPS = 10
"""Rows of a group, on average."""

SPLITTERS = ("stratified", "grouped", "time", "folds", "file")


def run(words: list[str]) -> None:
    """Divide rows in a process for each splitter, and print a table.

    Raises:
        SystemExit: a process failed.
    """
    parser = argparse.ArgumentParser("python -m benchmarks split")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the rows")
    parser.add_argument("--only", choices=SPLITTERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    settings = parser.parse_args(words)
    rows = settings.rows // 100 if settings.quick else settings.rows
    if settings.only:
        print(json.dumps(_measured(settings.only, rows, Path(settings.folder))))
        return
    print(f"{rows:,} rows of 20 columns\n")
    print(f"{'split':<12}{'fingerprint s':>14}{'split s':>10}{'file s':>9}{'peak GB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for name in SPLITTERS:
            command = [sys.executable, "-m", "benchmarks", "split", "--rows", str(rows)]
            done = subprocess.run(
                [*command, "--only", name, "--folder", folder],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "OMP_NUM_THREADS": "2"},
            )
            if done.returncode:
                raise SystemExit(done.stderr)
            told = json.loads(done.stdout)
            print(
                f"{name:<12}{told['fingerprint']:>14.1f}{told['split']:>10.1f}{told['file']:>9.1f}"
                f"{told['peak'] / 1e9:>10.2f}"
            )


def _measured(name: str, rows: int, folder: Path) -> dict[str, float]:
    """Return the seconds of each step, and the most memory that the process had, in bytes."""
    records = _records(rows)
    if name == "file":  # the same rows in another order
        shuffled = records.frame.sample(fraction=1, shuffle=True, seed=1)
        records = Records(shuffled, "shuffled.parquet")
    begun = time.perf_counter()
    digits = fingerprint(records)
    fingerprinted = time.perf_counter()
    division = _division(_splitter(name, folder), records, digits)
    divided = time.perf_counter()
    if name == "stratified":
        division.table.write(folder)
    written = time.perf_counter()
    return {
        "fingerprint": fingerprinted - begun,
        "split": divided - fingerprinted,
        "file": written - divided,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _records(rows: int) -> Records:
    rng = np.random.default_rng(0)
    frame = some_rows(rows, rng).with_columns(
        customer=pl.Series(rng.integers(0, rows // GROUPS, rows)),
        day=pl.Series(rng.integers(0, 1000, rows)).cast(pl.Date),
    )
    return Records(frame, "table.parquet")


def _splitter(name: str, folder: Path) -> Splitter:
    splitters: dict[str, Splitter] = {
        "stratified": StratifiedSplit(),
        "grouped": GroupedSplit("customer"),
        "time": TimeSplit("day", gap="7d"),
        "folds": StratifiedKFold(fold=2),
        "file": SplitFile(str(folder)),
    }
    return splitters[name]


def _division(splitter: Splitter, records: Records, digits: str) -> Division:
    rows = np.arange(len(records))
    strata = (records.frame["buys"] == "yes").to_numpy().astype(np.int64)
    inputs = [name for name in records.frame.columns if name != "buys"]
    return divide(
        splitter, records, rows, strata, inputs, classes=["no", "yes"], fingerprint=digits
    )
