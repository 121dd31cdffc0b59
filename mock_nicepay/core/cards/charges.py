"""Charges of a card whose data came encrypted with the call: opened, checked, charged, answered.

What was inside stays in here: only the masked number goes on, in the payment's card.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mock_nicepay.contract.encdata.causes import why_unreadable
from mock_nicepay.contract.encdata.envelope import Unreadable, if_open
from mock_nicepay.contract.endpoint import Answer
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import ResultCode, result_code
from mock_nicepay.core.call import Context
from mock_nicepay.core.cards.numbers import CardFlaw
from mock_nicepay.core.merchants.pairs import keys_by_mistake
from mock_nicepay.core.payments.charge import Charge, charge
from mock_nicepay.core.payments.values import said_by
from mock_nicepay.core.records import Payment

# What the network declines cards and months with that cannot be: number, expiry, months.
CARD_CODES = ("3011", "3021", "3022", "3023", "3024")
# Merchants, and key pairs, whose keys an encData that does not open is held against.
_KEYS_TRIED = 20


@dataclass(frozen=True, slots=True)
class Charged:
    """A charge as it ended, and who declined it and why when it is FAILED."""

    payment: Payment
    no: ResultCode | None = None
    cause: Cause | None = None


def open_card_data(
    context: Context, text: str, ciphers: Sequence[str], code: str
) -> dict[str, str]:
    """What is inside an encData made with the merchant's key. Raises `Refusal` with `code`."""
    try:
        return read_card_data(context, text, ciphers)
    except Unreadable as error:
        raise Refusal(code, cause=error.cause) from None


def read_card_data(context: Context, text: str, ciphers: Sequence[str]) -> dict[str, str]:
    """The same. Raises `Unreadable`, whose cause knows the keys that may have been taken instead."""
    secret_key = context.merchant.secret_key
    found = if_open(text, secret_key, ciphers)
    if found is None:  # only now others are asked for
        others = keys_by_mistake(context.store, context.merchant, _KEYS_TRIED)
        taken = {"clientId": context.merchant.calling_id, **others}
        raise Unreadable(why_unreadable(text, secret_key, ciphers, taken))
    return dict(found.values)


def charge_card(context: Context, wish: Charge, flaw: CardFlaw | None) -> Charged:
    """Charge it, or let it be declined: by a scenario's word, else by the network for this flaw.

    Raises `Refusal` U112.
    """
    if context.issuer_says is not None:
        return Charged(charge(context, wish), context.issuer_says, _ASKED_FOR)
    if flaw is None:
        return Charged(charge(context, wish))
    row = result_code(flaw.code)
    return Charged(charge(replace(context, issuer_says=row), wish), row, flaw.cause)


def charge_answer(values: Mapping[str, Any], done: Charged) -> Answer:
    """The answer to a charge, with the payment's keys also when it was declined."""
    if done.no is None:
        return Answer(values)
    return Answer(said_by(values, done.no), code=done.no.code, cause=done.cause)


_ASKED_FOR = Cause(
    "it was declined because a scenario or a magic value says so; no money has moved, and the orderId "
    "is free again",
    "시나리오 또는 매직 값에 따라 거절되었습니다. 결제되지 않았으며 orderId는 다시 사용할 수 있습니다",
)
