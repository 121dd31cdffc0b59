"""The beginning of a payment: the payer authorises it in the window, the merchant has it approved."""

from datetime import timedelta

from mock_nicepay.contract.methods import (
    ALL_METHODS,
    DUMMY_SERVICE,
    METHODS,
    WALLET_MONEY,
    Method,
    registers,
)
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tax import tax_parts
from mock_nicepay.contract.times import iso
from mock_nicepay.core.call import Context
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.ids import new_bid, new_tid
from mock_nicepay.core.payments.instruments import (
    SANDBOX_APPROVAL_NUMBER,
    account_for,
    bank_for,
    card_for,
    coupon_for,
)
from mock_nicepay.core.payments.orders import SERVICE, is_processing, order_is_used
from mock_nicepay.core.payments.receipts import issue_receipt
from mock_nicepay.core.payments.wish import Wish
from mock_nicepay.core.records import AUTHORISED, FAILED, PAID, READY, Payment, changed

# What a payer may pick under `cardAndEasyPay`, and the method that results.
PICKED = {
    "card": "card",
    "naverpay": "naverpayCard",
    "kakaopay": "kakaopay",
    "samsungpay": "samsungpayCard",
    "payco": "payco",
    "ssgpay": "ssgpay",
}
# Assumed (approval.window): an authorisation can be approved for 30 minutes; A245 has the text.
AUTHORISATION_LIFE = timedelta(minutes=30)


def authorise(context: Context, wish: Wish) -> Payment:
    """The payer agrees: store a payment of status AUTHORISED with tid, token and instrument.

    No money moves. Raises `Misuse` when the payer picks something that the window does not offer.
    """
    method = _method(context, wish)
    parts = tax_parts(wish.amount, wish.tax_free)
    limits = context.settings.sandbox_limits
    payment = Payment(
        tid=new_tid(context, DUMMY_SERVICE if wish.on_dummy_page else method.service),
        client_id=context.merchant.client_id,
        order_id=wish.order_id,
        amount=wish.amount,
        balance=wish.amount,
        goods_name=wish.goods_name,
        pay_method=method.pay_method,
        status=AUTHORISED,
        method=wish.method,
        auth_token=context.identity.auth_token(),
        authorised_at=context.now,
        # Documented (sandbox.currency): every payment of the sandbox is in won (E26 info-general).
        currency="KRW" if limits else wish.currency,
        channel=wish.payer.channel or wish.channel,
        charset=wish.charset,
        use_escrow=wish.use_escrow,
        supply=parts.supply,
        vat=parts.vat,
        tax_free=parts.tax_free,
        mall_reserved=wish.mall_reserved,
        mall_user_id=wish.mall_user_id,
        buyer_name=wish.buyer_name,
        buyer_tel=wish.buyer_tel,
        buyer_email=wish.buyer_email,
        card=card_for(context, wish, method) if method.takes_cards or method.takes_money else None,
        bank=bank_for(context, wish) if method.pay_method == "bank" else None,
        account=account_for(context, wish) if method.pay_method == "vbank" else None,
        coupon=coupon_for(context, wish, method),
        receipt_wish=wish.receipt,
        session_id=wish.session_id,
        bid=new_bid(context) if registers(wish.method) else None,
        key_id=context.merchant.key_id,
    )
    context.store.put(payment)
    return payment


def approve(context: Context, payment: Payment, amount: int) -> Payment:
    """Move the money of an authorised payment, or let the issuer decline it; returns the stored payment.

    Its status is PAID, READY (an account waits for its deposit) or FAILED (`context.issuer_says`).
    Emits `paid` or `ready`. Raises `Refusal`; then nothing has changed.
    Assumed (approval.order): checked are, in this order, whether this tid may still be approved, its
    age, its amount, and whether the orderId is free.
    Assumed (approval.amount): after A123 it can still be approved with the right amount.
    """
    _check_state(context, payment)
    _check_age(context, payment)
    _check_amount(payment, amount)
    check_order(context, payment.order_id)
    return decide(context, payment)


def decide(context: Context, payment: Payment) -> Payment:
    """The issuer decides: store the payment as PAID, READY or FAILED, and emit `paid` or `ready`.

    A late approval is being processed for as long as `context.takes`.
    """
    if context.issuer_says is not None:
        return _declined(context, payment)
    done = _issued(context, payment) if payment.account else _paid(context, payment)
    if context.takes:
        done = changed(done, processing_until=done.paid_at)
    context.store.put(done)
    context.emit("ready" if done.status == READY else "paid", done, context.charset)
    return done


def is_dummy(payment: Payment) -> bool:
    """Whether it was paid on NICEPAY's dummy page."""
    return payment.tid[SERVICE] == DUMMY_SERVICE


def _method(context: Context, wish: Wish) -> Method:
    """The window's method; for `cardAndEasyPay` the one that the payer picks, by default a card."""
    method = ALL_METHODS[wish.method]
    if method.pay_method:
        return method
    wallet = wish.payer.wallet or "card"
    if wallet not in PICKED:
        raise Misuse(f"wallet is {wallet[:40]!r}; expected one of {', '.join(PICKED)}")
    return METHODS[PICKED[wallet]]


def _issued(context: Context, payment: Payment) -> Payment:
    """Documented (account.ready): 0000 with status ready, paidAt is the time of the request (E26)."""
    return changed(payment, status=READY, paid_at=context.now + context.takes)


def _paid(context: Context, payment: Payment) -> Payment:
    """Assumed (approval.number-others): transfers and cellphones have an approval number, too."""
    fixed = context.settings.sandbox_limits or is_dummy(payment)
    paid = changed(
        payment,
        status=PAID,
        paid_at=context.now + context.takes,
        approve_no=SANDBOX_APPROVAL_NUMBER if fixed else context.identity.approval_number(),
    )
    return issue_receipt(context, paid) if paid.bank or _is_points(paid) else paid


def _is_points(payment: Payment) -> bool:
    """Documented (receipt.points): a payment with Naver Pay points can have a cash receipt (K25)."""
    return payment.card is not None and payment.card.code == WALLET_MONEY["naverpay"]


def _declined(context: Context, payment: Payment) -> Payment:
    """The payment declined by the issuer, stored.

    Documented (failed.card): `card` is null in a failed payment (E26).
    Assumed (failed.values): nothing is left to cancel: balanceAmt 0, no approval number, no account.
    """
    failed = changed(
        payment,
        status=FAILED,
        failed_at=context.now,
        balance=0,
        supply=0,
        vat=0,
        tax_free=0,
        card=None,
        bank=None,
        account=None,
        coupon=0,
        bid=None if payment.session_id else payment.bid,  # a failed checkout registers no key
    )
    context.store.put(failed)
    return failed


def _check_state(context: Context, payment: Payment) -> None:
    if payment.status == AUTHORISED:
        return
    if is_processing(payment, context.now):
        # Documented (approval.processing): a repeat during processing is U112 (E26).
        raise Refusal(
            "U112",
            cause=Cause(
                f"the approval of {payment.tid} is still being processed; look it up later",
                f"{payment.tid}의 승인이 아직 처리 중입니다. 잠시 후 조회하세요",
            ),
        )
    raise Refusal(
        "U114",
        cause=Cause(
            f"{payment.tid} has already been sent for approval; its status is {payment.status}. "
            "A tid is approved once: look it up instead",
            f"{payment.tid}은(는) 이미 승인 요청된 TID입니다(상태 {payment.status}). "
            "TID는 한 번만 승인됩니다. 조회 API를 사용하세요",
        ),
    )


def _check_age(context: Context, payment: Payment) -> None:
    since = payment.authorised_at
    if since is None or context.now - since <= AUTHORISATION_LIFE:
        return
    minutes = int(AUTHORISATION_LIFE.total_seconds()) // 60
    raise Refusal(
        "A245",
        cause=Cause(
            f"the payer authorised {payment.tid} at {iso(since)}, more than {minutes} minutes ago; "
            "the payer must go through the window again",
            f"{payment.tid}은(는) {iso(since)}에 인증되어 {minutes}분이 지났습니다. "
            "결제창 인증부터 다시 진행해야 합니다",
        ),
    )


def _check_amount(payment: Payment, amount: int) -> None:
    """Documented (approval.a123): an amount that differs from the authorised one is A123 (K25, E26)."""
    if amount != payment.amount:
        raise Refusal(
            "A123",
            cause=Cause(
                f"amount is {amount}, but the payer authorised {payment.amount}; "
                "was the amount changed on the way through the browser?",
                f"amount가 {amount}이지만 인증된 금액은 {payment.amount}입니다. "
                "브라우저를 거치는 동안 금액이 변조되지 않았나요?",
            ),
        )


def check_order(context: Context, order_id: str) -> None:
    """Raise `Refusal` U112 for an orderId that no further payment may use."""
    if order_is_used(context, order_id):
        raise Refusal(
            "U112",
            cause=Cause(
                f"the orderId {order_id!r} has been paid already, or was that of a cancel; "
                "nothing is paid a second time. Use a new orderId for a new payment",
                f"orderId {order_id!r}은(는) 이미 결제되었거나 취소 요청에 사용되었습니다. "
                "새 결제에는 새 orderId를 사용하세요",
            ),
        )
