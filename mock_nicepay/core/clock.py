"""A merchant's time: real, moved or frozen, and the work that falls due in it.

The only module that reads the time of day or a stopwatch.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from threading import Lock, RLock

from mock_nicepay.contract.times import END_OF_TIME, KST, ClockSetting

stopwatch = time.perf_counter


def wall() -> datetime:
    """The real time in Korea, in whole milliseconds as the wire knows it."""
    now = datetime.now(KST)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(order=True, slots=True)
class _Job:
    due: datetime
    order: int
    run: Callable[[], None] = field(compare=False)
    label: str = field(compare=False)
    owner: object = field(compare=False, default=None)


class Clock:
    """The time of one merchant, and what is to happen in it."""

    def __init__(
        self, setting: ClockSetting = ClockSetting(), real: Callable[[], datetime] = wall
    ) -> None:
        self._real = real
        self._running = RLock()  # held while due work runs, so that it runs once and in order
        self._heap = Lock()  # held for a moment; work that runs may add more
        self._jobs: list[_Job] = []
        self._order = count()
        self._busy = False  # work that asks for the time must not start the work due after it
        self.set(setting)

    def set(self, setting: ClockSetting) -> None:
        """Set the clock; what has fallen due by then happens at once."""
        with self._running:
            self._frozen_at = setting.moment if setting.mode == "frozen" else None
            self._offset = setting.offset
        self.run_due()

    @property
    def mode(self) -> str:
        """`real`, `moved` or `frozen`."""
        if self._frozen_at is not None:
            return "frozen"
        return "moved" if self._offset else "real"

    @property
    def offset(self) -> timedelta:
        """How far the clock is ahead of real time."""
        return self._read() - self._real() if self._frozen_at is not None else self._offset

    def _read(self) -> datetime:
        return self._frozen_at if self._frozen_at is not None else self._real() + self._offset

    def now(self) -> datetime:
        """The merchant's time, after everything that was due by now has happened."""
        if self._jobs:
            self.run_due()
        return self._read()

    def at(self, due: datetime, run: Callable[[], None], label: str, owner: object = None) -> None:
        """Have `run` called when the clock reaches `due`; `owner` may have it forgotten."""
        with self._heap:
            heappush(self._jobs, _Job(due, next(self._order), run, label, owner))

    def advance(self, span: timedelta) -> None:
        """Move the time; each job on the way runs at its own moment, in order, at once.

        A clock that runs goes on running from there; a frozen one stands still there. Raises
        `OverflowError` when there is no such time; then nothing has happened.
        """
        self.check(span)
        with self._running:
            target = self._read() + span
            while self._jobs and self._jobs[0].due <= target:
                self._move_to(max(self._jobs[0].due, self._read()))
                self._run_next()
            self._move_to(max(target, self._read()) if span >= timedelta() else target)

    def check(self, span: timedelta) -> None:
        """Raise `OverflowError` when the clock cannot move that far."""
        if self._read() + span >= END_OF_TIME:
            raise OverflowError(f"a clock cannot reach the year {END_OF_TIME.year}")

    def run_due(self) -> None:
        """Run what has fallen due, in order."""
        with self._running:
            if self._busy:
                return
            while self._jobs and self._jobs[0].due <= self._read():
                self._run_next()

    def forget(self, owner: object = None) -> None:
        """Drop what was still to happen: all of it, or what `owner` had planned."""
        with self._running, self._heap:
            self._jobs = [job for job in self._jobs if owner is not None and job.owner is not owner]
            heapify(self._jobs)

    def pending(self) -> list[tuple[datetime, str]]:
        """What is still to happen: moment and label, the next first."""
        with self._heap:
            return [(job.due, job.label) for job in sorted(self._jobs)]

    def _run_next(self) -> None:
        with self._heap:
            job = heappop(self._jobs)
        self._busy = True
        try:
            job.run()
        finally:
            self._busy = False

    def _move_to(self, moment: datetime) -> None:
        if self._frozen_at is not None:
            self._frozen_at = moment
        else:
            self._offset += moment - self._read()


def pause(seconds: float) -> None:
    """Let real time pass, as a slow answer does."""
    time.sleep(seconds)
