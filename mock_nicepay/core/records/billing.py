"""Billing keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mock_nicepay.core.records.payments import Card
from mock_nicepay.core.records.record import Record

# A billing key's life, beside what it was registered with.
ACTIVE = "active"
SUSPENDED = "suspended"  # by the card company or the wallet
DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class BillingKey(Record):
    """A card or wallet that the merchant may charge repeatedly."""

    KEY: ClassVar[str] = "bid"

    bid: str
    client_id: str
    order_id: str  # of the registration
    tid: str  # of the registration; of a checkout its payment's
    made_at: datetime
    card: Card | None  # its number masked
    pay_method: str = "card"  # as answers say it: card, naverpay, kakaopay, tosspay
    method: str = ""  # how it was registered: cardBill, kakaoBill ...; empty: by the API
    status: str = ACTIVE
    good_until: str = ""  # the card's last month, yyyy-MM; empty: unknown
    ended_at: datetime | None = None  # when it was deleted
    key_id: str = ""  # of the key pair it was registered with; empty: the merchant's first
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None
