"""The interface of stores of records; `core/stores/` has the three implementations.

A store does not know what records mean, so a new kind of record needs no change here or there.
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
    """A store or its contents cannot be opened; the message says what, where, what would help."""


class StoreAway(Exception):
    """An open store fails for now; the message says what failed, where, what would help.

    The transaction is rolled back. Only if the database went away during the commit itself, it is
    unknown whether the commit took effect.
    """


class Commons(Protocol):
    """What processes that share a store have besides records: leases, and a log of calls."""

    def lease(self, name: str, owner: str, span: timedelta) -> bool:
        """Take a lease for at most `span`; False while another process has it.

        When a process ends, so do its leases.
        """

    def release(self, name: str) -> None:
        """Release a lease of this process; does nothing when it does not hold it."""

    def has_leases(self, owner: str) -> bool:
        """Whether any process holds a lease of this owner."""

    def log(self, owner: str, entry: object, size: int, weight: int, most: int) -> int:
        """Append a dataclass to an owner's log; returns its number.

        The log is trimmed to about `size` entries and a total weight of about `most`.
        """

    def logged(self, owner: str, kind: type[T], size: int) -> list[tuple[int, T]]:
        """The latest entries of an owner's log with their numbers, newest first."""

    def length(self, owner: str, size: int) -> int:
        """How many entries `logged` would return."""

    def weight(self, owner: str) -> int:
        """The total weight of an owner's log."""

    def total(self) -> tuple[int, int]:
        """The number of entries in all logs, and their total weight."""

    def latest(self, owner: str) -> int:
        """The number of an owner's newest entry; 0 when there is none."""

    def latest_of_all(self) -> int:
        """The number of the newest entry of all owners; 0 when there is none."""

    def clear_log(self, owner: str) -> None:
        """Forget an owner's log."""


class Store(Protocol):
    """Keeps records. Everything written inside a `transaction` takes effect, or nothing.

    Every method of a durable store may raise `StoreAway`.
    """

    durable: ClassVar[bool]  # whether records outlive the process
    hands: ClassVar[int]  # how many threads can usefully work with it at a time

    @property
    def commons(self) -> Commons | None:
        """Leases and log for several processes; None when no other process can use the store."""

    def transaction(self, owner: str = "") -> AbstractContextManager[None]:
        """Run alone among the transactions of the same owner; without an owner, among all.

        An exception that leaves the outermost block rolls it back. The records of the owner do not
        change meanwhile, and the block must not write those of another owner.
        """

    def answers_at_once(self) -> bool:
        """Whether a look-up now would not have to wait; if False, do it in a thread of its own."""

    def together(self, *kinds: type[Record]) -> AbstractContextManager[None]:
        """Inside, looking up a record of one of these kinds also fetches the others with the same key.

        Saves round trips to a database. A transaction inside makes its own look-ups.
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
        """Count the records of a kind by the text in one of its look-up or `TALLIED` fields.

        For statistics: it takes no lock.
        """

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter, from 0 on; no process is ever given it again.

        That holds even when the surrounding transaction is undone.
        """

    def counted(self, name: str) -> int:
        """The number that `count_up` would return."""

    def clear(self, owner: str) -> None:
        """Forget everything that belongs to `owner`."""

    def snapshot(self) -> dict[str, list[Record]]:
        """Every record, by the name of its kind, oldest first."""

    def replace_all(self, records: Iterable[Record]) -> None:
        """Replace all records by these, in this order."""

    def close(self) -> None:
        """Close files and connections."""


def key_of(record: Record) -> str:
    """The key of a record, unique among those of its kind."""
    return str(getattr(record, record.KEY))


def owner_of(record: Record) -> str:
    """The owner of a record, a merchant's client id; empty for a kind without owners."""
    return str(getattr(record, record.OWNER)) if record.OWNER else ""
