"""A PostgreSQL server of the tests' own: in a folder of its own, on a socket in it, gone at the end."""

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

_DEBIAN = "/usr/lib/postgresql/*/bin"  # where it is kept off the path
_ROOMY = "-c max_connections=200"
_CALMED = "-c fsync=off -c full_page_writes=off"  # who loses the machine runs the tests again
_READY = "ready\n"
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

    def shut(self, url: str) -> None:
        """Throw out whoever is connected to a database, and let nobody in."""
        name = _name_in(url)
        self._admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self._admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        )

    def open_again(self, url: str) -> None:
        """Let everybody into a database again."""
        self._admin.execute(f"ALTER DATABASE {_name_in(url)} ALLOW_CONNECTIONS true")

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
    """A server from nothing; takes two seconds to begin. Not `calmed` it is as durable as usual.

    A keeper of its own runs it, which ends it when this process lets go of it, or is killed.
    """
    folder = Path(tempfile.mkdtemp(prefix="mnp-"))
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} {_ROOMY}"
    options += f" {_CALMED}" if calmed else ""
    with subprocess.Popen(
        [sys.executable, __file__, folder, _binaries(), options],
        stdin=subprocess.PIPE,  # nothing is written into it: its end is what the keeper waits for
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is not meant for it
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
    """Run a server until stdin ends, then leave nothing of it."""
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
