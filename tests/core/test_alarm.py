"""Jobs run by themselves: one thread for the clocks of a sandbox."""

import gc
import threading
import weakref
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from threading import Event

import pytest

from mock_nicepay.contract.times import KST, ClockSetting
from mock_nicepay.core.alarm import Alarm, Sweep
from mock_nicepay.core.clock import Clock, wall
from mock_nicepay.core.store import StoreAway

NOON = datetime(2023, 2, 28, 12, tzinfo=KST)
MINUTE = timedelta(minutes=1)
FROZEN = ClockSetting("frozen", moment=NOON)


@pytest.fixture
def alarm() -> Iterator[Alarm]:
    """An alarm that ends with the test."""
    alarm = Alarm()
    yield alarm
    alarm.close()


def alarms() -> int:
    """How many threads wait for a time."""
    return sum(thread.name == "mock-nicepay-alarm" for thread in threading.enumerate())


class TestAlarm:
    """Due jobs when no call reads the time."""

    def test_work_happens_by_itself(self, alarm: Alarm) -> None:
        """At its time, in order, also what is planned for earlier than the rest."""
        clock, ran, done = Clock(alarm=alarm), [], Event()
        now = clock.now()
        clock.at(now + timedelta(days=2), done.set, "far")
        clock.at(now + timedelta(milliseconds=60), done.set, "second")
        clock.at(now + timedelta(milliseconds=30), lambda: ran.append("first"), "first")
        assert done.wait(timeout=10)
        assert (["first"], ["far"]) == (ran, [label for _, label in clock.pending()])

    def test_a_clock_that_is_moved_rings(self, alarm: Alarm) -> None:
        """A frozen clock that is set running, too."""
        clock, done = Clock(FROZEN, alarm=alarm), Event()
        clock.at(NOON + MINUTE, done.set, "work")
        assert 0 == alarms()
        clock.set(ClockSetting("moved", NOON + MINUTE - wall() - timedelta(milliseconds=-20)))
        assert done.wait(timeout=10)

    def test_work_that_fails_ends_nothing(
        self, alarm: Alarm, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The failure is logged, and the other jobs run."""
        clock, done = Clock(alarm=alarm), Event()

        def fail() -> None:
            raise RuntimeError("out of order")

        clock.at(clock.now(), fail, "bad")
        clock.at(wall() + timedelta(milliseconds=20), done.set, "good")
        assert done.wait(timeout=10)
        assert ["a job that was due has failed"] == [record.message for record in caplog.records]

    def test_work_waits_for_a_store_that_is_away(
        self, alarm: Alarm, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It stays due, is tried again after a while, and happens once."""
        monkeypatch.setattr("mock_nicepay.core.alarm._TRY_AGAIN", 0.01)
        clock, done, tries = Clock(alarm=alarm), Event(), count(1)

        def work() -> None:
            if next(tries) < 3:
                raise StoreAway("it is away")
            done.set()

        clock.at(clock.now() + timedelta(milliseconds=20), work, "work")
        assert done.wait(timeout=10)
        assert ["a job that is due has to wait: it is away"] * 2 == [
            r.message for r in caplog.records
        ]
        assert 4 == next(tries)

    def test_no_work_no_thread(self, alarm: Alarm) -> None:
        """The thread starts with the first job, ends on `close`, and starts again."""
        assert 0 == alarms()
        clock = Clock(alarm=alarm)
        clock.at(clock.now() + timedelta(days=1), lambda: None, "far")
        assert 1 == alarms()
        alarm.close()
        assert 0 == alarms()
        done = Event()
        clock.at(clock.now() + timedelta(milliseconds=10), done.set, "near")
        assert done.wait(timeout=10)

    def test_a_forgotten_clock_is_let_go(self, alarm: Alarm) -> None:
        """An alarm does not keep a sandbox in memory."""
        clock = Clock(alarm=alarm)
        clock.at(clock.now() + timedelta(days=1), lambda: None, "far")
        gone = weakref.ref(clock)
        del clock
        gc.collect()
        assert gone() is None


class Lookout:
    """Work of a sweep, in a store that is away the first times."""

    def __init__(self) -> None:
        self.found = Event()
        self._looks = count(1)

    def look(self) -> None:
        """One look."""
        if next(self._looks) < 4:
            raise StoreAway("it is away")
        self.found.set()


def test_a_sweep_says_once_that_the_store_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """However often it fails; and it continues."""
    lookout = Lookout()
    sweep = Sweep(lookout.look, 0.01)
    sweep.start()
    assert lookout.found.wait(timeout=10)
    sweep.close()
    assert ["waiting work cannot be looked for: it is away"] == [r.message for r in caplog.records]
