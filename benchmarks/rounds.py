"""Contestants taken in turn, and what their times say."""

import statistics
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple


class Result(NamedTuple):
    """One contestant in one round.

    Attributes:
        seconds: of training.
        loss: on the validation rows afterwards.
    """

    seconds: float
    loss: float


def interleaved(
    contestants: Mapping[str, Callable[[], Result]], rounds: int
) -> dict[str, list[Result]]:
    """Run all contestants once in each round, so that a slow minute of the machine meets them all.

    Args:
        contestants: by name.
        rounds: how often.
    """
    results: dict[str, list[Result]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name, contestant in contestants.items():
            result = contestant()
            results[name].append(result)
            told = f"{name}: {result.seconds:.2f} s, loss {result.loss:.4f}"
            print(f"round {number + 1}/{rounds}  {told}", file=sys.stderr)
    return results


def same_loss(results: Mapping[str, list[Result]], tolerance: float) -> None:
    """Check that all contestants learn as much: a faster loop that learns less proves nothing.

    Args:
        results: of :func:`interleaved`.
        tolerance: by which a contestant's mean loss may differ from the first one's, as a share.
    """
    means = {name: statistics.mean(r.loss for r in rs) for name, rs in results.items()}
    reference = next(iter(means.values()))
    for name, loss in means.items():
        if abs(loss - reference) > tolerance * reference:
            raise SystemExit(f"{name} ends with loss {loss:.4f}, not {reference:.4f}: no fair race")


def speeds(results: Mapping[str, list[Result]], to: str) -> dict[str, tuple[float, float, float]]:
    """Return each contestant's speed relative to another's: median, lowest, highest over rounds.

    Args:
        results: of :func:`interleaved`.
        to: the contestant whose speed is 1; rounds are compared pair by pair.
    """
    ratios = {
        name: sorted(o.seconds / r.seconds for o, r in zip(results[to], rs, strict=True))
        for name, rs in results.items()
    }
    return {name: (statistics.median(r), r[0], r[-1]) for name, r in ratios.items()}
