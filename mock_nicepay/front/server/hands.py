"""Threads that work calls off beside the event loop, where a store takes its time.

Bounded in number, and of those one for a lane, a merchant say: the others of a lane wait before they
take a thread, so that a merchant whose turn does not come holds one and no more. Several would not be
quicker: the store has a merchant's transactions run one after another.
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
    users: int = 0  # those who wait included


class Hands:
    """So many threads. They begin with the first works; none keeps the process alive."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._threads = 0
        self._lanes: dict[str, _Lane] = {}
        self._works: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._idle = 0  # as far as the loop knows

    async def do(self, lane: str, work: Callable[[], T]) -> T:
        """What `work` makes; works of one lane are begun in the order in which they came."""
        async with self._turn(lane):
            made: Future[T] = Future()
            made.set_running_or_notify_cancel()  # a server that ends meanwhile does not take it back
            self._works.put(lambda: _make(made, work))
            if self._idle <= 0 and self._threads < self._most:
                self._begin_thread()
            self._idle -= 1
            try:
                return await asyncio.wrap_future(made)
            finally:
                self._idle += 1

    def close(self) -> None:
        """Have the threads end, each after what it is at; nothing may be done any more."""
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
