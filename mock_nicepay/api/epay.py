"""E-pay: a card company's own app has authenticated the payer, and the merchant pays with what it gave.

Manual: K25's api/payment-epay.md. No answer of it is recorded.
"""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.contract.bodies import PAYMENT
from mock_nicepay.contract.checkout.fields import Switch
from mock_nicepay.contract.encdata.card_data import CardCode, why_unpayable
from mock_nicepay.contract.encdata.ciphers import EPAY
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import (
    Amount,
    Body,
    Choice,
    Months,
    ReturnCharSet,
    TaxFreeAmount,
    Text,
)
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.core.call import Context
from mock_nicepay.core.cards.charges import CARD_CODES, charge_answer, charge_card, open_card_data
from mock_nicepay.core.cards.numbers import CardFlaw, card_of, network_flaw
from mock_nicepay.core.payments.charge import Charge, check_tax_free
from mock_nicepay.core.payments.values import payment_values

FAMILY = Family("epay")


class EpayRequest(Body):
    """The fields of one payment in the manual's order.

    Assumed (epay.enc-mode): another encMode than A2 is U132.
    Assumed (epay.point): useCardPoint is taken and changes nothing.
    """

    orderId = Text(64, required=True)
    encData = Text(required=True)
    amount = Amount(required=True)
    goodsName = Text(40, required=True)
    cardCode = CardCode(2, required=True)
    cardQuota = Months(required=True)
    useShopInterest = Switch(required=True)
    useCardPoint = Switch()
    buyerName = Text(30)
    buyerTel = Text(40)
    buyerEmail = Text(60)
    taxFreeAmt = TaxFreeAmount()
    mallReserved = Text(500)
    encMode = Choice("A2", max_bytes=None)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


@FAMILY.endpoint(
    "POST",
    "/v1/epay",
    name="pay",
    request=EpayRequest,
    reply=PAYMENT,
    sign="orderId + amount + ediDate",
    signature="tid + amount + ediDate",
    codes=("U306", "U317", "U321", "U112", *CARD_CODES),
    issuer_decides=True,
    in_sandbox=False,
)
def pay_by_app(context: Context, data: dict[str, Any]) -> Answer:
    """Charge a card whose company has authenticated the payer in its own app.

    Assumed (epay.u306): an encData that does not open is U306: the text fits, no page names the code.
    Assumed (epay.u317): whatever is wrong inside is U317, as at the registration of a card.
    Assumed (epay.tax-free): taxFreeAmt above amount is U321, as at recurring payments.
    """
    values = open_card_data(context, data["encData"], EPAY[data["encMode"]], "U306")
    if wrong := why_unpayable(values, data["cardCode"]):
        raise Refusal("U317", cause=wrong)
    check_tax_free(data["amount"], data["taxFreeAmt"])
    flaw = _network_flaw(context, values, data)
    done = charge_card(context, _wish(context, values, data), flaw)
    return charge_answer(payment_values(done.payment, context.tenant.edition), done)


def _network_flaw(
    context: Context, values: Mapping[str, str], data: Mapping[str, Any]
) -> CardFlaw | None:
    """Why the network declines; cardExpire 0000 is not a month, and none is checked then."""
    expiry = values["cardExpire"]
    if expiry == "0000":
        expiry = f"{context.now:%y%m}"
    return network_flaw(
        context,
        values["cardNo"],
        expiry[:2],
        expiry[2:],
        quota=data["cardQuota"],
        amount=data["amount"],
    )


def _wish(context: Context, values: Mapping[str, str], data: Mapping[str, Any]) -> Charge:
    """Documented (epay.shop-interest): useShopInterest true only for agreed cards (K25); here for all."""
    card = card_of(
        context,
        values["cardNo"],
        quota=data["cardQuota"],
        interest_free=data["useShopInterest"],
        card_code=data["cardCode"],
    )
    return Charge(
        order_id=data["orderId"],
        amount=data["amount"],
        goods_name=data["goodsName"],
        card=card,
        tax_free=data["taxFreeAmt"] or 0,
        buyer_name=data["buyerName"],
        buyer_tel=data["buyerTel"],
        buyer_email=data["buyerEmail"],
        mall_reserved=data["mallReserved"],
    )
