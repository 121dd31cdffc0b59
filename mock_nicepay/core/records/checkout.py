"""Sessions of hosted checkout."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mock_nicepay.core.records.payments import READY
from mock_nicepay.core.records.record import Record

CLOSED = "closed"  # of a checkout session: the payer left
PENDING = "pending"  # of a checkout session: the payer has authenticated, and is being charged


@dataclass(frozen=True, slots=True)
class Session(Record):
    """A hosted checkout: an order made by a merchant's server, and our page on which it is paid.

    What is None was not sent. Its amounts are in its currency's units.
    """

    KEY: ClassVar[str] = "key"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("order_id",)

    key: str  # client id, slash, sessionId
    client_id: str
    session_id: str
    order_id: str
    amount: int
    goods_name: str
    return_url: str
    method: str  # a key of `contract.methods.ALL_METHODS`
    url: str  # of the page
    made_at: datetime
    expires: datetime
    fake: bool = False  # its page is NICEPAY's dummy page
    # By itself READY, FAILED or CLOSED. What it is paid with says more: see `core.checkout.sessions`.
    status: str = READY
    tid: str = ""  # of the payment that was approved, or declined
    bid: str | None = None  # what was registered for later payments
    opened_at: datetime | None = None  # the page, for the first time
    expired_at: datetime | None = None  # by the merchant's own call
    tax_free: int | None = None
    use_escrow: bool = False
    currency: str = "KRW"
    mall_reserved: str | None = None
    mall_user_id: str | None = None
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None
    logo: str | None = None
    language: str | None = None
    charset: str | None = None  # as it was asked for: also in upper case
    skin: str | None = None
    card_codes: tuple[str, ...] = ()
    quotas: tuple[int, ...] = ()
    card_show: str | None = None
    vbank_holder: str | None = None
    vbank_hours: int | None = None
    vbank_expires: datetime | None = None
    vbank_whole_day: bool = False  # whether the deadline was said as a day, without a time
    is_digital: bool = False
    receipt_kind: str | None = None
    receipt_number: str | None = None
    app_scheme: str | None = None
    key_id: str = ""  # of the key pair it was made with; empty: the merchant's first
