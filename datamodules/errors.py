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
    names = [str(name) for name in valid]
    spelt = {name.casefold(): name for name in reversed(names)}
    close = difflib.get_close_matches(str(given).casefold(), spelt, n=3, cutoff=0.5)
    nearest = [spelt[name] for name in close]
    hint = f" Did you mean {_quoted(nearest, ' or ')}?" if nearest else ""
    listed = _quoted(names[:20], ", ") + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    return UserError(f"There is no {what} '{given}'.{hint} Valid: {listed or 'none'}.")


def _quoted(names: Iterable[str], separator: str) -> str:
    return separator.join(f"'{name}'" for name in names)
