"""What happened to payments, as reconciliation tells it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mock_nicepay.core.records.record import Record

# What a movement was, in the words of reconciliation.
CREATED = "vbankCreate"  # an account was issued
UNMADE = "vbankCancelled"  # and cancelled before anybody paid into it


@dataclass(frozen=True, slots=True)
class Movement(Record):
    """Something that happened to a payment, as the reconciliation of that day tells it.

    Written in the transaction it happened in, and never changed. Amounts are in the payment's currency.
    """

    KEY: ClassVar[str] = "key"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("day",)

    key: str  # the payment's tid, slash, what happened
    client_id: str
    day: str  # yyyyMMdd in Korea
    at: datetime
    tid: str  # a partial cancel has its own
    payment_tid: str
    order_id: str
    status: str  # PAID, CANCELLED, PART_CANCELLED, CREATED or UNMADE
    amount: int
    supply: int  # its part that carries VAT, without that
    before: int = 0  # what the shop had of the payment
    after: int = 0
