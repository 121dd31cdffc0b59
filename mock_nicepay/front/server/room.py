"""The limit on the memory of unfinished requests, all connections together.

A request counts with its header and the part of its body received so far, from its first byte until
its answer has been computed. A limit on one request does not limit thousands of them.
"""

from collections.abc import Iterable
from typing import Any, Protocol

_HELD = 67_108_864  # bytes
_LARGEST_AT_ONCE = 16  # bodies of the largest size that fit in any case
_FREED = 8  # a full room frees one part in so many: each time takes a pass over all connections
_MOMENT = 0.01  # seconds added to each wait: of requests just begun, the largest goes first
LINE = 128  # bytes of memory that a header line takes besides its text


class Room:
    """The bytes of one server's unfinished requests."""

    def __init__(self, body_limit: int) -> None:
        """Make room for at least 16 bodies of `body_limit` bytes."""
        self.most = max(_HELD, _LARGEST_AT_ONCE * body_limit)
        self.held = 0

    @property
    def is_full(self) -> bool:
        """Whether more memory is used than allowed."""
        return self.held > self.most


class Load:
    """The memory that one request uses of a room."""

    __slots__ = ("_room", "size")

    def __init__(self, room: Room) -> None:
        self._room = room
        self.size = 0  # bytes

    def add(self, size: int) -> None:
        """Count so many more bytes."""
        self.size += size
        self._room.held += size

    def drop(self, size: int) -> None:
        """Count so many bytes less: they are released, or counted elsewhere."""
        gone = min(size, self.size)
        self.size -= gone
        self._room.held -= gone

    def end(self) -> None:
        """Count nothing of the request any more."""
        self.drop(self.size)


class Guest(Protocol):
    """A connection, as far as a room knows it."""

    since: float  # when the current wait for the client began, on the loop's clock

    @property
    def is_at_work(self) -> bool:
        """Whether its requests have been received whole, and an answer is being computed."""

    def holds(self) -> int:
        """Bytes that its unfinished requests use."""


def _greed(guest: Guest, now: float) -> tuple[bool, float]:
    return not guest.is_at_work, guest.holds() * (now - guest.since + _MOMENT)


def greediest(guests: Iterable[Guest], room: Room, now: float) -> list[Any]:
    """The connections to close so that an eighth of the room is free: most bytes times seconds first.

    A large body that is being received stays; a thousand small ones that have stalled go. A client
    that is about to be answered goes only when there is nobody else.
    """
    found, free = [], room.most - room.most // _FREED
    held, holding = room.held, [each for each in guests if each.holds()]
    for guest in sorted(holding, key=lambda each: _greed(each, now), reverse=True):
        if held <= free:
            break
        found.append(guest)
        held -= guest.holds()
    return found
