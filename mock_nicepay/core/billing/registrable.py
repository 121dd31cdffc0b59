"""Checks whether a card can be registered: the merchant's contract, and the contents of encData."""

from collections.abc import Mapping
from dataclasses import dataclass

from mock_nicepay.contract.encdata.card_data import (
    ASKED,
    CARD,
    EXPIRY,
    TYPED,
    why_malformed,
    why_missing,
)
from mock_nicepay.contract.encdata.ciphers import RECURRING
from mock_nicepay.contract.encdata.envelope import Unreadable
from mock_nicepay.contract.refusal import Cause
from mock_nicepay.core.billing.causes import CONTRACT_ENDED
from mock_nicepay.core.call import Context
from mock_nicepay.core.cards.charges import read_card_data
from mock_nicepay.core.cards.numbers import card_of, check_card
from mock_nicepay.core.records import Card

_ENDED = {"suspended": "F115", "terminated": "F116"}
_NOT_READABLE, _NOT_COMPLETE, _NO_CARD, _NOT_VERIFIED = "F101", "U317", "F112", "F113"


@dataclass(frozen=True, slots=True)
class Registrable:
    """A card that can be registered, its number masked."""

    card: Card
    good_until: str  # its last month, yyyy-MM; empty: not checked


@dataclass(frozen=True, slots=True)
class NotRegistrable:
    """Why a card cannot be registered: the code, and a cause for the developer."""

    code: str
    cause: Cause


def card_inside(context: Context, encdata: str, mode: str | None) -> Registrable | NotRegistrable:
    """The card inside an encData of `mode` (None or A2), if it can be registered.

    Documented (regist.codes): F101 when encData does not open, U317 when something that is needed is
    not in it, F112 when nobody issued such a card (live only), F115 and F116 when the merchant's
    recurring payments are suspended or terminated (E26, code list).
    """
    ended = _ENDED.get(context.merchant.recurring)
    if ended is not None:
        return NotRegistrable(ended, CONTRACT_ENDED)
    try:
        inside = read_card_data(context, encdata, RECURRING[mode])
    except Unreadable as error:
        return NotRegistrable(_NOT_READABLE, error.cause)
    return _flaw(context, inside) or _registrable(context, inside)


def _flaw(context: Context, inside: Mapping[str, str]) -> NotRegistrable | None:
    """What is wrong with the card.

    Documented (regist.unchecked): the sandbox checks that all values are there, but no value (E26).
    Assumed (regist.form): elsewhere an invalid card number is F112, and an invalid expiry, or an invalid
    birth date or password where the account needs one, is F113; with `card_checks` a wrong check digit
    is F112, too, and a month that has passed F113.
    """
    asked = ASKED[context.merchant.card_fields]
    missing = why_missing(inside, (*CARD, *EXPIRY, *asked))
    if missing is not None:
        return NotRegistrable(_NOT_COMPLETE, missing)
    if context.settings.sandbox_limits:
        return None
    for code, names in ((_NO_CARD, CARD), (_NOT_VERIFIED, (*EXPIRY, *asked))):
        if malformed := why_malformed(inside, TYPED, names):
            return NotRegistrable(code, malformed)
    return _checked(context, inside) if context.settings.card_checks else None


def _checked(context: Context, inside: Mapping[str, str]) -> NotRegistrable | None:
    flaw = check_card(inside["cardNo"], inside["expYear"], inside["expMonth"], context.now)
    if flaw is None:
        return None
    return NotRegistrable(_NO_CARD if flaw.is_number else _NOT_VERIFIED, flaw.cause)


def _registrable(context: Context, inside: Mapping[str, str]) -> Registrable:
    checked = context.settings.card_checks
    return Registrable(
        card=card_of(context, inside["cardNo"], quota=0),
        good_until=f"20{inside['expYear']}-{inside['expMonth']}" if checked else "",
    )
