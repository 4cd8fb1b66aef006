"""Servers on this machine alone: of HTTP in a thread, and of PostgreSQL in a folder."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

Answer = tuple[int, dict[str, str], bytes]
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/local/pgsql/bin"))


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


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve what the test says, without waiting between attempts."""
    monkeypatch.setattr("datamodules.sources.http.time.sleep", lambda seconds: None)

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
    found = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Run PostgreSQL in a folder of its own, and give the URL of an empty database.

    It refuses to run as root, so root starts it as nobody. Its user ``me`` has the password
    ``s3cret``.
    """
    if not (PROGRAMS / "initdb").exists():
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="postgres"))
    prefix = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    password = folder / "password"
    password.write_text("s3cret")
    password.chmod(0o644)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [*prefix, str(PROGRAMS / program), "-D", str(folder / "data"), *arguments],
            check=True,
            capture_output=True,
            timeout=60,
            cwd=folder,
        )

    run("initdb", "-U", "me", "-A", "scram-sha-256", "--pwfile", str(password), "--no-sync")
    options = f"-F -p {port} -h 127.0.0.1 -k {folder}"
    # a log of its own: what the server inherits would keep the pipes of this process open
    run("pg_ctl", "-w", "-t", "30", "-l", str(folder / "log"), "-o", options, "start")
    yield f"postgresql://me:s3cret@127.0.0.1:{port}/postgres"
    run("pg_ctl", "-m", "immediate", "stop")
    shutil.rmtree(folder)
