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
    """The card a payment was made with, its number masked."""

    code: str
    name: str
    number: str
    quota: int
    interest_free: bool
    kind: str  # credit or check
    can_part_cancel: bool
    acquirer_code: str
    acquirer_name: str


@dataclass(frozen=True, slots=True)
class Payment(Record):
    """One payment and its present state."""

    KEY: ClassVar[str] = "tid"
    LOOKUPS: ClassVar[tuple[str, ...]] = ("order_id",)

    tid: str
    client_id: str
    order_id: str
    amount: int
    balance: int
    goods_name: str
    pay_method: str
    status: str  # paid, ready, failed, cancelled, partialCancelled
    paid_at: datetime | None = None
    failed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_tid: str | None = None
    approve_no: str | None = None
    currency: str = "KRW"
    channel: str | None = "pc"
    use_escrow: bool = False
    mall_reserved: str | None = None
    mall_user_id: str | None = None
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None
    card: Card | None = None
