"""What processes that share a PostgreSQL database have besides records: leases and a log of calls.

A lease gives one process alone the right to do something. It ends when the process releases it,
when its time is over, or as soon as the process dies: each process holds an advisory lock on a
separate connection, and PostgreSQL releases that lock when the connection ends.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    cast,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import insert as insert_or

from mock_nicepay.core.stores import codec
from mock_nicepay.core.stores.connections import Connections
from mock_nicepay.core.stores.schema import leases, log

T = TypeVar("T")
HOLDERS = 0x4E504148  # the first half of the names of the locks that show which process is alive
_TRIM = 50  # the log of an owner is trimmed after this many new entries

_locks = table(
    "pg_locks",
    *map(column, ("locktype", "database", "classid", "objid", "objsubid", "granted")),
    schema="pg_catalog",
)
_databases = table("pg_database", column("oid"), column("datname"), schema="pg_catalog")
_alive = exists().where(
    _locks.c.locktype == "advisory",
    _locks.c.objsubid == 2,  # a lock named by two numbers
    _locks.c.granted,
    cast(_locks.c.classid, BigInteger) == HOLDERS,
    cast(_locks.c.objid, BigInteger) == leases.c.holder,
    _locks.c.database == _databases.c.oid,
    _databases.c.datname == func.current_database(),
)
_lasting = leases.c.until > func.now()
_NEW = insert(log).returning(log.c.id)
_TOTAL = select(func.count(), func.sum(log.c.weight)).select_from(log)
_LEASED = select(exists().where(leases.c.owner == bindparam("owner"), _lasting, _alive))


def _too_old(owner: str, size: int, most: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Conditions for the entries of a log to be deleted: those over its size, those over its weight."""
    latest = select(log.c.id).where(log.c.owner == owner).order_by(log.c.id.desc())
    newer = func.sum(log.c.weight).over(order_by=log.c.id.desc()).label("newer")
    weighed = select(log.c.id, newer).where(log.c.owner == owner).subquery()
    too_heavy = select(func.max(weighed.c.id)).where(weighed.c.newer > most).scalar_subquery()
    newest = select(func.max(log.c.id)).where(log.c.owner == owner).scalar_subquery()
    return (
        log.c.id < latest.offset(size - 1).limit(1).scalar_subquery(),
        and_(log.c.id <= too_heavy, log.c.id < newest),
    )


class Commons:
    """The leases and the log of one database, for one process."""

    def __init__(self, connections: Connections, new_holder: Callable[[], int]) -> None:
        """Use separate connections, so that a rolled-back transaction changes nothing here."""
        self._connections = connections
        self._new_holder = new_holder
        self._lock = Lock()
        self._life: Connection | None = None  # holds the lock that shows this process is alive
        self._holder = 0
        self._logged: Counter[str] = Counter()  # by owner

    def lease(self, name: str, owner: str, span: timedelta) -> bool:
        """Take a lease for at most `span`; False while another process has it."""
        taken, lives = self._leased(name, owner, span)
        if taken and not lives:  # the database was down, so our lock is gone
            self._come_alive_again()
            taken, _ = self._leased(name, owner, span)
        return taken

    def _leased(self, name: str, owner: str, span: timedelta) -> tuple[bool, bool]:
        """Whether the lease was taken, and whether this process, its holder, counts as alive."""
        row = insert_or(leases).values(
            name=name, owner=owner, holder=self._alive_as(), until=func.now() + literal(span)
        )
        taken = row.on_conflict_do_update(
            index_elements=["name"],
            set_={key: row.excluded[key] for key in ("owner", "holder", "until")},
            where=or_(~_lasting, ~_alive, leases.c.holder == row.excluded.holder),
        ).returning(_alive)
        lives = self._connections.ask(lambda each: each.execute(taken).scalar())
        return lives is not None, bool(lives)

    def release(self, name: str) -> None:
        """Release a lease of this process; does nothing when it does not hold it."""
        mine = delete(leases).where(leases.c.name == name, leases.c.holder == self._holder)
        self._connections.ask(lambda each: each.execute(mine))

    def has_leases(self, owner: str) -> bool:
        """Whether any process holds a lease of this owner."""
        return bool(
            self._connections.ask(lambda each: each.execute(_LEASED, {"owner": owner}).scalar())
        )

    def log(self, owner: str, entry: object, size: int, weight: int, most: int) -> int:
        """Append a dataclass to an owner's log; returns its number.

        The log is trimmed to about `size` entries and a total weight of about `most`.
        """
        row = {"owner": owner, "entry": codec.to_text(entry), "weight": weight}
        number = int(self._connections.ask(lambda each: each.execute(_NEW, row).scalar_one()))
        self._logged[owner] += 1
        if self._logged[owner] % _TRIM == 0:
            for too_old in _too_old(owner, size, most):
                gone = delete(log).where(log.c.owner == owner, too_old)
                self._connections.ask(lambda each, gone=gone: each.execute(gone))  # type: ignore[misc]
        return number

    def logged(self, owner: str, kind: type[T], size: int) -> list[tuple[int, T]]:
        """The latest entries of an owner's log with their numbers, newest first."""
        of_owner = select(log.c.id, log.c.entry).where(log.c.owner == owner)
        wanted = of_owner.order_by(log.c.id.desc()).limit(size)
        rows = self._connections.ask(lambda each: each.execute(wanted).all())
        return [(number, codec.from_text(kind, entry)) for number, entry in rows]

    def length(self, owner: str, size: int) -> int:
        """How many entries `logged` would return."""
        wanted = select(func.count()).where(log.c.owner == owner)
        return min(size, int(self._connections.ask(lambda each: each.execute(wanted).scalar_one())))

    def weight(self, owner: str) -> int:
        """The total weight of an owner's log."""
        wanted = select(func.sum(log.c.weight)).where(log.c.owner == owner)
        return int(self._connections.ask(lambda each: each.execute(wanted).scalar()) or 0)

    def total(self) -> tuple[int, int]:
        """The number of entries in all logs, and their total weight."""
        number, weight = self._connections.ask(lambda each: each.execute(_TOTAL).one())
        return int(number), int(weight or 0)

    def latest(self, owner: str) -> int:
        """The number of an owner's newest entry; 0 when there is none."""
        newest = select(func.max(log.c.id)).where(log.c.owner == owner)
        return int(self._connections.ask(lambda each: each.execute(newest).scalar()) or 0)

    def latest_of_all(self) -> int:
        """The number of the newest entry of all owners; 0 when there is none."""
        newest = select(func.max(log.c.id))
        return int(self._connections.ask(lambda each: each.execute(newest).scalar()) or 0)

    def clear_log(self, owner: str) -> None:
        """Forget an owner's log."""
        gone = delete(log).where(log.c.owner == owner)
        self._connections.ask(lambda each: each.execute(gone))

    def close(self) -> None:
        """Release all leases and close the connections."""
        with self._lock:
            if self._life is not None:
                self._life.close()
                self._life = None
            self._connections.close()  # from here on `_alive_as` cannot open a new connection

    def _alive_as(self) -> int:
        """The number of this process as a lease holder; the first call takes its lock."""
        with self._lock:
            if self._life is None:
                self._holder = self._holder or self._new_holder()
                self._life = self._connections.held(
                    f"SELECT pg_advisory_lock_shared({HOLDERS}, {self._holder})"
                )
            return self._holder

    def _come_alive_again(self) -> None:
        """Drop the dead connection, so that the lock is taken again on a new one."""
        with self._lock:
            if self._life is not None:
                self._life.invalidate()
                self._life.close()
                self._life = None
