"""Records in a SQLite file, for one process: whoever opens it has it alone until the process ends.

One connection serves all threads, one after another. With the journal written ahead (WAL) what a
finished transaction wrote is with the operating system, and outlives the process at any moment.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import StaticPool

from mock_nicepay.core.store import StoreAway, StoreError
from mock_nicepay.core.stores.schema import prepare
from mock_nicepay.core.stores.sql import SqlStore

T = TypeVar("T")
_PRAGMAS = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a crash of the machine, not of the process, may cost the last moments
)


class SqliteStore(SqlStore):
    """A store in a file. Raises `StoreError` for a file that another process has, or of something else."""

    hands: ClassVar[int] = (
        2  # its one connection serves one at a time, and one makes ready meanwhile
    )

    def __init__(self, path: Path) -> None:
        super().__init__("sqlite")
        self.where = str(path)
        self._path = path
        self._lock = RLock()
        self._depth = 0
        self._given: dict[str, tuple[str, int]] = {}  # counts of the transaction, by name
        self._undone: dict[str, int] = {}  # those of undone ones that could not be counted again
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
                self._say("BEGIN IMMEDIATE")
                yield
                self._say("COMMIT")
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth = 0
                self._given.clear()

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter; it stays counted when the transaction is undone."""
        with self._lock:
            number = self._count_beyond(self._undone.get(name, -1), name, owner)
            if self._depth:
                self._given[name] = owner, number
        return number

    def answers_at_once(self) -> bool:
        """Unless another thread has it: one that reads very much, or waits for the disk."""
        free = self._lock.acquire(blocking=False)
        if free:
            self._lock.release()
        return free

    def close(self) -> None:
        """Close the file; another process may open it from now on."""
        with self._lock:
            self._connection.close()
            self._engine.dispose()

    def _asked(self, work: Callable[[Connection], T]) -> T:
        with self._lock:
            try:
                return work(self._connection)
            except DatabaseError as error:
                if isinstance(error, OperationalError) or type(error) is DatabaseError:
                    raise StoreAway(_told(self._path, str(error.orig))) from error
                raise

    def _say(self, statement: str) -> None:
        self._asked(lambda connection: connection.exec_driver_sql(statement))

    def _roll_back(self) -> None:
        """Undo the transaction, unless SQLite has: a full disk makes it do so by itself."""
        driver: Any = self._connection.connection.driver_connection
        if driver.in_transaction:
            self._say("ROLLBACK")
        for name, (owner, number) in self._given.items():
            self._undone[name] = number
            with suppress(StoreAway):  # else whoever counts next leaves them out
                self._count_beyond(number - 1, name, owner)
                del self._undone[name]

    def _count_beyond(self, given: int, name: str, owner: str) -> int:
        """The next number of a counter that is greater than one that was given."""
        number = given
        while number <= given:
            number = self._asked(lambda each: self._counted_up(each, name, owner))
        return number

    def _opened(self) -> Connection:
        try:
            connection = self._engine.connect()
            for pragma in _PRAGMAS:
                connection.exec_driver_sql(pragma)
            connection.exec_driver_sql("BEGIN EXCLUSIVE")  # from here on the file is ours alone
            prepare(connection, self.where)
            connection.exec_driver_sql("COMMIT")
        except OperationalError as error:
            raise StoreError(_told(self._path, str(error.orig))) from None
        except DatabaseError as error:
            raise StoreError(f"{self.where} is no SQLite database: {error.orig}") from None
        return connection


def _told(path: Path, problem: str) -> str:
    """What is wrong with a file, where, and what would be right."""
    if "locked" in problem:
        return (
            f"{path} is open in another process: a SQLite store serves one at a time. "
            "Stop that one, or share a PostgreSQL: --store postgresql://..."
        )
    if "unable to open" in problem:
        return f"{path} cannot be opened: {_why_not_opened(path)}"
    if "readonly" in problem or (path.exists() and not _may_write(path)):
        return (
            f"{path} cannot be written: the file or its folder is read-only for this user, and SQLite "
            f"writes to both ({path.name}-wal stands beside it). Make them writable, or name another file"
        )
    if "full" in problem:
        return (
            f"{path} cannot be written: {problem}. What was being written is undone; make room on "
            "its disk, and the next call goes on"
        )
    return (
        f"{path} cannot be read or written: {problem}. What was being written is undone; see to its "
        "disk (rights, room, limits), and the next call tries again"
    )


def _may_write(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.R_OK | os.W_OK, effective_ids=effective)


def _why_not_opened(path: Path) -> str:
    """What stands in the way of a file, where SQLite only says that something does."""
    folder = path.absolute().parent
    if path.is_dir():
        return "it is a folder; name a file in it"
    missing = next(
        (each for each in (*reversed(folder.parents), folder) if not each.is_dir()), None
    )
    if missing is not None and missing.exists():
        return f"{missing} is not a folder; name a file elsewhere"
    if missing is not None:
        return f"the folder {missing} does not exist; make {folder}, or name a file elsewhere"
    if path.exists():
        return "this user may not read and write it; allow that, or name another file"
    return f"this user may not write in the folder {folder}; allow that, or name another"
