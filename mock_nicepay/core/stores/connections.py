"""A bounded pool of PostgreSQL connections that survives a restart of the database.

A connection that died while idle fails at its first statement, before anything has happened: that
statement is repeated on a new connection. Every other failure is raised as `StoreAway`.
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
_PATIENCE = 10  # seconds to connect
_TURN = 20  # seconds to wait for a merchant's turn
# A server that hangs in a transaction blocks its merchant: first the waiting calls give up, then the
# database ends that transaction.
_NO_STANDSTILL = f"-c lock_timeout={_TURN}s -c idle_in_transaction_session_timeout=60s"
_NO_SILENCE = {  # notice a database machine that died without closing its connections
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
        """Keep `kept` connections open and allow as many more at peaks; `options` are PostgreSQL's."""
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
        """Run `work` on a connection and return its result; once more when the connection was dead."""

        def asked() -> T:
            with self._given_back(self._engine.connect()) as connection:
                return work(connection)

        with self.trouble_told():
            return _once_more(asked)

    @contextmanager
    def begun(self, begin: str, owner: str = "") -> Iterator[Connection]:
        """A connection in a transaction. The caller commits; an exception rolls back.

        The transactions of one owner run one at a time.
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
        """A connection on which this statement has been executed."""

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
        """Execute several statements in one round trip (PostgreSQL's pipeline mode)."""
        driver: Any = connection.connection.driver_connection
        with self.trouble_told(), driver.pipeline() if len(words) > 1 else nullcontext():
            for word in words:
                if isinstance(word, str):
                    connection.exec_driver_sql(word)
                else:
                    connection.execute(*word)

    @contextmanager
    def trouble_told(self) -> Iterator[None]:
        """Raise failures of the database as `StoreAway`."""
        try:
            yield
        except _AWAY as error:
            raise StoreAway(self._told(error)) from error

    def held(self, word: str) -> Connection:
        """A connection on which this statement has been executed; the caller keeps and closes it."""
        if self._closed:
            raise StoreAway(f"the store in {self._where} has been closed")
        with self.trouble_told():
            return self._said(word)

    def close(self) -> None:
        """Close the idle connections now, and each of the others when it is returned to the pool."""
        self._closed = True
        self._engine.pool.dispose()

    @contextmanager
    def _given_back(self, connection: Connection) -> Iterator[Connection]:
        """Return the connection to the pool afterwards."""
        try:
            with connection:
                yield connection
        finally:
            # Returned after `close`, by a thread that ended late: nothing else would close it.
            if self._closed:
                self._engine.pool.dispose()

    def _told(self, error: Exception) -> str:
        """The message: what is wrong, where, and what would help."""
        cause = getattr(error, "orig", error)
        if isinstance(cause, LockNotAvailable | NoTurn):
            return (
                f"the merchant's turn did not come within {_TURN} s in {self._where}: another server "
                "hangs in the middle of a call of the same merchant; end that server, or call again"
            )
        if isinstance(error, NoneLeft):
            return f"all connections to {self._where} are busy; call again"
        return (
            f"the database {self._where} is away: {problem_of(error)}. Start it again, or look at its "
            "log; mock-nicepay reconnects by itself with the next call"
        )


def _once_more(work: Callable[[], T]) -> T:
    """Return the result of `work`; call it a second time when its connection turned out to be dead.

    SQLAlchemy then discards all connections that are as old, so the second call gets a new one.
    """
    try:
        return work()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return work()


def _roll_back(connection: Connection) -> None:
    """Roll a transaction back; a connection on which even that fails is not used again."""
    try:
        connection.exec_driver_sql("ROLLBACK")
    except Exception:
        connection.invalidate()


def problem_of(error: object) -> str:
    """The message of a database or its driver, in one line."""
    return " ".join(str(getattr(error, "orig", error)).split())


def shown(url: URL) -> str:
    """An address for messages: without its password, which may also be one of its options."""
    secret = {name for name in url.query if "password" in name or name == "passfile"}
    return url.difference_update_query(secret).render_as_string(hide_password=True)
