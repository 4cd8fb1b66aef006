"""Rows of a web API that answers in JSON, page by page; and table files behind URLs."""

import tempfile
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from datamodules.errors import UserError
from datamodules.progress import progress
from datamodules.sources.dates import with_dates
from datamodules.sources.http import Reply, check_url, fetch, same_server
from datamodules.sources.json_pages import Pages, at, flat, parsed, records_in
from datamodules.sources.missing import without_marks
from datamodules.sources.reader import Reader
from datamodules.sources.table import Table
from datamodules.sources.table_files import called, plain, read_table_file
from datamodules.sources.urls import from_environment, is_web, suffix_of, without_secrets

FILES = {".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"}
"""Suffixes of what is fetched whole and read as a file is."""
TYPES = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/vnd.apache.parquet": ".parquet",
}
"""What a server may call such a file."""


class JsonApi(Reader):
    """Objects of a JSON API, one a row; nested ones become columns such as ``owner.name``.

    Further pages are found by a ``Link`` header or by a URL in the answer, under ``next``,
    ``links.next`` and the like. Headers are sent to the server of the source alone.

    Args:
        records: where the list of objects stands in the answer, such as ``data.items``; ``None``
            finds it where there is one.
        next: where the URL of the next page stands in the answer, or, with ``page``, its cursor.
        page: the parameter of the URL that counts pages, from the number it has or 1 until a page
            is empty; with ``next`` the one that takes the cursor.
        headers: to be sent, such as ``{Authorization: Bearer $TOKEN}``, where ``$TOKEN`` and
            ``${TOKEN}`` stand for environment variables: write no secrets into a config.
        timeout: seconds without a sign of life after which an attempt has failed.
        retries: further attempts after a failed one that may pass.
        most_pages: pages after which reading ends, with a note.
    """

    reads = "web addresses (http:// and https://)"

    def __init__(
        self,
        records: str | None = None,
        next: str | None = None,  # noqa: A002  what APIs call it
        page: str | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 30.0,
        retries: int = 3,
        most_pages: int = 1000,
    ) -> None:
        if timeout <= 0 or retries < 0 or most_pages < 1:
            raise UserError(
                f"A time-out is above 0 s, retries are not below 0 and pages at least 1, but "
                f"timeout is {timeout}, retries {retries} and most_pages {most_pages}."
            )
        self.records = records
        self.next = next
        self.page = page
        self.headers = headers
        self.timeout = timeout
        self.retries = retries
        self.most_pages = most_pages

    def suits(self, source: str) -> bool:
        """Tell whether a source is to be fetched over HTTP."""
        return is_web(source)

    def read(self, source: str, as_text: Collection[str] = ()) -> Table:
        """Read all pages, or the file if the URL ends in the suffix of one.

        Raises:
            UserError: there is no answer, or it holds no rows.
        """
        check_url(source)
        name = without_secrets(source)
        if suffix_of(source) in FILES:
            return _file(name, self._fetch(source, source), suffix_of(source), as_text)
        pages = Pages(source, self.next, self.page)
        rows: list[dict[str, Any]] = []
        with progress("reading pages") as bar:
            for reply, number in self._replies(source, pages):
                if kind := TYPES.get(reply.headers.get("content-type", "").partition(";")[0]):
                    return _file(name, reply, kind, as_text)
                found = self._records(name, reply, number, pages)
                rows += found
                pages.turn(reply, found, number)
                bar.advance()
        if not rows:
            raise UserError(f"--data.source: '{name}' gives no rows.")
        frame = pl.from_dicts([flat(row) for row in rows], infer_schema_length=None, strict=False)
        notes = [f"Read {len(rows)} rows of {pages.read} pages."] if pages.read > 1 else []
        if pages.url is not None:
            notes.append(
                f"There are more pages than the {self.most_pages} that were read: "
                f"--data.reader.most_pages reads more."
            )
        frame = with_dates(without_marks(frame, as_text=as_text), as_text)
        return plain(name, Table(frame, notes=notes))

    def _replies(self, source: str, pages: Pages) -> Iterator[tuple[Reply, int]]:
        while pages.url is not None and pages.read < self.most_pages:
            pages.read += 1
            yield self._fetch(source, pages.url), pages.read

    def _fetch(self, source: str, url: str) -> Reply:
        """Fetch one page; a page on another server is not told the headers."""
        headers = self.headers if same_server(source, url) else None
        what = "--data.reader.headers"
        filled = {name: from_environment(text, what) for name, text in (headers or {}).items()}
        return fetch(url, filled, self.timeout, self.retries)

    def _records(self, name: str, reply: Reply, number: int, pages: Pages) -> list[dict[str, Any]]:
        pages.body = parsed(name, reply, number)
        if self.records is None and pages.found is None:
            pages.found = records_in(name, pages.body)
        path = self.records if self.records is not None else pages.found or ""
        found = at(pages.body, path)
        if found is None and number > 1:
            return []
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            what = f"at '{path}' of '{name}'" if path else f"of '{name}'"
            raise UserError(
                f"--data.reader.records: {what} (page {number}) stands no list of objects"
                f"{_keys(pages.body, path)}."
            )
        return found


def _file(name: str, reply: Reply, suffix: str, as_text: Collection[str]) -> Table:
    """Read an answer that is a file as one."""
    if reply.body.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise UserError(f"--data.source: '{name}' is a web page (HTML), not a table.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"table{suffix}")
        file.write_bytes(reply.body)
        with called(file, name):
            table = read_table_file(str(file), as_text)
    notes = [note.replace(str(file), name) for note in table.notes]
    return replace(table, notes=notes, line_of=None)


def _keys(body: Any, path: str) -> str:
    """Return the end of a sentence that lists what there is."""
    parent = at(body, path.rpartition(".")[0]) if path else body
    if not isinstance(parent, dict):
        return ""
    return f"; there are {', '.join(repr(key) for key in list(parent)[:12])}"
