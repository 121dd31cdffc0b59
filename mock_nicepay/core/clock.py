"""A merchant's time: real, moved or frozen, and the work that falls due in it.

The only module that reads the time of day or a stopwatch. Work that is due only begins what the
outside world must answer; whoever moves the time waits for that, and holds no lock meanwhile.
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
_LOOK_AGAIN = 0.02  # seconds between two looks at what other processes have under way


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


class UnderWay:
    """Counts what was begun outside on a merchant's behalf and has not ended yet."""

    def __init__(self, elsewhere: Callable[[], bool] | None = None) -> None:
        """`elsewhere` tells whether another process has something of the merchant's under way."""
        self._count = 0
        self._changed = Condition()
        self._elsewhere = elsewhere

    @property
    def any(self) -> bool:
        """Whether there is something to wait for."""
        return self._count > 0 or (self._elsewhere is not None and self._elsewhere())

    def begin(self) -> None:
        """One more. Each must `end`, also when it fails."""
        with self._changed:
            self._count += 1

    def end(self) -> None:
        """One less; with the last one, those who `wait` go on."""
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until there is nothing left. What ends may have begun more: that is waited for, too."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count)
        while self._elsewhere is not None and self._elsewhere():
            pause(_LOOK_AGAIN)


class Watcher(Protocol):
    """Makes due jobs run even while no call asks for the time."""

    def watch(self, clock: "Clock") -> None:
        """Take note: a job was planned on `clock`, or its time was moved."""


class Clock:
    """The time of one merchant, and what is to happen in it.

    `outside` counts the calls that its jobs have begun and that are not answered yet; `alarm` wakes
    up for jobs that fall due while no call asks for the time.
    """

    def __init__(
        self,
        setting: ClockSetting = ClockSetting(),
        real: Callable[[], datetime] = wall,
        outside: UnderWay | None = None,
        alarm: Watcher | None = None,
        keep: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """Changes of the setting are made inside `keep`, which first takes over and then stores it."""
        self._real = real
        self._keep = keep
        self._outside = outside or UnderWay()
        self._alarm = alarm
        self._running = RLock()  # held while due work runs, so that it runs once and in order
        self._heap = Lock()  # held for a moment; work that runs may add more
        self._jobs: list[_Job] = []
        self._order = count()
        self._busy = False  # work that asks for the time must not start the work due after it
        self._target: datetime | None = None  # where an advance is on its way to
        self.sets = 0  # how often it was set; otherwise it is only moved on
        self._take(setting)

    def set(self, setting: ClockSetting) -> None:
        """Set the clock; what has fallen due by then happens at once."""
        with self._running, self._keep():
            self._take(setting)
            self.sets += 1
            self._target = None  # an advance that waits for an answer ends where it is
        self.run_due()
        self.tell_alarm()

    def setting(self) -> ClockSetting:
        """How the clock is set now."""
        if self._frozen_at is not None:
            return ClockSetting("frozen", moment=self._frozen_at)
        return ClockSetting("moved" if self._offset else "real", self._offset)

    def follow(self, setting: ClockSetting, sets: int) -> None:
        """Take over the setting that another process has made.

        Where that only moved the time on, an advance under way here goes that much farther.
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
        """Inside, no job runs. Code that locks the store as well does so inside of this.

        Due jobs need the store: in the other order two threads would wait for each other.
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
        """The merchant's time, after everything that was due by now has happened."""
        if self._jobs:
            self.run_due()
        return self._read()

    def at(self, due: datetime, run: Callable[[], None], label: str, owner: object = None) -> None:
        """Have `run` called when the clock reaches `due`; `owner` may have it forgotten.

        It is to be quick: what somebody outside must answer is only begun by it.
        """
        with self._heap:
            heappush(self._jobs, _Job(due, next(self._order), run, label, owner))
        self.tell_alarm()

    def advance(self, span: timedelta) -> None:
        """Move the time; each job on the way runs at its own moment, in order, at once.

        What the jobs of a moment begin outside is waited for before the next moment comes, without
        any lock: its receiver may call this gateway, and look at the time. An advance while another
        one waits so only makes that one go farther, for it may come from that very receiver.

        A clock that runs goes on running from there; a frozen one stands still there. Raises
        `OverflowError` when there is no such time; then nothing has happened.
        """
        self.check(span)
        advance_all([self], span)

    def set_out(self, span: timedelta) -> bool:
        """Begin an advance; False when something outside must be waited for before it goes on."""
        with self._running:
            if self._target is not None:
                self._target += span
            elif self._busy or span < timedelta():
                # Whoever runs the work does the rest; or there is none.
                with self._keep():
                    self._move_to(self._read() + span)
            else:
                self._target = self._read() + span
                return self.go_on()
            return True

    def await_outside(self) -> None:
        """Wait until nothing that was begun outside is left, holding no lock."""
        self._outside.wait()

    def go_on(self) -> bool:
        """Go on from moment to moment; False when something outside must be waited for first."""
        with self._running:
            while self._target is not None:
                if self._outside.any:
                    return False
                with self._keep():  # where others may have changed it: then the target, too
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
        """End an advance where it is."""
        with self._running:
            self._target = None

    def tell_alarm(self) -> None:
        """Have the alarm look at when something falls due by itself: the time has moved."""
        if self._alarm is not None and self._jobs:
            self._alarm.watch(self)

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

    def seconds_to_next(self) -> float | None:
        """Real seconds until something falls due by itself; None when nothing will."""
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
        except StoreAway:  # it has not happened: it stays due
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
    """Move several clocks, side by side: where one waits for a slow receiver, the others' come too."""
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
    """Let real time pass, as a slow answer does."""
    time.sleep(seconds)
