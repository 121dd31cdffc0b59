"""A payment from the payer's authorisation on, with what it was paid with and what was cancelled."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from mock_nicepay.core.records.record import Record


@dataclass(frozen=True, slots=True)
class Card:
    """The card or wallet money a payment was made with, its number masked."""

    code: str
    name: str
    number: str | None  # None for a wallet's own money and points
    quota: int  # months, 0 for a lump sum
    interest_free: bool
    kind: str  # credit or check
    can_part_cancel: bool
    acquirer_code: str
    acquirer_name: str


@dataclass(frozen=True, slots=True)
class Bank:
    """The bank a transfer came from."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """The virtual account of a payment, paid by a transfer of the amount to it."""

    bank_code: str
    bank_name: str
    number: str
    holder: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class ReceiptWish:
    """The payer's wish for a cash receipt."""

    kind: str  # individual or company
    number: str  # a mobile number or a business number


@dataclass(frozen=True, slots=True)
class CashReceipt:
    """A cash receipt of a payment, or its part that a cancel took back."""

    tid: str
    origin_tid: str  # the approval, or the partial cancel
    status: str  # issueRequested, issued, cancelRequested ...
    amount: int
    tax_free: int
    kind: str  # individual or company
    issue_no: str
    answer_at: datetime | None = None  # of the tax office; what was requested is true from then on


@dataclass(frozen=True, slots=True)
class Cancel:
    """One cancel or refund of a payment, with the tax parts it took back."""

    tid: str
    order_id: str  # of the cancel request
    amount: int
    supply: int
    vat: int
    tax_free: int
    reason: str
    at: datetime
    coupon: int = 0  # of the amount, what went back into the payer's coupon


# A payment's life. Only what follows `AUTHORISED` is a payment for the merchant's look-ups.
AUTHORISED = "authorised"  # the payer agreed in the window; no money has moved
PAID = "paid"
READY = "ready"  # a virtual account waits for its deposit
FAILED = "failed"  # the issuer declined
CANCELLED = "cancelled"
PART_CANCELLED = "partialCancelled"


@dataclass(frozen=True, slots=True)
class KeyIn:
    """Marks a payment whose card the merchant keyed in, with the values that only that call answers."""

    currency: str | None  # as it was sent; None: it was not


@dataclass(frozen=True, slots=True)
class Payment(Record):
    """One payment, from the payer's authorisation in the window on. Amounts are in its currency's units."""

    KEY: ClassVar[str] = "tid"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("order_id", "bid")
    TALLIED: ClassVar[tuple[str, ...]] = ("status",)

    tid: str
    client_id: str
    order_id: str
    amount: int
    balance: int  # what has not been cancelled
    goods_name: str
    pay_method: str  # as answers say it: card, vbank, bank, cellphone, naverpay ...
    status: str
    method: str = "card"  # as the window was asked: card, directCard, naverpayCard ...
    auth_token: str = ""
    authorised_at: datetime | None = None
    processing_until: datetime | None = None  # an approval under way; nothing is visible before
    paid_at: datetime | None = None  # of a virtual account that waits: when it was asked for
    deposited_at: datetime | None = None
    failed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_tid: str | None = None
    approve_no: str | None = None
    currency: str = "KRW"
    channel: str | None = "pc"
    charset: str = "utf-8"  # of the page that posts to returnUrl
    use_escrow: bool = False
    escrow_stage: str = ""  # with escrow: "", shipped, accepted, refused
    supply: int = 0  # tax parts of what has not been cancelled
    vat: int = 0
    tax_free: int = 0
    mall_reserved: str | None = None
    mall_user_id: str | None = None
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None
    card: Card | None = None
    bank: Bank | None = None
    account: Account | None = None
    coupon: int = 0  # of the amount, what a coupon paid for the payer
    receipt_wish: ReceiptWish | None = None
    receipts: tuple[CashReceipt, ...] = ()
    cancels: tuple[Cancel, ...] = ()
    session_id: str | None = None  # of the hosted checkout it was paid in
    key_id: str = ""  # of the key pair it was made with; empty: the merchant's first
    bid: str | None = None  # of the billing key that was charged, or that was registered with it
    key_in: KeyIn | None = None  # None: the card came another way


@dataclass(frozen=True, slots=True)
class PartTid(Record):
    """A tid that belongs to a part of a payment: a cancel or a cash receipt."""

    KEY: ClassVar[str] = "tid"

    tid: str
    client_id: str
    payment_tid: str


@dataclass(frozen=True, slots=True)
class UsedOrder(Record):
    """An orderId used by a partial cancel; no payment or other cancel may use it again."""

    KEY: ClassVar[str] = "key"

    key: str  # client id, slash, orderId
    client_id: str
    order_id: str
