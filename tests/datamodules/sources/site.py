"""A server of HTTP on this machine, in a thread."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


class Site:
    """A server whose answers a test gives.

    Attributes:
        url: of its root.
        answer: called with the path and the headers of each request.
        asked: the path of each request.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.answer: Callable[[str, dict[str, str]], Answer] = lambda path, headers: (404, {}, b"")
        self.asked: list[str] = []

    def pages(self, pages: dict[str, Any]) -> None:
        """Answer by path: bytes, or status, headers and bytes."""

        def answer(path: str, headers: dict[str, str]) -> Answer:
            page = pages.get(path, (404, {}, b"nothing"))
            return page if isinstance(page, tuple) else (200, {}, page)

        self.answer = answer


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve what the test says, over HTTPS where there is a context."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            status, headers, body = found.answer(self.path, dict(self.headers))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *args: Any) -> None:
            """Say nothing of a client that has left."""

    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "http" if context is None else "https"
    found = Site(f"{scheme}://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
