"""Key-in: the merchant types in a card that its customer has told, and is paid at once.

Manual: E26's api/nicepay-api-keyin.md, the only edition that has it. No answer of it is recorded.
"""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.contract.bodies import KEYED_IN
from mock_nicepay.contract.checkout.fields import Switch
from mock_nicepay.contract.encdata.card_data import why_missing, why_unfit
from mock_nicepay.contract.encdata.ciphers import KEY_IN
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import (
    Amount,
    Body,
    Chars,
    Choice,
    Months,
    ReturnCharSet,
    TaxFreeAmount,
)
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.window.rules import KRW
from mock_nicepay.core.call import Context
from mock_nicepay.core.cards.charges import CARD_CODES, charge_answer, charge_card, open_card_data
from mock_nicepay.core.cards.numbers import CardFlaw, card_of, network_flaw
from mock_nicepay.core.payments.charge import Charge, check_tax_free
from mock_nicepay.core.payments.values import keyed_in_values
from mock_nicepay.core.records import KeyIn

FAMILY = Family("keyin")


class KeyInRequest(Body):
    """The fields of one payment in the manual's order. supplyAmt, goodsVat and serviceAmt are ignored.

    Documented (keyin.parts-ignored): the tax parts follow from amount and taxFreeAmt (E26 info-general).
    """

    orderId = Chars(64, required=True)
    amount = Amount(required=True)
    goodsName = Chars(40, required=True)
    encData = Chars(512, required=True)
    isInterestFree = Switch(required=True)
    cardQuota = Months(required=True)
    ediDate = Chars(40)
    signData = Chars(256)
    buyerName = Chars(30)
    buyerEmail = Chars(60)
    buyerTel = Chars(40)
    taxFreeAmt = TaxFreeAmount()
    currency = Choice(KRW, "USD", "CNY", max_bytes=None)
    returnCharSet = ReturnCharSet()
    mallReserved = Chars(500)


@FAMILY.endpoint(
    "POST",
    "/v1/key-in/payments",
    name="pay",
    request=KeyInRequest,
    reply=KEYED_IN,
    sign="orderId + ediDate",
    signature="tid + amount + ediDate",
    codes=("U313", "U340", "U341", "U321", "U112", "A128", *CARD_CODES),
    issuer_decides=True,
    in_sandbox=False,
)
def pay_by_key_in(context: Context, data: dict[str, Any]) -> Answer:
    """Charge a card whose number the merchant has typed in.

    Documented (keyin.codes): U313 for an account without key-in, U340 for an encData that does not
    open, U341 for fields that do not fit the account, U321, U112; A128 by the network for a shop that
    is not a key-in merchant there (E26).
    Assumed (keyin.order-of-checks): the account first, then what is inside encData, the amounts, the
    orderId, and last the network.
    """
    if context.merchant.key_in == "disabled":
        raise Refusal("U313", cause=_NOT_ENABLED)
    values = open_card_data(context, data["encData"], KEY_IN[None], "U340")
    if unfit := why_unfit(values, context.merchant.card_fields):
        raise Refusal("U341", cause=unfit)
    check_tax_free(data["amount"], data["taxFreeAmt"])
    flaw = _network_flaw(context, values, data)
    done = charge_card(context, _wish(context, values, data), flaw)
    return charge_answer(keyed_in_values(done.payment, context.tenant.edition), done)


def _network_flaw(
    context: Context, values: Mapping[str, str], data: Mapping[str, Any]
) -> CardFlaw | None:
    """Why the payment network takes neither this shop nor this card; None when it takes them.

    Assumed (keyin.missing): a number or an expiry that is missing, which this call does not refuse,
    is declined by the network: 3011, 3021.
    """
    if context.merchant.key_in == "unregistered":
        return CardFlaw("A128", _NOT_REGISTERED)
    for code, names in (("3011", ("cardNo",)), ("3021", ("expYear", "expMonth"))):
        if missing := why_missing(values, names):
            return CardFlaw(code, missing)
    number, year, month = (values[name] for name in ("cardNo", "expYear", "expMonth"))
    quota, amount = data["cardQuota"], data["amount"]
    return network_flaw(context, number, year, month, quota=quota, amount=amount)


def _wish(context: Context, values: Mapping[str, str], data: Mapping[str, Any]) -> Charge:
    number, quota = values.get("cardNo", ""), data["cardQuota"]
    return Charge(
        order_id=data["orderId"],
        amount=data["amount"],
        goods_name=data["goodsName"],
        card=card_of(context, number, quota=quota, interest_free=data["isInterestFree"]),
        tax_free=data["taxFreeAmt"] or 0,
        # Assumed (keyin.currency-won): without a currency it is paid in won.
        currency=data["currency"] or KRW,
        buyer_name=data["buyerName"],
        buyer_tel=data["buyerTel"],
        buyer_email=data["buyerEmail"],
        mall_reserved=data["mallReserved"],
        key_in=KeyIn(data["currency"]),
    )


_NOT_ENABLED = Cause(
    "this account may not key cards in: its trait keyIn is disabled. POST /_mock/merchants makes one "
    'that may, with {"keyIn": "enabled"}',
    "키인 결제가 설정되지 않은 상점입니다(keyIn: disabled). POST /_mock/merchants 에서 "
    '{"keyIn": "enabled"}로 만든 상점을 사용하세요',
)
_NOT_REGISTERED = Cause(
    "the payment network does not know this shop as a key-in merchant: its trait keyIn is "
    "unregistered. No money has moved, and the orderId is free again",
    "결제망에 키인 가맹점으로 등록되지 않은 상점입니다(keyIn: unregistered). 결제되지 않았으며 orderId는 "
    "다시 사용할 수 있습니다",
)
