"""Playing one scenario: which rule applies, what is counted, what falls due, what is reported."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest

from mock_nicepay.contract.times import KST, ClockSetting
from mock_nicepay.core.clock import Clock
from mock_nicepay.core.scenarios.language import Event
from mock_nicepay.core.scenarios.matching import Seen
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.scenarios.reader import read_value

NOON = datetime(2023, 2, 28, 12, tzinfo=KST)
MINUTE = timedelta(minutes=1)
Rules = list[dict[str, Any]]


class Stage:
    """Logs what a timeline does, and has the final state a test wants."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.final: list[dict[str, Any]] = []

    def begin(self, player: Player) -> None:
        """Nothing has to be prepared."""

    def perform(self, event: Event, player: Player) -> None:
        """Write it down with the time of day."""
        self.done.append(f"{event.action} {player.clock.now():%H:%M}")

    def finals(self, player: Player) -> list[dict[str, Any]]:
        """What the test has put there."""
        return self.final


@pytest.fixture
def stage() -> Stage:
    """A stage with nothing on it."""
    return Stage()


@pytest.fixture
def play(stage: Stage) -> Callable[..., Player]:
    """Begin a scenario of these parts at noon: `play(rules=[...])`."""

    def begin(**parts: Any) -> Player:
        scenario = read_value({"version": 1, "name": "s", **parts})
        clock = Clock(ClockSetting("frozen", moment=NOON))
        player = Player(scenario, stage, "S2_a", clock, begun=NOON)
        player.begin_timeline()
        return player

    return begin


def seen(name: str = "token.issue", body: Any = None, **parts: Any) -> Seen:
    """A call as rules see it."""
    plain: dict[str, Any] = {
        "path": "/v1/access-token",
        "places": {},
        "query": {},
        "headers": {},
        "scheme": "basic",
        "client": "S2_a",
    }
    return Seen(name=name, body=body, **{**plain, **parts})


def fired(player: Player, calls: int, call: Seen | None = None) -> str:
    """For each of several calls the code of the rule that fired, or a dot."""
    plans = [player.plan(call or seen()) for _ in range(calls)]
    return " ".join(plan.reply.code if plan else "." for plan in plans)


def rule(code: str, **parts: Any) -> dict[str, Any]:
    """A rule of the token call that answers `code`."""
    return {"call": "token.issue", "reply": {"code": code}, **parts}


@pytest.mark.parametrize(
    ("expected", "rules"),
    [
        ("U101 U101 U101 U101 U101 U101", [rule("U101")]),
        ("U101 . . . . .", [rule("U101", times=1)]),
        ("U101 U101 . . . .", [rule("U101", times=2)]),
        (". . U101 U101 U101 U101", [rule("U101", after=2)]),
        (". . U101 . . U101", [rule("U101", every=3)]),
        (". . U101 U101 . .", [rule("U101", after=2, times=2)]),
        (". . . U101 . U101", [rule("U101", after=2, every=2)]),
        (". . . U101 . .", [rule("U101", after=2, every=2, times=1)]),
        (
            "U101 U102 U102 U103 U103 U103",
            [rule("U101", times=1), rule("U102", times=2), rule("U103")],
        ),
        (". U101 U102 . U101 .", [rule("U102", after=2, times=1), rule("U101", every=2)]),
        (". . . . . .", []),
    ],
)
def test_rules_count_the_calls_they_meet(
    expected: str, rules: Rules, play: Callable[..., Player]
) -> None:
    """The first rule that fires takes the call, later ones do not see it, a spent one lets it through."""
    rules = [*rules, {"call": "payments.*", "reply": {"code": "U107"}}]
    assert expected == fired(play(rules=rules), 6)


def test_only_calls_that_meet_the_conditions_count(play: Callable[..., Player]) -> None:
    """`times` and `after` count the calls that meet `match`, not the others."""
    player = play(rules=[rule("U101", match={"body": {"amount": ">= 50"}}, after=1, times=1)])
    small, large = seen(body={"amount": 10}), seen(body={"amount": 100})
    assert [". .", ".", ". .", "U101", "."] == [
        fired(player, 2, small),
        fired(player, 1, large),
        fired(player, 2, small),
        fired(player, 1, large),
        fired(player, 1, large),
    ]


def test_other_calls_pass(play: Callable[..., Player]) -> None:
    """A rule of one call does not fire for another, nor count it."""
    player = play(rules=[rule("U101", after=1)])
    assert ". . . . ." == fired(player, 5, seen("payments.get"))
    assert ". U101" == fired(player, 2)


@pytest.mark.parametrize(
    ("times", "after", "every", "expected"), [(1, 0, 1, 1), (20, 5, 2, 20), (5, 190, 1, 5)]
)
def test_eight_threads_fire_a_rule_no_more_often(
    times: int, after: int, every: int, expected: int, play: Callable[..., Player]
) -> None:
    """Two hundred calls at once: exactly as many as the rule allows, and none is lost."""
    player = play(rules=[rule("U101", times=times, after=after, every=every)])
    barrier = Barrier(8)
    hits: list[str] = []

    def work() -> None:
        barrier.wait()
        for _ in range(25):
            hits.append(fired(player, 1))
            player.saw("token.issue", NOON, "0000")

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = player.report()
    assert (expected, expected, 200, 200) == (
        hits.count("U101"),
        report["rules"][0]["fired"],
        report["rules"][0]["met"],
        report["calls"]["token.issue"],
    )


@pytest.mark.parametrize(
    ("expected", "rules", "calls"),
    [
        (None, [rule("U101")], []),
        (None, [rule("U101")], [seen()]),
        (None, [rule("U101")], [seen("payments.get")]),
        (
            {
                "call": "token.issue /v1/access-token",
                "reason": "body.amount is 10, expected >= 50",
            },
            [rule("U101", match={"body": {"amount": ">= 50"}})],
            [seen(body={"amount": 10}), seen("payments.get", body={"amount": 90})],
        ),
        (
            {
                "call": "token.issue /near",
                "reason": "header.x-test is missing, expected a*",
            },
            [rule("U101", match={"body": {"amount": ">= 50"}, "header": {"X-Test": "a*"}})],
            [
                seen(body={"amount": 10}, path="/far"),
                seen(body={"amount": 90}, path="/near"),
                seen(body={"amount": 20}, path="/also-far"),
            ],
        ),
        (
            {
                "call": "token.issue /v1/access-token",
                "reason": "it was call 1, and the rule lets 2 pass first",
            },
            [rule("U101", after=2)],
            [seen(), seen()],
        ),
        (
            {
                "call": "token.issue /v1/access-token",
                "reason": "it was call 1, and the rule fires once every 3 calls",
            },
            [rule("U101", every=3)],
            [seen(), seen()],
        ),
    ],
)
def test_a_rule_that_never_fired_knows_the_closest_call(
    expected: dict[str, str] | None, rules: Rules, calls: list[Seen], play: Callable[..., Player]
) -> None:
    """The call that fulfilled most conditions, and the first condition that it failed."""
    player = play(rules=rules)
    for call in calls:
        player.plan(call)
    assert expected == player.report()["rules"][0]["closest"]


def test_a_secret_is_not_shown_as_a_reason(play: Callable[..., Player]) -> None:
    """What a call held in a secret place is hidden in the report."""
    player = play(rules=[rule("U101", match={"body": {"secretKey": "x"}})])
    player.plan(seen(body={"secretKey": "9eb85607"}))
    assert (
        "body.secretKey is (hidden), expected x" == player.report()["rules"][0]["closest"]["reason"]
    )


def test_events_happen_at_their_moment(play: Callable[..., Player], stage: Stage) -> None:
    """After a span since the beginning, or at a time; in order, whatever the order in the file."""
    player = play(
        timeline=[
            {"at": "+31m", "do": "token.expire"},
            {"at": "2023-02-28T12:10:00+0900", "do": "maintenance.begin"},
            {"at": "+15m", "do": "maintenance.end"},
            {"at": "+2h", "do": "token.revoke"},
        ]
    )
    player.clock.advance(60 * MINUTE)
    assert ["maintenance.begin 12:10", "maintenance.end 12:15", "token.expire 12:31"] == stage.done


def test_an_event_of_the_past_happens_at_once(play: Callable[..., Player], stage: Stage) -> None:
    """A time before the beginning is due at the first reading of the clock."""
    player = play(
        timeline=[
            {"at": "2020-01-01T00:00:00", "do": "token.expire"},
            {"at": "+0s", "do": "token.revoke"},
        ]
    )
    player.clock.now()
    assert ["token.expire 12:00", "token.revoke 12:00"] == stage.done


def test_nothing_happens_after_the_end(play: Callable[..., Player], stage: Stage) -> None:
    """What was still to happen is forgotten, and a maintenance is over."""
    player = play(timeline=[{"at": "+5m", "do": "token.expire"}])
    player.maintenance = True
    player.end()
    player.clock.advance(10 * MINUTE)
    assert ([], False) == (stage.done, player.maintenance)


def test_the_ledger_judges_the_expectations(play: Callable[..., Player], stage: Stage) -> None:
    """Calls with time and code, and the final state, are held against `expect`."""
    player = play(
        expect=[
            {"called": "token.issue", "times": 2},
            {"called": "payments.get", "within": "1m"},
            {"called": "payments.get", "answered": "0000"},
            {"order": ["token.issue", "payments.get"]},
            {"final": {"token": "live"}},
        ]
    )
    stage.final = [{"token": "live"}]
    player.saw("token.issue", NOON, "0000")
    player.saw("payments.get", NOON + 5 * MINUTE, "U107")
    report = player.report()
    assert (False, [False, False, False, True, True]) == (
        report["ok"],
        [row["ok"] for row in report["expectations"]],
    )
    assert [
        "called once, expected 2 (at 12:00:00)",
        "called 0 times, expected at least 1; not counted: 1 later than 1m (at 12:05:00)",
        "called 0 times, expected at least 1; not counted: 1 answered U107 x1",
        "",
        "",
    ] == [row["seen"] for row in report["expectations"]]


def test_a_report_tells_the_whole_story(play: Callable[..., Player]) -> None:
    """Name, beginning, calls, each rule with its line, and those that never fired."""
    player = play(rules=[rule("U101", times=1), rule("U102", match={"body": {"a": "1"}})])
    for _ in range(3):
        player.plan(seen())
        player.saw("token.issue", NOON, "0000")
    report = player.report()
    assert {
        "scenario": "s",
        "since": "2023-02-28T12:00:00.000+0900",
        "ok": True,
        "calls": {"token.issue": 3},
        "expectations": [],
    } == {key: report[key] for key in ("scenario", "since", "ok", "calls", "expectations")}
    assert [(3, 1), (0, 0)] == [(row["met"], row["fired"]) for row in report["rules"]]
    assert [report["rules"][1]] == report["neverFired"]
    assert 0 < report["rules"][0]["line"] < report["rules"][1]["line"]


def test_calls_are_not_remembered_for_nobody(play: Callable[..., Player]) -> None:
    """Without expectations the ledger stays empty, and the counts go on."""
    player = play()
    for _ in range(10):
        player.saw("token.issue", NOON, "0000")
    assert (0, 10) == (len(player.ledger), player.calls["token.issue"])
