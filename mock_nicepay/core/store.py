"""Where records are kept: the interface. Its three homes are in `core/stores/`.

A store knows nothing of what the records mean; a new kind of record needs no change here or there.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import ClassVar, Protocol, TypeVar

from mock_nicepay.core.records import Record

R = TypeVar("R", bound=Record)


class StoreError(Exception):
    """A store that cannot be opened, or not with what it holds: says what, where, what would help."""


class Store(Protocol):
    """Everything inside one `transaction` happens, or nothing of it."""

    durable: ClassVar[bool]  # what was put is still there when the process has ended
    shared: ClassVar[bool]  # other processes may be working with it

    def transaction(self, owner: str = "") -> AbstractContextManager[None]:
        """Run alone among those of the same owner; without one, among all.

        An exception that leaves the outermost block undoes what was written in it. What a block
        reads of its owner's does not change under its hands, and it writes nobody else's.
        """

    def get(self, kind: type[R], key: str) -> R | None:
        """The record of that key."""

    def put(self, record: Record) -> None:
        """Add a record, or replace the one of the same key."""

    def delete(self, record: Record) -> None:
        """Forget a record; one that is not there is no error."""

    def find(self, kind: type[R], owner: str = "", **lookup: str) -> list[R]:
        """The records of one owner (or of all), oldest first, by at most one look-up field."""

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
