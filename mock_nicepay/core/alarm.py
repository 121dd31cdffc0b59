"""The threads that run jobs: `Alarm` when they fall due, `Sweep` at regular intervals."""

import logging
from collections.abc import Callable
from threading import Condition, Event, Thread, current_thread
from weakref import WeakKeyDictionary, WeakMethod

from mock_nicepay.core.clock import Clock, stopwatch
from mock_nicepay.core.store import StoreAway

_LOG = logging.getLogger("mock_nicepay")
_TRY_AGAIN = 1.0  # seconds until a job that failed because the store was away is tried again
_LONGEST_NAP = 3600.0  # seconds; the machine's clock may be changed meanwhile


class Alarm:
    """Runs jobs when they fall due, even without calls: one thread for all clocks of a sandbox.

    It starts with the first job on a running clock, sleeps until that is due, and does nothing
    while there are no jobs.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._clocks: WeakKeyDictionary[Clock, None] = WeakKeyDictionary()  # with jobs to come
        self._thread: Thread | None = None
        self._wakes = 0.0  # when the thread will wake up, on the stopwatch

    def watch(self, clock: Clock) -> None:
        """Tell the alarm that a job was planned on `clock`, or that its time was moved."""
        seconds = clock.seconds_to_next()
        if seconds is None:
            return
        with self._changed:
            self._clocks[clock] = None
            if self._thread is None:
                self._thread = Thread(target=self._run, name="mock-nicepay-alarm", daemon=True)
                self._thread.start()
            elif stopwatch() + seconds < self._wakes:
                self._changed.notify_all()

    def close(self) -> None:
        """End the thread. A job that is planned later starts it again."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._clocks.clear()
            self._changed.notify_all()
        if thread is not None and thread is not current_thread():
            thread.join(timeout=1)

    def _run(self) -> None:
        while due := self._due():
            for clock in due:
                try:
                    clock.run_due()
                except StoreAway as away:
                    self._wait_for_store(away)
                except Exception:
                    _LOG.exception("a job that was due has failed")
            del due, clock  # so that a sandbox that is no longer used can be freed

    def _wait_for_store(self, away: StoreAway) -> None:
        _LOG.warning("a job that is due has to wait: %s", away)
        with self._changed:
            if self._thread is current_thread():
                self._changed.wait(_TRY_AGAIN)

    def _due(self) -> list[Clock]:
        """Wait for clocks with due jobs and return them; an empty list when the thread is to end."""
        with self._changed:
            while self._thread is current_thread():
                waits = {clock: clock.seconds_to_next() for clock in self._clocks}
                due = [clock for clock, seconds in waits.items() if seconds == 0]
                if due:
                    return due
                known = {clock: seconds for clock, seconds in waits.items() if seconds is not None}
                self._clocks = WeakKeyDictionary(dict.fromkeys(known))
                nap = min((*known.values(), _LONGEST_NAP))
                self._wakes = stopwatch() + nap if known else float("inf")
                del waits
                self._changed.wait(nap if known else None)
        return []


class Sweep:
    """Calls a method every `seconds` in a thread, to take up work that other processes left behind."""

    def __init__(self, work: Callable[[], None], seconds: float = 1.0) -> None:
        """`work` is a bound method; the sweep keeps only a weak reference to its object."""
        self._work = WeakMethod(work)
        self._seconds = seconds
        self._ended = Event()
        self._away = False  # whether the store was away at the last call
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread; the first call comes after `seconds`."""
        self._ended.clear()
        self._thread = Thread(target=self._run, name="mock-nicepay-sweep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            work = self._work()
            if work is None:
                return
            try:
                work()
                self._away = False
            except StoreAway as away:  # logged once, not at every call
                if not self._away and not self._ended.is_set():
                    _LOG.warning("waiting work cannot be looked for: %s", away)
                self._away = True
            except Exception:
                if not self._ended.is_set():
                    _LOG.exception("looking for waiting work has failed")
            del work
