"""Records in a PostgreSQL database that any number of processes share.

A transaction holds an advisory lock of its owner's, so that those of one merchant run one after
another and those of two merchants side by side. One without an owner holds out all others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from zlib import crc32

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from mock_nicepay.core.store import StoreError
from mock_nicepay.core.stores.commons import Commons
from mock_nicepay.core.stores.schema import prepare
from mock_nicepay.core.stores.sql import SqlStore

SCHEMA = "mock_nicepay"  # our tables stand beside whatever else the database is for
_LOCKS = 0x4E504159  # the first half of our advisory locks' names, so that they meet nobody else's
_EVERYBODY = 0
_PATIENCE = 10  # seconds to get a connection
# A server that stands still in a transaction holds up its merchant, and whoever waits holds up a whole
# process: first the wait is given up, then that transaction.
_NO_STANDSTILL = "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s"
_NO_SILENCE = {  # a machine that is gone says nothing (over a network only)
    "tcp_user_timeout": 20_000,  # milliseconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}


class _Here(local):
    """What this thread is in the middle of."""

    connection: Connection | None = None
    owners: frozenset[str] = frozenset()  # whose locks its transaction holds


class PostgresStore(SqlStore):
    """A store in a database. Raises `StoreError` when it cannot be reached, or is not for us."""

    commons: Commons

    def __init__(self, url: URL) -> None:
        super().__init__("postgresql")
        self.where = _shown(url)
        self._here = _Here()
        self._engine = _engine(url)
        try:
            self._prepare()
        except BaseException:
            self._engine.dispose()
            raise
        # A log of calls need not outlive a crash of the database: nobody waits for its disk.
        self.commons = Commons(
            _engine(url, "-c synchronous_commit=off"), lambda: self.count_up("holders", "") + 1
        )

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter: on a connection of its own, whatever becomes of the rest."""
        with self._engine.connect() as connection:
            return self._counted_up(connection, name, owner)

    @contextmanager
    def transaction(self, owner: str = "") -> Iterator[None]:
        """Run alone among those of the same owner; nested blocks belong to the outermost one."""
        here = self._here
        if here.connection is not None:
            # A block that says no owner is the outer one's. Wanting everybody's lock as well, two
            # such would wait for each other for ever.
            if owner and not here.owners & {"", owner}:
                here.connection.exec_driver_sql(f"SELECT {_locks(owner)}")
                here.owners |= {owner}
            yield
            return
        with self._engine.connect() as connection, _ended_well(connection):
            connection.exec_driver_sql(f"BEGIN; SELECT {_locks(owner)}")
            here.connection, here.owners = connection, frozenset((owner,))
            try:
                yield
            finally:
                here.connection = None

    def close(self) -> None:
        """Close the connections."""
        self.commons.close()
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        if self._here.connection is not None:
            yield self._here.connection
            return
        with self._engine.connect() as connection:
            yield connection

    def _prepare(self) -> None:
        try:
            with self._engine.connect() as connection, _ended_well(connection):
                connection.exec_driver_sql(f"BEGIN; SELECT {_locks('')}")
                there = connection.exec_driver_sql(f"SELECT to_regnamespace('{SCHEMA}')")
                if there.scalar() is None:  # who may not make one may have been given it
                    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
                prepare(connection, f"the schema {SCHEMA} in {self.where}")
        except DBAPIError as error:
            problem = " ".join(str(error.orig).split())
            raise StoreError(f"{self.where} cannot be opened: {problem}") from None


def _shown(url: URL) -> str:
    """An address as messages have it: without its password, which may stand among its options, too."""
    secret = {name for name in url.query if "password" in name or name == "passfile"}
    return url.difference_update_query(secret).render_as_string(hide_password=True)


def _engine(url: URL, options: str = "") -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",  # transactions begin and end where we say so
        max_overflow=-1,
        connect_args={
            "connect_timeout": _PATIENCE,
            "options": f"-c search_path={SCHEMA} -c timezone=UTC {_NO_STANDSTILL} {options}",
            "application_name": "mock-nicepay",
            **_NO_SILENCE,
        },
    )


@contextmanager
def _ended_well(connection: Connection) -> Iterator[None]:
    """Commit at the end, or roll back; a connection that cannot even do that is not used again."""
    try:
        yield
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        try:
            connection.exec_driver_sql("ROLLBACK")
        except Exception:
            connection.invalidate()
        raise


def _locks(owner: str) -> str:
    """The locks of a transaction: all of everybody's, or a share in that and the owner's own."""
    if not owner:
        return f"pg_advisory_xact_lock({_LOCKS}, {_EVERYBODY})"
    # Two owners of one number only wait for each other.
    number = crc32(owner.encode("utf-8", "replace")) % 0x7FFFFFFF + 1
    return (
        f"pg_advisory_xact_lock_shared({_LOCKS}, {_EVERYBODY}), "
        f"pg_advisory_xact_lock({_LOCKS}, {number})"
    )
