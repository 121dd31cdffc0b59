"""A PostgreSQL server of the tests' own: in a folder of its own, on a socket in it, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg

_DEBIAN = "/usr/lib/postgresql/*/bin"  # where it is kept off the path
_ROOMY = "-c max_connections=200"
_CALMED = "-c fsync=off -c full_page_writes=off"  # who loses the machine runs the tests again
_USERS = ("postgres", "nobody")  # who may run the server, when we are root


class Postgres:
    """A running server, and the databases that tests made in it.

    A database costs a server a quarter of a second and its disk 7 MB: one that nobody is connected
    to any more is emptied and given out again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: list[str] = []
        self._admin = psycopg.connect(self.address("postgres"), autocommit=True)

    def address(self, name: str) -> str:
        """How a database is called from outside."""
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def database(self) -> str:
        """The address of an empty database that nobody else has."""
        rows = self._admin.execute("SELECT DISTINCT datname FROM pg_stat_activity").fetchall()
        busy = {name for (name,) in rows}
        for name in self._names:
            if name not in busy and self._empties(name):
                return self.address(name)
        self._names.append(f"test{len(self._names)}")
        self._admin.execute(f"CREATE DATABASE {self._names[-1]}")
        return self.address(self._names[-1])

    def ask(self, url: str, statement: LiteralString) -> list[tuple[object, ...]]:
        """The rows of a statement in one of the databases."""
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def let_in(self) -> None:
        """Let other users of this machine connect, too."""
        self._folder.chmod(0o711)

    def close(self) -> None:
        """Let go of the server."""
        self._admin.close()

    def _empties(self, name: str) -> bool:
        """Empty a database that a gateway has had; one that it has not may still be somebody's."""
        with psycopg.connect(self.address(name), autocommit=True) as connection:
            found = connection.execute("SELECT FROM pg_namespace WHERE nspname = 'mock_nicepay'")
            if found.fetchone() is None:
                return False
            connection.execute("DROP SCHEMA mock_nicepay CASCADE")
            return True


@contextmanager
def running(*, calmed: bool = True) -> Iterator[Postgres]:
    """A server from nothing; takes two seconds to begin. Not `calmed` it is as durable as usual."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="mnp-"))
    as_whom = _as_whom(folder)
    try:
        data = folder / "data"
        _run(
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            **as_whom,
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} {_ROOMY}"
        options += f" {_CALMED}" if calmed else ""
        start = ("-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        _run(binaries / "pg_ctl", *start, **as_whom)
        server = Postgres(folder)
        try:
            yield server
        finally:
            server.close()
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop", **as_whom)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Where initdb and pg_ctl are: beside the `postgres` of the path, or where Debian keeps them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    kept = sorted(Path("/").glob(_DEBIAN.removeprefix("/")))
    assert kept, "the tests of the stores need PostgreSQL's server; `make test` installs Debian's"
    return kept[-1]


def _as_whom(folder: Path) -> dict[str, Any]:
    """PostgreSQL does not run as root: then somebody else runs it, who gets the folder."""
    if os.getuid() != 0:
        return {}
    known = {each.pw_name: each for each in pwd.getpwall()}
    who = next(known[name] for name in _USERS if name in known)
    os.chown(folder, who.pw_uid, who.pw_gid)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": ()}


def _run(program: Path, *arguments: object, **as_whom: Any) -> None:
    done = subprocess.run(
        [program, *map(str, arguments)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **as_whom,
    )
    assert done.returncode == 0, f"{program.name}: {done.stderr}"
