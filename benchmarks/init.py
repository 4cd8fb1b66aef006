"""``fulgurite init``, then ``fit`` and ``test``, on files of real data as a new user has them.

``python -m benchmarks init [NAME ...]`` writes each data set as a file, a database or a folder,
runs the three commands on it with nothing changed in between, and compares the held-out figure with
the majority or the mean and with a classical model on the same rows; it writes ``docs/init.md``.
"""

import contextlib
import json
import shlex
import sqlite3
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
from PIL import Image

from benchmarks.baselines import baselines
from benchmarks.configs import TRIVIAL, command
from datamodules.sources.packaged import rdataset
from datamodules.sources.samples.images import mnist5k
from datamodules.supervised import SupervisedDataModule
from fulgurite.arguments import read_arguments
from fulgurite.experiment import Experiment

RESULTS = Path(__file__).parent / "results" / "init.json"
PAGE = Path(__file__).parent.parent / "docs" / "init.md"
HEAD = """\
# From a file to a model

`fulgurite init SOURCE --target COLUMN` reads the rows, decides what to learn and with what, says
so, and writes a config of at most 15 lines that `fulgurite fit` runs at once. Each line below is
such a pair of commands on a file of real data, with nothing changed in between; figures are of
held-out rows, beside what always saying the majority or the mean gives and a classical model on
the same rows. Seconds are of `fit` on two CPU cores. Written by `python -m benchmarks init`.

| `fulgurite init` | what it decided | seconds | figure | model | trivial | classical |
|---|---|---|---|---|---|---|
"""


def _credit(folder: Path) -> str:
    rdataset("init", "modeldata", "credit_data").write_parquet(folder / "credit.parquet")
    return "credit.parquet --target Status"


def _churn(folder: Path) -> str:
    rdataset("init", "modeldata", "wa_churn").write_csv(folder / "churn.csv")
    return "churn.csv --target churn"


def _titanic(folder: Path) -> str:
    rdataset("init", "carData", "TitanicSurvival").write_json(folder / "titanic.json")
    return "titanic.json --target survived"


def _diamonds(folder: Path) -> str:
    rdataset("init", "ggplot2", "diamonds").write_csv(folder / "diamonds.tsv", separator="\t")
    return "diamonds.tsv --target price"


def _hotel(folder: Path) -> str:
    frame = rdataset("init", "modeldata", "hotel_rates")
    names = ", ".join(f'"{name}"' for name in frame.columns)
    with contextlib.closing(sqlite3.connect(folder / "hotel.db")) as connection, connection:
        connection.execute(f"create table rates ({names})")
        marks = ", ".join("?" * frame.width)
        rows = [tuple(map(_as_sql, row)) for row in frame.iter_rows()]
        connection.executemany(f"insert into rates values ({marks})", rows)
    query = "select * from rates where adults > 0"
    return f"sqlite:///hotel.db --query {shlex.quote(query)} --target avg_price_per_room"


def _as_sql(value: object) -> object:
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _crashes(folder: Path) -> str:
    frame = rdataset("init", "DAAG", "nassCDS").drop("injSeverity", "weight", "caseid")
    frame.write_csv(folder / "crashes.csv")
    return "crashes.csv --target dead"


def _reviews(folder: Path) -> str:
    frame = rdataset("init", "modeldata", "training_data").select("product", "review", "score")
    frame.write_ndjson(folder / "reviews.jsonl")
    return "reviews.jsonl --target score"


def _birds(folder: Path) -> str:
    rdataset("init", "openintro", "birds").write_ndjson(folder / "birds.jsonl")
    return "birds.jsonl --target phase_of_flt --text remarks"


def _movielens(folder: Path) -> str:
    rdataset("init", "dslabs", "movielens").write_csv(folder / "ratings.csv")
    return "ratings.csv --target rating --group userId"


def _flights(folder: Path) -> str:
    planned = ["month", "day", "sched_dep_time", "sched_arr_time", "carrier", "origin", "dest"]
    frame = rdataset("init", "nycflights13", "flights").drop_nulls("dep_delay")
    late = pl.when(pl.col("dep_delay") > 15).then(pl.lit("late")).otherwise(pl.lit("on time"))
    frame.select(*planned, "distance", late.alias("departure")).write_parquet(
        folder / "flights.parquet"
    )
    return "flights.parquet --target departure"


def _digits(folder: Path) -> str:
    records = mnist5k()
    assert records.images is not None
    labels = records.frame["label"].cast(pl.String).to_list()
    for row, (image, label) in enumerate(zip(records.images, labels, strict=True)):
        (folder / "digits" / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0].numpy()).save(folder / "digits" / label / f"{row}.png")
    return "digits"


def _wine(folder: Path) -> str:
    from sklearn.datasets import load_wine

    data = load_wine()
    frame = pl.DataFrame(dict(zip(data.feature_names, data.data.T, strict=True)))
    names = [str(data.target_names[place]) for place in data.target]
    frame.with_columns(pl.Series("cultivar", names)).write_csv(folder / "wine.csv", separator=";")
    return "wine.csv --target cultivar"


def _storms(folder: Path) -> str:
    rdataset("init", "dplyr", "storms").write_csv(folder / "storms.csv")
    return "storms.csv --target status --group name"


def _gapminder(folder: Path) -> str:
    rdataset("init", "dslabs", "gapminder").write_csv(folder / "gapminder.csv")
    return "gapminder.csv --target life_expectancy --group country"


def _ridership(folder: Path) -> str:
    rdataset("init", "modeldata", "Chicago").write_csv(folder / "ridership.csv")
    return "ridership.csv --target ridership --time date"


def _loans(folder: Path) -> str:
    rdataset("init", "openintro", "loans_full_schema").write_csv(folder / "loans.csv")
    return "loans.csv --target interest_rate"


def _titles(folder: Path) -> str:
    frame = rdataset("init", "modeldata", "tate_text").select("title", "medium")
    frame.write_csv(folder / "titles.csv")
    return "titles.csv --target medium"


DATA: dict[str, Callable[[Path], str]] = {
    "churn": _churn,
    "credit": _credit,
    "crashes": _crashes,
    "titanic": _titanic,
    "wine": _wine,
    "flights": _flights,
    "diamonds": _diamonds,
    "hotel": _hotel,
    "movielens": _movielens,
    "reviews": _reviews,
    "birds": _birds,
    "digits": _digits,
    "storms": _storms,
    "gapminder": _gapminder,
    "ridership": _ridership,
    "loans": _loans,
    "titles": _titles,
}


def run(words: list[str]) -> None:
    """Measure and write the page; what is not measured anew keeps its figures of before."""
    warnings.filterwarnings("ignore")
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for name in words or DATA:
        results[name] = measured(name)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        print("\n".join(_lines(results[name])), file=sys.stderr)
    lines = [line for name in DATA if name in results for line in _lines(results[name])]
    PAGE.write_text(HEAD + "\n".join(lines) + "\n")


def measured(name: str) -> dict[str, Any]:
    """Run the three commands on one data set, and the baselines on its rows."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        line = DATA[name](Path())
        wrote = command("init", *shlex.split(line))
        fitted = command("fit", "--config", wrote["config"])
        tested = command("test", "--ckpt_path", fitted["run"])
        _, _, data = Experiment(read_arguments(["--config", wrote["config"]])).build()
        assert isinstance(data, SupervisedDataModule)
        beside = baselines(data, data.read())
    return {
        "line": line,
        "decided": f"{wrote['data'].partition(':')[0]}, {wrote['task'].partition(':')[0]}, "
        f"{wrote['backbone'].partition(';')[0]}",
        "seconds": fitted["seconds"],
        "model": {key.removeprefix("test/"): value for key, value in tested["metrics"].items()},
        "baselines": beside,
    }


def _lines(result: dict[str, Any]) -> list[str]:
    trivial, classical = sorted(result["baselines"], key=lambda name: name not in TRIVIAL)
    lines = []
    for place, figure in enumerate(list(result["baselines"][trivial])[:2]):
        head = [f"`{result['line']}`", result["decided"], f"{result['seconds']:.0f}"]
        told = [f"{result['model'][figure]:.3g}"]
        told += [f"{name} {result['baselines'][name][figure]:.3g}" for name in (trivial, classical)]
        lines.append(f"| {' | '.join([*(head if place == 0 else ['', '', '']), figure, *told])} |")
    return lines
