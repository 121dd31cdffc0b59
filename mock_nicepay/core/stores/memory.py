"""Records in dictionaries, for one process and as long as it lives."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import count, islice
from threading import RLock
from typing import ClassVar, TypeVar

from mock_nicepay.core.records import Record
from mock_nicepay.core.store import Commons, owner_of

R = TypeVar("R", bound=Record)
Slot = tuple[type[Record], str]
_AS_EVER = nullcontext()


class MemoryStore:
    """Records in dictionaries, for one process. Costs do not grow with what is held."""

    durable: ClassVar[bool] = False
    hands: ClassVar[int] = 1
    commons: Commons | None = None

    def __init__(self) -> None:
        self._lock = RLock()
        self._depth = 0
        self._undo: list[tuple[Slot, Record | None, int | None]] = []
        self._records: dict[Slot, Record] = {}
        self._ages: dict[Slot, int] = {}  # undoing gives a record its place in the order back
        self._numbers = count()
        self._owned: dict[str, dict[Slot, None]] = {}
        self._counts: dict[str, int] = {}
        self._found: dict[tuple[type[Record], str, str, str], dict[str, None]] = {}

    @contextmanager
    def transaction(self, owner: str = "") -> Iterator[None]:
        """Run alone, whoever's it is; nested blocks belong to the outermost one."""
        with self._lock:
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._roll_back()
                raise
            finally:
                self._depth -= 1
                if not self._depth:
                    self._undo.clear()

    def answers_at_once(self) -> bool:
        """Always: nobody has it for long."""
        return True

    def together(self, *kinds: type[Record]) -> AbstractContextManager[None]:
        """As ever: a look-up costs next to nothing."""
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
                slots: list[Slot] = [
                    (kind, key) for key in self._found.get((kind, owner, name, value), ())
                ]
            else:
                everywhere = not owner and kind.OWNER
                held = self._records if everywhere else self._owned.get(owner, ())
                slots = [slot for slot in held if slot[0] is kind]
            slots.sort(key=self._ages.__getitem__)
            return [self._records[slot] for slot in slots]  # type: ignore[misc]

    def find_anywhere(self, kind: type[R], **lookup: str) -> list[R]:
        """The records of all owners, oldest first, by one look-up field."""
        ((name, value),) = lookup.items()
        return [each for each in self.find(kind) if str(getattr(each, name)) == value]

    def first(self, kind: type[R], most: int) -> list[R]:
        """The oldest records of a kind that is nobody's; they stand in the order in which they came."""
        with self._lock:
            slots = (slot for slot in self._owned.get("", ()) if slot[0] is kind)
            return [self._records[slot] for slot in islice(slots, most)]  # type: ignore[misc]

    def keys_like(self, kind: type[Record], begin: str, most: int) -> list[str]:
        """Some keys of a kind that is nobody's that begin like that, and the oldest."""
        with self._lock:
            slots = self._owned.get("", ())
            alike = (key for each, key in slots if key.startswith(begin) and each is kind)
            oldest = (key for each, key in slots if each is kind)
            return list(dict.fromkeys([*islice(alike, most), *islice(oldest, most)]))

    def number(self, kind: type[Record]) -> int:
        """How many records of a kind that is nobody's there are."""
        with self._lock:
            return sum(each is kind for each, _ in self._owned.get("", ()))

    def tally(self, kind: type[Record], name: str) -> Counter[str]:
        """How many records of a kind there are; nobody waits meanwhile, however many."""
        held = list(self._records.values())
        return Counter(str(getattr(each, name)) for each in held if type(each) is kind)

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter."""
        with self._lock:
            number = self._counts.get(name, 0)
            self._counts[name] = number + 1
        return number

    def counted(self, name: str) -> int:
        """The number that `count_up` would give."""
        return self._counts.get(name, 0)

    def clear(self, owner: str) -> None:
        """Forget everything that belongs to `owner`."""
        with self.transaction():
            for slot in list(self._owned.get(owner, ())):
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
        """Forget everything, and keep these instead."""
        with self.transaction():
            for slot in list(self._records):
                self._note(slot)
                self._write(slot, None)
            for record in records:
                self.put(record)

    def close(self) -> None:
        """Nothing is held open."""

    def _note(self, slot: Slot) -> None:
        self._undo.append((slot, self._records.get(slot), self._ages.get(slot)))

    def _roll_back(self) -> None:
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
        self._owned.setdefault(owner_of(record), {})[slot] = None
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
            owned = self._owned[owner_of(before)]
            owned.pop(slot, None)
            if not owned:
                del self._owned[owner_of(before)]


def _slot(record: Record) -> Slot:
    return type(record), getattr(record, record.KEY)


def _places(record: Record) -> list[tuple[type[Record], str, str, str]]:
    return [
        (type(record), owner_of(record), name, str(getattr(record, name)))
        for name in record.LOOKUPS
    ]


def _stands_alike(before: Record, after: Record) -> bool:
    """Whether a record is found as the one before it, as most changed ones are."""
    named = (*before.LOOKUPS, before.OWNER) if before.OWNER else before.LOOKUPS
    return all(getattr(before, name) == getattr(after, name) for name in named)
