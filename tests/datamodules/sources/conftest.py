"""Servers on this machine alone: of HTTP in a thread, and of PostgreSQL in a folder."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.datamodules.sources.site import Site, serving

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/local/pgsql/bin"))


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve what the test says, without waiting between attempts."""
    monkeypatch.setattr("datamodules.sources.http.time.sleep", lambda seconds: None)
    with serving() as found:
        yield found


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
