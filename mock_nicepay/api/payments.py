"""Payments: look one up by tid or by orderId.

Manual: api/status-transaction.md; records: payments-get-tid and payments-find-orderid of 2023.
"""

from typing import Any

from mock_nicepay.contract.bodies import PAYMENT
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Body, ReturnCharSet, Text
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.body import payment_values
from mock_nicepay.core.records import Payment

FAMILY = Family("payments")


class SignedRequest(Body):
    """The fields that every look-up takes."""

    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


@FAMILY.endpoint(
    "GET",
    "/v1/payments/{tid}",
    name="get",
    request=SignedRequest,
    reads="query",
    reply=PAYMENT,
    sign="tid + ediDate",
    signature="tid + amount + ediDate",
    codes=("U107",),
)
def get_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Look a payment up by its tid. Another merchant's is like an unknown one."""
    payment = context.store.get(Payment, data["tid"])
    if payment is None or payment.client_id != context.merchant.client_id:
        raise _unknown("tid", data["tid"])
    return Answer(payment_values(payment, context.tenant.edition))


@FAMILY.endpoint(
    "GET",
    "/v1/payments/find/{orderId}",
    name="find",
    request=SignedRequest,
    reads="query",
    reply=PAYMENT,
    sign="orderId + ediDate",
    signature="tid + amount + ediDate",
    codes=("U107",),
)
def find_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Look a payment up by its orderId."""
    found = context.store.find(Payment, context.merchant.client_id, order_id=data["orderId"])
    if not found:
        raise _unknown("orderId", data["orderId"])
    return Answer(payment_values(found[-1], context.tenant.edition))


def _unknown(name: str, value: str) -> Refusal:
    return Refusal(
        "U107",
        cause=Cause(
            f"this merchant has no payment with the {name} {value[:64]!r}",
            f"이 상점에는 {name} {value[:64]!r}인 결제가 없습니다",
        ),
    )
