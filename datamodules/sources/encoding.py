"""Whether a file is text at all, told before a parser stumbles over it."""

import codecs
from pathlib import Path

from datamodules.errors import UserError

CHUNK = 1 << 20
BEGINNINGS = {
    b"PAR1": "a Parquet file (.parquet)",
    b"\x1f\x8b": "a file packed with gzip (.gz)",
    b"PK\x03\x04": "a zip archive or an Excel workbook (save its sheet as CSV)",
    b"SQLite format 3": "a database (sqlite:///FILE)",
    b"%PDF": "a PDF",
}
"""How files begin that are no text."""


def check_utf8(path: Path) -> None:
    """Read the file once in chunks and check its bytes.

    Raises:
        UserError: the file is empty or holds bytes that are not UTF-8 text; the line is named.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 0
    blank = True
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if not lines and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise _utf16(path)
            if not lines:
                _refuse_no_text(path, chunk)
            blank = blank and not chunk.strip()
            if b"\0" in chunk:
                raise _nul(path, chunk, lines)
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


def _refuse_no_text(path: Path, first: bytes) -> None:
    """Raise UserError where the first bytes are those of a file of another kind."""
    for begins, kind in BEGINNINGS.items():
        if first.startswith(begins):
            raise UserError(f"'{path}' is {kind}, whatever its name says.")


def _utf16(path: Path) -> UserError:
    return UserError(
        f"'{path}' is UTF-16 text, as spreadsheets save 'Unicode text': save it as UTF-8 "
        f"(in a shell: iconv -f UTF-16 -t UTF-8)."
    )


def _nul(path: Path, chunk: bytes, lines: int) -> UserError:
    if not lines and chunk[:200].count(b"\0") >= len(chunk[:200]) // 3:  # every other byte
        return _utf16(path)
    line = lines + chunk[: chunk.index(b"\0")].count(b"\n") + 1
    return UserError(
        f"'{path}' holds a NUL byte (line {line}), which text has not: is it damaged, or no text?"
    )


def _not_utf8(path: Path, line: int) -> UserError:
    return UserError(
        f"'{path}' is not UTF-8 text (line {line}): save it as UTF-8 "
        "(in a spreadsheet: 'CSV UTF-8')."
    )
