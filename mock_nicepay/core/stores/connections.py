"""Connections to a PostgreSQL, bounded in number, which may end at any time: it is started anew, or gone.

One that ended while nobody used it is found out with the first word said on it, before anything has
happened: that word is said again on a new one. What goes wrong otherwise leaves as `StoreAway`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import psycopg
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Executable, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneLeft

from mock_nicepay.core.store import StoreAway
from mock_nicepay.core.stores.owner_turns import NoTurn, Turns

T = TypeVar("T")
Word = tuple[Executable, Mapping[str, Any]] | str
_PATIENCE = 10  # seconds to get a connection
_TURN = 20  # seconds to get a merchant's turn
# A server that stands still in a transaction holds up its merchant: first the wait is given up, then
# that transaction.
_NO_STANDSTILL = f"-c lock_timeout={_TURN}s -c idle_in_transaction_session_timeout=60s"
_NO_SILENCE = {  # a machine that is gone says nothing (over a network only)
    "tcp_user_timeout": 20_000,  # milliseconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
_AWAY = (
    *(OperationalError, InterfaceError, InternalError, NoneLeft),
    *(psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, NoTurn),
)


class Connections:
    """The connections of one process for one purpose."""

    def __init__(self, url: URL, schema: str, *, kept: int, options: str = "") -> None:
        """So many are kept open, and as many more come and go; `options` are PostgreSQL's."""
        self._where = shown(url)
        self._closed = False
        self._turns = Turns(_TURN)
        self._engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",  # transactions begin and end where we say so
            pool_size=kept,
            max_overflow=kept,
            pool_timeout=_TURN,
            connect_args={
                "connect_timeout": _PATIENCE,
                "options": f"-c search_path={schema} -c timezone=UTC {_NO_STANDSTILL} {options}",
                "application_name": "mock-nicepay",
                **_NO_SILENCE,
            },
        )

    def ask(self, work: Callable[[Connection], T]) -> T:
        """What `work` gets from a connection; it is asked once more when that has turned out dead."""

        def asked() -> T:
            with self._given_back(self._engine.connect()) as connection:
                return work(connection)

        with self.trouble_told():
            return _once_more(asked)

    @contextmanager
    def begun(self, begin: str, owner: str = "") -> Iterator[Connection]:
        """A connection in a transaction, which the caller ends; what leaves the block rolls it back.

        Those of one owner have one at a time.
        """
        with (
            self.trouble_told(),
            self._turns.of(owner),
            self._given_back(self._said(begin)) as connection,
        ):
            try:
                yield connection
            except BaseException:
                _roll_back(connection)
                raise

    def _said(self, word: str) -> Connection:
        """A connection on which that has been said."""

        def said() -> Connection:
            connection = self._engine.connect()
            try:
                connection.exec_driver_sql(word)
            except BaseException:
                connection.close()
                raise
            return connection

        return _once_more(said)

    def send(self, connection: Connection, words: Sequence[Word]) -> None:
        """Say several things in one round trip: nothing is answered before the last."""
        driver: Any = connection.connection.driver_connection
        with self.trouble_told(), driver.pipeline() if len(words) > 1 else nullcontext():
            for word in words:
                if isinstance(word, str):
                    connection.exec_driver_sql(word)
                else:
                    connection.execute(*word)

    @contextmanager
    def trouble_told(self) -> Iterator[None]:
        """Have what a database cannot do leave as `StoreAway`."""
        try:
            yield
        except _AWAY as error:
            raise StoreAway(self._told(error)) from error

    def held(self, word: str) -> Connection:
        """A connection on which that has been said; the caller keeps it, and closes it."""
        if self._closed:
            raise StoreAway(f"the store in {self._where} has been closed")
        with self.trouble_told():
            return self._said(word)

    def close(self) -> None:
        """Close all that nobody uses, and each of the others when it is given back."""
        self._closed = True
        self._engine.pool.dispose()

    @contextmanager
    def _given_back(self, connection: Connection) -> Iterator[Connection]:
        """A connection that the pool has again afterwards."""
        try:
            with connection:
                yield connection
        finally:
            # Of a thread that ends late: nobody would ever close what it leaves there.
            if self._closed:
                self._engine.pool.dispose()

    def _told(self, error: Exception) -> str:
        """What is wrong, where, and what would help."""
        cause = getattr(error, "orig", error)
        if isinstance(cause, LockNotAvailable | NoTurn):
            return (
                f"the merchant's turn did not come within {_TURN} s in {self._where}: another server "
                "stands still in the middle of a call of the same merchant; end that one, or call again"
            )
        if isinstance(error, NoneLeft):
            return f"all connections to {self._where} are busy; call again"
        return (
            f"the database {self._where} is away: {problem_of(error)}. Start it again, or look at what "
            "it says; the server goes on by itself with the next call"
        )


def _once_more(work: Callable[[], T]) -> T:
    """What comes of it; it is tried again when the connection it was given has turned out dead.

    With that one the library has given up all that are as old.
    """
    try:
        return work()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return work()


def _roll_back(connection: Connection) -> None:
    """Undo a transaction; a connection that cannot even do that is not used again."""
    try:
        connection.exec_driver_sql("ROLLBACK")
    except Exception:
        connection.invalidate()


def problem_of(error: object) -> str:
    """What a database or its library says, in one line."""
    return " ".join(str(getattr(error, "orig", error)).split())


def shown(url: URL) -> str:
    """An address as messages have it: without its password, which may stand among its options, too."""
    secret = {name for name in url.query if "password" in name or name == "passfile"}
    return url.difference_update_query(secret).render_as_string(hide_password=True)
