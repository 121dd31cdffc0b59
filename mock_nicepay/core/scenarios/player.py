"""Plays one scenario for one merchant: which rule a call meets, what falls due, what was seen.

Rules count for themselves: `times`, `after` and `every` count the calls that met a rule's
conditions, for this merchant and this scenario only.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any, Protocol

from mock_nicepay.contract.times import iso
from mock_nicepay.core.clock import Clock
from mock_nicepay.core.masking import mask_text
from mock_nicepay.core.scenarios.expectations import Judgement, Ledger, LedgerCall, judge
from mock_nicepay.core.scenarios.language import Event, Rule, Scenario
from mock_nicepay.core.scenarios.matching import Seen, verdict

_LEDGER_SIZE = 100_000  # calls a scenario remembers for its expectations


class Stage(Protocol):
    """What a scenario can act on and look at besides calls."""

    def begin(self, player: "Player") -> None:
        """Prepare what the scenario wants to find when it begins."""

    def perform(self, event: Event, player: "Player") -> None:
        """Do what a player's timeline says."""

    def finals(self, player: "Player") -> list[dict[str, Any]]:
        """The merchant's payments and token as `final` expectations see them."""


@dataclass(slots=True)
class RuleState:
    """How often one rule was met and fired, and the call that came closest to it."""

    rule: Rule
    met: int = 0
    fired: int = 0
    closest: int = -1  # how many conditions the closest call fulfilled
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
    client_id: str  # whose merchant's calls it plays for
    clock: Clock
    begun: datetime
    maintenance: bool = False  # while this scenario has the gateway down
    calls: Counter[str] = field(default_factory=Counter)
    rules: list[RuleState] = field(init=False)
    ledger: deque[LedgerCall] = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.rules = [RuleState(rule) for rule in self.scenario.rules]
        self.ledger = deque(maxlen=_LEDGER_SIZE if self.scenario.expect else 0)

    def plan(self, seen: Seen) -> Rule | None:
        """The first rule that fires for this call. Later rules do not see the call."""
        for state in self.rules:
            if state.meets(seen, self._lock):
                return state.rule
        return None

    def saw(self, name: str, at: datetime, code: str) -> None:
        """Remember a call for the expectations."""
        with self._lock:
            self.calls[name] += 1
            self.ledger.append(LedgerCall(name, at, code))

    def begin_timeline(self) -> None:
        """Put the scenario's events into the merchant's time."""
        for event in self.scenario.timeline:
            due = event.at if event.at is not None else self.begun + (event.after or timedelta())
            happen = partial(self.stage.perform, event, self)
            self.clock.at(due, happen, event.action, owner=self)

    def end(self) -> None:
        """Play no more; what was still to happen does not happen."""
        self.maintenance = False
        self.clock.forget(owner=self)

    def judgements(self) -> list[Judgement]:
        """Each expectation with what was seen."""
        if not self.scenario.expect:
            return []
        ledger = Ledger(self.begun, tuple(self.ledger), self.stage.finals(self))
        return [judge(expectation, ledger) for expectation in self.scenario.expect]

    def report(self) -> dict[str, Any]:
        """What came of the scenario, as GET /_mock/report answers it."""
        judgements = self.judgements()
        rules = [state.to_json() for state in self.rules]
        return {
            "scenario": self.scenario.name,
            "file": self.scenario.file or None,
            "since": iso(self.begun),
            "ok": all(judgement.ok for judgement in judgements),
            "calls": dict(self.calls),
            "rules": rules,
            "neverFired": [row for row in rules if not row["fired"]],
            "expectations": [
                {"ok": j.ok, "expected": j.text, "seen": j.detail} for j in judgements
            ],
        }


def plan(players: Iterable[Player], seen: Seen) -> tuple[Player | None, Rule | None]:
    """The first rule of the first scenario that fires for this call, and whose it is."""
    for player in players:
        rule = player.plan(seen)
        if rule is not None:
            return player, rule
    return None, None
