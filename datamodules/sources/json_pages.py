"""The answers of a JSON API: the rows in each, and where the next one is."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from datamodules.errors import UserError
from datamodules.sources.http import Reply
from datamodules.sources.urls import is_web, without_secrets

NEXT = [
    "next", "next_url", "nextUrl", "next_page_url", "nextPageUrl", "nextLink", "@odata.nextLink",
    "links.next", "links.next.href", "_links.next.href", "paging.next", "pagination.next",
    "pagination.next_url", "meta.next", "info.next", "nextPageToken", "next_cursor", "nextCursor",
    "next_page", "meta.next_cursor", "response_metadata.next_cursor",
]  # fmt: skip
"""Where APIs write the next page's URL, or what stands for it."""
DEPTH = 3
"""Objects within objects in which the list of rows is looked for."""
LINK = re.compile(r'<([^>]*)>\s*;[^,<]*\brel="?[^",;]*\bnext\b')


class Pages:
    """Where the next page is.

    Args:
        source: the first page's URL.
        next: where the next one's URL, or its cursor, stands in an answer.
        page: the parameter that counts pages or takes the cursor.
    """

    def __init__(
        self,
        source: str,
        next: str | None,  # noqa: A002  as the setting is called
        page: str | None,
    ) -> None:
        self.source = source
        self.next = next
        self.page = page
        self.url: str | None = source
        self.read = 0
        self.found: str | None = None
        self.body: Any = None
        self._seen = {source}
        self._before = b""
        self._number = _number_in(source, page)
        if page is not None and next is None:
            self.url = _with(source, page, str(self._number))

    def turn(self, reply: Reply, rows: list[dict[str, Any]], number: int) -> None:
        """Find the next page; ``url`` is ``None`` after the last.

        Args:
            reply: the page.
            rows: which were found on it.
            number: of the page, from 1.

        Raises:
            UserError: the pages lead in a circle, or the next one is named in an unknown way.
        """
        if self.page is not None and self.next is None:
            self._count(reply, rows, number)
            return
        following = self._following(reply)
        if following is not None and following in self._seen:
            raise UserError(
                f"--data.source: the pages of '{without_secrets(self.source)}' lead in a circle: "
                f"page {number} names a page as the next that was read before."
            )
        self.url = following
        self._seen.add(following or "")

    def _count(self, reply: Reply, rows: list[dict[str, Any]], number: int) -> None:
        assert self.page is not None
        digest = hashlib.sha256(reply.body).digest()
        if rows and digest == self._before:
            raise UserError(
                f"--data.reader.page: pages {number - 1} and {number} of "
                f"'{without_secrets(self.source)}' are the same, so '{self.page}' seems not to be "
                f"the parameter that counts its pages."
            )
        self._before = digest
        self._number += 1
        self.url = _with(self.source, self.page, str(self._number)) if rows else None

    def _following(self, reply: Reply) -> str | None:
        if self.next is None and (link := LINK.search(reply.headers.get("link", ""))):
            return str(urljoin(reply.url, link[1]))
        places = NEXT if self.next is None else [self.next]
        found = [(place, value) for place in places if (value := at(self.body, place))]
        if not found:
            return None
        place, value = found[0]
        if self.page is not None:
            return _with(self.source, self.page, str(value))
        if isinstance(value, str) and (is_web(value) or value.startswith(("/", "?", "./"))):
            return str(urljoin(reply.url, value))
        if not isinstance(value, str | int) or isinstance(value, bool):
            return None
        raise UserError(
            f"--data.reader: '{without_secrets(self.source)}' has more pages, and names the next "
            f"at '{place}' by '{value}', which is no URL: say --data.reader JsonApi "
            f"--data.reader.next {place} --data.reader.page PARAMETER, the one that takes it."
        )


def parsed(name: str, reply: Reply, number: int) -> Any:
    """Return what an answer says.

    Args:
        name: of the source, for messages.
        reply: the answer.
        number: of the page.

    Raises:
        UserError: it is no JSON.
    """
    page = f" (page {number})" if number > 1 else ""
    body = reply.body.removeprefix(b"\xef\xbb\xbf")
    if not body.strip():
        raise UserError(f"--data.source: '{name}'{page} answers with nothing.")
    if body.lstrip().startswith(b"<"):
        kind = "a web page (HTML)" if b"<html" in body[:2000].lower() else "XML"
        raise UserError(f"--data.source: '{name}'{page} answers with {kind}, not with JSON.")
    try:
        return json.loads(body)
    except ValueError as error:
        raise UserError(f"--data.source: '{name}'{page} is not valid JSON: {error}.") from error


def records_in(name: str, body: Any) -> str:
    """Return where the one list of objects stands in an answer, the empty path for the answer.

    Raises:
        UserError: there is none, or several.
    """
    if isinstance(body, list):
        return ""
    lists = list(lists_in(body))
    full = [path for path, rows in lists if rows]
    found = full or [path for path, _ in lists]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"'{path}'" for path in found[:12])
        raise UserError(
            f"--data.reader.records: '{name}' answers with several lists ({listed}): name one, "
            f"such as --data.reader JsonApi --data.reader.records {found[0]}."
        )
    keys = ", ".join(f"'{key}'" for key in list(body)[:12]) if isinstance(body, dict) else ""
    raise UserError(
        f"--data.source: '{name}' answers with no list of objects"
        + (f"; there are {keys}." if keys else ".")
    )


def lists_in(node: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Yield each list of objects within objects, with where it stands."""
    if not isinstance(node, dict) or depth > DEPTH:
        return
    for key, value in node.items():
        here = f"{path}.{key}" if path else str(key)
        if isinstance(value, list) and all(isinstance(row, dict) for row in value):
            yield here, value
        yield from lists_in(value, here, depth + 1)


def at(body: Any, path: str) -> Any:
    """Return what stands at a dotted path of an answer, or ``None``."""
    if not path:
        return body
    if isinstance(body, dict) and path in body:  # a key may hold points
        return body[path]
    for key in path.split("."):
        if isinstance(body, list) and key.isdigit() and int(key) < len(body):
            body = body[int(key)]
        elif isinstance(body, dict):
            body = body.get(key)
        else:
            return None
    return body


def flat(row: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return an object without objects in it: ``{"a": {"b": 1}}`` as ``{"a.b": 1}``."""
    columns: dict[str, Any] = {}
    for key, value in row.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            columns |= flat(value, f"{name}.")
        else:
            columns[name] = value
    return columns


def _number_in(url: str, page: str | None) -> int:
    given = dict(parse_qsl(urlsplit(url).query)).get(page or "", "1")
    return int(given) if given.isdigit() else 1


def _with(url: str, name: str, value: str) -> str:
    """Return a URL with one parameter set."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != name]
    return urlunsplit(parts._replace(query=urlencode([*kept, (name, value)], safe="/$:,")))
