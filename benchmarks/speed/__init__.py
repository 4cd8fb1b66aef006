"""How fast training is, with every default on, beside a raw loop and plain Lightning.

One thread, contestants interleaved, ratios of rounds. ``--quick`` runs one round of little.
"""

import contextlib
import logging
import tempfile
import warnings

import torch

from benchmarks.rounds import interleaved, same_loss, speeds
from benchmarks.speed import images, tables, texts
from benchmarks.speed.race import Race

HEADER = ["| what | contestant | speed (lowest to highest) | loss |", "|---|---|---|---|"]


def run(words: list[str]) -> None:
    """Measure and print Markdown tables."""
    quick = "--quick" in words
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")
    for name in ("lightning.pytorch", "lightning.fabric", "lightning"):
        logging.getLogger(name).setLevel(logging.ERROR)
    lines = list(HEADER)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for race in (tables.race(quick), images.race(quick)):
            lines += _run(race, rounds=1 if quick else 5)
        lines += ["", *texts.share_of_real_tokens()]
    print("\n".join(lines))


def _run(race: Race, rounds: int) -> list[str]:
    for contestant in race.contestants.values():
        contestant()  # imports and first allocations are nobody's fault
    results = interleaved(race.contestants, rounds)
    same_loss(results, race.tolerance)
    lines = []
    for name, (median, low, high) in speeds(results, race.reference).items():
        loss = sum(result.loss for result in results[name]) / rounds
        speed = f"{median:.2f} ({low:.2f} to {high:.2f})"
        lines.append(f"| {race.title} | {name} | {speed} | {loss:.4f} |")
    return lines
