"""A path as the user wrote it, checked before anything is read."""

import difflib
from pathlib import Path

from datamodules.errors import UserError


def existing_path(source: str) -> Path:
    """Return the path that is meant, with ``~`` resolved.

    Raises:
        UserError: nothing is there; the nearest names in that folder are given.
    """
    path = Path(source).expanduser()
    if path.exists():
        return path
    if not path.parent.is_dir():
        raise UserError(f"There is no '{source}': its folder '{path.parent}' does not exist.")
    names = sorted(p.name for p in path.parent.iterdir() if not p.name.startswith("."))
    nearest = difflib.get_close_matches(path.name, names, n=3, cutoff=0.5)
    if nearest:
        hint = f" Did you mean {' or '.join(repr(str(path.parent / name)) for name in nearest)}?"
    else:
        listed = ", ".join(repr(name) for name in names[:5]) or "nothing"
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        hint = f" The folder '{path.parent.resolve()}' holds {listed}{more}."
    raise UserError(f"There is no '{source}'.{hint}")
