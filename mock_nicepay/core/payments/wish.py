"""A requested payment as values: what requestPay asked for, and what the payer picked."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.core.records import ReceiptWish

_NUMBER = re.compile(r"[0-9*]{12,19}")


@dataclass(frozen=True, slots=True)
class Payer:
    """What the payer picks. Empty fields are drawn from the merchant's seeded chance."""

    card_code: str = ""
    quota: int | None = None  # months; None: a lump sum where the shop allows it
    card_type: str = ""  # credit or check
    can_part_cancel: bool = True
    interest_free: bool | None = None  # None: by the plans of the card companies
    bank_code: str = ""
    card_number: str = ""  # always kept masked
    wallet: str = ""  # for cardAndEasyPay: the wallet's payMethod, or card
    channel: str = ""  # pc or mobile; empty: as the window was opened
    coupon: int = 0  # won of the amount that a coupon pays

    def __post_init__(self) -> None:
        """Mask the card number before anything can read it."""
        object.__setattr__(self, "card_number", masked_number(self.card_number))


@dataclass(frozen=True, slots=True)
class Wish:
    """What the window was asked for, already checked. Amounts are in the currency's units."""

    order_id: str
    amount: int
    goods_name: str
    method: str = "card"  # a key of `contract.methods.ALL_METHODS`
    currency: str = "KRW"
    tax_free: int = 0
    use_escrow: bool = False
    mall_reserved: str | None = None
    mall_user_id: str | None = None
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None
    channel: str = "pc"
    charset: str = UTF_8  # of the page that posts to returnUrl
    card_codes: tuple[str, ...] = ()  # empty: all that the method accepts
    quotas: tuple[int, ...] = ()  # empty: any
    vbank_holder: str | None = None
    vbank_expires: datetime | None = None  # None: after the default number of days
    receipt: ReceiptWish | None = None
    payer: Payer = field(default_factory=Payer)
    session_id: str | None = None  # the checkout session on whose page it is paid
    on_dummy_page: bool = False  # NICEPAY's dummy page, which knows one card


def masked_number(number: str) -> str:
    """A card number with all but its first six and last four digits hidden; empty for anything else.

    Recorded (card.mask): six, stars, four; one record of 2023 masks another group.
    """
    digits = re.sub(r"[ -]", "", number)
    if not _NUMBER.fullmatch(digits):
        return ""
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


ANYBODY = Payer()  # a payer without picks
