"""Files from the hub of Hugging Face, where it can be reached or they were fetched before."""

import contextlib
import json
import re
import socket
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from datamodules.errors import UserError
from datamodules.extras import library

Fetch = Callable[[str], Path]

_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?(@[\w./-]+)?")
INDEX = ".index.json"
SECONDS = 3.0
"""For which a site is waited for."""


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
    asked = f"'{name}' is no file, folder or package here, and to ask the hub for it"
    huggingface_hub = library("huggingface_hub", "text", asked)
    constants = library("huggingface_hub.constants", "text", asked)
    repository, _, named = name.partition("@")
    offline = bool(constants.HF_HUB_OFFLINE) or not reachable(constants.ENDPOINT)

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
        parts = shards(path) if isinstance(path, Path) and file.endswith(INDEX) else []
        tried = [path, *(_tried(fetch, part) for part in parts)]
        failed = [each for each in tried if isinstance(each, Exception)]
        if isinstance(path, Path) and not failed:
            return path
        why = why or failed[0]
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
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise UserError(f"'{index}' is no index of files of weights: {error}.") from error


def reachable(address: str) -> bool:
    """Tell whether a site answers at once: libraries try for minutes before they give up."""
    if urllib.request.getproxies():
        return True
    site = urllib.parse.urlparse(address)
    port = site.port or (80 if site.scheme == "http" else 443)
    answered: list[bool] = []

    def ask() -> None:
        with contextlib.suppress(OSError):
            socket.create_connection((site.hostname or "", port), timeout=SECONDS).close()
            answered.append(True)

    # a name that nobody resolves is asked for longer than any timeout says
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(SECONDS)
    return bool(answered)
