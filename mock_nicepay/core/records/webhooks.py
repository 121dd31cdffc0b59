"""Where events go, and events on their way."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mock_nicepay.core.records.record import Record


@dataclass(frozen=True, slots=True)
class WebhookUrl(Record):
    """Where the events of one payment method go."""

    KEY: ClassVar[str] = "key"

    key: str  # client id, slash, method
    client_id: str
    method: str  # card, bank, vbank or cellphone
    url: str
    manager_email: str | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt to deliver a webhook, and why it counted as a failure."""

    at: datetime
    status: int | None  # None: no answer came
    answer: str  # what the receiver's body said, shortened
    failure: str  # empty: it was accepted
    ms: float


@dataclass(frozen=True, slots=True)
class Delivery(Record):
    """One event on its way to a merchant's webhook. Its body is made once and stays the same."""

    KEY: ClassVar[str] = "id"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("tid", "state")

    id: str
    client_id: str
    event: str  # paid, ready, deposited, cancelled, partialCancelled, test
    method: str  # by whose address it goes: card, bank, vbank or cellphone
    tid: str
    order_id: str
    url: str
    charset: str  # of the bytes
    content_type: str
    body: str
    made_at: datetime
    due: datetime | None  # of the next attempt; None: there is none
    state: str  # waiting, delivered, failed (given up), dropped (a scenario said never)
    note: str = ""  # the rule that did something to it
    twist: str = "ok"  # and what: a row of `faults.FAULTS`
    drops: int = 0  # so many of the first tries never leave
    tries: tuple[Try, ...] = ()
