"""A merchant's state for other processes: its clock, its scenarios, and how far they have come."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mock_nicepay.contract.times import ClockSetting
from mock_nicepay.core.records.record import Record


@dataclass(frozen=True, slots=True)
class Running(Record):
    """A merchant's state beside its records, from which another process can resume."""

    KEY: ClassVar[str] = "client_id"
    OWNER: ClassVar[str] = ""  # a reset must not delete it

    client_id: str  # or EVERYBODY: what new merchants begin with
    version: int = 0  # increased by each change, so that other processes notice it
    life: int = 0  # increased by each reset
    clock: ClockSetting = ClockSetting()
    sets: int = 0  # how often the clock was set; otherwise it was only moved on
    seed: int | None = None  # a scenario's
    keys: int = 0  # how often its merchant's own record or a key pair was changed
    choice: int = 0  # how often a scenario was chosen or dropped
    chosen: str = ""  # the text of the chosen one; empty: none
    file: str = ""  # its file
    down: tuple[str, ...] = ()  # keys of the plays that have put the gateway into maintenance
    chapter: int = 0  # of its random stream, to begin with
    at_start: ClockSetting | None = None  # for EVERYBODY: the value of --clock at the start


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule of a scenario matched and fired, and the call that came closest to a match."""

    met: int = 0
    fired: int = 0
    closest: int = -1
    closest_call: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Play(Record):
    """The state of one scenario for one merchant."""

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
