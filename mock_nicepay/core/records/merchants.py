"""Merchants, key pairs and tokens; the signing key; logouts from the console."""

from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import ClassVar

from mock_nicepay.core.records.record import Record


@dataclass(frozen=True, slots=True)
class Merchant(Record):
    """A merchant: its first key pair, and what all of its pairs share."""

    KEY: ClassVar[str] = "client_id"
    OWNER: ClassVar[str] = ""  # a merchant is not deleted by its own reset

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
    former_secret_key: str = field(default="", repr=False)  # before the last re-issue
    key_id: str = ""  # the further pair it is seen through; empty: its first
    key_deleted: bool = False  # whether that pair was deleted, while the merchant has others
    settlement_currency: str = "KRW"  # what it is paid out in: KRW or USD
    card_fields: str = "none"  # asked of typed-in cards: none, birth, or all (password as well)

    @property
    def calling_id(self) -> str:
        """The client id of the pair it is seen through."""
        return self.key_id or self.client_id


@dataclass(frozen=True, slots=True)
class KeyPair(Record):
    """A further key pair of a merchant; the first is part of the merchant's record."""

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
class Secret(Record):
    """The signing key of all processes that share a store."""

    KEY: ClassVar[str] = "name"
    OWNER: ClassVar[str] = ""

    name: str  # tokens, console
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended(Record):
    """A console login that has been logged out."""

    KEY: ClassVar[str] = "session"
    OWNER: ClassVar[str] = ""

    session: str
    at: datetime
