"""A payment without a payer's visit: the shop says what to charge, and it is charged at once.

Recurring payments, key-in and e-pay use it.
"""

from dataclasses import dataclass

from mock_nicepay.contract.methods import CARD_SERVICE
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tax import tax_parts
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.approval import check_order, decide
from mock_nicepay.core.payments.ids import GENERAL, new_tid
from mock_nicepay.core.records import AUTHORISED, Card, KeyIn, Payment


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be charged, and with what. Amounts are in the currency's units."""

    order_id: str
    amount: int
    goods_name: str
    card: Card | None  # None when answers show no card
    pay_method: str = "card"  # as in answers: card, naverpay ...
    method: str = ""  # the registered method: a key of `contract.methods.ALL_METHODS`
    medium: str = GENERAL  # its two digits in the tid
    service: str = CARD_SERVICE  # and those of the service
    tax_free: int = 0
    currency: str = "KRW"
    buyer_name: str | None = None
    buyer_tel: str | None = None
    buyer_email: str | None = None
    mall_reserved: str | None = None
    bid: str | None = None  # of the billing key that is charged
    key_in: KeyIn | None = None  # of a card that the merchant keyed in


def charge(context: Context, wish: Charge) -> Payment:
    """Charge it, or let the issuer decline it; returns the stored payment, PAID or FAILED.

    A declined one has a tid of its own, and its orderId is free again. `paid` is emitted. Raises
    `Refusal` U112 for an orderId that is used, also while its payment is still being processed.
    """
    check_order(context, wish.order_id)
    parts = tax_parts(wish.amount, wish.tax_free)
    payment = Payment(
        tid=new_tid(context, wish.service, wish.medium),
        client_id=context.merchant.client_id,
        order_id=wish.order_id,
        amount=wish.amount,
        balance=wish.amount,
        goods_name=wish.goods_name,
        pay_method=wish.pay_method,
        status=AUTHORISED,
        method=wish.method or wish.pay_method,
        # Documented (sandbox.currency): every payment of the sandbox is in won (E26 info-general).
        currency="KRW" if context.settings.sandbox_limits else wish.currency,
        # Assumed (charge.channel): no browser was involved, so there is no channel.
        channel=None,
        supply=parts.supply,
        vat=parts.vat,
        tax_free=parts.tax_free,
        mall_reserved=wish.mall_reserved,
        buyer_name=wish.buyer_name,
        buyer_tel=wish.buyer_tel,
        buyer_email=wish.buyer_email,
        card=wish.card,
        bid=wish.bid,
        key_in=wish.key_in,
        key_id=context.merchant.key_id,
    )
    return decide(context, payment)


def check_tax_free(amount: int, tax_free: int | None) -> None:
    """Raise `Refusal` U321 for a tax-free part above the amount.

    Documented (charge.tax-free): U321 at recurring payments and key-in (E26 info-general).
    """
    if tax_free is not None and tax_free > amount:
        raise Refusal(
            "U321",
            cause=Cause(
                f"taxFreeAmt is {tax_free}, more than the amount {amount} it is a part of",
                f"taxFreeAmt {tax_free}이(가) 결제 금액 {amount}보다 큽니다",
            ),
        )
