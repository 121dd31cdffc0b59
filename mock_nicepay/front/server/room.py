"""How much the callers' unfinished requests may hold, all connections together.

A request holds its header, and its body as far as that has come, from the first byte until it has
been answered or its answer only waits. Bounds on one request do not bound thousands of them.
"""

from collections.abc import Iterable
from typing import Any, Protocol

_HELD = 67_108_864  # bytes
_LARGEST_AT_ONCE = 16  # so many bodies of the largest size have room in any case
_FREED = 8  # of the room, when it is full: to find who goes costs a look at each caller
_MOMENT = 0.01  # seconds: of those who came at the same moment, those who hold most go first
LINE = 128  # bytes that a header line takes beside its own


class Room:
    """The bytes of one server's unfinished requests."""

    def __init__(self, body_limit: int) -> None:
        """Room for many bodies of at most `body_limit` bytes."""
        self.most = max(_HELD, _LARGEST_AT_ONCE * body_limit)
        self.held = 0

    @property
    def is_full(self) -> bool:
        """Whether more is held than may be."""
        return self.held > self.most


class Load:
    """What one request holds of a room."""

    __slots__ = ("_room", "size")

    def __init__(self, room: Room) -> None:
        self._room = room
        self.size = 0  # bytes

    def add(self, size: int) -> None:
        """So many bytes have come."""
        self.size += size
        self._room.held += size

    def drop(self, size: int) -> None:
        """So many of them are not kept, or counted elsewhere."""
        gone = min(size, self.size)
        self.size -= gone
        self._room.held -= gone

    def end(self) -> None:
        """Nothing of the request is kept any more."""
        self.drop(self.size)


class Guest(Protocol):
    """A connection, as far as a room knows it."""

    since: float  # when the present wait for the caller began, on the loop's clock

    def holds(self) -> int:
        """Bytes that its unfinished requests hold."""


def _greed(guest: Guest, now: float) -> float:
    return guest.holds() * (now - guest.since + _MOMENT)


def greediest(guests: Iterable[Guest], room: Room, now: float) -> list[Any]:
    """Who is to go so that there is room: who has held most for longest, in bytes times seconds.

    A large body that is just coming in stays; a thousand small ones that wait for their end go.
    """
    found, free = [], room.most - room.most // _FREED
    held = room.held
    for guest in sorted(guests, key=lambda each: _greed(each, now), reverse=True):
        if held <= free or not guest.holds():
            break
        found.append(guest)
        held -= guest.holds()
    return found
