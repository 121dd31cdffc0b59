"""Timeouts for clients, and the limit on connections.

A client that sends nothing, a header byte by byte or half a body occupies a connection; these limits
close it. They do not apply to an answer that a scenario delays or withholds.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, Protocol

try:
    import resource
except ImportError:  # Windows knows no such limit
    resource = None  # type: ignore[assignment]

HEADER_BYTES = 262_144  # of one request's header lines, including its address
HEADER_LINES = 500
ADDRESS_BYTES = 65_535
UNREAD_BYTES = 67_108_864  # of answers that clients have not read, all connections together
AHEAD = 64  # pipelined requests of one connection that wait for an earlier answer
_GIVEN_UP = 16  # one connection in so many is closed to make room
_MACOS_FILES = 10_240
_SPARE_FILES = 400  # open files besides the clients' connections: webhook deliveries, the store


@dataclass(frozen=True, slots=True)
class Patience:
    """The timeouts for a client, in seconds."""

    idle: float = 75.0  # between two requests, or before the first
    head: float = 30.0  # from the first byte of a request to the end of its header
    body: float = 60.0  # from there to the end of its body
    answer: float = 60.0  # without reading any byte of an answer that is ready
    leave: float = 10.0  # from our last answer until the client closes the connection


class Caller(Protocol):
    """A connection as these bounds see it."""

    since: float  # when the current wait for the client began, on the loop's clock
    unread: tuple[int, float]  # unsent bytes of answers, and since when their number is the same

    def owes(self) -> str:
        """Which timeout runs: `idle`, `head`, `body`, `leave`; empty when the client waits for us."""

    def lies_ready(self) -> int:
        """Bytes of answers that have been written and that the client has not read."""

    def dismiss(self, owed: str, seconds: float) -> None:
        """Close the connection, with an answer when a request has begun."""


def dismiss_the_slow(callers: Iterable[Caller], patience: Patience, now: float) -> None:
    """Close the connections whose timeout has passed."""
    waiting = []  # connections whose client has stopped reading
    for caller in list(callers):
        owed = caller.owes()
        allowed: float = getattr(patience, owed) if owed else 0.0
        if owed and now - caller.since > allowed:
            caller.dismiss(owed, allowed)
        elif _has_stopped_reading(caller, now):
            waiting.append(caller)
    _dismiss_who_does_not_read(waiting, patience, now)


def _has_stopped_reading(caller: Caller, now: float) -> bool:
    """Whether an answer is ready and none of it has been read since the last check."""
    size = caller.lies_ready()
    if size != caller.unread[0]:
        caller.unread = (size, now)
        return False
    return size > 0


def _dismiss_who_does_not_read(callers: list[Caller], patience: Patience, now: float) -> None:
    """Close those that passed the timeout; over `UNREAD_BYTES`, those with the most unread first."""
    held = sum(caller.unread[0] for caller in callers)
    for caller in sorted(callers, key=lambda each: each.unread[0], reverse=True):
        size, since = caller.unread
        if held > UNREAD_BYTES or now - since > patience.answer:
            caller.dismiss("answer", patience.answer)
            held -= size


def longest_waited_for(callers: Iterable[Any], most: int) -> list[Any]:
    """The connections to close when a new one needs room: those we have waited for longest.

    Several at once, because finding them takes a pass over all connections: a client that opens
    thousands must not cause such a pass for each of them.
    """
    waited_for = [caller for caller in callers if caller.owes()]
    return nsmallest(max(1, most // _GIVEN_UP), waited_for, key=lambda caller: caller.since)


def raise_file_limit() -> None:
    """Raise this process's limit on open files to the system's maximum; each connection is one."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (_MACOS_FILES, hard):  # macOS reports no limit, but allows no more than this
        if soft != resource.RLIM_INFINITY and (wanted > soft or wanted == resource.RLIM_INFINITY):
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def file_limit() -> int | None:
    """How many files this process may open; None when there is no limit."""
    if resource is None:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def connection_bound(wanted: int, files: int | None) -> int:
    """How many connections are served: `wanted`, or fewer when the limit on open files is low."""
    return wanted if files is None else min(wanted, max(files // 2, files - _SPARE_FILES))
