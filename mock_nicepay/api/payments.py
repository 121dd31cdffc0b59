"""Payments: approve, look up, compare an amount, cancel, net-cancel.

Manual: api/payment-window-server.md, api/status-transaction.md, api/payment-window-client.md,
api/cancel.md; records: payments-approve of 2021, payments-get-tid, payments-find-orderid and
payments-cancel-tid of 2023.
"""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.contract.bodies import AMOUNT_CHECK, APPROVED, PAYMENT, REFUSAL
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import (
    Amount,
    Body,
    CancelAmount,
    ReturnCharSet,
    TaxFreeAmount,
    Text,
)
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import SUCCESS
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.approval import approve
from mock_nicepay.core.payments.cancel_checks import CancelWish, Declined
from mock_nicepay.core.payments.cancellation import cancel, net_cancel
from mock_nicepay.core.payments.orders import (
    by_order,
    is_receipt,
    is_visible,
    payment_behind,
    payment_of,
)
from mock_nicepay.core.payments.values import approved_values, payment_values, said_by
from mock_nicepay.core.records import FAILED, Payment

FAMILY = Family("payments")

# What any cancel may be refused or declined with.
CANCEL_CODES = (
    *("P049", "U122", "U128", "U123", "U319", "U321", "U100", "U112"),
    *("2013", "2014", "2015", "2016", "2026", "2027", "2029", "2045", "2052"),
)


class ApproveRequest(Body):
    """The amount must be the authorised one; of the rest the signature is the caller's choice."""

    amount = Amount(required=True)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


class SignedRequest(Body):
    """The fields that every look-up takes."""

    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


class CancelRequest(Body):
    """Recorded (cancel.amount-ignored): the sample clients send `amount`, which is not a field here."""

    reason = Text(100, required=True)
    orderId = Text(64, required=True)
    cancelAmt = CancelAmount()
    mallReserved = Text(500)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()
    taxFreeAmt = TaxFreeAmount()
    refundAccount = Text(16)
    refundBankCode = Text(3)
    refundHolder = Text(10)


class NetCancelRequest(Body):
    """Only the orderId counts, that of the payment."""

    orderId = Text(64, required=True)
    mallReserved = Text(500)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields.

        Documented (netcancel.order-id): the key is orderId (K25 table, E26); K25's sample prints
        orderID, which is not read: a net cancel that seems to work must be one.
        """
        if given.get("orderID") and not given.get("orderId"):
            raise Refusal("U100", "orderId", cause=_MISSPELT)
        return super().read(given)


@FAMILY.endpoint(
    "POST",
    "/v1/payments/{tid}",
    name="approve",
    request=ApproveRequest,
    reply=APPROVED,
    sign="tid + amount + ediDate",
    recall=payment_behind,
    signature="tid + amount + ediDate",
    codes=("U121", "U147", "U112", "U114", "A245", "A123"),
    issuer_decides=True,
    as_refusal=("A245", "A123"),
)
def approve_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Move the money that the payer has authorised in the window.

    Documented (approval.u121): an unknown tid is U121, 404 (E26 code).
    Assumed (approval.u147): with a key of the Client model, which approves in the window, U147.
    Assumed (approval.declined): an issuer's no has the failed payment's keys, as a charge has.
    """
    payment = payment_of(context, data["tid"])
    if payment is None:
        raise Refusal("U121", cause=_no_authorisation(data["tid"]))
    if context.merchant.window == "client":
        raise Refusal("U147", cause=_CLIENT_KEY)
    done = approve(context, payment, data["amount"])
    values = approved_values(done, context.tenant.edition)
    if done.status == FAILED and context.issuer_says is not None:
        row = context.issuer_says
        return Answer(said_by(values, row), code=row.code, cause=_ISSUER)
    return Answer(values)


@FAMILY.endpoint(
    "GET",
    "/v1/payments/{tid}",
    name="get",
    request=SignedRequest,
    reads="query",
    reply=PAYMENT,
    sign="tid + ediDate",
    recall=payment_behind,
    signature="tid + amount + ediDate",
    codes=("U107",),
)
def get_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Look a payment up by its tid. Another merchant's is like an unknown one."""
    return Answer(payment_values(_found(context, data["tid"]), context.tenant.edition))


@FAMILY.endpoint(
    "GET",
    "/v1/payments/find/{orderId}",
    name="find",
    request=SignedRequest,
    reads="query",
    reply=PAYMENT,
    sign="orderId + ediDate",
    older_sign="tid + ediDate",
    recall=payment_behind,
    signature="tid + amount + ediDate",
    codes=("U107",),
)
def find_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Look a payment up by its orderId. A declined one is found by its tid only."""
    payment = by_order(context, data["orderId"])
    if payment is None:
        raise _unknown("orderId", data["orderId"])
    return Answer(payment_values(payment, context.tenant.edition))


@FAMILY.endpoint(
    "POST",
    "/v1/check-amount/{tid}",
    name="check_amount",
    request=ApproveRequest,
    reply=AMOUNT_CHECK,
    sign="tid + amount + ediDate",
    recall=payment_behind,
    signature="tid + ediDate",
    codes=("U107", "U110"),
)
def check_amount(context: Context, data: dict[str, Any]) -> Answer:
    """Tell whether a payment was made with this amount.

    Documented (check-amount.original): compared with the original amount, 0000 also when it
    differs (E26); for cards, wallets and transfers only (K25).
    Assumed (check-amount.u110): for a virtual account or a cellphone it is U110; the text fits.
    Assumed (check-amount.failed): a declined payment has no approved amount: U107.
    """
    payment = _found(context, data["tid"])
    if payment.status == FAILED:
        raise Refusal("U107", cause=_nothing_approved(payment))
    if payment.pay_method in {"vbank", "cellphone"}:
        raise Refusal("U110", cause=_not_comparable(payment))
    return Answer(
        {
            "ediDate": None,
            "signature": None,
            "isValid": data["amount"] == payment.amount,
            "tid": payment.tid,
        }
    )


@FAMILY.endpoint(
    "POST",
    "/v1/payments/{tid}/cancel",
    name="cancel",
    request=CancelRequest,
    reply=PAYMENT,
    sign="tid + ediDate",
    recall=payment_behind,
    signature="tid + amount + ediDate",
    domain="cancel",
    issuer_decides=True,
    codes=("U107", "U106", *CANCEL_CODES),
)
def cancel_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Cancel or refund a payment, all that is left of it or a part.

    Documented (cancel.u106): a cash receipt's tid is U106 (E26 api-cancel).
    """
    payment = payment_of(context, data["tid"])
    if payment is None:
        if is_receipt(context, data["tid"]):
            raise Refusal("U106", cause=_RECEIPT)
        raise _unknown("tid", data["tid"])
    return cancelled(context, payment, cancel_wish(data))


@FAMILY.endpoint(
    "POST",
    "/v1/payments/netcancel",
    name="netcancel",
    request=NetCancelRequest,
    reply=PAYMENT,
    sign="orderId + ediDate",
    recall=payment_behind,
    signature="tid + amount + ediDate",
    domain="cancel",
    codes=("U106", "U107", "P035", "P049", "2014", "2015", "2020", "2027"),
)
def net_cancel_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Undo a payment whose approval was never answered, by its orderId."""
    return _ended(context, net_cancel(context, data["orderId"]))


def cancel_wish(data: Mapping[str, Any], *, by_session: bool = False) -> CancelWish:
    """What a cancel's fields ask for."""
    return CancelWish(
        order_id=data["orderId"],
        reason=data["reason"],
        amount=data["cancelAmt"],
        tax_free=data["taxFreeAmt"],
        refund_account=data["refundAccount"],
        refund_bank=data["refundBankCode"],
        refund_holder=data["refundHolder"],
        by_session=by_session,
    )


def cancelled(context: Context, payment: Payment, wish: CancelWish) -> Answer:
    """Cancel a payment, and answer as it was asked for. Raises `Refusal`."""
    return _ended(context, cancel(context, payment, wish), by_session=wish.by_session)


def _found(context: Context, tid: str) -> Payment:
    """The payment, when look-ups know it. Raises `Refusal`.

    Assumed (look-up.authorised): what is only authorised, or still being approved, is unknown: U107.
    """
    payment = payment_of(context, tid)
    if payment is None or not is_visible(payment, context.now):
        raise _unknown("tid", tid)
    return payment


def _ended(context: Context, end: Payment | Declined, *, by_session: bool = False) -> Answer:
    """Assumed (cancel.declined): the network's no is answered as a refusal is, with two keys."""
    if isinstance(end, Declined):
        return Answer(shape=REFUSAL, code=end.code, cause=end.cause)
    values = payment_values(end, context.tenant.edition, by_session=by_session)
    return Answer(values, code=SUCCESS)


_MISSPELT = Cause(
    "orderID was sent; the key is orderId, though the manual's sample prints orderID. "
    "Nothing has been cancelled",
    "orderID를 보냈습니다. 매뉴얼 예제에는 orderID로 적혀 있지만 올바른 키는 orderId입니다. "
    "아무것도 취소되지 않았습니다",
)
_CLIENT_KEY = Cause(
    "this key pair is of the Client approval model: its payments are approved in the window, "
    "there is nothing left to call. Use a key pair of the Server approval model (S2_)",
    "Client 승인 방식의 키입니다. 결제창에서 승인까지 끝나므로 승인 API를 호출할 필요가 없습니다. "
    "Server 승인 방식의 키(S2_)를 사용하세요",
)
_ISSUER = Cause(
    "the issuer declined it, because a scenario or a magic value says so; no money has moved, and "
    "the orderId is free again",
    "시나리오 또는 매직 값에 따라 카드사가 거절했습니다. 결제되지 않았으며 orderId는 다시 사용할 수 있습니다",
)
_RECEIPT = Cause(
    "this is the tid of a cash receipt, not of a payment; one asked for by itself is cancelled at "
    "/v1/receipt/{tid}/cancel, one that belongs to a payment goes with it: send the payment's tid",
    "결제가 아닌 현금영수증의 TID입니다. 별도로 발급한 현금영수증은 /v1/receipt/{tid}/cancel 로 취소하고, "
    "결제에 속한 현금영수증은 결제와 함께 취소되므로 결제의 TID를 보내야 합니다",
)


def _no_authorisation(tid: str) -> Cause:
    return Cause(
        f"no payment of this merchant has been authorised with the tid {tid[:64]!r}; use the tid "
        "that the window posted to returnUrl, with the key pair that opened it",
        f"이 상점에는 TID {tid[:64]!r}로 인증된 결제가 없습니다. 결제창이 returnUrl로 보낸 tid와 "
        "결제창을 연 키를 사용하세요",
    )


def _nothing_approved(payment: Payment) -> Cause:
    return Cause(
        f"{payment.tid} was declined, so no amount has been approved that could be compared",
        f"{payment.tid}은(는) 거절된 결제이므로 비교할 승인 금액이 없습니다",
    )


def _not_comparable(payment: Payment) -> Cause:
    return Cause(
        f"{payment.tid} is a payment by {payment.pay_method}; amounts are compared for cards, wallets "
        "and transfers only",
        f"{payment.tid}은(는) {payment.pay_method} 결제입니다. 금액 검증은 카드, 간편결제, 계좌이체만 지원합니다",
    )


def _unknown(name: str, value: str) -> Refusal:
    return Refusal(
        "U107",
        cause=Cause(
            f"this merchant has no payment with the {name} {value[:64]!r}",
            f"이 상점에는 {name} {value[:64]!r}인 결제가 없습니다",
        ),
    )
