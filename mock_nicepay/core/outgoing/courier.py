"""The only module that calls the outside world: events to a merchant's webhook, a payer's form.

All calls run in one thread with an event loop of its own, so that hundreds of receivers that hang
cost no thread and hold up nobody. What is said on a connection stands in `posting.py`, which the
thread imports when it starts: its library takes a while, and most runs never call anybody.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import RLock, Thread, current_thread
from typing import Any

from mock_nicepay.contract.target import target_of
from mock_nicepay.core.clock import stopwatch
from mock_nicepay.core.outgoing.parcel import STOPPED, Parcel, Sent
from mock_nicepay.core.outgoing.reach import Reach

CONNECT, ANSWER = 5.0, 15.0  # seconds
_END = 1.0  # seconds that the thread may take to end
_CALL = "mock-nicepay-call"  # the name of our tasks
_AT_ONCE = 256  # calls on their way; more wait, for each takes one of the process's open files


class Courier:
    """Sends the POST requests of one sandbox. Starts with the first of them."""

    def __init__(self, reach: Reach | None = None) -> None:
        self.reach = reach if reach is not None else Reach()
        self._lock = RLock()  # its end may come from anywhere, also from inside of it
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._places: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None
        self._under_way: dict[Future[Sent], asyncio.Task[None] | None] = {}

    def send(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        connect: float = CONNECT,
        answer: float = ANSWER,
        registered: bool = False,
    ) -> "Future[Sent]":
        """POST `body` to `url`, and say what came of it; never raises, nor does the future.

        `connect` and `answer` are the most seconds until the connection stands, and from there
        until the answer is complete, however slowly it drips. `registered` tells that a merchant
        has a webhook at this host; `reach.py` has what follows from that. Whoever waits for the future
        must hold no lock that the receiver's own calls to this gateway need.
        """
        future: Future[Sent] = Future()
        future.set_running_or_notify_cancel()  # nobody but us decides how it ends
        try:
            target = target_of(url)
            parcel = Parcel(target, body, headers, connect, answer, self.reach, registered)
        except ValueError as error:
            future.set_result(Sent(None, problem=str(error)))
            return future
        with self._lock:
            self._under_way[future] = None
            self._running_loop().call_soon_threadsafe(self._begin, parcel, future)
        return future

    def close(self) -> None:
        """Give up what is under way, and end the thread. A later `send` starts it again."""
        with self._lock:
            thread, loop = self._thread, self._loop
            given_up, self._under_way = list(self._under_way), {}
            self._thread = self._loop = None
            if loop is not None:
                loop.call_soon_threadsafe(loop.stop)
        for future in given_up:
            future.set_result(STOPPED)
        if thread is not None and thread is not current_thread():
            thread.join(timeout=_END)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the thread, which is started when there is none."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(
                target=_turn, args=(self._loop,), name="mock-nicepay-courier", daemon=True
            )
            self._thread.start()
        return self._loop

    def _room(self) -> asyncio.Semaphore:
        """In the thread: a place among the calls on their way."""
        loop = asyncio.get_running_loop()
        if self._places is None or self._places[0] is not loop:
            self._places = (loop, asyncio.Semaphore(_AT_ONCE))
        return self._places[1]

    def _begin(self, parcel: Parcel, future: "Future[Sent]") -> None:
        """In the thread: take a request up. A loop does not hold on to its tasks; we do."""
        with self._lock:
            if future in self._under_way:
                loop = asyncio.get_running_loop()
                task = loop.create_task(self._carry(parcel, future), name=_CALL)
                self._under_way[future] = task

    async def _carry(self, parcel: Parcel, future: "Future[Sent]") -> None:
        from mock_nicepay.core.outgoing.posting import post

        async with self._room():
            started = stopwatch()
            sent = await post(parcel)
        ms = round((stopwatch() - started) * 1000, 3)
        with self._lock:
            if future not in self._under_way:  # given up meanwhile
                return
            del self._under_way[future]
        future.set_result(replace(sent, ms=ms))


class _Lookups(ThreadPoolExecutor):
    """Where the loop looks host names up: each in a thread of its own that nobody waits for at the end.

    The threads of a pool are waited for when the process ends, and a name server that is out of
    reach takes half a minute to be given up.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        """Begin to look a name up."""
        found: Future[Any] = Future()

        def look_up() -> None:
            try:
                found.set_result(fn(*args, **options))
            except BaseException as error:
                found.set_exception(error)

        found.set_running_or_notify_cancel()  # whoever gave up meanwhile does not look any more
        Thread(target=look_up, name="mock-nicepay-name", daemon=True).start()
        return found


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    """The thread: turns the loop until it is stopped, then gives up what it still does."""
    asyncio.set_event_loop(loop)
    loop.set_default_executor(_Lookups())
    try:
        loop.run_forever()
        # What a call has begun ends with it. Cancelled by us before its first step, it would be
        # complained of as never awaited.
        tasks = [task for task in asyncio.all_tasks(loop) if task.get_name() == _CALL]
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    finally:
        loop.close()
