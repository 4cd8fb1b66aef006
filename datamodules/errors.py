"""The one exception for a mistake in a config, a file or a row, and the names it should suggest."""

import difflib
import re
from collections.abc import Iterable

ALIKE = 0.7
"""Names that share this part of their letters, in order, are alike whatever the slips."""
LONGEST = 100
"""Characters of a name; what is longer is a text, whose slips would take minutes to count."""


class UserError(Exception):
    """A mistake that the user can mend, told in full sentences.

    Every room raises it; only the ``fulgurite`` command prints it, without a traceback, and exits
    with status 2. Any other exception is a bug and keeps its traceback.
    """


def unknown(what: str, given: object, valid: Iterable[object]) -> UserError:
    """Return the error for a name that is not among the valid ones, with the nearest that are.

    Args:
        what: what the name stands for, such as ``"column"``.
        given: what the user wrote.
        valid: every name that would have been accepted.
    """
    return UserError(f"There is no {what} '{given}'.{choices(given, valid)}")


def choices(given: object, valid: Iterable[object], most: int = 12) -> str:
    """Return the end of a sentence about a name that is not valid: the nearest, and all that are.

    Args:
        given: what the user wrote.
        valid: every name that would have been accepted.
        most: how many are listed.
    """
    names = [str(name) for name in valid]
    listed = _quoted(names[:most], ", ")
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{nearest(given, names)} Valid: {listed or 'none'}{more}."


def nearest(given: object, valid: Iterable[object], most: int = 3) -> str:
    """Return a question for the names spelt most alike, with a space before it, or nothing.

    Args:
        given: what the user wrote.
        valid: every name that would have been accepted.
        most: how many are asked for.
    """
    found = most_alike(str(given), map(str, valid))[:most]
    return f" Did you mean {_quoted(found, ' or ')}?" if found else ""


def most_alike(given: str, valid: Iterable[str]) -> list[str]:
    """Return the names that may have been meant, the likeliest first.

    Slips count as people make them: a letter wrong, missing, too many, or two swapped; neither case
    nor ``-`` for ``_`` counts. A name of which a part was given, or its words in another order, is
    alike too: ``epochs`` for ``max_epochs``, ``CosineWarmup`` for ``WarmupCosine``.
    """
    text = _plain(given)
    ranked = []
    names = dict.fromkeys(name for name in valid if max(len(given), len(name)) <= LONGEST)
    for place, name in enumerate(names):
        other = _plain(name)
        shorter, longer = sorted((text, other), key=len)
        part = len(shorter) > 2 and shorter in longer and 3 * len(shorter) >= len(longer)
        slips = _slips(text, other)
        ratio = difflib.SequenceMatcher(None, text, other).ratio()
        same_words = bool(_words(given)) and _words(given) <= _words(name)
        if slips <= (len(shorter) + 1) // 3 or ratio >= ALIKE or part or same_words:
            begins = len(text) > 2 and other.startswith(text)
            length = abs(len(text) - len(other))
            ranked.append((not (begins or same_words), slips, length, -ratio, place, name))
    return [name for *_, name in sorted(ranked)]


def first_of(names: Iterable[str], most: int = 4, separator: str = ", ") -> str:
    """Return the first of many names, each once, as a list that says how many more there are.

    Args:
        names: in the order in which they are told.
        most: how many are listed.
        separator: between two of them.
    """
    different = list(dict.fromkeys(names))
    more = f" and {len(different) - most} more" if len(different) > most else ""
    return separator.join(different[:most]) + more


def _words(name: str) -> frozenset[str]:
    """Return the words that a name is made of: of ``WarmupCosine`` and of ``cosine_warmup``."""
    apart = re.sub(r"([a-z])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3 \2\4", name)
    return frozenset(re.findall(r"[a-z]+|[0-9]+", apart.casefold()))


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_")


def _slips(first: str, second: str) -> int:
    """Return how many slips turn one text into another.

    Optimal string alignment: Damerau 1964, 'A technique for computer detection and correction of
    spelling errors', without changing a letter twice.
    """
    before: list[int] = []
    above = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        row = [i]
        for j, other in enumerate(second, 1):
            cost = min(above[j] + 1, row[-1] + 1, above[j - 1] + (letter != other))
            swapped = i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other
            row.append(min(cost, before[j - 2] + 1) if swapped else cost)
        before, above = above, row
    return above[-1]


def _quoted(names: Iterable[str], separator: str) -> str:
    return separator.join(f"'{name}'" for name in names)
