"""Lets one thread of a process at a time ask the database for a merchant's lock.

A thread that waits for the database's lock occupies a connection. So only one thread of each
merchant waits there; the others wait here, without a connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


class NoTurn(Exception):
    """The turn did not come in time."""


@dataclass(slots=True)
class _Turn:
    free: Lock = field(default_factory=Lock)
    users: int = 0  # threads that have the turn or wait for it


class Turns:
    """The turns of all owners; an owner without a running or waiting thread takes no memory."""

    def __init__(self, patience: float) -> None:
        """`patience` is how long a thread waits at most, in seconds."""
        self._patience = patience
        self._lock = Lock()
        self._turns: dict[str, _Turn] = {}

    @contextmanager
    def of(self, owner: str) -> Iterator[None]:
        """Hold an owner's turn inside the block; not reentrant. Raises `NoTurn` on timeout."""
        with self._among(owner) as turn:
            if not turn.free.acquire(timeout=self._patience):
                raise NoTurn
            try:
                yield
            finally:
                turn.free.release()

    @contextmanager
    def _among(self, owner: str) -> Iterator[_Turn]:
        with self._lock:
            turn = self._turns.setdefault(owner, _Turn())
            turn.users += 1
        try:
            yield turn
        finally:
            with self._lock:
                turn.users -= 1
                if not turn.users:
                    del self._turns[owner]
