"""Work happens by itself: one thread for the clocks of a sandbox."""

import gc
import threading
import weakref
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

import pytest

from mock_nicepay.contract.times import KST, ClockSetting
from mock_nicepay.core.alarm import Alarm
from mock_nicepay.core.clock import Clock, wall

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
    """Due work when nobody looks at the time."""

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
        """What stood still and is set running, too."""
        clock, done = Clock(FROZEN, alarm=alarm), Event()
        clock.at(NOON + MINUTE, done.set, "work")
        assert 0 == alarms()
        clock.set(ClockSetting("moved", NOON + MINUTE - wall() - timedelta(milliseconds=-20)))
        assert done.wait(timeout=10)

    def test_work_that_fails_ends_nothing(
        self, alarm: Alarm, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is told, and the rest happens."""
        clock, done = Clock(alarm=alarm), Event()

        def fail() -> None:
            raise RuntimeError("out of order")

        clock.at(clock.now(), fail, "bad")
        clock.at(wall() + timedelta(milliseconds=20), done.set, "good")
        assert done.wait(timeout=10)
        assert ["work that was due has failed"] == [record.message for record in caplog.records]

    def test_no_work_no_thread(self, alarm: Alarm) -> None:
        """It starts with the first work, ends when told, and starts again."""
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
        """An alarm keeps no sandbox alive."""
        clock = Clock(alarm=alarm)
        clock.at(clock.now() + timedelta(days=1), lambda: None, "far")
        gone = weakref.ref(clock)
        del clock
        gc.collect()
        assert gone() is None
