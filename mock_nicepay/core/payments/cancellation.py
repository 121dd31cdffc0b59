"""The end of a payment: cancelled, refunded or net-cancelled, in whole or in part."""

from mock_nicepay.contract.methods import ALL_METHODS
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tax import TaxParts, taken_back
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.cancel_checks import (
    CancelWish,
    Declined,
    check_not_processing,
    check_request,
    network_says,
    network_says_to_net_cancel,
)
from mock_nicepay.core.payments.ids import new_part_tid
from mock_nicepay.core.payments.orders import is_receipt_order, paid_payments, use_order
from mock_nicepay.core.payments.receipts import cancel_receipt
from mock_nicepay.core.records import CANCELLED, PART_CANCELLED, Cancel, Payment, changed

# Recorded (sandbox.reason): every cancel of NICEPAY's own sandbox shows this reason.
SANDBOX_REASON = "고객요청"
NET_CANCEL_REASON = "망취소"
_DECLINED = Cause(
    "the payment network declined the cancel, because a scenario or a magic value says so; nothing "
    "has been cancelled, and the orderId of a partial cancel is used",
    "시나리오 또는 매직 값에 따라 결제망이 취소를 거절했습니다. 취소되지 않았으며, 부분취소의 orderId는 "
    "다시 사용할 수 없습니다",
)
_RECEIPT = Cause(
    "a cash receipt has this orderId, and no payment has it; receipts are cancelled at "
    "/v1/receipt/{tid}/cancel",
    "이 orderId는 결제가 아닌 현금영수증의 것입니다. 현금영수증은 /v1/receipt/{tid}/cancel 로 취소합니다",
)


def cancel(context: Context, payment: Payment, wish: CancelWish) -> Payment | Declined:
    """Cancel what is left of a payment, or a part; returns the stored payment or the network's decline.

    Emits `cancelled` or `partialCancelled`. Raises `Refusal`; then nothing has changed.
    Documented (cancel.failed-order): the orderId of a partial cancel that failed stays used (E26).
    """
    check_request(context, payment, wish)
    no = network_says(payment, wish, context.now)
    if no is None and context.issuer_says is not None:
        no = Declined(context.issuer_says.code, _DECLINED)
    if no is not None:
        if wish.is_partial:
            use_order(context, wish.order_id)
        return no
    use_order(context, wish.order_id)
    return take_back(context, payment, wish)


def net_cancel(context: Context, order_id: str) -> Payment | Declined:
    """Cancel what is left of the payment with this orderId; returns it, or the network's decline.

    Raises `Refusal`: U106 when a cash receipt has it, U107 when nothing has, P049 while its approval
    is being processed.
    Assumed (netcancel.twice): an orderId that several payments hold, as some contracts allow, is
    P035, and none is cancelled.
    Assumed (netcancel.values): the cancel's orderId is the payment's, its reason 망취소.
    """
    found = paid_payments(context, order_id)
    if not found and is_receipt_order(context, order_id):
        raise Refusal("U106", cause=_RECEIPT)
    if not found:
        raise Refusal("U107", cause=_no_payment(order_id))
    if len(found) > 1:
        raise Refusal("P035", cause=_ambiguous(order_id, [each.tid for each in found]))
    check_not_processing(context, found[0])
    no = network_says_to_net_cancel(found[0], context.now)
    return no or take_back(context, found[0], CancelWish(order_id, NET_CANCEL_REASON))


def take_back(context: Context, payment: Payment, wish: CancelWish) -> Payment:
    """Cancel without any checks; returns the stored payment.

    Recorded (cancel.keys): amount stays, balanceAmt falls, cancels lists all, cancelledAt is the
    last one's; a full cancel repeats the payment's tid (2023).
    Documented (cancel.tid): a partial cancel has a tid of its own (K25).
    Assumed (cancel.rest): so has the cancel of a rest.
    """
    done = _cancel_of(context, payment, wish)
    left = _parts(payment).minus(TaxParts(done.supply, done.vat, done.tax_free))
    balance = payment.balance - done.amount
    after = changed(
        payment,
        status=PART_CANCELLED if balance else CANCELLED,
        balance=balance,
        supply=left.supply,
        vat=left.vat,
        tax_free=left.tax_free,
        cancelled_at=done.at,
        cancelled_tid=done.tid,
        cancels=(*payment.cancels, done),
    )
    after = cancel_receipt(context, after, done)
    context.store.put(after)
    # Documented (webhook.session-id): the event of a cancel by tid has no sessionId (E26).
    told = after if wish.by_session else changed(after, session_id=None)
    event = "partialCancelled" if after.status == PART_CANCELLED else "cancelled"
    context.emit(event, told, context.charset)
    return after


def _cancel_of(context: Context, payment: Payment, wish: CancelWish) -> Cancel:
    whole = wish.amount is None
    amount = payment.balance if wish.amount is None else wish.amount
    parts = _parts(payment) if whole else taken_back(_parts(payment), amount, wish.tax_free or 0)
    keeps_tid = whole and not payment.cancels
    return Cancel(
        tid=payment.tid
        if keeps_tid
        else new_part_tid(context, payment, ALL_METHODS[payment.method].service),
        order_id=wish.order_id,
        amount=amount,
        supply=parts.supply,
        vat=parts.vat,
        tax_free=parts.tax_free,
        reason=SANDBOX_REASON if context.settings.sandbox_limits else wish.reason,
        at=context.now,
        coupon=_coupon_of(payment, amount),
    )


def _coupon_of(payment: Payment, amount: int) -> int:
    """The part of a cancel's amount that goes back to the payer's coupon.

    Assumed (coupon.cancel): the payer's own money goes back first, the coupon last.
    """
    coupon_left = payment.coupon - sum(each.coupon for each in payment.cancels)
    return max(0, amount - (payment.balance - coupon_left))


def _parts(payment: Payment) -> TaxParts:
    return TaxParts(payment.supply, payment.vat, payment.tax_free)


def _no_payment(order_id: str) -> Cause:
    return Cause(
        f"this merchant has no approved payment with the orderId {order_id[:64]!r}; "
        "nothing has to be cancelled",
        f"이 상점에는 orderId {order_id[:64]!r}로 승인된 결제가 없습니다. 취소할 내역이 없습니다",
    )


def _ambiguous(order_id: str, tids: list[str]) -> Cause:
    listed = ", ".join(tids[-5:])
    return Cause(
        f"{len(tids)} payments hold the orderId {order_id!r} ({listed}); a net cancel needs a unique "
        "one. Cancel by tid",
        f"orderId {order_id!r}인 결제가 {len(tids)}건입니다({listed}). 망취소하려면 orderId가 유일해야 합니다. "
        "tid로 취소하세요",
    )
