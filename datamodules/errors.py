"""The one exception for a mistake in a config, a file or a row."""

import difflib
from collections.abc import Iterable


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


def choices(given: object, valid: Iterable[object], most: int = 20) -> str:
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


def nearest(given: object, valid: Iterable[object]) -> str:
    """Return a question for the names spelt most alike, with a space before it, or nothing.

    A name that holds what was given, or is held by it, is alike too: ``epochs`` and ``max_epochs``.
    """
    spelt = {str(name).casefold(): str(name) for name in reversed(list(valid))}
    text = str(given).casefold()
    close = difflib.get_close_matches(text, spelt, n=3, cutoff=0.5)
    close += [name for name in spelt if len(text) > 2 and text in name and name not in close]
    found = [spelt[name] for name in close[:3]]
    return f" Did you mean {_quoted(found, ' or ')}?" if found else ""


def _quoted(names: Iterable[str], separator: str) -> str:
    return separator.join(f"'{name}'" for name in names)
