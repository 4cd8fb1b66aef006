"""What lies behind an HTTP or HTTPS URL."""

import base64
import gzip
import http.client
import socket
import ssl
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from datamodules.errors import UserError
from datamodules.sources.urls import with_credentials, without_secrets

PASSING = {408, 425, 429, 500, 502, 503, 504}
"""Statuses that may be others a moment later."""
LONGEST = 60.0
"""Seconds that a server may ask to be waited for."""
AGENT = "fulgurite"
CHUNK = 1 << 18
GZIP = b"\x1f\x8b"
"""How packed bytes begin."""
DEADLINE = 20
"""Time-outs that one answer may take in all, should it trickle."""
REASONS = {
    401: "it asks who you are: give a header such as "
    "--data.reader JsonApi --data.reader.headers.Authorization 'Bearer $TOKEN'",
    403: "it refuses: the key may be missing, wrong or not allowed to read this",
    404: "there is nothing at this address",
    410: "there is nothing at this address any more",
    429: "it asks for fewer requests, even after waiting",
}


@dataclass(frozen=True)
class Reply:
    """What a server answered.

    Attributes:
        url: where it came from in the end.
        headers: by their names in small letters.
        body: its bytes.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes


class _Failure(Exception):  # noqa: N818  handed from one attempt to the next
    """An attempt that failed but may be repeated, with the seconds that the server asks for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow, but tell no other server what was meant for the first."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and not same_server(req.full_url, newurl):
            request.headers = {"User-agent": AGENT}
        return request


def same_server(first: str, second: str) -> bool:
    """Return whether two URLs are of one server, so that one may be told the other's headers."""
    one, two = urlsplit(first), urlsplit(second)
    return (one.scheme, _host(one.netloc)) == (two.scheme, _host(two.netloc))


def _host(netloc: str) -> str:
    return netloc.rpartition("@")[2].lower()


def check_url(url: str) -> None:
    """Raise UserError for a URL that names no server, or no port that there can be."""
    try:
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError("it names no server")
        if parts.port == 0:
            raise ValueError("there is no port 0")
    except ValueError as error:
        why = str(error)[0].lower() + str(error)[1:]
        raise UserError(f"--data.source: '{without_secrets(url)}' is no URL: {why}.") from error


def fetch(
    url: str, headers: Mapping[str, str] | None = None, timeout: float = 30.0, retries: int = 3
) -> Reply:
    """Return what a server answers.

    What may pass (no connection, 429, 5xx) is tried again, after a wait that doubles from half a
    second, or after what ``Retry-After`` says, up to a minute.

    Args:
        url: whose user and password are sent as a header.
        headers: to be sent.
        timeout: seconds without a sign of life after which an attempt has failed.
        retries: further attempts.

    Raises:
        UserError: there is no answer, or it is an error.
    """
    name = without_secrets(url)
    request = _request(url, headers or {})
    for attempt in range(retries + 1):
        try:
            return _attempt(request, name, timeout)
        except _Failure as failure:
            wait = 0.5 * 2**attempt if failure.wait is None else failure.wait
            if attempt == retries:
                tried = f" after {retries + 1} attempts" if retries else ""
                raise UserError(f"--data.source: '{name}'{tried}: {failure}.") from failure
            if wait > LONGEST:
                raise UserError(
                    f"--data.source: '{name}' asks to be left alone for {wait:.0f} s: try later."
                ) from failure
            time.sleep(wait)
    raise AssertionError("unreachable")


def _request(url: str, headers: Mapping[str, str]) -> urllib.request.Request:
    parts = urlsplit(with_credentials(url))
    user, at, host = parts.netloc.rpartition("@")
    sent = {"User-Agent": AGENT, "Accept": "*/*", **headers}
    if at and not any(name.lower() == "authorization" for name in sent):
        sent["Authorization"] = "Basic " + base64.b64encode(unquote(user).encode()).decode()
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/%:@!$&'()*+,;=~?[]|")
    try:
        return urllib.request.Request(
            urlunsplit((parts.scheme, host, path, query, "")), headers=sent
        )
    except ValueError as error:
        raise UserError(f"--data.source: '{without_secrets(url)}' is no URL: {error}.") from error


def _attempt(request: urllib.request.Request, name: str, timeout: float) -> Reply:
    opener = urllib.request.build_opener(_Redirects)
    try:
        with opener.open(request, timeout=timeout) as answer:
            body = _body(answer, timeout)
            known = {key.lower(): value for key, value in answer.headers.items()}
            return Reply(answer.url, known, body)
    except urllib.error.HTTPError as error:
        with error:
            raise _of_status(error, name) from error
    except urllib.error.URLError as error:
        raise _of_connection(error.reason, name, timeout) from error
    except (OSError, http.client.HTTPException) as error:
        raise _of_connection(error, name, timeout) from error


def _body(answer: Any, timeout: float) -> bytes:
    end = time.monotonic() + DEADLINE * timeout
    chunks = []
    while chunk := answer.read1(CHUNK):
        chunks.append(chunk)
        if time.monotonic() > end:
            raise TimeoutError
    body = b"".join(chunks)
    length = answer.headers.get("Content-Length")
    if length and length.isdigit() and len(body) < int(length):
        raise http.client.IncompleteRead(body, int(length) - len(body))
    return _unpacked(body)


def _unpacked(body: bytes) -> bytes:
    """Return what was sent as gzip, whether or not a header says that it was."""
    if not body.startswith(GZIP):
        return body
    try:
        return gzip.decompress(body)
    except (EOFError, OSError, zlib.error) as error:
        raise http.client.IncompleteRead(body) from error


def _of_status(error: urllib.error.HTTPError, name: str) -> Exception:
    if "infinite loop" in str(error.reason):
        return UserError(f"--data.source: '{name}' leads in a circle: its redirects never end.")
    told = REASONS.get(error.code, f"it answers {error.reason or 'nothing else'}")
    reason = f"{told} (status {error.code})"
    if error.code in PASSING:
        return _Failure(reason, _wait(error.headers.get("Retry-After")))
    return UserError(f"--data.source: '{name}': {reason}.")


def _of_connection(reason: object, name: str, timeout: float) -> Exception:
    if isinstance(reason, ssl.SSLCertVerificationError):
        why = reason.verify_message or "its certificate is not valid"
        return UserError(f"--data.source: '{name}' cannot prove who it is: {why}.")
    if isinstance(reason, ssl.SSLError):
        return UserError(f"--data.source: '{name}' does not speak HTTPS as it should.")
    failures: dict[type, str] = {
        TimeoutError: f"no answer within {timeout:g} s",
        socket.gaierror: "there is no server of that name, or no network",
        ConnectionRefusedError: "nothing answers there",
        http.client.IncompleteRead: "the answer broke off",
    }
    told = [why for kind, why in failures.items() if isinstance(reason, kind)]
    return _Failure(told[0] if told else f"the connection failed ({type(reason).__name__})")


def _wait(told: str | None) -> float | None:
    """Return the seconds that ``Retry-After`` says, as a number or as a date."""
    if told is None:
        return None
    try:
        return max(0.0, float(told))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except ValueError:
        return None
