"""The order of connections that have sent something: the one answered longest ago goes first.

epoll lists recently active connections first, and a server works through them in that order. A call
that arrives just after a round has begun would wait for that round, and then for the clients of that
round that have called again: for twice as many calls as there are clients. One call in a hundred
waited that long (measured).
"""

from collections.abc import Callable
from itertools import count
from operator import attrgetter
from typing import Protocol

# Bytes that wait for their turn, all connections together; the room does not count them yet.
_AT_ONCE = 4_194_304


class Caller(Protocol):
    """A connection as the turns see it."""

    turn: int  # the `Turns.number` of its last answer, or of its beginning

    def take_turn(self) -> None:
        """Process the data received."""


class Turns:
    """The connections of one server with data that has not been processed."""

    def __init__(self) -> None:
        self._waiting: list[Caller] = []
        self._brought = 0  # bytes
        self._numbers = count()

    def number(self) -> int:
        """The next number of a sequence that orders answers."""
        return next(self._numbers)

    def join(self, caller: Caller, call_soon: Callable[[Callable[[], None]], object]) -> None:
        """Queue a connection for the next round: all that join in this pass of the event loop."""
        if not self._waiting:
            call_soon(self._take)
        self._waiting.append(caller)

    def bring(self, size: int) -> None:
        """Count so many more waiting bytes. Over 4 MiB the round begins at once."""
        self._brought += size
        if self._brought > _AT_ONCE:
            self._take()

    def _take(self) -> None:
        callers, self._waiting = self._waiting, []
        self._brought = 0
        for caller in sorted(callers, key=attrgetter("turn")):
            caller.take_turn()
