"""A payment that is wanted: what requestPay asked for and what the payer picked, as values."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.core.records import ReceiptWish

_NUMBER = re.compile(r"[0-9*]{12,19}")


@dataclass(frozen=True, slots=True)
class Payer:
    """What the payer picks. What is empty is drawn from the merchant's seeded chance."""

    card_code: str = ""
    quota: int | None = None  # months; None: a lump sum where the shop allows it
    card_type: str = ""  # credit or check
    can_part_cancel: bool = True
    interest_free: bool | None = None  # None: as the plans of card companies say
    bank_code: str = ""
    card_number: str = ""  # kept masked, whatever was given
    wallet: str = ""  # of cardAndEasyPay: the wallet's payMethod, or card
    channel: str = ""  # pc or mobile; empty: as the window was opened
    coupon: int = 0  # won of the amount that a coupon pays

    def __post_init__(self) -> None:
        """A card number is masked before anybody can read it."""
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
    card_codes: tuple[str, ...] = ()  # empty: whatever the method takes
    quotas: tuple[int, ...] = ()  # empty: whatever the payer likes
    vbank_holder: str | None = None
    vbank_expires: datetime | None = None  # None: after the usual days
    receipt: ReceiptWish | None = None
    payer: Payer = field(default_factory=Payer)
    session_id: str | None = None  # of the hosted checkout whose page it is
    on_dummy_page: bool = False  # NICEPAY's dummy page, which knows one card


def masked_number(number: str) -> str:
    """A card number with all but its first six and last four digits hidden; empty when it is none.

    Recorded (card.mask): six, stars, four; one record of 2023 masks another group.
    """
    digits = re.sub(r"[ -]", "", number)
    if not _NUMBER.fullmatch(digits):
        return ""
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


ANYBODY = Payer()  # who picks nothing in particular
