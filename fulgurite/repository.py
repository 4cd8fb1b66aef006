"""The git repository that a run was started in."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SMALL = 200_000
"""Bytes up to which a patch is kept."""
SECONDS = 10


@dataclass(frozen=True)
class Repository:
    """The state of a working tree.

    Attributes:
        sha: of the commit; ``None`` before the first.
        changed: files that differ from it.
        untracked: files that git does not know.
        patch: from the commit to the working tree, empty where it is large or nothing changed.
    """

    sha: str | None
    changed: list[str]
    untracked: list[str]
    patch: bytes

    def as_plain(self) -> dict[str, Any]:
        """Return it as it stands in a provenance: the patch lies beside it."""
        return {
            "sha": self.sha,
            "dirty": bool(self.changed),
            "changed": self.changed,
            "untracked": self.untracked,
            "patch_kept": bool(self.patch),
        }


def read_repository(folder: Path) -> Repository | None:
    """Return the repository of a folder; ``None`` where there is none, or no git."""
    status = _git(folder, "status", "--porcelain=v1", "-z", "--no-renames")
    if status is None:
        return None
    lines = [line for line in status.decode(errors="replace").split("\0") if line]
    untracked = [line[3:] for line in lines if line.startswith("??")]
    changed = [line[3:] for line in lines if not line.startswith("??")]
    sha = _git(folder, "rev-parse", "--verify", "HEAD")
    patch = (_git(folder, "diff", "--binary", "HEAD") or b"") if changed and sha else b""
    return Repository(
        None if sha is None else sha.decode().strip(),
        changed,
        untracked,
        patch if len(patch) <= SMALL else b"",
    )


def _git(folder: Path, *words: str) -> bytes | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
