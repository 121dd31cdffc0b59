"""The scenario language as values: the contents of a file once it has been read.

`reader` makes these values, `player` plays them, `expectations` checks them. The reference for users
is `docs/scenarios.md`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mock_nicepay.contract.times import ClockSetting


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one value, as the user wrote it."""

    text: str  # as written, for reports: `>= 50000`, `S2_*`, `missing`
    holds: Callable[[Any], bool]  # takes the value, or None when it is not there


@dataclass(frozen=True, slots=True)
class Match:
    """Conditions on a call, each named by what it tests: `body.amount`, `header.x-test`."""

    conditions: tuple[tuple[str, Condition], ...] = ()


@dataclass(frozen=True, slots=True)
class Charset:
    """The bytes an answer is really in, and the label it carries."""

    bytes: str
    label: str


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """What the caller, the payer's browser or the receiver of a webhook sees.

    `kind` is a row of `faults.FAULTS`, which also says where each can happen.
    """

    kind: str = "ok"
    code: str = ""  # with kind code: a key of the result codes
    message: str = ""  # with kind code: instead of the published text
    values: tuple[str, ...] = ()  # with kind code: what fills {0}, {1} ...
    status: int = 0  # with kind http
    body: str = ""  # with kind http or garbage: instead of the built-in text
    pace: timedelta = timedelta(milliseconds=20)  # with kind drip: between two bytes
    tries: int = 1  # with kind drop: how many tries of a webhook never leave


@dataclass(frozen=True, slots=True)
class Patch:
    """One changed or dropped key of the true answer. `path` has a part for each level."""

    path: tuple[str, ...]
    value: Any = None
    drop: bool = False
    plain: bool = False  # written without quotes: takes the type of the value it replaces


@dataclass(frozen=True, slots=True)
class Rule:
    """When a call answers differently, and how."""

    calls: tuple[str, ...]  # endpoint names the rule is for, globs already resolved
    match: Match = Match()
    times: int | None = None  # how often it fires; None: always
    after: int = 0  # how many matching calls pass first
    every: int = 1  # fires on each n-th matching call after those
    effect: str = ""  # commit, none, late or decline; empty: the default for the reply and the call
    reply: ReplyPlan = ReplyPlan()
    delay: timedelta = timedelta()
    charset: Charset | None = None
    headers: tuple[tuple[str, str], ...] = ()
    patch: tuple[Patch, ...] = ()
    line: int = 0
    text: str = ""  # one line for reports: `token.issue {body: ...} -> hang`


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a moment of the merchant's clock."""

    action: str  # a row of `faults.ACTIONS`: token.expire ...
    after: timedelta | None = None  # since the scenario began
    at: datetime | None = None  # or at that moment
    arguments: Mapping[str, str | int] = field(default_factory=dict)  # as `faults.ACTIONS` names
    line: int = 0


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true at the end. `kind` is called, never, order or final."""

    kind: str
    text: str  # as written, for reports
    calls: tuple[str, ...] = ()  # called and never: names; order: names in order
    times: Condition | None = None  # called: on the count; None: at least once
    within: timedelta | None = None  # called: only calls within this time from the beginning count
    answered: Condition | None = None  # called and never: only calls with such a code count
    never: str = ""  # never: a named condition (double_charge) instead of a call
    fields: tuple[tuple[str, Condition], ...] = ()  # final
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario file."""

    name: str
    description: str = ""
    edition: str = ""  # empty: the merchant's own
    clock: ClockSetting | None = None
    select: tuple[tuple[str, Condition], ...] = ()  # the merchants it is for; empty: all
    seed: int | None = None
    webhooks: tuple[tuple[str, str], ...] = ()  # method and URL: registered without a probe
    rules: tuple[Rule, ...] = ()
    timeline: tuple[Event, ...] = ()
    expect: tuple[Expectation, ...] = ()
    source: str = ""  # the text it was read from, for GET /_mock/scenario
    file: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a scenario, with its place (lines and columns count from 1)."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ScenarioError(ValueError):
    """A scenario that cannot be played: every mistake found in it, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
