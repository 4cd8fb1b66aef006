"""Sources that are URLs, and what of them may be shown."""

import os
import re
from urllib.parse import quote, urlsplit

from datamodules.errors import UserError

MASK = "***"
WEB_PASSWORD = re.compile(r"(?i)(https?://[^\s/:@'\"?#]*):((?!\$)[^\s'\"/?#]+)@")
# drivers take a stroke in a password for a part of it
PASSWORD = re.compile(r"(?i)((?<!http)(?<!https)://[^\s/:@'\"?#]*):((?!\$)[^\s'\"]+)@")
SECRET = re.compile(
    r"([?&][^=&\s'\"]*(?:key|token|secret|passw|signature)[^=&\s'\"]*)=([^&\s'\"#]+)", re.IGNORECASE
)
BEARER = re.compile(r"\b(Bearer) (?!\$)[\w.~+/=-]{8,}")
NAME = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


def is_url(source: str) -> bool:
    """Return whether a source begins with ``scheme://``."""
    return SCHEME.match(source) is not None


def is_web(source: str) -> bool:
    """Return whether a source is to be fetched over HTTP or HTTPS."""
    return source.lower().startswith(("http://", "https://"))


def is_database(source: str) -> bool:
    """Return whether a source is the URL of a database."""
    return is_url(source) and not is_web(source)


def without_secrets(text: str) -> str:
    """Return text in which the passwords and keys of URLs are masked; ``$NAME`` is no secret."""
    for pattern in (WEB_PASSWORD, PASSWORD):
        text = pattern.sub(rf"\1:{MASK}@", text)
    return BEARER.sub(rf"\1 {MASK}", SECRET.sub(rf"\1={MASK}", text))


def shown(source: str | list[str]) -> str:
    """Return a source as messages name it: without secrets, and the first of several."""
    if isinstance(source, str):
        return without_secrets(source)
    more = f" and {len(source) - 1} more" if len(source) > 1 else ""
    return f"{without_secrets(source[0])}{more}" if source else "no source"


def from_environment(text: str, what: str) -> str:
    """Return text with ``$NAME`` and ``${NAME}`` filled in from the environment.

    Args:
        text: as the user wrote it.
        what: where it stands, for the message.

    Raises:
        UserError: there is no such environment variable.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in os.environ:
            raise UserError(f"{what}: the environment variable '{name}' is not set.")
        return os.environ[name]

    if MASK in text:
        raise UserError(
            f"{what}: its password or key was masked when the run was saved: give it again, or "
            f"write $NAME in its place, for an environment variable."
        )
    return NAME.sub(value, text)


def with_credentials(url: str) -> str:
    """Return a URL with ``$NAME`` in its user and password filled in.

    Raises:
        UserError: there is no such environment variable.
    """
    before, scheme, rest = url.partition("://")
    # a password may hold a stroke where a driver allows it; in a web address it may not
    end = next((place for place, sign in enumerate(rest) if sign in "/?#"), len(rest))
    end = end if is_web(url) else len(rest)
    user, at, host = rest[:end].rpartition("@")
    if not at:
        return url
    parts = user.split(":", 1)
    what = f"--data.source: '{without_secrets(url)}'"
    filled = ":".join(
        quote(filled, safe="") if (filled := from_environment(part, what)) != part else part
        for part in parts
    )
    return f"{before}{scheme}{filled}@{host}{rest[end:]}"


def suffix_of(url: str) -> str:
    """Return the suffix of a URL's path, in small letters, without ``.gz``."""
    name = urlsplit(url).path.rpartition("/")[2].lower().removesuffix(".gz")
    return f".{name.rpartition('.')[2]}".lower() if "." in name else ""
