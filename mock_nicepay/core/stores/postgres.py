"""Records in a PostgreSQL database that any number of processes share.

A transaction holds an advisory lock of its owner, so that the transactions of one merchant run one
after another, and those of different merchants in parallel. A transaction without an owner excludes
all others. Its writes are buffered and sent with the COMMIT, in one round trip.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import local
from typing import Any, ClassVar, TypeVar
from zlib import crc32

from sqlalchemy import ARRAY, Connection, Executable, Text, any_, bindparam, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from mock_nicepay.core.records import Record
from mock_nicepay.core.store import StoreAway, StoreError
from mock_nicepay.core.stores import codec
from mock_nicepay.core.stores.commons import Commons
from mock_nicepay.core.stores.connections import Connections, problem_of, shown
from mock_nicepay.core.stores.schema import prepare, records
from mock_nicepay.core.stores.sql import Slot, SqlStore, column_of

R = TypeVar("R", bound=Record)
T = TypeVar("T")
SCHEMA = "mock_nicepay"  # keeps our tables apart from the others in the database
HANDS = 12  # threads, each with a connection; more would only wait for the interpreter
_LOCKS = 0x4E504159  # the first half of our advisory locks' names, to avoid those of other programs
_EVERYBODY = 0

_TOGETHER = select(records.c.kind, records.c.body).where(
    records.c.key == bindparam("key"),
    records.c.kind == any_(bindparam("kinds", type_=ARRAY(Text))),
)


class _Here(local):
    """The transaction, buffer and look-ups of the current thread."""

    connection: Connection | None = None
    owners: frozenset[str] = frozenset()  # the owners whose locks its transaction holds
    writes: list[tuple[Executable, Mapping[str, Any]]]  # buffered statements, in order
    written: dict[Slot, Record | None]  # their effect; None: the record is deleted
    kinds: tuple[type[Record], ...] = ()  # the kinds that are looked up together
    seen: dict[Slot, Record | None]  # what was found of these kinds, outside of a transaction

    def __init__(self) -> None:
        self.writes, self.written, self.seen = [], {}, {}


class PostgresStore(SqlStore):
    """A store in a database. Raises `StoreError` when it cannot be reached, or is not ours."""

    hands: ClassVar[int] = HANDS
    commons: Commons

    def __init__(self, url: URL) -> None:
        super().__init__("postgresql")
        self.where = shown(url)
        self._here = _Here()
        self._connections = Connections(url, SCHEMA, kept=HANDS)
        # A thread that counts may already hold a connection; with one pool for both, threads that
        # hold a connection could wait for each other's second one.
        self._counting = Connections(url, SCHEMA, kept=1)
        try:
            self._prepare()
        except BaseException:
            self._connections.close()
            raise
        # The log of calls need not survive a crash of the database: no call waits for its disk.
        self.commons = Commons(
            Connections(url, SCHEMA, kept=HANDS // 2, options="-c synchronous_commit=off"),
            lambda: self.count_up("holders", "") + 1,
        )

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter, on a separate connection: a rollback does not undo it."""
        return self._counting.ask(lambda connection: self._counted_up(connection, name, owner))

    @contextmanager
    def transaction(self, owner: str = "") -> Iterator[None]:
        """Run alone among those of the same owner; nested blocks belong to the outermost one."""
        here = self._here
        if here.connection is not None:
            # A nested block without an owner belongs to the outer block's owner. If it took the lock
            # of all owners as well, two such blocks would deadlock.
            if owner and not here.owners & {"", owner}:
                self._asked(lambda each: each.exec_driver_sql(f"SELECT {_locks(owner)}"))
                here.owners |= {owner}
            yield
            return
        with self._connections.begun(f"BEGIN; SELECT {_locks(owner)}", owner) as connection:
            here.connection, here.owners = connection, frozenset((owner,))
            try:
                yield
                self._connections.send(connection, [*here.writes, "COMMIT"])
            finally:
                here.connection = None
                here.writes.clear()
                here.written.clear()

    @contextmanager
    def together(self, *kinds: type[Record]) -> Iterator[None]:
        """Inside, looking up one of these kinds also fetches the others with the same key."""
        here = self._here
        here.kinds = kinds
        try:
            yield
        finally:
            here.kinds = ()
            here.seen.clear()

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key, including what this transaction has written."""
        here, slot = self._here, (kind, key)
        if here.connection is not None:
            if slot in here.written:
                return here.written[slot]  # type: ignore[return-value]
        elif kind in here.kinds:
            if slot not in here.seen:
                self._look_together(key)
            return here.seen[slot]  # type: ignore[return-value]
        return super().get(kind, key)

    def answers_at_once(self) -> bool:
        """Always False: a look-up is a round trip, and a merchant's turn may take long."""
        return False

    def close(self) -> None:
        """Close the connections."""
        self.commons.close()
        self._counting.close()
        self._connections.close()

    def _look_together(self, key: str) -> None:
        kinds = {kind.__name__: kind for kind in self._here.kinds}
        wanted = {"key": column_of(key), "kinds": list(kinds)}
        rows = self._by_key(lambda each: each.execute(_TOGETHER, wanted).all())
        self._here.seen.update(dict.fromkeys((kind, key) for kind in kinds.values()))
        for name, body in rows:
            self._here.seen[kinds[name], key] = codec.from_text(kinds[name], body)

    def _by_key(self, work: Callable[[Connection], T]) -> T:
        connection = self._here.connection
        if connection is None:
            return self._connections.ask(work)
        with self._connections.trouble_told():
            return work(connection)

    def _asked(self, work: Callable[[Connection], T]) -> T:
        here = self._here
        if here.connection is not None and here.writes:
            self._connections.send(here.connection, here.writes)
            here.writes.clear()
            here.written.clear()
        return self._by_key(work)

    def _write(
        self, statement: Executable, values: Mapping[str, Any], slot: Slot, record: Record | None
    ) -> None:
        """Buffer a write; it is sent at the end of the transaction, or before the next query."""
        self._here.writes.append((statement, values))
        self._here.written[slot] = record

    def _prepare(self) -> None:
        try:
            with self._connections.begun(f"BEGIN; SELECT {_locks('')}") as connection:
                there = connection.exec_driver_sql(f"SELECT to_regnamespace('{SCHEMA}')")
                if there.scalar() is None:  # an administrator may have made it for this user
                    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
                prepare(connection, f"the schema {SCHEMA} in {self.where}")
                connection.exec_driver_sql("COMMIT")
        except (DBAPIError, StoreAway) as error:
            problem = problem_of(error.__cause__ if isinstance(error, StoreAway) else error)
            raise StoreError(f"{self.where} cannot be opened: {problem}") from None


def _locks(owner: str) -> str:
    """The locks of a transaction: the common lock alone, or a share of it and the owner's lock."""
    if not owner:
        return f"pg_advisory_xact_lock({_LOCKS}, {_EVERYBODY})"
    # Two owners may have the same number: they then run one after another, which does no harm.
    number = crc32(owner.encode("utf-8", "replace")) % 0x7FFFFFFF + 1
    return (
        f"pg_advisory_xact_lock_shared({_LOCKS}, {_EVERYBODY}), "
        f"pg_advisory_xact_lock({_LOCKS}, {number})"
    )
