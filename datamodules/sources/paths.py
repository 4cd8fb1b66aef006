"""A path as the user wrote it, checked before anything is read."""

from pathlib import Path

from datamodules.errors import UserError, nearest
from datamodules.sources.urls import is_database, is_url

FILE_DATABASES = ("sqlite:///", "duckdb:///")


def existing_path(source: str) -> Path:
    """Return the path that is meant, with ``~`` resolved.

    Raises:
        UserError: nothing is there; the nearest names in that folder are given.
    """
    path = Path(source).expanduser()
    if path.exists():
        if not path.is_file() and not path.is_dir():  # a pipe would be waited for without end
            raise UserError(f"--data.source: '{source}' is neither a file nor a folder.")
        return path
    if path.is_symlink():
        target = path.readlink()
        raise UserError(f"--data.source: '{source}' is a link to '{target}', which is not there.")
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


def absolute(source: str | list[str]) -> str | list[str]:
    """Return a source with its paths from the root, so that it is found from anywhere.

    Patterns and the files of SQLite and DuckDB too; what is not there, such as a sample, stays.
    """
    if isinstance(source, list):
        return [str(absolute(each)) for each in source]
    for scheme in FILE_DATABASES:
        if is_database(source) and source.startswith(scheme):
            return scheme + absolute_path(source.removeprefix(scheme))
    return source if is_url(source) else absolute_path(source)


def absolute_path(name: str) -> str:
    """Return a path from the root, also of a pattern; a name of nothing that is there stays."""
    path = Path(name).expanduser()
    if path.exists():
        return str(path.resolve())
    fixed = [part for part in path.parents if not any(mark in str(part) for mark in "*?[")]
    if not any(mark in name for mark in "*?[") or not fixed[0].is_dir():
        return name
    return str(fixed[0].resolve() / path.relative_to(fixed[0]))
