"""Records in a PostgreSQL database that any number of processes share.

A transaction holds an advisory lock of its owner's, so that those of one merchant run one after
another and those of two merchants side by side. One without an owner holds out all others. What it
writes is sent with its end: one round trip for all of it.
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
SCHEMA = "mock_nicepay"  # our tables stand beside whatever else the database is for
HANDS = 12  # threads, each with a connection; more wait for a process's one interpreter
_LOCKS = 0x4E504159  # the first half of our advisory locks' names, so that they meet nobody else's
_EVERYBODY = 0

_TOGETHER = select(records.c.kind, records.c.body).where(
    records.c.key == bindparam("key"),
    records.c.kind == any_(bindparam("kinds", type_=ARRAY(Text))),
)


class _Here(local):
    """What this thread is in the middle of."""

    connection: Connection | None = None
    owners: frozenset[str] = frozenset()  # whose locks its transaction holds
    writes: list[tuple[Executable, Mapping[str, Any]]]  # what is to be sent, in its order
    written: dict[Slot, Record | None]  # what will be there then; None: nothing
    kinds: tuple[type[Record], ...] = ()  # those that are looked up together
    seen: dict[Slot, Record | None]  # of them, outside of a transaction

    def __init__(self) -> None:
        self.writes, self.written, self.seen = [], {}, {}


class PostgresStore(SqlStore):
    """A store in a database. Raises `StoreError` when it cannot be reached, or is not for us."""

    hands: ClassVar[int] = HANDS
    commons: Commons

    def __init__(self, url: URL) -> None:
        super().__init__("postgresql")
        self.where = shown(url)
        self._here = _Here()
        self._connections = Connections(url, SCHEMA, kept=HANDS)
        # Who counts may have a connection already: nobody must wait for one who has two.
        self._counting = Connections(url, SCHEMA, kept=1)
        try:
            self._prepare()
        except BaseException:
            self._connections.close()
            raise
        # A log of calls need not outlive a crash of the database: nobody waits for its disk.
        self.commons = Commons(
            Connections(url, SCHEMA, kept=HANDS // 2, options="-c synchronous_commit=off"),
            lambda: self.count_up("holders", "") + 1,
        )

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter: on a connection of its own, whatever becomes of the rest."""
        return self._counting.ask(lambda connection: self._counted_up(connection, name, owner))

    @contextmanager
    def transaction(self, owner: str = "") -> Iterator[None]:
        """Run alone among those of the same owner; nested blocks belong to the outermost one."""
        here = self._here
        if here.connection is not None:
            # A block that says no owner is the outer one's. Wanting everybody's lock as well, two
            # such would wait for each other for ever.
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
        """Inside, one of these kinds brings those of the others with the same key along."""
        here = self._here
        here.kinds = kinds
        try:
            yield
        finally:
            here.kinds = ()
            here.seen.clear()

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key: as this transaction leaves it, where it has written it."""
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
        """Never: each look is a round trip, and a merchant's turn may take its time."""
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
        """Sent at the end of the transaction, or before something is looked for."""
        self._here.writes.append((statement, values))
        self._here.written[slot] = record

    def _prepare(self) -> None:
        try:
            with self._connections.begun(f"BEGIN; SELECT {_locks('')}") as connection:
                there = connection.exec_driver_sql(f"SELECT to_regnamespace('{SCHEMA}')")
                if there.scalar() is None:  # who may not make one may have been given it
                    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
                prepare(connection, f"the schema {SCHEMA} in {self.where}")
                connection.exec_driver_sql("COMMIT")
        except (DBAPIError, StoreAway) as error:
            problem = problem_of(error.__cause__ if isinstance(error, StoreAway) else error)
            raise StoreError(f"{self.where} cannot be opened: {problem}") from None


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
