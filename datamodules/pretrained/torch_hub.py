"""Files of weights that torch's own hub keeps, by their addresses."""

import hashlib
import re
from pathlib import Path

import torch

from datamodules.errors import UserError
from datamodules.pretrained.hub import reachable

DIGITS = re.compile(r"-([a-f0-9]{8,})\.")
"""The beginning of the SHA-256 in a file's name."""


def digits_in(address: str) -> str | None:
    """Return the beginning of a file's SHA-256 that its name tells, if it does."""
    found = DIGITS.search(address.rpartition("/")[2])
    return found[1] if found else None


def from_torch_hub(address: str, name: str) -> Path:
    """Return the file of an address from the folder where torch keeps them, fetched if need be.

    Args:
        address: of the file.
        name: of the weights, for errors.

    Raises:
        UserError: the file is not there and cannot be fetched, or is not what its name tells.
    """
    path = Path(torch.hub.get_dir()) / "checkpoints" / address.rpartition("/")[2]
    digits = digits_in(address)
    if not path.is_file():
        _fetch(address, path, digits, name)
    with path.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if digits and not found.startswith(digits):
        raise UserError(
            f"'{path}' is not whole: its SHA-256 begins with {found[:8]} and not {digits}. Remove "
            f"it, and it is fetched again."
        )
    return path


def _fetch(address: str, path: Path, digits: str | None, name: str) -> None:
    why = "its site cannot be reached"
    if reachable(address):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(address, str(path), digits, progress=False)
        except (OSError, RuntimeError) as error:
            why = f"it cannot be fetched ({' '.join(str(error).split())})"
        else:
            return
    raise UserError(f"The weights {name} are not in '{path.parent}' as {path.name}, and {why}.")
