"""Recipes of training against the plain config, on the same splits, several seeds each.

``python -m benchmarks recipes [--times N]``. Few images to learn from, 270 digits of 1797, since
that is where recipes help if they do; and deaths in crashes, one row in twenty-two. Differences are
taken seed by seed, losses told too.
"""

import contextlib
import statistics
import tempfile
import warnings

from benchmarks.configs import command

DIGITS = [
    *("--config", "digits_cnn", "--data.split", "StratifiedSplit"),
    *("--data.split.val", "0.15", "--data.split.test", "0.7", "--early_stopping", "null"),
]
CRASHES = [
    *("--config", "crashes_focal", "--model.loss", "CrossEntropyLoss"),
    *("--model.class_weight", "null", "--early_stopping", "null"),
]
VIEWS = "{transforms: [RandomShift], times: 8}"
AT_TEST = ["--trainer.callbacks", f"[{{class_path: TestTimeAugmentation, init_args: {VIEWS}}}]"]
MOVING = "[{class_path: ExponentialMovingAverage, init_args: {decay: 0.99}}]"
LAST = "[{class_path: StochasticWeightAveraging, init_args: {start: 0.5}}]"
SMOOTH = ["--model.loss", "CrossEntropyLoss", "--model.loss.label_smoothing", "0.1"]
CONSTANT = ["--model.schedule", "null"]
BALANCED = ["--data.sampler", "ClassBalanced", "--data.sampler.strength"]

RECIPES: dict[str, tuple[list[str], list[str], list[str]]] = {
    # what is fitted, how it is tested, and the figures that are compared with the first before it
    "digits: plain": (DIGITS, [], ["accuracy", "loss"]),
    "Mixup": ([*DIGITS, "--data.augment", "[RandomShift, Mixup]"], [], []),
    "CutMix": ([*DIGITS, "--data.augment", "[RandomShift, CutMix]"], [], []),
    "label smoothing 0.1": ([*DIGITS, *SMOOTH], [], []),
    "moving average": ([*DIGITS, "--trainer.callbacks", MOVING], [], []),
    "8 views at test time": (DIGITS, AT_TEST, []),
    "digits, constant rate: plain": ([*DIGITS, *CONSTANT], [], ["accuracy", "loss"]),
    "moving average ": ([*DIGITS, *CONSTANT, "--trainer.callbacks", MOVING], [], []),
    "mean of the last epochs": ([*DIGITS, *CONSTANT, "--trainer.callbacks", LAST], [], []),
    "crashes: plain": (CRASHES, [], ["f1", "average_precision", "loss"]),
    "balanced, strength 0.5": ([*CRASHES, *BALANCED, "0.5"], [], []),
    "balanced, strength 1": ([*CRASHES, *BALANCED, "1.0"], [], []),
}


def run(words: list[str]) -> None:
    """Measure, and print the table."""
    warnings.filterwarnings("ignore")
    seeds = int(words[words.index("--times") + 1]) if "--times" in words else 5
    figures: list[str] = []
    plain: list[dict[str, float]] = []
    for name, (fit, test, compared) in RECIPES.items():
        figures = compared or figures
        results = [_measured(fit, test, seed) for seed in range(seeds)]
        plain = results if compared else plain
        print(f"{name:30}", *(_told(figure, results, plain) for figure in figures), flush=True)


def _measured(fit: list[str], test: list[str], seed: int) -> dict[str, float]:
    seeds = ["--seed_everything", str(seed)]
    if "--data.split" in fit:
        seeds += ["--data.split.seed", str(seed)]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        fitted = command("fit", *fit, *seeds)
        tested = command("test", "--ckpt_path", fitted["run"], *test)["metrics"]
    return {name.removeprefix("test/"): float(value) for name, value in tested.items()}


def _told(figure: str, results: list[dict[str, float]], plain: list[dict[str, float]]) -> str:
    """Return a mean, and the mean difference to the plain config with its standard deviation."""
    values = [result[figure] for result in results]
    text = f"{figure} {statistics.mean(values):.4f}"
    if results is plain:
        return f"{text:47}"
    differences = [v - before[figure] for v, before in zip(values, plain, strict=True)]
    spread = statistics.stdev(differences) if len(differences) > 1 else 0.0
    return f"{f'{text} ({statistics.mean(differences):+.4f} ± {spread:.4f})':47}"
