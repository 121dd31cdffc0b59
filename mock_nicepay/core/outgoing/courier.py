"""The only module that calls other servers: a merchant's webhook, and a shop's returnUrl.

All calls run in one thread with its own event loop, so that hundreds of hanging receivers occupy no
further thread and delay no other call. `posting.py` has the HTTP part; the thread imports it when it
starts, because its library is slow to import and most runs make no call.
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
_END = 1.0  # seconds to wait for the thread to end
_CALL = "mock-nicepay-call"  # the name of our tasks
_AT_ONCE = 256  # calls at a time; more wait, as each takes an open file of the process


class Courier:
    """Sends the POST requests of one sandbox. Its thread starts with the first of them."""

    def __init__(self, reach: Reach | None = None) -> None:
        self.reach = reach if reach is not None else Reach()
        self._lock = RLock()  # `close` may be called from anywhere, even inside the lock
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
        """POST `body` to `url`; the future's result says how it went. Neither raises.

        `connect` and `answer` are timeouts in seconds: for the connection, and from then on for the
        complete answer, however slowly it arrives. `registered` says that a merchant has a webhook at
        this host (see `reach.py`). A thread that waits for the future must hold no lock that the
        receiver's own calls to this gateway need.
        """
        future: Future[Sent] = Future()
        future.set_running_or_notify_cancel()  # from now on callers cannot cancel it
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
        """Give up the calls under way, and end the thread. A later `send` starts it again."""
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
        """The event loop of the thread; starts the thread if there is none."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(
                target=_turn, args=(self._loop,), name="mock-nicepay-courier", daemon=True
            )
            self._thread.start()
        return self._loop

    def _room(self) -> asyncio.Semaphore:
        """In the thread: the semaphore that limits the calls at a time."""
        loop = asyncio.get_running_loop()
        if self._places is None or self._places[0] is not loop:
            self._places = (loop, asyncio.Semaphore(_AT_ONCE))
        return self._places[1]

    def _begin(self, parcel: Parcel, future: "Future[Sent]") -> None:
        """In the thread: start a request. A loop keeps only weak references to tasks, so we keep one."""
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
    """Resolves host names for the loop, each in its own daemon thread.

    A process waits for the threads of an ordinary pool when it ends, and an unreachable name server
    takes half a minute to time out.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        """Begin to resolve a name."""
        found: Future[Any] = Future()

        def look_up() -> None:
            try:
                found.set_result(fn(*args, **options))
            except BaseException as error:
                found.set_exception(error)

        found.set_running_or_notify_cancel()  # from now on callers cannot cancel it
        Thread(target=look_up, name="mock-nicepay-name", daemon=True).start()
        return found


def _turn(loop: asyncio.AbstractEventLoop) -> None:
    """The thread: runs the loop until it is stopped, then cancels what is left."""
    asyncio.set_event_loop(loop)
    loop.set_default_executor(_Lookups())
    try:
        loop.run_forever()
        # Only the calls are cancelled; each ends the tasks it has started. A task cancelled before
        # its first step would cause a warning that it was never awaited.
        tasks = [task for task in asyncio.all_tasks(loop) if task.get_name() == _CALL]
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    finally:
        loop.close()
