"""A merchant's time: how it is set and moved, and that due jobs run in order, once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread

import pytest

from mock_nicepay.contract.times import KST, ClockSetting, iso
from mock_nicepay.core.clock import Clock, UnderWay, advance_all, wall

NOON = datetime(2023, 2, 28, 12, tzinfo=KST)
MINUTE = timedelta(minutes=1)
FROZEN = ClockSetting("frozen", moment=NOON)


class RealTime:
    """A real time that a test can move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def real() -> RealTime:
    """The real time of a test, at noon."""
    return RealTime()


def hours(clock: Clock) -> str:
    """The clock's time of day."""
    return clock.now().strftime("%H:%M")


@pytest.mark.parametrize(
    ("before", "after", "mode", "setting"),
    [
        ("12:00", "12:07", "real", ClockSetting()),
        ("14:00", "14:07", "moved", ClockSetting("moved", 120 * MINUTE)),
        ("11:30", "11:37", "moved", ClockSetting("moved", -30 * MINUTE)),
        ("12:00", "12:00", "frozen", FROZEN),
    ],
)
def test_a_clock_runs_as_it_is_set(
    before: str, after: str, mode: str, setting: ClockSetting, real: RealTime
) -> None:
    """A real and a moved clock follow real time, a frozen one stands still."""
    clock = Clock(setting, real)
    assert (before, mode) == (hours(clock), clock.mode)
    real.now += 7 * MINUTE
    assert after == hours(clock)


@pytest.mark.parametrize(
    ("expected", "mode", "setting"),
    [
        ("12:38", "moved", ClockSetting()),
        ("14:38", "moved", ClockSetting("moved", 120 * MINUTE)),
        ("12:31", "frozen", FROZEN),
    ],
)
def test_an_advanced_clock_goes_on_in_its_own_way(
    expected: str, mode: str, setting: ClockSetting, real: RealTime
) -> None:
    """A running clock continues from there, and a frozen one stays there."""
    clock = Clock(setting, real)
    clock.advance(31 * MINUTE)
    real.now += 7 * MINUTE
    assert (expected, mode) == (hours(clock), clock.mode)


@pytest.mark.parametrize(
    ("expected", "setting", "spans"),
    [
        (timedelta(), ClockSetting(), ()),
        (120 * MINUTE, ClockSetting("moved", 120 * MINUTE), ()),
        (125 * MINUTE, ClockSetting("moved", 120 * MINUTE), (5,)),
        (timedelta(), ClockSetting("moved", 5 * MINUTE), (-5,)),
        (3 * MINUTE, FROZEN, (1, 2)),
    ],
)
def test_a_clock_knows_how_far_it_is_ahead(
    expected: timedelta, setting: ClockSetting, spans: tuple[int, ...], real: RealTime
) -> None:
    """The offset is against real time, whatever the mode; minus is behind."""
    clock = Clock(setting, real)
    for span in spans:
        clock.advance(span * MINUTE)
    assert expected == clock.offset


def test_a_clock_can_be_set_again(real: RealTime) -> None:
    """Frozen, then moved, then real: each setting replaces the one before."""
    clock = Clock(FROZEN, real)
    clock.set(ClockSetting("moved", MINUTE))
    assert ("12:01", "moved") == (hours(clock), clock.mode)
    clock.set(ClockSetting())
    assert ("12:00", "real") == (hours(clock), clock.mode)


class Log:
    """Remembers which work ran, and at what time of the clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lines: list[str] = []

    def plan(self, minutes: float, name: str, then: Callable[[], None] = lambda: None) -> None:
        """Plan a job that long after noon, which logs `name` and does `then`."""

        def run() -> None:
            self.lines.append(f"{name} {hours(self.clock)}")
            then()

        self.clock.at(NOON + minutes * MINUTE, run, name)


@pytest.fixture(params=[ClockSetting(), FROZEN], ids=["real", "frozen"])
def log(request: pytest.FixtureRequest, real: RealTime) -> Log:
    """The log of a clock at noon."""
    return Log(Clock(request.param, real))


def test_due_work_runs_in_order_at_its_own_moment(log: Log) -> None:
    """By the time they fall due, not by the time they were planned."""
    for minutes, name in ((20, "c"), (5, "a"), (5, "b"), (32, "later"), (31, "d")):
        log.plan(minutes, name)
    log.clock.advance(31 * MINUTE)
    assert ["a 12:05", "b 12:05", "c 12:20", "d 12:31"] == log.lines
    assert ("12:31", ["later"]) == (hours(log.clock), [label for _, label in log.clock.pending()])


def test_work_may_plan_more_work_inside_the_span(log: Log) -> None:
    """A retry that plans the next retry: all of them run in one advance."""
    log.plan(1, "first", lambda: log.plan(3, "second", lambda: log.plan(9, "third")))
    log.clock.advance(5 * MINUTE)
    assert ["first 12:01", "second 12:03"] == log.lines
    log.clock.advance(5 * MINUTE)
    assert "third 12:09" == log.lines[-1]


def test_work_planned_for_the_past_runs_at_the_next_look(log: Log) -> None:
    """The time does not go back for it."""
    log.clock.advance(10 * MINUTE)
    log.plan(5, "late")
    assert "12:10" == hours(log.clock)
    assert ["late 12:10"] == log.lines


def test_work_that_looks_at_the_time_does_not_start_the_next(log: Log) -> None:
    """Reading the time inside a job gives the job's time, and the order stays."""
    log.plan(5, "a", lambda: log.lines.append(hours(log.clock)))
    log.plan(5, "b")
    log.clock.advance(10 * MINUTE)
    assert ["a 12:05", "12:05", "b 12:05"] == log.lines


def test_real_time_alone_makes_work_happen(real: RealTime) -> None:
    """Reading the clock runs the jobs that have fallen due since, once."""
    log = Log(Clock(ClockSetting(), real))
    log.plan(5, "a")
    real.now += 6 * MINUTE
    assert [] == log.lines
    assert ("12:06", "12:06") == (hours(log.clock), hours(log.clock))
    assert ["a 12:06"] == log.lines


def test_setting_the_clock_runs_what_it_passes(log: Log) -> None:
    """Jobs before the new time run."""
    log.plan(5, "a")
    log.plan(90, "b")
    log.clock.set(ClockSetting("frozen", moment=NOON + 60 * MINUTE))
    assert ["a 13:00"] == log.lines


def test_work_that_fails_does_not_come_again(log: Log) -> None:
    """The failure is raised, the other jobs run next time, and the clock is not stuck."""

    def fail() -> None:
        raise RuntimeError("out of order")

    log.plan(1, "bad", fail)
    log.plan(2, "good")
    with pytest.raises(RuntimeError, match="out of order"):
        log.clock.advance(5 * MINUTE)
    log.clock.advance(5 * MINUTE)
    assert ["bad 12:01", "good 12:02"] == log.lines


def test_clocks_are_advanced_side_by_side() -> None:
    """No clock waits for calls of another clock's jobs before its own jobs begin."""
    begun: list[UnderWay] = []

    def clock() -> Clock:
        outside = UnderWay()
        clock = Clock(FROZEN, outside=outside)

        def begin() -> None:
            outside.begin()
            begun.append(outside)
            if len(begun) == 2:
                for each in begun:
                    each.end()

        clock.at(NOON + MINUTE, begin, "begin")
        return clock

    clocks = [clock(), clock()]
    advance_all(clocks, 5 * MINUTE)
    assert (["12:05"] * 2, 2) == ([hours(each) for each in clocks], len(begun))


def test_a_failure_leaves_no_clock_on_its_way(log: Log) -> None:
    """When one of several fails, the others can be advanced again."""
    outside = UnderWay()
    waiting = Clock(FROZEN, outside=outside)
    outside.begin()

    def fail() -> None:
        raise RuntimeError("out of order")

    log.plan(1, "bad", fail)
    with pytest.raises(RuntimeError, match="out of order"):
        advance_all([waiting, log.clock], 5 * MINUTE)
    outside.end()
    waiting.advance(5 * MINUTE)
    assert "12:05" == hours(waiting)


def test_what_is_forgotten_does_not_happen(log: Log) -> None:
    """Nothing is pending and nothing runs."""
    log.plan(5, "a")
    log.clock.forget()
    log.clock.advance(10 * MINUTE)
    assert ([], []) == (log.lines, log.clock.pending())


def test_an_owner_forgets_its_own_work_only(log: Log) -> None:
    """The jobs of others still run, in order."""
    owner = object()
    for minutes, name, whose in ((3, "c", None), (1, "a", owner), (2, "b", object())):
        log.clock.at(
            NOON + minutes * MINUTE,
            lambda name=name: log.lines.append(name),  # type: ignore[misc]
            name,
            owner=whose,
        )
    log.clock.forget(owner=owner)
    log.clock.advance(10 * MINUTE)
    assert ["b", "c"] == log.lines


def test_work_may_forget_the_rest(log: Log) -> None:
    """Forgetting from inside of work leaves nothing to run after it."""
    log.plan(1, "a", log.clock.forget)
    log.plan(2, "b")
    log.clock.advance(10 * MINUTE)
    assert (["a 12:01"], "12:10") == (log.lines, hours(log.clock))


def test_what_is_pending_is_listed_in_order(log: Log) -> None:
    """Moment and label, the next first."""
    log.plan(9, "b")
    log.plan(5, "a")
    assert [
        ("2023-02-28T12:05:00.000+0900", "a"),
        ("2023-02-28T12:09:00.000+0900", "b"),
    ] == [(iso(due), label) for due, label in log.clock.pending()]


def test_threads_run_each_work_once() -> None:
    """Eight threads that advance and read at once: all jobs run in order, none of them twice."""
    clock = Clock(FROZEN)
    ran: list[int] = []
    for minute in range(1, 201):
        clock.at(NOON + minute * MINUTE, lambda minute=minute: ran.append(minute), "")  # type: ignore[misc]
    barrier = Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(25):
            clock.advance(MINUTE)
            clock.now()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(range(1, 201)) == ran
    assert NOON + 200 * MINUTE == clock.now()


def test_nobody_sees_a_time_whose_work_has_not_happened() -> None:
    """A thread that reads the time waits for the jobs that another thread's advance runs."""
    clock = Clock(FROZEN)
    done: list[str] = []
    running, go_on = Event(), Event()

    def slow() -> None:
        running.set()
        go_on.wait(timeout=10)
        done.append("work")

    clock.at(NOON + MINUTE, slow, "slow")
    clock.at(NOON + 2 * MINUTE, lambda: done.append("more"), "more")
    mover = Thread(target=clock.advance, args=(5 * MINUTE,))
    mover.start()
    assert running.wait(timeout=10)
    looker = Thread(target=lambda: done.append(hours(clock)))
    looker.start()
    go_on.set()
    mover.join()
    looker.join()
    assert ["work", "more", "12:05"] == done


def test_the_wall_clock_is_korean_and_knows_milliseconds() -> None:
    """A time is never finer than the wire's milliseconds."""
    assert (KST, 0) == (wall().tzinfo, wall().microsecond % 1000)


class TestOutside:
    """Jobs that start calls to other servers."""

    def test_an_advance_waits_for_each_moments_answers(self) -> None:
        """The time moves on when all answers have arrived; they may plan further jobs."""
        outside = UnderWay()
        clock = Clock(FROZEN, outside=outside)
        lines: list[str] = []

        def begin() -> None:
            at = clock.now()
            outside.begin()
            lines.append(f"asked {hours(clock)}")

            def answer() -> None:
                lines.append(f"answered {hours(clock)}")
                clock.at(at + MINUTE, begin, "again")
                outside.end()

            Thread(target=answer).start()

        clock.at(NOON, begin, "first")
        clock.advance(2 * MINUTE)
        assert [f"{word} 12:0{n}" for n in range(3) for word in ("asked", "answered")] == lines

    def test_nobody_else_waits_meanwhile(self) -> None:
        """Other threads can read the time, plan jobs and advance while an advance waits."""
        outside = UnderWay()
        clock = Clock(FROZEN, outside=outside)
        clock.at(NOON + MINUTE, outside.begin, "asks")
        clock.at(NOON + 2 * MINUTE, lambda: None, "later")
        mover = Thread(target=clock.advance, args=(5 * MINUTE,))
        mover.start()
        while not outside.any:
            assert mover.is_alive()
        assert "12:01" == hours(clock)
        clock.advance(MINUTE)
        assert "12:01" == hours(clock)
        outside.end()
        mover.join(timeout=10)
        assert "12:06" == hours(clock)

    def test_what_is_under_way_before_is_waited_for(self) -> None:
        """Time does not move past an answer."""
        outside = UnderWay()
        clock = Clock(FROZEN, outside=outside)
        outside.begin()
        mover = Thread(target=clock.advance, args=(MINUTE,))
        mover.start()
        assert "12:00" == hours(clock)
        outside.end()
        mover.join(timeout=10)
        assert "12:01" == hours(clock)

    def test_a_set_clock_ends_an_advance_that_waits(self) -> None:
        """It stays where it was set."""
        outside = UnderWay()
        clock = Clock(FROZEN, outside=outside)
        clock.at(NOON + MINUTE, outside.begin, "asks")
        mover = Thread(target=clock.advance, args=(5 * MINUTE,))
        mover.start()
        while not outside.any:
            assert mover.is_alive()
        clock.set(ClockSetting("frozen", moment=NOON + 60 * MINUTE))
        outside.end()
        mover.join(timeout=10)
        assert "13:00" == hours(clock)
