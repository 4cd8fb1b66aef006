"""A path as the user wrote it, checked before anything is read."""

from pathlib import Path

from datamodules.errors import UserError, nearest


def existing_path(source: str) -> Path:
    """Return the path that is meant, with ``~`` resolved.

    Raises:
        UserError: nothing is there; the nearest names in that folder are given.
    """
    path = Path(source).expanduser()
    if path.exists():
        return path
    if not path.parent.is_dir():
        raise UserError(
            f"--data.source: There is no '{source}': its folder '{path.parent}' does not exist."
        )
    names = sorted(p.name for p in path.parent.iterdir() if not p.name.startswith("."))
    hint = nearest(source, [str(path.parent / name) for name in names])
    if not hint:
        listed = ", ".join(repr(name) for name in names[:5]) or "nothing"
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        hint = f" The folder '{path.parent.resolve()}' holds {listed}{more}."
    raise UserError(f"--data.source: There is no '{source}'.{hint}")
