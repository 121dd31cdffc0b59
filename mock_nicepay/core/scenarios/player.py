"""Plays one scenario for one merchant: chooses rules, runs the timeline, remembers calls.

Each rule has its own counts: `times`, `after` and `every` count the calls that met the rule's
conditions, for this merchant and this scenario only.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, Protocol

from mock_nicepay.contract.times import iso
from mock_nicepay.core.clock import Clock
from mock_nicepay.core.journal.masking import mask_text
from mock_nicepay.core.records import Play, RuleCount
from mock_nicepay.core.scenarios.expectations import Judgement, Ledger, LedgerCall, judge
from mock_nicepay.core.scenarios.language import Event, Rule, Scenario
from mock_nicepay.core.scenarios.matching import Seen, verdict

LEDGER_SIZE = 100_000  # calls a scenario remembers for its expectations


class Stage(Protocol):
    """What a scenario can act on and read besides calls."""

    def begin(self, player: "Player") -> None:
        """Prepare what the scenario needs when it begins."""

    def perform(self, event: Event, player: "Player") -> None:
        """Carry out an event of a player's timeline."""

    def finals(self, player: "Player") -> list[dict[str, Any]]:
        """The merchant's payments, cash receipts and token as `final` expectations see them."""


class Keeper(Protocol):
    """Stores what players count, where other processes see it."""

    def hold(self, player: "Player") -> AbstractContextManager[object]:
        """Inside, only this process counts, on top of the stored counts; they are stored at the end."""

    def hear(self, player: "Player", call: LedgerCall) -> None:
        """Store a call for the expectations, inside `hold`; the latest `LEDGER_SIZE` are kept."""

    def heard(self, player: "Player") -> Sequence[LedgerCall]:
        """The stored calls."""

    def set_maintenance(self, player: "Player", on: bool) -> None:
        """Begin or end a player's maintenance, for all processes."""


@dataclass(slots=True)
class RuleState:
    """How often one rule was met and fired, and the call that came closest to it."""

    rule: Rule
    met: int = 0
    fired: int = 0
    closest: int = -1  # how many conditions the closest call met
    closest_call: str = ""
    reason: str = ""

    def meets(self, seen: Seen, lock: Lock) -> bool:
        """Whether the rule fires for this call; counts it if its conditions hold."""
        if seen.name not in self.rule.calls:
            return False
        held, reason = verdict(self.rule.match, seen)
        with lock:
            if reason:
                self._note(held, seen, reason)
                return False
            self.met += 1
            nth = self.met - self.rule.after
            if nth <= 0:
                self._note(
                    held,
                    seen,
                    f"it was call {self.met}, and the rule lets {self.rule.after} pass first",
                )
                return False
            if self.rule.times is not None and self.fired >= self.rule.times:
                return False
            if nth % self.rule.every:
                self._note(
                    held,
                    seen,
                    f"it was call {nth}, and the rule fires once every {self.rule.every} calls",
                )
                return False
            self.fired += 1
            return True

    def _note(self, held: int, seen: Seen, reason: str) -> None:
        if held > self.closest:
            self.closest, self.reason = held, reason
            self.closest_call = f"{seen.name} {mask_text(seen.path[:200])}"

    def count(self) -> RuleCount:
        """The counts, as a store keeps them."""
        return RuleCount(self.met, self.fired, self.closest, self.closest_call, self.reason)

    def follow(self, count: RuleCount) -> None:
        """Continue from stored counts."""
        self.met, self.fired = count.met, count.fired
        self.closest, self.closest_call, self.reason = (
            count.closest,
            count.closest_call,
            count.reason,
        )

    def to_json(self) -> dict[str, Any]:
        """The rule's line of the report."""
        nearest = {"call": self.closest_call, "reason": self.reason} if self.closest_call else None
        return {
            "line": self.rule.line,
            "rule": self.rule.text,
            "met": self.met,
            "fired": self.fired,
            "closest": None if self.fired else nearest,
        }


@dataclass(slots=True)
class Player:
    """One scenario in play."""

    scenario: Scenario
    stage: Stage
    client_id: str  # the merchant for whose calls it plays
    clock: Clock
    begun: datetime
    maintenance: bool = False  # True while this scenario keeps the gateway in maintenance
    calls: Counter[str] = field(default_factory=Counter)
    key: str = ""  # identifies it among all players, for the keeper
    keeper: Keeper | None = None  # None: the counts exist in this process only
    happened: set[int] = field(default_factory=set)  # indexes of timeline entries that have run
    rules: list[RuleState] = field(init=False)
    ledger: deque[LedgerCall] = field(init=False)
    _rules_for: frozenset[str] = field(init=False)  # the calls that any rule is for
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.rules = [RuleState(rule) for rule in self.scenario.rules]
        self.ledger = deque(maxlen=LEDGER_SIZE if self.scenario.expect else 0)
        self._rules_for = frozenset(name for rule in self.scenario.rules for name in rule.calls)

    def plan(self, seen: Seen) -> Rule | None:
        """The first rule that fires for this call. Later rules do not see the call."""
        if seen.name not in self._rules_for:
            return None
        with self._held():
            for state in self.rules:
                if state.meets(seen, self._lock):
                    return state.rule
        return None

    def saw(self, name: str, at: datetime, code: str) -> None:
        """Remember a call for the expectations."""
        call = LedgerCall(name, at, code)
        with self._held():
            with self._lock:
                self.calls[name] += 1
                if self.keeper is None:
                    self.ledger.append(call)
            if self.keeper is not None and self.scenario.expect:
                self.keeper.hear(self, call)

    @property
    def heard(self) -> int:
        """How many calls it has seen, including those it no longer remembers."""
        return sum(self.calls.values())

    def begin_timeline(self) -> None:
        """Schedule the remaining events of the timeline on the merchant's clock."""
        for place, event in enumerate(self.scenario.timeline):
            if place not in self.happened:
                due = (
                    event.at if event.at is not None else self.begun + (event.after or timedelta())
                )
                self.clock.at(due, partial(self._happen, place), event.action, owner=self)

    def _happen(self, place: int) -> None:
        """Run an event once over all processes; its mark and its effects are stored together."""
        with self._held():
            if place not in self.happened:
                self.happened.add(place)
                self.stage.perform(self.scenario.timeline[place], self)

    def set_maintenance(self, on: bool) -> None:
        """Begin or end maintenance, in which every call is answered with an HTTP 503 page."""
        if self.keeper is None:
            self.maintenance = on
        else:
            self.keeper.set_maintenance(self, on)

    def end(self) -> None:
        """Stop playing; the remaining events do not happen."""
        self.maintenance = False
        self.clock.forget(owner=self)

    def _held(self) -> AbstractContextManager[object]:
        return self.keeper.hold(self) if self.keeper is not None else nullcontext()

    def to_record(self, scenario: str) -> Play:
        """Its state as a store keeps it; `scenario` is the fingerprint of its text."""
        return Play(
            key=self.key,
            client_id=self.client_id,
            scenario=scenario,
            begun=self.begun,
            rules=tuple(state.count() for state in self.rules),
            calls=tuple(self.calls.items()),
            happened=tuple(sorted(self.happened)),
        )

    def follow(self, play: Play) -> None:
        """Continue from a stored state."""
        self.begun = play.begun
        self.calls = Counter(dict(play.calls))
        self.happened = set(play.happened)
        for state, count in zip(self.rules, play.rules, strict=True):
            state.follow(count)

    def judgements(self) -> list[Judgement]:
        """Each expectation with what was seen."""
        if not self.scenario.expect:
            return []
        heard = self.ledger if self.keeper is None else self.keeper.heard(self)
        ledger = Ledger(self.begun, tuple(heard), self.stage.finals(self))
        return [judge(expectation, ledger) for expectation in self.scenario.expect]

    def report(self) -> dict[str, Any]:
        """The scenario's results, as GET /_mock/report answers them."""
        judgements = self.judgements()
        with self._held():  # so that the counts do not change meanwhile
            rules, calls = [state.to_json() for state in self.rules], dict(self.calls)
        return {
            "scenario": self.scenario.name,
            "file": self.scenario.file or None,
            "since": iso(self.begun),
            "ok": all(judgement.ok for judgement in judgements),
            "calls": calls,
            "rules": rules,
            "neverFired": [row for row in rules if not row["fired"]],
            "expectations": [
                {"ok": j.ok, "expected": j.text, "seen": j.detail} for j in judgements
            ],
        }


def plan(players: Iterable[Player], seen: Seen) -> tuple[Player | None, Rule | None]:
    """The first rule that fires for this call, in the order of the players, with its player."""
    for player in players:
        rule = player.plan(seen)
        if rule is not None:
            return player, rule
    return None, None
