"""A bounded pool of threads that run calls when the store would block the event loop.

Each lane (a merchant, say) uses at most one thread: further calls of a lane queue before they take a
thread, so a merchant whose transaction is blocked occupies one thread only. More would not be faster:
the store runs a merchant's transactions one after another.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Lane:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0  # calls that run or wait


class Hands:
    """A pool of at most `most` daemon threads, each started when it is first needed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads = 0
        self._lanes: dict[str, _Lane] = {}
        self._works: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._idle = 0  # idle threads less queued works; used on the event loop only

    async def do(self, lane: str, work: Callable[[], T]) -> T:
        """Run `work` in a thread and return its result. Works of one lane run in order of arrival."""
        async with self._turn(lane):
            made: Future[T] = Future()
            made.set_running_or_notify_cancel()  # a server that stops meanwhile must not cancel it
            self._works.put(lambda: _make(made, work))
            if self._idle <= 0 and self._threads < self._most:
                self._begin_thread()
            self._idle -= 1
            try:
                return await asyncio.wrap_future(made)
            finally:
                self._idle += 1

    def close(self) -> None:
        """Stop the threads, each after its current work. `do` must not be called afterwards."""
        for _ in range(self._threads):
            self._works.put(None)

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        lane = self._lanes.setdefault(name, _Lane())
        lane.users += 1
        try:
            async with lane.turn:
                yield
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[name]

    def _begin_thread(self) -> None:
        self._threads += 1
        self._idle += 1
        Thread(target=self._run, name="mock-nicepay-call", daemon=True).start()

    def _run(self) -> None:
        while (work := self._works.get()) is not None:
            work()


def _make(made: "Future[T]", work: Callable[[], T]) -> None:
    try:
        made.set_result(work())
    except BaseException as error:
        made.set_exception(error)
