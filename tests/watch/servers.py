"""Real servers for tests: a PostgreSQL and an MQTT broker, each started on a port of its own and ended."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

LOCAL = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex((LOCAL, port)) == 0


def wait_for(port: int, process: subprocess.Popen, seconds: float = 20.0) -> None:
    until = time.monotonic() + seconds
    while not answers(port):
        assert process.poll() is None, f"the server ended at once with {process.returncode}"
        assert time.monotonic() < until, f"no server answers at port {port}"
        time.sleep(0.02)


def ended(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _postgres_programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    assert versions, "PostgreSQL is not installed (apt: postgresql)"
    return versions[-1].parent


@contextmanager
def postgres() -> Iterator[str]:
    """Run a new PostgreSQL; yield its address. The server refuses to run as root, so as root another user runs it."""
    programs = _postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="lodeworks-postgres-", dir="/tmp"))
    prefix: list[str] = []
    if os.getuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
        prefix = ["runuser", "-u", "postgres", "--"]
    try:
        subprocess.run(
            [*prefix, programs / "initdb", "-D", folder / "data", "-U", "lodeworks", "--auth=trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, cwd="/",
        )
        port = free_port()
        server = subprocess.Popen(
            [*prefix, programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder,
             "-c", f"listen_addresses={LOCAL}", "-c", "fsync=off"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )
        try:
            wait_for(port, server)
            address = f"postgresql://lodeworks@{LOCAL}:{port}/postgres"
            while True:  # it listens before it takes anyone in
                try:
                    psycopg.connect(address).close()
                    break
                except psycopg.OperationalError as error:
                    if "starting up" not in str(error):
                        raise
                    time.sleep(0.05)
            yield address
        finally:
            subprocess.run([*prefix, programs / "pg_ctl", "-D", folder / "data", "stop", "-m", "immediate"], capture_output=True, cwd="/")
            ended(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Broker:
    """A mosquitto that can be stopped and started again at the same port; it keeps sessions while it runs."""

    def __init__(self, folder: Path, extra: str = "") -> None:
        self.port = free_port()
        self._process: subprocess.Popen | None = None
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} {LOCAL}\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\n"
            f"persistence true\npersistence_location {folder}/\nautosave_interval 1\nuser root\n{extra}\n"
        )

    def start(self) -> None:
        program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
        assert program, "mosquitto is not installed (apt: mosquitto)"
        self._process = subprocess.Popen([program, "-c", self._config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port, self._process)

    def stop(self) -> None:
        if self._process is not None:
            ended(self._process)
            self._process = None
