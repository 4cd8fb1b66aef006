"""What pretraining buys, and whether our loop is level with the peers'.

``python -m benchmarks fine-tuning [SET ...] [--rows N] [--quick]`` fine-tunes real checkpoints on
few labelled rows in each of our ways, beside the same architecture from random weights, the
transformers Trainer or a loop of timm's parts given as many epochs, and logistic regression on
TF-IDF or pixels, on the same rows, over three seeds. An hour on one core; ``--quick`` is one seed
and 50 rows.
"""

import json
import statistics
import sys
import tempfile
import warnings
from contextlib import chdir
from pathlib import Path

from benchmarks.fine_tuning.ours import trained
from benchmarks.fine_tuning.peers import classical, peer
from benchmarks.fine_tuning.tasks import CURVE, TASKS, Task, deal

SEEDS = (0, 1, 2)
RESULTS = Path(__file__).parent.parent / "results" / "fine_tuning.json"
PEER, CLASSICAL = "peer's loop", "classical"

Figures = dict[str, list[dict[str, float]]]


def run(words: list[str]) -> None:
    """Measure, and print a table for each set."""
    warnings.filterwarnings("ignore")
    quick = "--quick" in words
    only = words[words.index("--rows") + 1] if "--rows" in words else None
    for name in [word for word in words if word in TASKS] or list(TASKS):
        task = TASKS[name]
        sizes = [size for size in sorted(task.epochs) if only in (None, str(size))]
        seeds = SEEDS[: 1 if quick else None]
        found = {str(size): measured(task, size, seeds) for size in sizes[: 1 if quick else None]}
        if not quick:
            found = _kept(name, found)
        print("\n".join(table(name, found)), flush=True)


def _kept(name: str, found: dict[str, Figures]) -> dict[str, Figures]:
    """Write figures beside those of other sizes and sets, and return those of the set."""
    results = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    results[name] = {**results.get(name, {}), **found}
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    return {size: results[name][size] for size in sorted(results[name], key=int)}


def measured(task: Task, labelled: int, seeds: tuple[int, ...]) -> Figures:
    """Run all contestants in turn, seed by seed.

    Args:
        task: what is learnt.
        labelled: rows that have a label.
        seeds: of rows, weights and order.
    """
    epochs = task.epochs[labelled]
    ways = task.ways if labelled == max(task.epochs) else CURVE
    figures: Figures = {name: [] for name in (*ways, PEER, CLASSICAL)}
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for seed in seeds:
            dealt = deal(task, labelled, seed, Path(folder))
            for name in figures:
                if name == PEER:
                    result = peer(task, dealt, epochs, seed)
                elif name == CLASSICAL:
                    result = classical(task, dealt)
                else:
                    result = trained(task, dealt, name, epochs, seed)
                figures[name].append(result)
                print(task.name, labelled, "seed", seed, name, result, file=sys.stderr, flush=True)
    return figures


def table(name: str, found: dict[str, Figures]) -> list[str]:
    """Return held-out accuracies as lines of a Markdown table, one for each contestant."""
    sizes = list(found)
    names = list(dict.fromkeys(way for size in sizes for way in found[size]))
    lines = [f"| {name} | {' | '.join(f'{size} rows' for size in sizes)} |"]
    lines.append("|---" * (len(sizes) + 1) + "|")
    for way in names:
        cells = [_spread(found[size].get(way, [])) for size in sizes]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return lines


def _spread(results: list[dict[str, float]]) -> str:
    if not results:
        return ""
    values = [result["accuracy"] for result in results]
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    seconds = statistics.mean(result["seconds"] for result in results)
    return f"{statistics.mean(values):.3f} ± {deviation:.3f} ({seconds:.0f} s)"
