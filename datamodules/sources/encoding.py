"""Whether a file is text at all, told before a parser stumbles over it."""

import codecs
from pathlib import Path

from datamodules.errors import UserError

CHUNK = 1 << 20


def check_utf8(path: Path) -> None:
    """Read the file once in chunks and check its bytes.

    Raises:
        UserError: the file is empty or holds bytes that are not UTF-8; the line is named.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 0
    blank = True
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            blank = blank and not chunk.strip()
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                # error.object starts with the bytes that were kept from the chunk before
                line = lines + error.object[: error.start].count(b"\n") + 1
                raise _not_utf8(path, line) from error
            lines += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _not_utf8(path, lines + 1) from error
    if blank:
        raise UserError(f"'{path}' is empty.")


def _not_utf8(path: Path, line: int) -> UserError:
    return UserError(
        f"'{path}' is not UTF-8 text (line {line}): save it as UTF-8 "
        "(in a spreadsheet: 'CSV UTF-8')."
    )
