"""Whose turn it is when several callers have sent something: whoever was answered longest ago.

The system names those connections first that it has named lately (epoll's list of what is ready),
and a server works through them in that order. A call that came just after a round had begun would
wait for that round and then for those of it that have come back meanwhile: for twice as many calls
as there are callers, and that was what one in a hundred waited.
"""

from collections.abc import Callable
from itertools import count
from operator import attrgetter
from typing import Protocol

# Bytes that wait for their turns, all callers together: nobody else counts them.
_AT_ONCE = 4_194_304


class Caller(Protocol):
    """A connection as the turns see it."""

    turn: int  # when it was last answered, or made; as `Turns.number` counts

    def take_turn(self) -> None:
        """Begin to work at what has been sent."""


class Turns:
    """The callers of one server who have sent something that nobody has looked at."""

    def __init__(self) -> None:
        self._waiting: list[Caller] = []
        self._brought = 0  # bytes
        self._numbers = count()

    def number(self) -> int:
        """The next moment, as turns count them."""
        return next(self._numbers)

    def join(self, caller: Caller, call_soon: Callable[[Callable[[], None]], object]) -> None:
        """Have the caller take its turn among all that join until the loop comes round."""
        if not self._waiting:
            call_soon(self._take)
        self._waiting.append(caller)

    def bring(self, size: int) -> None:
        """So many bytes more wait. When that is much, the round does not wait for the loop."""
        self._brought += size
        if self._brought > _AT_ONCE:
            self._take()

    def _take(self) -> None:
        callers, self._waiting = self._waiting, []
        self._brought = 0
        for caller in sorted(callers, key=attrgetter("turn")):
            caller.take_turn()
