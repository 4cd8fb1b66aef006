"""Every shipped config over three seeds, beside baselines on the same splits.

``python -m benchmarks configs [NAME ...]`` measures the named ones, or all, and writes
``configs/README.md``; what is not measured anew keeps its figures of before.
"""

import contextlib
import io
import json
import statistics
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from benchmarks.baselines import baselines
from datamodules.supervised import SupervisedDataModule
from fulgurite.__main__ import main
from fulgurite.arguments import read_arguments
from fulgurite.configs import shipped_configs
from fulgurite.experiment import Experiment

SEEDS = (0, 1, 2)
TRIVIAL = ("majority", "mean")
RESULTS = Path(__file__).parent / "results" / "configs.json"
PAGE = Path(__file__).parent.parent / "configs" / "README.md"
HEAD = """\
# Configs

Each is run by its name from anywhere, `fulgurite fit --config digits_cnn`, and changed by flags,
`--model.backbone ResNet`. Seconds are of `fit` on two CPU cores, reading the data included; figures
are of held-out rows, mean and standard deviation over three seeds (of weights and of the split),
beside baselines trained on the same rows. Written by `python -m benchmarks configs`.

| config | what it shows | seconds | figure | model | trivial | classical |
|---|---|---|---|---|---|---|
"""


def run(words: list[str]) -> None:
    """Measure and write the page."""
    warnings.filterwarnings("ignore")
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for name in words or list(shipped_configs()):
        results[name] = [_measured(name, seed) for seed in SEEDS]
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
        print("\n".join(_lines(name, results[name])), file=sys.stderr)
    shipped = shipped_configs()
    lines = [line for name in shipped if name in results for line in _lines(name, results[name])]
    PAGE.write_text(HEAD + "\n".join(lines) + "\n")


def _measured(name: str, seed: int) -> dict[str, Any]:
    flags = ["--config", name, "--seed_everything", str(seed)]
    flags += ["--data.split", "StratifiedSplit", "--data.split.seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        fitted = command("fit", *flags)
        tested = command("test", "--ckpt_path", fitted["run"])
        experiment = Experiment(read_arguments(flags))
        _, _, data = experiment.build(run=Path(folder))
    assert isinstance(data, SupervisedDataModule)
    figures = {key.removeprefix("test/"): value for key, value in tested["metrics"].items()}
    return {
        "seconds": fitted["seconds"],
        "model": figures,
        "baselines": baselines(data, data.read()),
    }


def command(*words: str) -> dict[str, Any]:
    """Run a command and return what it prints as JSON."""
    printed, told = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told):
        try:
            main([*words, "--json"])
        except SystemExit as error:
            raise RuntimeError(told.getvalue()) from error
    result: dict[str, Any] = json.loads(printed.getvalue())
    return result


def _lines(name: str, results: list[dict[str, Any]]) -> list[str]:
    trivial, classical = sorted(results[0]["baselines"], key=lambda name: name not in TRIVIAL)
    figures = list(results[0]["baselines"][trivial])
    seconds = statistics.mean(result["seconds"] for result in results)
    shows = shipped_configs()[name].read_text().partition("\n")[0].removeprefix("#").strip()
    lines = []
    for place, figure in enumerate(figures):
        cells = [
            _spread([result["model"][figure] for result in results]),
            _spread([result["baselines"][trivial][figure] for result in results]),
            _spread([result["baselines"][classical][figure] for result in results]),
        ]
        head = [f"`{name}`", shows, f"{seconds:.0f}"] if place == 0 else ["", "", ""]
        told = [figure, cells[0], f"{trivial} {cells[1]}", f"{classical} {cells[2]}"]
        lines.append(f"| {' | '.join([*head, *told])} |")
    return lines


def _spread(values: list[float]) -> str:
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    digits = max(0, 3 - len(str(int(abs(mean))))) if abs(mean) >= 1 else 3
    return f"{mean:.{digits}f} ± {deviation:.{digits}f}"
