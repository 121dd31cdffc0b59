"""A merchant's time: real, moved or frozen, and the jobs that fall due in it.

The only module that reads the time of day or a stopwatch. A due job only starts calls to other
servers; the thread that moves the time waits for their answers, and holds no lock meanwhile.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from threading import Condition, Lock, RLock
from typing import Protocol

from mock_nicepay.contract.times import END_OF_TIME, KST, ClockSetting
from mock_nicepay.core.store import StoreAway

stopwatch = time.perf_counter
_LOOK_AGAIN = 0.02  # seconds between two checks whether other processes have calls under way


def wall() -> datetime:
    """The real time in Korea, in whole milliseconds, as on the wire."""
    now = datetime.now(KST)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(order=True, slots=True)
class _Job:
    due: datetime
    order: int
    run: Callable[[], None] = field(compare=False)
    label: str = field(compare=False)
    owner: object = field(compare=False, default=None)


class UnderWay:
    """Counts the calls to other servers for a merchant that have not ended yet."""

    def __init__(self, elsewhere: Callable[[], bool] | None = None) -> None:
        """`elsewhere` says whether another process has a call for the merchant under way."""
        self._count = 0
        self._changed = Condition()
        self._elsewhere = elsewhere

    @property
    def any(self) -> bool:
        """Whether any call is under way."""
        return self._count > 0 or (self._elsewhere is not None and self._elsewhere())

    def begin(self) -> None:
        """Count one more call. Each must `end`, even when it fails."""
        with self._changed:
            self._count += 1

    def end(self) -> None:
        """Count one call less; after the last one, `wait` returns."""
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until no call is under way, including calls that are begun meanwhile."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count)
        while self._elsewhere is not None and self._elsewhere():
            pause(_LOOK_AGAIN)


class Watcher(Protocol):
    """Runs due jobs even when no call reads the time."""

    def watch(self, clock: "Clock") -> None:
        """Learn that a job was planned on `clock`, or that its time was moved."""


class Clock:
    """The time of one merchant, and the jobs planned in it.

    `outside` counts the unanswered calls that its jobs have begun; `alarm` runs jobs that fall due
    while no call reads the time.
    """

    def __init__(
        self,
        setting: ClockSetting = ClockSetting(),
        real: Callable[[], datetime] = wall,
        outside: UnderWay | None = None,
        alarm: Watcher | None = None,
        keep: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Changes of the setting are made inside `keep`, which first loads and finally stores it."""
        self._real = real
        self._keep = keep
        self._outside = outside or UnderWay()
        self._alarm = alarm
        self._running = RLock()  # held while due jobs run, so that each runs once, in order
        self._heap = Lock()  # held for a moment only; running jobs may add further ones
        self._jobs: list[_Job] = []
        self._order = count()
        self._busy = False  # a job that reads the time must not start the jobs due after it
        self._target: datetime | None = None  # the time at which the present advance ends
        self.sets = 0  # how often `set` was called; an advance does not count
        self._take(setting)

    def set(self, setting: ClockSetting) -> None:
        """Set the clock; jobs that are due by then run at once."""
        with self._running, self._keep():
            self._take(setting)
            self.sets += 1
            self._target = None  # an advance that is waiting for an answer ends here
        self.run_due()
        self.tell_alarm()

    def setting(self) -> ClockSetting:
        """The present setting of the clock."""
        if self._frozen_at is not None:
            return ClockSetting("frozen", moment=self._frozen_at)
        return ClockSetting("moved" if self._offset else "real", self._offset)

    def follow(self, setting: ClockSetting, sets: int) -> None:
        """Take over the setting of another process.

        If that process only advanced the time, an advance under way here goes that much further.
        """
        before = self._read()
        same = sets == self.sets
        self._take(setting)
        self.sets = sets
        if self._target is not None:
            self._target = self._target + (self._read() - before) if same else None
        self.tell_alarm()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside, no job runs. Lock the store inside of this, not around it.

        Due jobs lock the store, too: in the other order two threads could deadlock.
        """
        with self._running:
            yield

    def _take(self, setting: ClockSetting) -> None:
        self._offset = setting.offset
        self._frozen_at = setting.moment if setting.mode == "frozen" else None

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
        """The merchant's time; runs all jobs that are due first."""
        if self._jobs:
            self.run_due()
        return self._read()

    def at(self, due: datetime, run: Callable[[], None], label: str, owner: object = None) -> None:
        """Plan a job: `run` is called when the clock reaches `due`; `forget(owner)` drops it.

        It must be quick: it may start calls to other servers, but not wait for them.
        """
        with self._heap:
            heappush(self._jobs, _Job(due, next(self._order), run, label, owner))
        self.tell_alarm()

    def advance(self, span: timedelta) -> None:
        """Move the time forward; each job on the way runs now, in order, at its own time.

        Calls to other servers that a job starts are waited for before the time moves on, without
        holding a lock: the receiver may call this gateway, and read the time. An advance while another
        one waits only makes that one go further, because it may come from that very receiver.

        A running clock continues from there; a frozen one stays there. Raises `OverflowError` when
        there is no such time; then nothing has happened.
        """
        self.check(span)
        advance_all([self], span)

    def set_out(self, span: timedelta) -> bool:
        """Begin an advance; False when it must wait for calls to other servers before it goes on."""
        with self._running:
            if self._target is not None:
                self._target += span
            elif self._busy or span < timedelta():
                # The thread that runs the jobs does the rest; a move back has none.
                with self._keep():
                    self._move_to(self._read() + span)
            else:
                self._target = self._read() + span
                return self.go_on()
            return True

    def await_outside(self) -> None:
        """Wait until no call to another server is under way, holding no lock."""
        self._outside.wait()

    def go_on(self) -> bool:
        """Continue an advance, job by job; False when it must wait for calls to other servers first."""
        with self._running:
            while self._target is not None:
                if self._outside.any:
                    return False
                with self._keep():  # loads changes by other processes, also of the target
                    if self._target is None:
                        break
                    next_due = self._jobs[0].due if self._jobs else END_OF_TIME
                    arrived = next_due > self._target
                    self._move_to(max(min(next_due, self._target), self._read()))
                if arrived:
                    self._target = None
                else:
                    self.run_due()
            return True

    def stop_here(self) -> None:
        """End an advance at the present time."""
        with self._running:
            self._target = None

    def tell_alarm(self) -> None:
        """Let the alarm recompute when the next job falls due, after the time has moved."""
        if self._alarm is not None and self._jobs:
            self._alarm.watch(self)

    def check(self, span: timedelta) -> None:
        """Raise `OverflowError` when the clock cannot move that far."""
        if self._read() + span >= END_OF_TIME:
            raise OverflowError(f"a clock cannot reach the year {END_OF_TIME.year}")

    def run_due(self) -> None:
        """Run the jobs that are due, in order."""
        with self._running:
            if self._busy:
                return
            while self._jobs and self._jobs[0].due <= self._read():
                self._run_next()

    def forget(self, owner: object = None) -> None:
        """Drop planned jobs: all of them, or those of `owner`."""
        with self._running, self._heap:
            self._jobs = [job for job in self._jobs if owner is not None and job.owner is not owner]
            heapify(self._jobs)

    def pending(self) -> list[tuple[datetime, str]]:
        """The planned jobs: time and label, the next first."""
        with self._heap:
            return [(job.due, job.label) for job in sorted(self._jobs)]

    def seconds_to_next(self) -> float | None:
        """Real seconds until the next job falls due; None without jobs, or when the clock is frozen."""
        with self._heap:
            if not self._jobs or self._frozen_at is not None:
                return None
            return max(0.0, (self._jobs[0].due - self._read()).total_seconds())

    def _run_next(self) -> None:
        with self._heap:
            job = heappop(self._jobs)
        self._busy = True
        try:
            job.run()
        except StoreAway:  # the job has had no effect, so it stays due
            with self._heap:
                heappush(self._jobs, job)
            raise
        finally:
            self._busy = False

    def _move_to(self, moment: datetime) -> None:
        if self._frozen_at is not None:
            self._frozen_at = moment
        else:
            self._offset += moment - self._read()


def advance_all(clocks: Sequence[Clock], span: timedelta) -> None:
    """Advance several clocks in parallel, so that their slow receivers are waited for together."""
    on_the_way: list[Clock] = []
    try:
        on_the_way += [clock for clock in clocks if not clock.set_out(span)]
        while on_the_way:
            for clock in on_the_way:
                clock.await_outside()
            on_the_way = [clock for clock in on_the_way if not clock.go_on()]
    except BaseException:
        for clock in clocks:
            clock.stop_here()
        raise
    for clock in clocks:
        clock.tell_alarm()


def pause(seconds: float) -> None:
    """Sleep for some real seconds, for a slow answer."""
    time.sleep(seconds)
