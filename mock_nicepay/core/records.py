"""What a gateway remembers: frozen records, each with its key, its owner and its look-ups.

`owner` is the merchant's client id: everything belongs to a merchant, and reset forgets by owner.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cache
from ipaddress import IPv4Network, IPv6Network
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

from mock_nicepay.contract.receipts import Parts
from mock_nicepay.contract.times import ClockSetting

STRANGER = "unknown"  # stands for all callers that are no merchant here; no merchant's client id
EVERYBODY = "*"  # stands for what all merchants have, and those to come; no merchant's client id


class Record:
    """What every record declares about itself for the store."""

    __slots__ = ()
    KEY: ClassVar[str]  # the field that names the record, unique among all merchants
    OWNER: ClassVar[str] = "client_id"  # the field that says whose it is; empty: nobody's
    LOOKUPS: ClassVar[tuple[str, ...]] = ()  # fields to find by, within one owner
    TALLIED: ClassVar[tuple[str, ...]] = ()  # more fields to count by, over all owners


R = TypeVar("R", bound=Record)


def changed(record: R, **values: Any) -> R:
    """As `dataclasses.replace`, at a third of its price: the constructor has nothing to say here."""
    kind = type(record)
    read, writers = _access(kind)  # type: ignore[arg-type] # a class is hashable
    after = object.__new__(kind)
    for (name, write), value in zip(writers, read(record), strict=True):
        write(after, values.pop(name, value) if values else value)
    if values:
        raise TypeError(f"{kind.__name__} has no {', '.join(values)}")
    return after


@cache
def _access(kind: type[Record]) -> tuple[Callable[[Any], Any], list[tuple[str, Any]]]:
    """What reads all fields of a kind of records at once, and what writes each, by its name."""
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    return attrgetter(*names), [(name, getattr(kind, name).__set__) for name in names]


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
    recurring: str = "yes"  # whether it may register cards: yes, no, suspended or terminated
    key_in: str = "enabled"  # whether it may key cards in: enabled, disabled or unregistered
    former_secret_key: str = field(default="", repr=False)  # before it was issued anew
    key_id: str = ""  # the further pair it is seen through; empty: its first
    key_deleted: bool = False  # that pair; the merchant lives on by another
    settlement_currency: str = "KRW"  # what it is paid out in: KRW or USD
    card_fields: str = "none"  # asked of typed-in cards: none, birth, or all (password as well)

    @property
    def calling_id(self) -> str:
        """The client id of the pair it is seen through."""
        return self.key_id or self.client_id


@dataclass(frozen=True, slots=True)
class KeyPair(Record):
    """A further key pair of a merchant; the first stands on the merchant itself."""

    KEY: ClassVar[str] = "client_id"
    OWNER: ClassVar[str] = ""  # as the merchant, it outlives a reset
    LOOKUPS: ClassVar[tuple[str, ...]] = ("merchant_id",)

    client_id: str
    merchant_id: str
    secret_key: str = field(repr=False)
    window: str = "server"
    auth_type: str = "any"
    former_secret_key: str = field(default="", repr=False)
    key_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Token(Record):
    """An access token: the opaque text the merchant holds, and the signed claims behind it."""

    KEY: ClassVar[str] = "opaque"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("client_id",)

    opaque: str = field(repr=False)
    client_id: str
    claims: str = field(repr=False)  # a signed JWT
    key_id: str = ""  # of the key pair it was issued to; empty: the merchant's first


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


# A payment's life. Only what follows `AUTHORISED` is a payment for the merchant's look-ups.
AUTHORISED = "authorised"  # the payer agreed in the window; no money has moved
PAID = "paid"
READY = "ready"  # a virtual account waits for its deposit
FAILED = "failed"  # the issuer declined
CANCELLED = "cancelled"
PART_CANCELLED = "partialCancelled"


@dataclass(frozen=True, slots=True)
class KeyIn:
    """That a payment's card was keyed in by the merchant, and what only that call answers."""

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
    receipt_wish: ReceiptWish | None = None
    receipts: tuple[CashReceipt, ...] = ()
    cancels: tuple[Cancel, ...] = ()
    session_id: str | None = None  # of the hosted checkout it was paid in
    key_id: str = ""  # of the key pair it was made with; empty: the merchant's first
    bid: str | None = None  # of the billing key that was charged, or that was registered with it
    key_in: KeyIn | None = None  # None: the card came another way


@dataclass(frozen=True, slots=True)
class Receipt(Record):
    """A cash receipt that a merchant asked for by itself, for money that came another way; in won.

    `status` is what was known when it was written: `core.tax_office` says what it is by now.
    """

    KEY: ClassVar[str] = "tid"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("order_id",)

    tid: str
    client_id: str
    order_id: str
    amount: int
    parts: Parts
    goods_name: str
    kind: str  # individual or company
    number: str  # that it is for, masked
    asked_at: datetime
    status: str  # issueRequested, issued ...
    answer_at: datetime | None  # of the tax office; None: it has answered
    issue_no: str | None  # the tax office's; None: it has said no
    code: str = ""  # that it said no with at once
    buyer_name: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiptCancel(Record):
    """What a merchant took back of a cash receipt, or asked to; in won."""

    KEY: ClassVar[str] = "tid"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("order_id", "origin_tid")

    tid: str
    client_id: str
    order_id: str  # of the request
    origin_tid: str  # of the receipt
    amount: int
    parts: Parts
    reason: str
    asked_at: datetime
    status: str  # cancelRequested, cancelled ...
    answer_at: datetime | None
    issue_no: str | None
    code: str = ""


# A billing key's life, beside what it was registered with.
ACTIVE = "active"
SUSPENDED = "suspended"  # by the card company or the wallet
DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class BillingKey(Record):
    """A card or a wallet that a customer has let the merchant charge again and again."""

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
    good_until: str = ""  # the card's last month, yyyy-MM; empty: nobody knows
    ended_at: datetime | None = None  # when it was deleted
    key_id: str = ""  # of the key pair it was registered with; empty: the merchant's first
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What a card company offers: installments that cost the payer no interest. In won."""

    card: str  # its code
    months: tuple[int, ...]
    least: int  # amounts from this one
    most: int  # to this one
    until: date | None = None  # the last day; None: the last of whatever month it is
    auth: bool | None = None  # in the window alone, or alone outside of it; None: in both


@dataclass(frozen=True, slots=True)
class Offers(Record):
    """What all card companies offer, to every merchant alike. There is one such record."""

    KEY: ClassVar[str] = "name"
    OWNER: ClassVar[str] = ""

    points: tuple[str, ...]  # the codes of the cards that can be paid with by their points
    plans: tuple[Plan, ...]
    name: str = "offers"


CLOSED = "closed"  # of a checkout session: the payer left
PENDING = "pending"  # of a checkout session: the payer has authenticated, and is being charged


@dataclass(frozen=True, slots=True)
class Session(Record):
    """A hosted checkout: an order that a merchant's server made, and a page of ours that it is paid on.

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
    # By itself READY, FAILED or CLOSED. What it is paid with says more: see `core.sessions`.
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


@dataclass(frozen=True, slots=True)
class Opening(Record):
    """A payment window that a page has opened. What it was asked for cannot be changed in the browser."""

    KEY: ClassVar[str] = "id"

    id: str  # nobody can guess it; whoever has it is the payer
    client_id: str
    params: str  # those of requestPay, as JSON text
    opened_at: datetime
    page: str = ""  # the address of the shop's page
    full_page: bool = False  # on a phone the window takes the place of the shop's page
    key_id: str = ""  # of the key pair whose window it is; empty: the merchant's first
    taken: bool = False  # the payer has chosen: there is no second time


@dataclass(frozen=True, slots=True)
class Handover(Record):
    """What a payer's browser takes from a finished window to the shop: a form, or an error for the page."""

    KEY: ClassVar[str] = "id"

    id: str  # that of the window
    client_id: str
    return_url: str
    charset: str  # that the form is posted in
    form: tuple[tuple[str, str], ...] | None  # its fields, in order; None: the page is told `error`
    error: tuple[str, str, str] | None = None  # code, msg, errorMsg
    posts: int = 1  # how often the form comes to returnUrl
    delay: timedelta = timedelta()  # before it does
    tid: str = ""
    language: str = "KO"  # of the page that posts it


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


@dataclass(frozen=True, slots=True)
class Secret(Record):
    """What signs, for all processes that share a store."""

    KEY: ClassVar[str] = "name"
    OWNER: ClassVar[str] = ""

    name: str  # tokens, console
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended(Record):
    """A login to the console that was logged out of."""

    KEY: ClassVar[str] = "session"
    OWNER: ClassVar[str] = ""

    session: str
    at: datetime
