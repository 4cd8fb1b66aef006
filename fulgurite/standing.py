"""Looks at a test set are counted by what is measured: each model once."""

from collections.abc import Sequence
from dataclasses import dataclass

from datamodules.examined import Examined
from fulgurite.ledger import Look

NEARLY = 0.5
"""The share of rows in common from which two test sets are nearly one."""


@dataclass(frozen=True)
class Standing:
    """What a look is among all looks at the same test set.

    Attributes:
        number: of the look, from 1; a model that is measured again keeps its number.
        again: whether the model had been measured on these rows before.
        models: how many have been measured on them, this one among them.
        elsewhere: looks at other held-out rows of the same data.
        rows: of the test set.
        nearly: whether some of the looks were at nearly the same rows, not the same.
    """

    number: int
    again: bool
    models: int
    elsewhere: int
    rows: int
    nearly: bool = False

    def sentences(self) -> list[str]:
        """Return what a person should know."""
        if self.again:
            others = f" of {self.models}" if self.models > 1 else ""
            said = (
                f"This is look {self.number}{others} at this test set, had again: the same model "
                f"was measured on the same {self.rows} rows before."
            )
        else:
            said = f"This is look {self.number} at this test set of {self.rows} rows."
        if self.nearly:
            said += " Some looks were at nearly the same rows, or had other columns."
        if not self.elsewhere:
            return [said]
        count = "1 more was" if self.elsewhere == 1 else f"{self.elsewhere} more were"
        return [f"{said} {count} at other held-out rows of the same data."]


def standing(looks: Sequence[Look], look: Look) -> Standing:
    """Return what a look is among all up to it.

    Args:
        looks: of a ledger, in their order; the last that equals ``look`` is meant.
        look: one of them.
    """
    counting = [each for each in looks if each.counts]
    same = [each for each in counting if each.rows_of == look.rows_of]
    others = [e for e in counting if e.data == look.data and e.rows_of != look.rows_of]
    numbers = numbered(same)
    place = max(place for place, each in enumerate(same) if each == look)
    number = numbers[place]
    again = number in numbers[:place]
    elsewhere = max(numbered(others), default=0)
    nearly = any(each.test_set != look.test_set for each in same)
    return Standing(number, again, max(numbers), elsewhere, look.rows, nearly)


def same_rows(looks: Sequence[Look], of: Examined) -> str:
    """Return the test set of the first look at the same rows, or at nearly the same.

    Columns that were added since make no other rows of them.

    Args:
        looks: of a ledger, in their order.
        of: the rows that are looked at now.
    """
    samples: dict[tuple[str, ...], list[str]] = {}
    for look in looks:
        if look.test_set == of.test_set:
            return look.rows_of
        columns = tuple(look.columns)
        if columns not in samples:
            samples[columns] = of.sample(columns)
        if resemblance(samples[columns], look.sample) >= NEARLY:
            return look.rows_of
    return of.test_set


def resemblance(first: Sequence[str], second: Sequence[str]) -> float:
    """Return how large a share of the rows two sets have in common, by their samples."""
    if not first or not second:
        return 0.0
    smallest = sorted({*first, *second})[: max(len(first), len(second))]
    return len({*smallest} & {*first} & {*second}) / len(smallest)


def numbered(looks: Sequence[Look]) -> list[int]:
    """Return the number of each look at one test set, from 1; a model keeps that of its first."""
    numbers: list[int] = []
    first: dict[tuple[str, str], int] = {}
    following = 1
    for look in looks:
        number = following
        if look.model is not None:
            number = first.setdefault((look.rows_of, look.model), following)
        numbers.append(number)
        following = max(following, number + 1)
    return numbers
