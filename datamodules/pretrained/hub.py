"""Files from the hub of Hugging Face, where it can be reached or they were fetched before."""

import json
import re
import socket
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from datamodules.errors import UserError

Fetch = Callable[[str], Path]

_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?(@[\w./-]+)?")
INDEX = ".index.json"


def is_hub_name(name: str) -> bool:
    """Tell whether a text has the form of a repository's name, with or without a revision."""
    return _NAME.fullmatch(name) is not None


def from_hub(
    name: str, wanted: Sequence[Sequence[str]], optional: Sequence[str] = (), revision: str = ""
) -> Path:
    """Return the folder with the files of a repository, fetched if need be.

    Args:
        name: of the repository, with its revision behind an ``@`` if it is not the newest.
        wanted: for each thing that is needed the files that may hold it, the best first; of an
            index (``*.index.json``) the files that it names come along.
        optional: files that are fetched where there are any.
        revision: that is meant, where the name does not say.

    Raises:
        UserError: the library is missing, or the hub gives no such files.
    """
    try:
        import huggingface_hub
        from huggingface_hub import constants
    except ImportError as error:
        raise UserError(
            f"'{name}' is no file, folder or package here, and to ask the hub for it needs its "
            f"library: pip install 'fulgurite[text]'."
        ) from error
    repository, _, named = name.partition("@")
    offline = not reachable(constants.ENDPOINT)

    def fetch(file: str) -> Path:
        path = huggingface_hub.hf_hub_download(
            repository, file, revision=named or revision or None, local_files_only=offline
        )
        return Path(path)

    found = [_first(fetch, files, name, offline=offline) for files in wanted]
    for file in optional:
        _tried(fetch, file)
    return found[0].parent


def _first(fetch: Fetch, files: Sequence[str], name: str, *, offline: bool) -> Path:
    """Return the first file that there is, with those that it names.

    Raises:
        UserError: there is none.
    """
    why: Exception | None = None
    for file in files:
        path = _tried(fetch, file)
        if isinstance(path, Path):
            for part in shards(path) if file.endswith(INDEX) else []:
                fetch(part)
            return path
        why = why or path
    said = str(why).strip().splitlines()[0].partition(". ")[0]
    if offline:
        said = "the hub cannot be reached, and they were not fetched before"
    raise UserError(f"the hub gives no {' or '.join(files[:2])} of '{name}': {said}.") from why


def _tried(fetch: Fetch, file: str) -> Path | Exception:
    try:
        return fetch(file)
    except Exception as error:  # of the hub's library, whose classes differ with its version
        return error


def shards(index: Path) -> list[str]:
    """Return the files over which an index says that the weights are divided.

    Raises:
        UserError: the index cannot be read.
    """
    try:
        return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise UserError(f"'{index}' is no index of files of weights: {error}.") from error


def reachable(address: str) -> bool:
    """Tell whether a site may be there: libraries try for minutes before they give up."""
    if urllib.request.getproxies():
        return True
    try:
        socket.getaddrinfo(urllib.parse.urlparse(address).hostname, 443)
    except OSError:
        return False
    return True
