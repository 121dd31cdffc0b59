"""Records in dictionaries, for one process and as long as it runs."""

from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from itertools import count, islice
from threading import RLock
from typing import Any, ClassVar, TypeVar

from mock_nicepay.core.records import Record
from mock_nicepay.core.store import Commons, owner_of

R = TypeVar("R", bound=Record)
Slot = tuple[type[Record], str]
_AS_EVER = nullcontext()
_REPLACED = ("_records", "_ages", "_owned", "_found", "_undo")


class MemoryStore:
    """Records in dictionaries, for one process. Costs do not grow with what is held."""

    durable: ClassVar[bool] = False
    hands: ClassVar[int] = 1
    commons: Commons | None = None

    def __init__(self) -> None:
        self._lock = RLock()
        self._depth = 0
        self._undo: list[tuple[Slot, Record | None, int | None]] = []
        self._replaced: list[dict[str, Any]] = []  # the whole state before each `replace_all`
        self._records: dict[Slot, Record] = {}
        self._ages: dict[Slot, int] = {}  # rolling back restores a record's place in the order
        self._numbers = count()
        self._owned: dict[str, dict[type[Record], dict[str, None]]] = {}  # keys, by kind
        self._counts: dict[str, int] = {}
        self._found: dict[tuple[type[Record], str, str, str], dict[str, None]] = {}

    def transaction(self, owner: str = "") -> AbstractContextManager[None]:
        """Run alone, whatever its owner; nested blocks belong to the outermost one."""
        return self  # the store itself holds the state of its transaction

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        try:
            if kind is not None and self._depth == 1:
                self._roll_back()
        finally:
            self._depth -= 1
            if not self._depth:
                self._undo.clear()
                self._replaced.clear()
            self._lock.release()

    def answers_at_once(self) -> bool:
        """Always True: nobody holds the lock for long."""
        return True

    def together(self, *kinds: type[Record]) -> AbstractContextManager[None]:
        """Change nothing: a look-up costs next to nothing."""
        return _AS_EVER

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key."""
        return self._records.get((kind, key))  # type: ignore[return-value]

    def put(self, record: Record) -> None:
        """Add a record, or replace the one of the same key."""
        with self.transaction():
            slot = _slot(record)
            self._note(slot)
            self._write(slot, record)

    def delete(self, record: Record) -> None:
        """Forget a record."""
        with self.transaction():
            slot = _slot(record)
            self._note(slot)
            self._write(slot, None)

    def find(self, kind: type[R], owner: str = "", **lookup: str) -> list[R]:
        """The records of one owner (or of all), oldest first, by at most one look-up field."""
        with self._lock:
            if lookup:
                ((name, value),) = lookup.items()
                keys: Iterable[str] = self._found.get((kind, owner, name, value), ())
            elif kind.OWNER and not owner:
                keys = [key for held in self._owned.values() for key in held.get(kind, ())]
            else:
                keys = self._owned.get(owner, {}).get(kind, ())
            return self._in_order((kind, key) for key in keys)

    def find_anywhere(self, kind: type[R], **lookup: str) -> list[R]:
        """The records of all owners, oldest first, by one look-up field."""
        ((name, value),) = lookup.items()
        with self._lock:
            return self._in_order(
                (kind, key)
                for owner in self._owned
                for key in self._found.get((kind, owner, name, value), ())
            )

    def _in_order(self, slots: Iterable[Slot]) -> list[Any]:
        """The records of these, oldest first."""
        return [self._records[slot] for slot in sorted(slots, key=self._ages.__getitem__)]

    def first(self, kind: type[R], most: int, start: int = 0) -> list[R]:
        """The oldest records of a kind without owners, in the order in which they were added."""
        with self._lock:
            keys = islice(self._nobodys(kind), start, start + most)
            return [self._records[kind, key] for key in keys]  # type: ignore[misc]

    def latest(self, kind: type[R], most: int) -> list[R]:
        """The youngest records of such a kind, `most` at the most; of these the oldest first."""
        with self._lock:
            keys = islice(reversed(self._nobodys(kind)), most)
            return [self._records[kind, key] for key in keys][::-1]  # type: ignore[return-value]

    def keys_like(self, kind: type[Record], begin: str, most: int) -> list[str]:
        """Keys of a kind without owners: some that begin with `begin`, and the oldest."""
        with self._lock:
            keys = self._nobodys(kind)
            alike = (key for key in keys if key.startswith(begin))
            return list(dict.fromkeys([*islice(alike, most), *islice(keys, most)]))

    def number(self, kind: type[Record]) -> int:
        """How many records there are of a kind without owners."""
        with self._lock:
            return len(self._nobodys(kind))

    def _nobodys(self, kind: type[Record]) -> dict[str, None]:
        """The keys of a kind without owners, oldest first."""
        return self._owned.get("", {}).get(kind, {})

    def tally(self, kind: type[Record], name: str) -> Counter[str]:
        """Count the records of a kind by one field; takes no lock, so that no other thread waits."""
        held = list(self._records.values())
        return Counter(str(getattr(each, name)) for each in held if type(each) is kind)

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter."""
        with self._lock:
            number = self._counts.get(name, 0)
            self._counts[name] = number + 1
        return number

    def counted(self, name: str) -> int:
        """The number that `count_up` would return."""
        return self._counts.get(name, 0)

    def clear(self, owner: str) -> None:
        """Forget everything that belongs to `owner`."""
        with self.transaction():
            held = self._owned.get(owner, {})
            for slot in [(kind, key) for kind, keys in held.items() for key in keys]:
                self._note(slot)
                self._write(slot, None)

    def snapshot(self) -> dict[str, list[Record]]:
        """Every record, by the name of its kind."""
        with self._lock:
            kinds: dict[str, list[Record]] = {}
            for slot in sorted(self._records, key=self._ages.__getitem__):
                kinds.setdefault(slot[0].__name__, []).append(self._records[slot])
            return kinds

    def replace_all(self, records: Iterable[Record]) -> None:
        """Replace all records by these; a reader meanwhile sees all old records or all new ones."""
        others = MemoryStore()
        for record in records:
            others._write(_slot(record), record)
        with self.transaction():
            self._replaced.append({name: getattr(self, name) for name in _REPLACED})
            for slot in others._records:
                others._ages[slot] = next(self._numbers)
            for name in _REPLACED:
                setattr(self, name, getattr(others, name))

    def close(self) -> None:
        """Nothing to close."""

    def _note(self, slot: Slot) -> None:
        self._undo.append((slot, self._records.get(slot), self._ages.get(slot)))

    def _roll_back(self) -> None:
        while self._replaced:  # this also undoes what was written after each replacement
            for name, before in self._replaced.pop().items():
                setattr(self, name, before)
        for slot, before, age in reversed(self._undo):
            self._write(slot, before)
            if age is not None:
                self._ages[slot] = age

    def _write(self, slot: Slot, record: Record | None) -> None:
        """Set one slot and its look-ups. A replaced record keeps its place in the order."""
        before = self._records.get(slot)
        if before is not None and record is not None and _stands_alike(before, record):
            self._records[slot] = record
            return
        if before is not None:
            self._unlink(slot, before, record)
        if record is None:
            self._records.pop(slot, None)
            self._ages.pop(slot, None)
            return
        if before is None:
            self._ages[slot] = next(self._numbers)
        self._records[slot] = record
        self._owned.setdefault(owner_of(record), {}).setdefault(slot[0], {})[slot[1]] = None
        for place in _places(record):
            self._found.setdefault(place, {})[slot[1]] = None

    def _unlink(self, slot: Slot, before: Record, after: Record | None) -> None:
        kept = set(_places(after)) if after is not None else set()
        for place in _places(before):
            if place not in kept:
                self._found[place].pop(slot[1], None)
                if not self._found[place]:
                    del self._found[place]
        if after is None or owner_of(after) != owner_of(before):
            self._disown(owner_of(before), *slot)

    def _disown(self, owner: str, kind: type[Record], key: str) -> None:
        kinds = self._owned[owner]
        kinds[kind].pop(key)
        if not kinds[kind]:
            del kinds[kind]
        if not kinds:
            del self._owned[owner]


def _slot(record: Record) -> Slot:
    return type(record), getattr(record, record.KEY)


def _places(record: Record) -> list[tuple[type[Record], str, str, str]]:
    return [
        (type(record), owner_of(record), name, str(value))
        for name in record.LOOKUPS
        if (value := getattr(record, name)) is not None
    ]


def _stands_alike(before: Record, after: Record) -> bool:
    """Whether a record has the same look-ups and owner as the one it replaces, as most have."""
    named = (*before.LOOKUPS, before.OWNER) if before.OWNER else before.LOOKUPS
    return all(getattr(before, name) == getattr(after, name) for name in named)
