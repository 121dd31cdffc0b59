"""Records in a SQLite file, for one process: whoever opens it has it alone until the process ends.

One connection serves all threads, one after another. With the journal written ahead (WAL) what a
finished transaction wrote is with the operating system, and outlives the process at any moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool

from mock_nicepay.core.store import StoreError
from mock_nicepay.core.stores.schema import prepare
from mock_nicepay.core.stores.sql import SqlStore

_PRAGMAS = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a crash of the machine, not of the process, may cost the last moments
)


class SqliteStore(SqlStore):
    """A store in a file. Raises `StoreError` for a file that another process has, or of something else."""

    def __init__(self, path: Path) -> None:
        super().__init__("sqlite")
        self.where = str(path)
        self._lock = RLock()
        self._depth = 0
        self._given: dict[str, tuple[str, int]] = {}  # counts of the transaction, by name
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            poolclass=StaticPool,
            isolation_level="AUTOCOMMIT",  # transactions begin and end where we say so
            connect_args={"check_same_thread": False, "timeout": 0},
        )
        try:
            self._connection = self._opened()
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def transaction(self, owner: str = "") -> Iterator[None]:
        """Run alone, whoever's it is; nested blocks belong to the outermost one."""
        with self._lock:
            if self._depth:
                yield
                return
            self._depth = 1
            try:
                self._connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield
                self._connection.exec_driver_sql("COMMIT")
            except BaseException:
                self._connection.exec_driver_sql("ROLLBACK")
                self._count_again()
                raise
            finally:
                self._depth = 0
                self._given.clear()

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter; it stays counted when the transaction is undone."""
        with self._lock:
            number = self._counted_up(self._connection, name, owner)
            if self._depth:
                self._given[name] = owner, number
        return number

    def _count_again(self) -> None:
        """Count what was counted in a transaction that has been undone, before anybody else counts."""
        for name, (owner, number) in self._given.items():
            while self._counted_up(self._connection, name, owner) < number:
                pass

    def close(self) -> None:
        """Close the file; another process may open it from now on."""
        with self._lock:
            self._connection.close()
            self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with self._lock:
            yield self._connection

    def _opened(self) -> Connection:
        try:
            connection = self._engine.connect()
            for pragma in _PRAGMAS:
                connection.exec_driver_sql(pragma)
            connection.exec_driver_sql("BEGIN EXCLUSIVE")  # from here on the file is ours alone
            prepare(connection, self.where)
            connection.exec_driver_sql("COMMIT")
        except OperationalError as error:
            raise StoreError(self._why(str(error.orig))) from None
        except DatabaseError as error:
            raise StoreError(f"{self.where} is no SQLite database: {error.orig}") from None
        return connection

    def _why(self, problem: str) -> str:
        if "locked" in problem:
            return (
                f"{self.where} is open in another process: a SQLite store serves one at a time. "
                "Stop that one, or share a PostgreSQL: --store postgresql://..."
            )
        return f"{self.where} cannot be opened: {problem}"
