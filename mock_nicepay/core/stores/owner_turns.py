"""Whose turn it is among the threads of one process, before any of them takes a connection.

What counts is the database's lock, which other processes want as well. But who waits for that one
holds a connection: of each merchant's threads one waits there, and the others here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock


class NoTurn(Exception):
    """A turn that has not come in time."""


@dataclass(slots=True)
class _Turn:
    free: Lock = field(default_factory=Lock)
    users: int = 0  # those who wait included


class Turns:
    """The turns of all owners; of those whom nobody serves just now nothing is held."""

    def __init__(self, patience: float) -> None:
        """`patience` are the most seconds that anybody waits."""
        self._patience = patience
        self._lock = Lock()
        self._turns: dict[str, _Turn] = {}

    @contextmanager
    def of(self, owner: str) -> Iterator[None]:
        """Inside, it is this thread's turn with an owner; no thread wants it twice. Raises `NoTurn`."""
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
