"""A PostgreSQL server for the tests: in a temporary folder, on a socket in it, removed at the end."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import conninfo_to_dict

_DEBIAN = "/usr/lib/postgresql/*/bin"  # Debian does not put it on the path
_ROOMY = "-c max_connections=200"
_CALMED = "-c fsync=off -c full_page_writes=off"  # after a power failure, run the tests again
_READY = "ready\n"
_USERS = ("postgres", "nobody")  # run the server as one of these when we are root


class Postgres:
    """A running server, and the databases that tests made in it.

    Making a database takes a quarter of a second and 7 MB of disk, so one without connections is
    emptied and used again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: list[str] = []
        self._admin = psycopg.connect(self.address("postgres"), autocommit=True)

    def address(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def database(self) -> str:
        """The URL of an empty database that nobody else uses."""
        rows = self._admin.execute("SELECT DISTINCT datname FROM pg_stat_activity").fetchall()
        busy = {name for (name,) in rows}
        for name in self._names:
            if name not in busy and self._empties(name):
                return self.address(name)
        self._names.append(f"test{len(self._names)}")
        self._admin.execute(f"CREATE DATABASE {self._names[-1]}")
        return self.address(self._names[-1])

    def ask(self, url: str, statement: LiteralString) -> list[tuple[object, ...]]:
        """Run a statement in one of the databases and return the rows."""
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def shut(self, url: str) -> None:
        """End all connections to a database, and allow no new ones."""
        name = _name_in(url)
        self._admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self._admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )

    def open_again(self, url: str) -> None:
        """Allow connections to a database again."""
        self._admin.execute(f"ALTER DATABASE {_name_in(url)} ALLOW_CONNECTIONS true")

    def let_in(self) -> None:
        """Allow other users of this machine to connect, too."""
        self._folder.chmod(0o711)

    def close(self) -> None:
        """Close our connections to the server."""
        self._admin.close()

    def _empties(self, name: str) -> bool:
        """Empty a database that a gateway has used; one without its tables may still be in use."""
        with psycopg.connect(self.address(name), autocommit=True) as connection:
            found = connection.execute("SELECT FROM pg_namespace WHERE nspname = 'mock_nicepay'")
            if found.fetchone() is None:
                return False
            connection.execute("DROP SCHEMA mock_nicepay CASCADE")
            return True


@contextmanager
def running(*, calmed: bool = True) -> Iterator[Postgres]:
    """Run a new server; starting takes two seconds. If not `calmed`, it has its normal durability.

    A keeper process runs it, and ends it when the block ends or this process is killed.
    """
    folder = Path(tempfile.mkdtemp(prefix="mnp-"))
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} {_ROOMY}"
    options += f" {_CALMED}" if calmed else ""
    with subprocess.Popen(
        [sys.executable, __file__, folder, _binaries(), options],
        stdin=subprocess.PIPE,  # never written to: the keeper waits until it is closed
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C must not reach it
    ) as keeper:
        assert keeper.stdout is not None
        told = keeper.stdout.readline()
        assert told == _READY, f"PostgreSQL does not begin: {told}{keeper.stdout.read()}"
        server = Postgres(folder)
        try:
            yield server
        finally:
            server.close()
            keeper.communicate()


def _keep(folder: Path, binaries: Path, options: str) -> None:
    """Run a server until stdin is closed, then delete all of it."""
    data = folder / "data"
    control = (_as_whom(folder), binaries / "pg_ctl", "-D", data)
    new = ("-D", data, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8")
    try:
        _run(control[0], binaries / "initdb", *new)
        _run(*control, "-w", "-l", folder / "log", "-o", options, "start")
        print(_READY, end="", flush=True)
        sys.stdin.read()
        _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name_in(url: str) -> str:
    return str(conninfo_to_dict(url)["dbname"])


def _binaries() -> Path:
    """The folder of initdb and pg_ctl: that of `postgres` on the path, or Debian's."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    kept = sorted(Path("/").glob(_DEBIAN.removeprefix("/")))
    assert kept, "the tests of the stores need PostgreSQL's server; `make test` installs Debian's"
    return kept[-1]


def _as_whom(folder: Path) -> dict[str, Any]:
    """Arguments of `subprocess` that set the user: PostgreSQL refuses root, so another user runs it."""
    if os.getuid() != 0:
        return {}
    known = {each.pw_name: each for each in pwd.getpwall()}
    who = next(known[name] for name in _USERS if name in known)
    os.chown(folder, who.pw_uid, who.pw_gid)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": ()}


def _run(as_whom: dict[str, Any], program: Path, *arguments: object) -> None:
    done = subprocess.run(
        [program, *map(str, arguments)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **as_whom,
    )
    if done.returncode:
        print(f"{program.name}: {done.stderr}", flush=True)
        sys.exit(1)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
