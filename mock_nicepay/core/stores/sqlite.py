"""Records in a SQLite file, for one process: it holds the file exclusively until it closes it.

One connection serves all threads, one after another. With write-ahead logging (WAL) a committed
transaction has been handed to the operating system, so it survives even a killed process.
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
    "PRAGMA synchronous = NORMAL",  # only a crash of the machine may lose the last transactions
)


class SqliteStore(SqlStore):
    """A store in a file. Raises `StoreError` when another process has it open, or it is not a store."""

    hands: ClassVar[int] = (
        2  # one thread uses the connection while the other prepares its next call
    )

    def __init__(self, path: Path) -> None:
        super().__init__("sqlite")
        self.where = str(path)
        self._path = path
        self._lock = RLock()
        self._depth = 0
        self._given: dict[str, tuple[str, int]] = {}  # numbers given in the transaction, by counter
        self._undone: dict[str, int] = {}  # numbers given in undone ones, which could not be kept
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            poolclass=StaticPool,
            isolation_level="AUTOCOMMIT",  # `transaction` sends BEGIN and COMMIT itself
            connect_args={"check_same_thread": False, "timeout": 0},
        )
        try:
            self._connection = self._opened()
        except BaseException:
            self._engine.dispose()
            raise

    @contextmanager
    def transaction(self, owner: str = "") -> Iterator[None]:
        """Run alone, whatever its owner; nested blocks belong to the outermost one."""
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
        """The next number of a counter; a rollback does not undo it."""
        with self._lock:
            number = self._count_beyond(self._undone.get(name, -1), name, owner)
            if self._depth:
                self._given[name] = owner, number
        return number

    def answers_at_once(self) -> bool:
        """False while another thread uses the connection: it reads very much, or waits for the disk."""
        free = self._lock.acquire(blocking=False)
        if free:
            self._lock.release()
        return free

    def close(self) -> None:
        """Close the file; from now on another process may open it."""
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
        """Roll the transaction back, unless SQLite has done so itself, as it does when the disk is full."""
        driver: Any = self._connection.connection.driver_connection
        if driver.in_transaction:
            self._say("ROLLBACK")
        for name, (owner, number) in self._given.items():
            self._undone[name] = number
            with suppress(StoreAway):  # if it fails, the next `count_up` skips these numbers
                self._count_beyond(number - 1, name, owner)
                del self._undone[name]

    def _count_beyond(self, given: int, name: str, owner: str) -> int:
        """The next number of a counter that is greater than `given`."""
        number = given
        while number <= given:
            number = self._asked(lambda each: self._counted_up(each, name, owner))
        return number

    def _opened(self) -> Connection:
        try:
            connection = self._engine.connect()
            for pragma in _PRAGMAS:
                connection.exec_driver_sql(pragma)
            connection.exec_driver_sql("BEGIN EXCLUSIVE")  # now no other process can open it
            prepare(connection, self.where)
            connection.exec_driver_sql("COMMIT")
        except OperationalError as error:
            raise StoreError(_told(self._path, str(error.orig))) from None
        except DatabaseError as error:
            raise StoreError(f"{self.where} is not a SQLite database: {error.orig}") from None
        return connection


def _told(path: Path, problem: str) -> str:
    """The message: what is wrong with a file, and what would be right."""
    if "locked" in problem:
        return (
            f"{path} is open in another process: a SQLite store serves one process at a time. "
            "Stop that one, or share a PostgreSQL database: --store postgresql://..."
        )
    if "unable to open" in problem:
        return f"{path} cannot be opened: {_why_not_opened(path)}"
    if "readonly" in problem or (path.exists() and not _may_write(path)):
        return (
            f"{path} cannot be written: the file or its folder is read-only for this user, and SQLite "
            f"writes to both ({path.name}-wal is beside it). Make them writable, or name another file"
        )
    if "full" in problem:
        return (
            f"{path} cannot be written: {problem}. This write was undone; free space on its disk, "
            "and the next call will work again"
        )
    return (
        f"{path} cannot be read or written: {problem}. This write was undone; check its disk "
        "(permissions, free space, limits); the next call tries again"
    )


def _may_write(path: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.R_OK | os.W_OK, effective_ids=effective)


def _why_not_opened(path: Path) -> str:
    """Why a file cannot be opened; SQLite does not say."""
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
