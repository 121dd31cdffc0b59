"""Where records are kept: the interface. Its three homes are in `core/stores/`.

A store knows nothing of what the records mean; a new kind of record needs no change here or there.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import ClassVar, Protocol, TypeVar

from mock_nicepay.core.records import Record

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class StoreError(Exception):
    """A store that cannot be opened, or not with what it holds: says what, where, what would help."""


class StoreAway(Exception):
    """An open store does not do its work now: the message says what failed, where, what would help.

    The transaction is undone. Only when the database went away during the commit itself it is
    unknown whether the commit took effect.
    """


class Commons(Protocol):
    """What processes that share a store have in common beside records: leases, and a log of calls."""

    def lease(self, name: str, owner: str, span: timedelta) -> bool:
        """Take something for this process alone, for at most `span`; False while another has it.

        When a process ends, so do its leases.
        """

    def release(self, name: str) -> None:
        """Give back what this process has taken; does nothing for what it has not."""

    def has_leases(self, owner: str) -> bool:
        """Whether something of an owner's is taken, by whatever process."""

    def log(self, owner: str, entry: object, size: int, weight: int, most: int) -> int:
        """Keep a dataclass at the end of an owner's log; its number.

        The log has about `size` entries, whose weights are together about `most`.
        """

    def logged(self, owner: str, kind: type[T], size: int) -> list[tuple[int, T]]:
        """The latest entries of an owner's log with their numbers, the newest first."""

    def length(self, owner: str, size: int) -> int:
        """How many entries `logged` would give."""

    def weight(self, owner: str) -> int:
        """What all entries of an owner's log weigh together."""

    def total(self) -> tuple[int, int]:
        """How many entries all owners' logs have, and what they weigh together."""

    def latest(self, owner: str) -> int:
        """The number of the newest entry, 0 when there is none."""

    def latest_of_all(self) -> int:
        """That of all owners' entries."""

    def clear_log(self, owner: str) -> None:
        """Forget an owner's log."""


class Store(Protocol):
    """Everything inside one `transaction` happens, or nothing of it.

    Every method of a durable store may raise `StoreAway`.
    """

    durable: ClassVar[bool]  # what was put is still there when the process has ended
    hands: ClassVar[int]  # threads from which it is worth being asked at a time

    @property
    def commons(self) -> Commons | None:
        """What it has for several processes; None: no other process works with it."""

    def transaction(self, owner: str = "") -> AbstractContextManager[None]:
        """Run alone among those of the same owner; without one, among all.

        An exception that leaves the outermost block undoes what was written in it. The records of
        the owner do not change meanwhile, and the block writes those of no other owner.
        """

    def answers_at_once(self) -> bool:
        """Whether a look-up now would not have to wait; otherwise it belongs in a thread of its own."""

    def together(self, *kinds: type[Record]) -> AbstractContextManager[None]:
        """Inside, looking up a record of one of these kinds fetches those of the others by the same key.

        Saves round trips to a database. A transaction inside of it makes its own look-ups.
        """

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key."""

    def put(self, record: Record) -> None:
        """Add a record, or replace the one of the same key."""

    def delete(self, record: Record) -> None:
        """Forget a record; does nothing when it is not there."""

    def find(self, kind: type[R], owner: str = "", **lookup: str) -> list[R]:
        """The records of one owner (or of all), oldest first, by at most one look-up field."""

    def find_anywhere(self, kind: type[R], **lookup: str) -> list[R]:
        """The records of all owners, oldest first, by one look-up field."""

    def first(self, kind: type[R], most: int, start: int = 0) -> list[R]:
        """The oldest records of a kind without owners, `most` at the most, so that the work is bounded.

        The first `start` of them are left out.
        """

    def latest(self, kind: type[R], most: int) -> list[R]:
        """The youngest records of such a kind, `most` at the most; of these the oldest first."""

    def keys_like(self, kind: type[Record], begin: str, most: int) -> list[str]:
        """Keys of a kind without owners: some that begin with `begin`, and the oldest; `most` of each.

        Good enough for guesses at what was meant: a database may sort differently, and miss one.
        """

    def number(self, kind: type[Record]) -> int:
        """How many records there are of a kind without owners."""

    def tally(self, kind: type[Record], name: str) -> Counter[str]:
        """How many records of a kind there are, by the text in one of its look-up or `TALLIED` fields.

        For statistics: it takes no lock.
        """

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter, from 0 on; no process is ever given it again.

        That holds even when the surrounding transaction is undone.
        """

    def counted(self, name: str) -> int:
        """The number that `count_up` would give."""

    def clear(self, owner: str) -> None:
        """Forget everything that belongs to `owner`."""

    def snapshot(self) -> dict[str, list[Record]]:
        """Every record, by the name of its kind, oldest first."""

    def replace_all(self, records: Iterable[Record]) -> None:
        """Forget everything, and keep these instead, in this order."""

    def close(self) -> None:
        """Let go of files and connections."""


def key_of(record: Record) -> str:
    """The key of a record, unique among those of its kind."""
    return str(getattr(record, record.KEY))


def owner_of(record: Record) -> str:
    """The owner of a record, a merchant's client id; empty for a kind without owners."""
    return str(getattr(record, record.OWNER)) if record.OWNER else ""
