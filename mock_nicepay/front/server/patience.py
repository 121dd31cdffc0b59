"""How long the server waits for its callers, and how many of them it serves at once.

Whoever sends nothing, a header in drops or half a body holds a connection and nothing else; these
bounds let go of it. An answer that a scenario delays or withholds is no business of theirs.
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

HEADER_BYTES = 262_144  # of one request's header lines, its address included
HEADER_LINES = 500
ADDRESS_BYTES = 65_535
UNREAD_BYTES = 67_108_864  # of answers that nobody reads, all connections together
AHEAD = 64  # requests of one connection that wait for the answer to an earlier one
_GIVEN_UP = 16  # of so many connections one makes room
_MACOS_FILES = 10_240
_SPARE_FILES = 400  # open files beside the callers' connections: receivers of webhooks, the store


@dataclass(frozen=True, slots=True)
class Patience:
    """The most seconds that a caller may take."""

    idle: float = 75.0  # between two requests, or before the first
    head: float = 30.0  # from the first byte of a request to the end of its header
    body: float = 60.0  # from there to the end of its body
    answer: float = 60.0  # in which nothing of an answer is read that lies ready
    leave: float = 10.0  # from our last word until the caller has read it and goes


class Caller(Protocol):
    """A connection as these bounds see it."""

    since: float  # when the present wait for the caller began, on the loop's clock
    unread: tuple[int, float]  # bytes of answers that lie ready, and since when so many

    def owes(self) -> str:
        """What the caller is waited for: `idle`, `head`, `body`, `leave`; empty: it waits for us."""

    def lies_ready(self) -> int:
        """Bytes of answers that have been written and not taken."""

    def dismiss(self, owed: str, seconds: float) -> None:
        """End the connection, with an answer where a request has begun."""


def dismiss_the_slow(callers: Iterable[Caller], patience: Patience, now: float) -> None:
    """End the connections whose callers have taken longer than they may."""
    waiting = []  # for the answers that lie ready to be read
    for caller in list(callers):
        owed = caller.owes()
        allowed: float = getattr(patience, owed) if owed else 0.0
        if owed and now - caller.since > allowed:
            caller.dismiss(owed, allowed)
        elif _has_stopped_reading(caller, now):
            waiting.append(caller)
    _dismiss_who_does_not_read(waiting, patience, now)


def _has_stopped_reading(caller: Caller, now: float) -> bool:
    """Whether nothing of an answer has been read since the last look."""
    size = caller.lies_ready()
    if size != caller.unread[0]:
        caller.unread = (size, now)
        return False
    return size > 0


def _dismiss_who_does_not_read(callers: list[Caller], patience: Patience, now: float) -> None:
    """Those who have not for long; when answers pile up, those for whom the most lies ready."""
    held = sum(caller.unread[0] for caller in callers)
    for caller in sorted(callers, key=lambda each: each.unread[0], reverse=True):
        size, since = caller.unread
        if held > UNREAD_BYTES or now - since > patience.answer:
            caller.dismiss("answer", patience.answer)
            held -= size


def longest_waited_for(callers: Iterable[Any], most: int) -> list[Any]:
    """The connections to give up when others need room: those that have owed us longest.

    Several at once, for to find them costs a look at each: who opens thousands must not have us
    look at thousands for each of them.
    """
    waited_for = [caller for caller in callers if caller.owes()]
    return nsmallest(max(1, most // _GIVEN_UP), waited_for, key=lambda caller: caller.since)


def raise_file_limit() -> None:
    """Let this process open as many files as the system lets it; each connection is one."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (_MACOS_FILES, hard):  # macOS names no limit, and lets no more than this
        if soft != resource.RLIM_INFINITY and (wanted > soft or wanted == resource.RLIM_INFINITY):
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def file_limit() -> int | None:
    """How many files this process may open; None: nobody counts."""
    if resource is None:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if soft == resource.RLIM_INFINITY else soft


def connection_bound(wanted: int, files: int | None) -> int:
    """How many connections are served: as many as wanted, as far as open files last."""
    return wanted if files is None else min(wanted, max(files // 2, files - _SPARE_FILES))
