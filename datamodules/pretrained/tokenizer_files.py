"""The tokenizer that lies beside a network's weights, as text in the `tokenizers` format."""

import hashlib
import json
from pathlib import Path
from typing import Any

from datamodules.errors import UserError
from datamodules.extras import library
from datamodules.pretrained.below import files_below
from datamodules.pretrained.place import SUFFIXES, find

FILE = "tokenizer.json"
OTHERS = ("vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model")
"""What a tokenizer is kept in where nobody saved it in the format of the library."""
BESIDE = (
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
    "config.json",
)
NO_IDS = ("truncation", "padding", "version", "decoder")
"""Settings of a tokenizer that decide no id of a text."""


def read_tokenizer(name: str) -> str:
    """Return the JSON text of a tokenizer.

    Args:
        name: a folder, a file of weights or of a tokenizer in it, an installed package, a
            repository of the hub or a sample, as :func:`datamodules.pretrained.place.find` takes.

    Raises:
        UserError: there is none of that name, or it cannot be read.
    """
    path, _ = find(name, ((FILE, *OTHERS),), BESIDE)
    if path.suffix in SUFFIXES:
        path = path.parent
    if path.is_file():
        return _json(path)
    text = tokenizer_of(path)
    if text is not None:
        return text
    inside = sorted(file for file in files_below(path) if file.name == FILE)
    if len(inside) > 1:
        raise UserError(
            f"'{name}' has more than one {FILE}: name one, as {inside[0]} or {inside[1]}."
        )
    if not inside:
        raise UserError(f"The folder '{name}' has no {FILE}, nor {', '.join(OTHERS)}.")
    return _json(inside[0])


def tokenizer_of(folder: Path) -> str | None:
    """Return the JSON text of the tokenizer in a folder, if there is one.

    Raises:
        UserError: it cannot be read.
    """
    if (folder / FILE).is_file():
        return _json(folder / FILE)
    if any((folder / other).is_file() for other in OTHERS):
        return _converted(folder)
    return None


def digits_of(text: str) -> str:
    """Return the SHA-256 of all that decides which ids a text gets.

    The library writes the text anew first: releases of it differ in form.

    Args:
        text: of a tokenizer that the library reads.
    """
    import tokenizers

    parts: dict[str, Any] = json.loads(tokenizers.Tokenizer.from_str(text).to_str())
    deciding = {key: value for key, value in parts.items() if key not in NO_IDS}
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()


def _json(path: Path) -> str:
    text = path.read_bytes().decode("utf-8", errors="replace")
    try:
        json.loads(text)
    except ValueError as error:
        raise UserError(f"'{path}' is no JSON: {error}.") from error
    return text


def _converted(folder: Path) -> str:
    """Return a tokenizer that is kept in files of its own kind.

    Raises:
        UserError: the library that knows these kinds is missing, or does not know this one.
    """
    asked = f"'{folder}' has no {FILE}, and to read its other files"
    transformers = library("transformers", "text", asked)
    try:
        loaded = transformers.AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        text: str = loaded.backend_tokenizer.to_str()
    except Exception as error:  # many classes, of which kind of tokenizer it was taken for
        raise UserError(
            f"'{folder}' has no {FILE}, and transformers makes none of its other files "
            f"({str(error).strip().splitlines()[0].rstrip(' :.')}): save it with "
            f"AutoTokenizer.from_pretrained(...).save_pretrained(...)."
        ) from error
    return text
