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
    """A store that was open does not do its work now: says what, where, what would help.

    What a transaction had written before is undone. Only when the database went away in the very
    moment of its end nobody can know whether it still came to that.
    """


class Commons(Protocol):
    """What processes that share a store have in common beside records: leases, and a log of calls."""

    def lease(self, name: str, owner: str, span: timedelta) -> bool:
        """Take something for this process alone, for at most `span`; False while another has it.

        A process that is gone has nothing any more.
        """

    def release(self, name: str) -> None:
        """Give back what this process has taken; what it has not is no error."""

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

    Whatever is asked of a durable one may raise `StoreAway`.
    """

    durable: ClassVar[bool]  # what was put is still there when the process has ended
    hands: ClassVar[int]  # threads from which it is worth being asked at a time

    @property
    def commons(self) -> Commons | None:
        """What it has for several processes; None: no other process works with it."""

    def transaction(self, owner: str = "") -> AbstractContextManager[None]:
        """Run alone among those of the same owner; without one, among all.

        An exception that leaves the outermost block undoes what was written in it. What a block
        reads of its owner's does not change under its hands, and it writes nobody else's.
        """

    def answers_at_once(self) -> bool:
        """Whether whoever asks now waits for nobody: else it is to be asked in a thread of its own."""

    def together(self, *kinds: type[Record]) -> AbstractContextManager[None]:
        """Inside, one of these kinds brings those of the others with the same key along.

        Worth it where a look-up is a round trip. A transaction inside of it looks for itself.
        """

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key."""

    def put(self, record: Record) -> None:
        """Add a record, or replace the one of the same key."""

    def delete(self, record: Record) -> None:
        """Forget a record; one that is not there is no error."""

    def find(self, kind: type[R], owner: str = "", **lookup: str) -> list[R]:
        """The records of one owner (or of all), oldest first, by at most one look-up field."""

    def find_anywhere(self, kind: type[R], **lookup: str) -> list[R]:
        """The records of all owners, oldest first, by one look-up field."""

    def first(self, kind: type[R], most: int, start: int = 0) -> list[R]:
        """Records of a kind that is nobody's, oldest first, so many at most: work that is bounded.

        `start` are left out before.
        """

    def latest(self, kind: type[R], most: int) -> list[R]:
        """The youngest of them, so many at most, the oldest of these first."""

    def keys_like(self, kind: type[Record], begin: str, most: int) -> list[str]:
        """Keys of a kind that is nobody's: some that begin like that, and the oldest, so many of each.

        For guesses at what was meant: a database may sort otherwise, and leave one out.
        """

    def number(self, kind: type[Record]) -> int:
        """How many records of a kind that is nobody's there are."""

    def tally(self, kind: type[Record], name: str) -> Counter[str]:
        """How many records of a kind there are, by the text in one of its look-up or `TALLIED` fields.

        To look at: nobody waits meanwhile.
        """

    def count_up(self, name: str, owner: str) -> int:
        """The next number of a counter, from 0 on; no process is ever given it again.

        Not even when the transaction it is asked for in is undone.
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
    """What a record is named by among those of its kind."""
    return str(getattr(record, record.KEY))


def owner_of(record: Record) -> str:
    """Whose a record is; empty when it is nobody's."""
    return str(getattr(record, record.OWNER)) if record.OWNER else ""
