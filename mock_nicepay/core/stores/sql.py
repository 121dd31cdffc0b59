"""Records in one table of a database: what is the same for every database.

A record is a row: its kind, key, owner and look-up fields as columns, itself as JSON text.
"""

import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from mock_nicepay.core.records import Record
from mock_nicepay.core.store import Commons, StoreError, key_of, owner_of
from mock_nicepay.core.stores import codec
from mock_nicepay.core.stores.schema import PLACES, counters, records

R = TypeVar("R", bound=Record)
_LOOKS = tuple(f"look{number}" for number in range(PLACES))
_CHANGES = ("owner", *_LOOKS, "body")  # what a record that is put again may have otherwise
_ESCAPED = "\x01"  # begins a column's text that no database can hold as it is
_BATCH = 500

_body = select(records.c.body)
_of_kind = _body.where(records.c.kind == bindparam("kind"))
_owned = _of_kind.where(records.c.owner == bindparam("owner"))
_GET = _of_kind.where(records.c.key == bindparam("key"))
_FIND_ALL = _of_kind.order_by(records.c.age)
_FIND_OWNED = _owned.order_by(records.c.age)
_FIND_BY = {
    name: _owned.where(records.c[name] == bindparam("value")).order_by(records.c.age)
    for name in _LOOKS
}
_FIND_ANYWHERE = {
    name: _of_kind.where(records.c[name] == bindparam("value")).order_by(records.c.age)
    for name in _LOOKS
}
_TALLY = {
    name: select(records.c[name], func.count())
    .where(records.c.kind == bindparam("kind"))
    .group_by(records.c[name])
    for name in _LOOKS
}
_EVERYTHING = select(records.c.kind, records.c.body).order_by(records.c.age)
_DELETE = delete(records).where(
    records.c.kind == bindparam("of_kind"), records.c.key == bindparam("of_key")
)
_CLEAR = delete(records).where(records.c.owner == bindparam("of_owner"))


class SqlStore(ABC):
    """A store in a database. Where its connections come from is the homes' business."""

    durable: ClassVar[bool] = True
    commons: Commons | None = None
    where: str  # the database, as messages name it: without a password

    def __init__(self, dialect: str) -> None:
        maker = sqlite.insert if dialect == "sqlite" else postgresql.insert
        insert = maker(records)
        self._insert = insert
        self._upsert = insert.on_conflict_do_update(
            index_elements=["kind", "key"],
            set_={name: insert.excluded[name] for name in _CHANGES},
        )
        row = maker(counters)
        self._count_up = row.on_conflict_do_update(
            index_elements=["name"], set_={"value": counters.c.value + 1}
        ).returning(counters.c.value)

    @abstractmethod
    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter, from 0 on; no process is ever given it again."""

    @abstractmethod
    def transaction(self, owner: str = "") -> AbstractContextManager[None]:
        """Run alone among those of the same owner; without one, among all."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""

    @abstractmethod
    def _connected(self) -> AbstractContextManager[Connection]:
        """A connection for one statement: that of the transaction this thread is in, if it is."""

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key."""
        with self._connected() as connection:
            body = connection.execute(
                _GET, {"kind": kind.__name__, "key": _column(key)}
            ).scalar_one_or_none()
        return None if body is None else codec.from_text(kind, body)

    def put(self, record: Record) -> None:
        """Add a record, or replace the one of the same key."""
        with self.transaction(_guard_of(record)), self._connected() as connection:
            connection.execute(self._upsert, _row(record))

    def delete(self, record: Record) -> None:
        """Forget a record."""
        with self.transaction(_guard_of(record)), self._connected() as connection:
            connection.execute(
                _DELETE, {"of_kind": type(record).__name__, "of_key": _column(key_of(record))}
            )

    def find(self, kind: type[R], owner: str = "", **lookup: str) -> list[R]:
        """The records of one owner (or of all), oldest first, by at most one look-up field."""
        values = {"kind": kind.__name__, "owner": owner}
        statement = _FIND_OWNED if owner else _FIND_ALL
        if lookup:
            ((name, value),) = lookup.items()
            statement = _FIND_BY[_LOOKS[kind.LOOKUPS.index(name)]]
            values["value"] = _column(str(value))
        elif not owner:
            del values["owner"]
        with self._connected() as connection:
            bodies = connection.execute(statement, values).scalars().all()
        return [codec.from_text(kind, body) for body in bodies]

    def find_anywhere(self, kind: type[R], **lookup: str) -> list[R]:
        """The records of all owners, oldest first, by one look-up field."""
        ((name, value),) = lookup.items()
        statement = _FIND_ANYWHERE[_LOOKS[kind.LOOKUPS.index(name)]]
        with self._connected() as connection:
            bodies = (
                connection.execute(statement, {"kind": kind.__name__, "value": _column(value)})
                .scalars()
                .all()
            )
        return [codec.from_text(kind, body) for body in bodies]

    def tally(self, kind: type[Record], name: str) -> Counter[str]:
        """How many records of a kind there are, by the text in one of its look-up or `TALLIED` fields."""
        statement = _TALLY[_LOOKS[(*kind.LOOKUPS, *kind.TALLIED).index(name)]]
        with self._connected() as connection:
            rows = connection.execute(statement, {"kind": kind.__name__}).all()
        return Counter({_from_column(text): number for text, number in rows})

    def counted(self, name: str) -> int:
        """The number that `count_up` would give."""
        with self._connected() as connection:
            wanted = select(counters.c.value).where(counters.c.name == name)
            return int(connection.execute(wanted).scalar() or 0)

    def _counted_up(self, connection: Connection, name: str, owner: str) -> int:
        """Count up on that connection. With the first number an owner's other counters go."""
        row = {"name": name, "owner": owner, "value": 1}
        number = int(connection.execute(self._count_up, row).scalar_one()) - 1
        if number == 0:
            others = delete(counters).where(counters.c.owner == owner, counters.c.name != name)
            connection.execute(others)
        return number

    def clear(self, owner: str) -> None:
        """Forget everything that belongs to `owner`."""
        with self.transaction(owner), self._connected() as connection:
            connection.execute(_CLEAR, {"of_owner": owner})

    def snapshot(self) -> dict[str, list[Record]]:
        """Every record, by the name of its kind. Raises `StoreError` for a kind nobody knows."""
        kinds = codec.kinds_of_records()
        found: dict[str, list[Record]] = {}
        with self.transaction(), self._connected() as connection:
            for name, body in connection.execute(_EVERYTHING):
                if name not in kinds:
                    raise StoreError(f"{self.where} holds records of an unknown kind, {name}")
                found.setdefault(name, []).append(codec.from_text(kinds[name], body))
        return found

    def replace_all(self, records_: Iterable[Record]) -> None:
        """Forget everything, and keep these instead."""
        with self.transaction(), self._connected() as connection:
            connection.execute(delete(records))
            rows = [_row(record) for record in records_]
            for begin in range(0, len(rows), _BATCH):
                connection.execute(self._insert, rows[begin : begin + _BATCH])


def _guard_of(record: Record) -> str:
    """Whose transaction a record is written in: its owner's; what is nobody's is its own."""
    return owner_of(record) or key_of(record)


def _row(record: Record) -> dict[str, Any]:
    named = (*record.LOOKUPS, *record.TALLIED)
    looks = [_column(str(getattr(record, name))) for name in named]
    return {
        "kind": type(record).__name__,
        "key": _column(key_of(record)),
        "owner": owner_of(record),
        **dict.fromkeys(_LOOKS),
        **dict(zip(_LOOKS, looks, strict=False)),
        "body": _text(codec.to_text(record)),
    }


def _text(text: str) -> str:
    """JSON text that every database takes: half a surrogate pair is escaped."""
    return text if _is_storable(text) else json.dumps(json.loads(text), separators=(",", ":"))


def _column(text: str) -> str:
    """A text to be found by. Callers may send what no database holds: NUL, half a surrogate pair."""
    if "\0" not in text and not text.startswith(_ESCAPED) and _is_storable(text):
        return text
    return _ESCAPED + json.dumps(text)


def _from_column(text: str) -> str:
    """The text that `_column` was given."""
    return str(json.loads(text[1:])) if text.startswith(_ESCAPED) else text


def _is_storable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
