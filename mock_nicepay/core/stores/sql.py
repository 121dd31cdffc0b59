"""Records in one table of a database: what SQLite and PostgreSQL have in common.

A record is a row: its kind, key, owner and look-up fields as columns, the whole record as JSON text.
"""

import json
import sys
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Connection, Executable, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from mock_nicepay.core.records import Record
from mock_nicepay.core.store import Commons, StoreError, key_of, owner_of
from mock_nicepay.core.stores import codec
from mock_nicepay.core.stores.schema import PLACES, counters, records

R = TypeVar("R", bound=Record)
T = TypeVar("T")
Slot = tuple[type[Record], str]  # a record's kind and key
_LOOKS = tuple(f"look{number}" for number in range(PLACES))
_CHANGES = ("owner", *_LOOKS, "body")  # columns that change when a record is replaced
_ESCAPED = "\x01"  # marks an escaped text, one that not every database can hold as it is
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
_nobodys = (records.c.owner == "", records.c.kind == bindparam("kind"))  # in the index's order
_FIRST = (
    _body.where(*_nobodys)
    .order_by(records.c.age)
    .limit(bindparam("most"))
    .offset(bindparam("start"))
)
_LATEST = _body.where(*_nobodys).order_by(records.c.age.desc()).limit(bindparam("most"))
_key = select(records.c.key)
_FIRST_KEYS = _key.where(*_nobodys).order_by(records.c.age).limit(bindparam("most"))
_KEYS_LIKE = (
    _key.where(
        records.c.kind == bindparam("kind"),
        records.c.key >= bindparam("begin"),
        records.c.key < bindparam("end"),
    )
    .order_by(records.c.key)
    .limit(bindparam("most"))
)
_NUMBER = select(func.count()).where(*_nobodys)
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
    """A store in a database. Its subclasses provide the connections."""

    durable: ClassVar[bool] = True
    hands: ClassVar[int]
    commons: Commons | None = None
    where: str  # the database's name in messages: without a password

    def __init__(self, dialect: str) -> None:
        maker = sqlite.insert if dialect == "sqlite" else postgresql.insert
        insert = maker(records).inline()  # the age that the database assigns is not needed
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
    def answers_at_once(self) -> bool:
        """Whether a look-up now would not have to wait."""

    @abstractmethod
    def close(self) -> None:
        """Close files and connections."""

    @abstractmethod
    def _asked(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a connection, that of this thread's transaction if it is in one; its result.

        Outside a transaction `work` runs a second time when the first connection was dead.
        Raises `StoreAway`.
        """

    def together(self, *kinds: type[Record]) -> AbstractContextManager[None]:
        """Change nothing: only where a look-up is a round trip is there something to save."""
        return nullcontext()

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key."""
        wanted = {"kind": kind.__name__, "key": column_of(key)}
        body = self._by_key(lambda each: each.execute(_GET, wanted).scalar_one_or_none())
        return None if body is None else codec.from_text(kind, body)

    def put(self, record: Record) -> None:
        """Add a record, or replace the one of the same key."""
        with self.transaction(_guard_of(record)):
            self._write(self._upsert, _row(record), _slot(record), record)

    def delete(self, record: Record) -> None:
        """Forget a record."""
        named = {"of_kind": type(record).__name__, "of_key": column_of(key_of(record))}
        with self.transaction(_guard_of(record)):
            self._write(_DELETE, named, _slot(record), None)

    def find(self, kind: type[R], owner: str = "", **lookup: str) -> list[R]:
        """The records of one owner (or of all), oldest first, by at most one look-up field."""
        values = {"kind": kind.__name__, "owner": owner}
        statement = _FIND_OWNED if owner else _FIND_ALL
        if lookup:
            ((name, value),) = lookup.items()
            statement = _FIND_BY[_LOOKS[kind.LOOKUPS.index(name)]]
            values["value"] = column_of(str(value))
        elif not owner:
            del values["owner"]
        return self._found(kind, statement, values)

    def find_anywhere(self, kind: type[R], **lookup: str) -> list[R]:
        """The records of all owners, oldest first, by one look-up field."""
        ((name, value),) = lookup.items()
        statement = _FIND_ANYWHERE[_LOOKS[kind.LOOKUPS.index(name)]]
        return self._found(kind, statement, {"kind": kind.__name__, "value": column_of(value)})

    def first(self, kind: type[R], most: int, start: int = 0) -> list[R]:
        """The oldest records of a kind without owners, `most` at the most; the first `start` left out."""
        return self._found(kind, _FIRST, {"kind": kind.__name__, "most": most, "start": start})

    def latest(self, kind: type[R], most: int) -> list[R]:
        """The youngest records of such a kind, `most` at the most; of these the oldest first."""
        return self._found(kind, _LATEST, {"kind": kind.__name__, "most": most})[::-1]

    def keys_like(self, kind: type[Record], begin: str, most: int) -> list[str]:
        """Keys of a kind without owners: some that begin with `begin`, and the oldest; `most` of each."""
        wanted = {"kind": kind.__name__, "most": most}
        found = list(self._asked(lambda each: each.execute(_FIRST_KEYS, wanted).scalars().all()))
        if begin:
            range_ = {"begin": column_of(begin), "end": column_of(begin[:-1] + _after(begin[-1]))}
            alike = self._asked(
                lambda each: each.execute(_KEYS_LIKE, wanted | range_).scalars().all()
            )
            found += alike
        return [_from_column(key) for key in dict.fromkeys(found)]

    def number(self, kind: type[Record]) -> int:
        """How many records there are of a kind without owners."""
        wanted = {"kind": kind.__name__}
        return int(self._asked(lambda each: each.execute(_NUMBER, wanted).scalar_one()))

    def tally(self, kind: type[Record], name: str) -> Counter[str]:
        """Count the records of a kind by the text in one of its look-up or `TALLIED` fields."""
        statement = _TALLY[_LOOKS[(*kind.LOOKUPS, *kind.TALLIED).index(name)]]
        wanted = {"kind": kind.__name__}
        rows = self._asked(lambda each: each.execute(statement, wanted).all())
        return Counter({_from_column(text): number for text, number in rows})

    def counted(self, name: str) -> int:
        """The number that `count_up` would return."""
        wanted = select(counters.c.value).where(counters.c.name == name)
        return int(self._asked(lambda each: each.execute(wanted).scalar()) or 0)

    def _counted_up(self, connection: Connection, name: str, owner: str) -> int:
        """Count up on that connection. The first number of a counter deletes its owner's others."""
        row = {"name": name, "owner": owner, "value": 1}
        number = int(connection.execute(self._count_up, row).scalar_one()) - 1
        if number == 0:
            others = delete(counters).where(counters.c.owner == owner, counters.c.name != name)
            connection.execute(others)
        return number

    def clear(self, owner: str) -> None:
        """Forget everything that belongs to `owner`."""
        with self.transaction(owner):
            self._asked(lambda each: each.execute(_CLEAR, {"of_owner": owner}))

    def snapshot(self) -> dict[str, list[Record]]:
        """Every record, by the name of its kind. Raises `StoreError` for an unknown kind."""
        kinds = codec.kinds_of_records()
        found: dict[str, list[Record]] = {}
        with self.transaction():
            for name, body in self._asked(lambda each: each.execute(_EVERYTHING).all()):
                if name not in kinds:
                    raise StoreError(f"{self.where} holds records of an unknown kind, {name}")
                found.setdefault(name, []).append(codec.from_text(kinds[name], body))
        return found

    def replace_all(self, records_: Iterable[Record]) -> None:
        """Replace all records by these."""
        with self.transaction():
            self._asked(lambda each: each.execute(delete(records)))
            rows = [_row(record) for record in records_]
            for begin in range(0, len(rows), _BATCH):
                batch = rows[begin : begin + _BATCH]
                self._asked(lambda each, batch=batch: each.execute(self._insert, batch))  # type: ignore[misc]

    def _by_key(self, work: Callable[[Connection], T]) -> T:
        """As `_asked`, for a look-up by key, which need not send buffered writes first."""
        return self._asked(work)

    def _write(
        self, statement: Executable, values: Mapping[str, Any], slot: Slot, record: Record | None
    ) -> None:
        """Within a transaction: write a record, or delete it when `record` is None."""
        self._asked(lambda each: each.execute(statement, values))

    def _found(self, kind: type[R], statement: Executable, values: dict[str, Any]) -> list[R]:
        bodies = self._asked(lambda each: each.execute(statement, values).scalars().all())
        return [codec.from_text(kind, body) for body in bodies]


def _guard_of(record: Record) -> str:
    """The owner of the transaction that writes a record: its owner, or without one its key."""
    return owner_of(record) or key_of(record)


def _slot(record: Record) -> Slot:
    return type(record), key_of(record)


def _row(record: Record) -> dict[str, Any]:
    named = (*record.LOOKUPS, *record.TALLIED)
    looks = [column_of(str(getattr(record, name))) for name in named]
    return {
        "kind": type(record).__name__,
        "key": column_of(key_of(record)),
        "owner": owner_of(record),
        **dict.fromkeys(_LOOKS),
        **dict(zip(_LOOKS, looks, strict=False)),
        "body": _text(codec.to_text(record)),
    }


def _text(text: str) -> str:
    """JSON text that every database accepts: half a surrogate pair is escaped."""
    return text if _is_storable(text) else json.dumps(json.loads(text), separators=(",", ":"))


def column_of(text: str) -> str:
    """A text for a column. Callers may send what a database cannot hold: NUL, half a surrogate pair."""
    if "\0" not in text and not text.startswith(_ESCAPED) and _is_storable(text):
        return text
    return _ESCAPED + json.dumps(text)


def _after(sign: str) -> str:
    """The character after this one."""
    return chr(min(ord(sign) + 1, sys.maxunicode))


def _from_column(text: str) -> str:
    """The text that `column_of` was given."""
    return str(json.loads(text[1:])) if text.startswith(_ESCAPED) else text


def _is_storable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
