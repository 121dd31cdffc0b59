"""What a gateway remembers: frozen records, each with its key, its owner and its look-ups.

`owner` is the merchant's client id: everything belongs to a merchant, and reset forgets by owner.
"""

from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import ClassVar

STRANGER = "unknown"  # stands for all callers that are no merchant here; no merchant's client id


class Record:
    """What every record declares about itself for the store."""

    __slots__ = ()
    KEY: ClassVar[str]  # the field that names the record, unique among all merchants
    OWNER: ClassVar[str] = "client_id"  # the field that says whose it is; empty: nobody's
    LOOKUPS: ClassVar[tuple[str, ...]] = ()  # fields to find by, within one owner


@dataclass(frozen=True, slots=True)
class Merchant(Record):
    """A key pair and what belongs to it for good."""

    KEY: ClassVar[str] = "client_id"
    OWNER: ClassVar[str] = ""  # the merchant is not among what it owns, and outlives a reset

    client_id: str
    secret_key: str = field(repr=False)
    window: str = "server"  # whose approval the payment window asks for: server or client
    auth_type: str = "any"  # any, basic or token
    name: str = ""
    mid: str = ""
    allow: tuple[IPv4Network | IPv6Network, ...] = ()  # callers' addresses; empty: all
    edition: str = ""  # empty: the sandbox's
    other_secret_key: str = field(default="", repr=False)  # of its second key pair, for signatures
    repeats_order_ids: bool = False  # whether its contract lets an orderId be paid more than once


@dataclass(frozen=True, slots=True)
class Token(Record):
    """An access token: the opaque text the merchant holds, and the signed claims behind it."""

    KEY: ClassVar[str] = "opaque"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("client_id",)

    opaque: str = field(repr=False)
    client_id: str
    claims: str = field(repr=False)  # a signed JWT


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
    """The virtual account of a payment: whoever transfers the amount to it has paid."""

    bank_code: str
    bank_name: str
    number: str
    holder: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class ReceiptWish:
    """What the payer said about a cash receipt."""

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


# A payment's life. Only what follows `AUTHORISED` is a payment for the merchant's look-ups.
AUTHORISED = "authorised"  # the payer agreed in the window; no money has moved
PAID = "paid"
READY = "ready"  # a virtual account waits for its deposit
FAILED = "failed"  # the issuer declined
CANCELLED = "cancelled"
PART_CANCELLED = "partialCancelled"


@dataclass(frozen=True, slots=True)
class Payment(Record):
    """One payment, from the payer's authorisation in the window on. Amounts are in its currency's units."""

    KEY: ClassVar[str] = "tid"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("order_id",)

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
    receipt_wish: ReceiptWish | None = None
    receipts: tuple[CashReceipt, ...] = ()
    cancels: tuple[Cancel, ...] = ()


@dataclass(frozen=True, slots=True)
class UsedOrder(Record):
    """An orderId that a partial cancel took; neither a payment nor another cancel may have it."""

    KEY: ClassVar[str] = "key"

    key: str  # client id, slash, orderId
    client_id: str
    order_id: str


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
