"""What runs for a merchant, kept for another process: its clock, its scenarios, how far they have come."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mock_nicepay.contract.times import ClockSetting
from mock_nicepay.core.records.record import Record


@dataclass(frozen=True, slots=True)
class Running(Record):
    """What runs for a merchant beside its records, for whoever goes on with it in another process."""

    KEY: ClassVar[str] = "client_id"
    OWNER: ClassVar[str] = ""  # a reset writes another one

    client_id: str  # or EVERYBODY: what new merchants begin with
    version: int = 0  # goes up with each change, so that others see that there was one
    life: int = 0  # goes up with each reset
    clock: ClockSetting = ClockSetting()
    sets: int = 0  # how often the clock was set; otherwise it was only moved on
    seed: int | None = None  # a scenario's
    keys: int = 0  # how often its merchant's own record or a key pair was changed
    choice: int = 0  # how often a scenario was chosen, or dropped
    chosen: str = ""  # the text of the one that is; empty: none
    file: str = ""  # that it came from
    down: tuple[str, ...] = ()  # the plays that have the gateway down
    chapter: int = 0  # with which its chance begins
    at_start: ClockSetting | None = None  # of EVERYBODY: what --clock said when it was begun


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule of a scenario was met and fired, and the call that came closest to it."""

    met: int = 0
    fired: int = 0
    closest: int = -1
    closest_call: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Play(Record):
    """How far one scenario has come for one merchant."""

    KEY: ClassVar[str] = "key"

    key: str  # client id, slash, how it came to be played
    client_id: str
    scenario: str  # a fingerprint of its text: with another text it is another play
    begun: datetime
    rules: tuple[RuleCount, ...]
    calls: tuple[tuple[str, int], ...] = ()
    happened: tuple[int, ...] = ()  # entries of its timeline, by their place


@dataclass(frozen=True, slots=True)
class Heard(Record):
    """A call that a scenario's expectations look at."""

    KEY: ClassVar[str] = "key"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("play",)

    key: str
    client_id: str
    play: str
    name: str
    at: datetime
    code: str
