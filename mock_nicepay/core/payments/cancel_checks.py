"""Checks of a cancel: refused as a wrong request, or declined by the payment network.

Assumed (cancel.order): the request is checked before the payment network is asked, in the order of
`check_request` and `network_says`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.times import iso
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.orders import is_processing, order_is_known
from mock_nicepay.core.records import AUTHORISED, CANCELLED, FAILED, READY, Payment

# Documented (cancel.window): a card for a year, a waiting account until its expiry, a deposit for 180
# days (K25 and E26 cancel pages).
# Assumed (cancel.window-others): transfers and cellphones for a year as well, a year has 365 days.
_USUAL_WINDOW = timedelta(days=365)
_DEPOSIT_WINDOW = timedelta(days=180)
_NET_CANCEL_WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CancelWish:
    """What a merchant wants cancelled. Amounts are in the payment's currency's units."""

    order_id: str  # of this request
    reason: str
    amount: int | None = None  # None: all that is left
    tax_free: int | None = None
    refund_account: str | None = None  # for a deposit: the account that gets the money back
    refund_bank: str | None = None
    refund_holder: str | None = None
    by_session: bool = False  # whether the payment was named by its session

    @property
    def is_partial(self) -> bool:
        """Documented (cancel.partial): with cancelAmt it is partial, even for the whole amount (E26)."""
        return self.amount is not None


@dataclass(frozen=True, slots=True)
class Declined:
    """A decline by the payment network, and its cause."""

    code: str
    cause: Cause


def check_request(context: Context, payment: Payment, wish: CancelWish) -> None:
    """Raise `Refusal` for a cancel that the API itself does not accept."""
    _check_paid(context, payment)
    if context.settings.sandbox_limits and wish.is_partial:
        raise Refusal("U128", cause=_SANDBOX)
    # Checked first: a partial cancel that is repeated because its answer was lost must be told that
    # its orderId is used, not that the rest is too small.
    if wish.is_partial and order_is_known(context, wish.order_id):
        raise Refusal("U112", cause=_used(wish.order_id))
    if payment.status != CANCELLED:  # otherwise the network declines: nothing is left
        _check_amounts(payment, wish)
        _check_refund(payment, wish)


def network_says(payment: Payment, wish: CancelWish, now: datetime) -> Declined | None:
    """The payment network's decline of a cancel that the API accepts; None when it agrees."""
    return next((no for check in _CHECKS if (no := check(payment, wish, now))), None)


def network_says_to_net_cancel(payment: Payment, now: datetime) -> Declined | None:
    """The payment network's decline of a net cancel; None when it agrees.

    Documented (netcancel.hour): within one hour of the payment, later 2020 (E26 api-cancel).
    Assumed (netcancel.deposit): a deposited account is 2014: a net cancel names no account to
    refund to. Escrow's stages count as they do for a cancel.
    """
    if payment.status == CANCELLED:
        return _cancelled_before(payment, "2015")
    since = payment.paid_at
    if since is not None and now - since > _NET_CANCEL_WINDOW:
        return Declined("2020", _too_late(payment, since + _NET_CANCEL_WINDOW, now))
    if payment.deposited_at is not None:
        return Declined("2014", _DEPOSITED)
    return _escrow(payment, CancelWish(payment.order_id, ""), now)


def check_not_processing(context: Context, payment: Payment) -> None:
    """Assumed (cancel.processing): an approval still being processed is P049; the text fits."""
    if is_processing(payment, context.now):
        raise Refusal(
            "P049",
            cause=Cause(
                f"the approval of {payment.tid} is still being processed; cancel it when a look-up "
                "shows it",
                f"{payment.tid}의 승인이 아직 처리 중입니다. 조회 결과를 확인한 뒤 취소하세요",
            ),
        )


def _check_paid(context: Context, payment: Payment) -> None:
    """Assumed (cancel.nothing-paid): an authorisation alone, or a declined payment, is U122."""
    check_not_processing(context, payment)
    if payment.status in {AUTHORISED, FAILED}:
        why_en, why_ko = (
            ("it has not been approved", "아직 승인되지 않았습니다")
            if payment.status == AUTHORISED
            else ("the issuer declined it", "카드사에서 거절된 결제입니다")
        )
        raise Refusal(
            "U122",
            cause=Cause(
                f"there is nothing to cancel in {payment.tid}: {why_en}",
                f"{payment.tid}에 취소할 내역이 없습니다: {why_ko}",
            ),
        )


def _check_amounts(payment: Payment, wish: CancelWish) -> None:
    """Documented (cancel.u123): above the balance is U123, above the tax-free rest U319 (E26).

    Assumed (cancel.2026): more than the whole deposit is left to the network, which says 2026.
    Assumed (cancel.u321): a taxFreeAmt above cancelAmt is U321; the text fits.
    """
    amount, tax_free = wish.amount, wish.tax_free or 0
    if amount is not None and amount > payment.balance and not _exceeds_deposit(payment, amount):
        raise Refusal("U123", cause=_too_much("cancelAmt", amount, payment.balance))
    if tax_free > payment.tax_free:
        raise Refusal("U319", cause=_too_much("taxFreeAmt", tax_free, payment.tax_free))
    if amount is not None and tax_free > amount:
        raise Refusal(
            "U321",
            cause=Cause(
                f"taxFreeAmt is {tax_free}, but it is a part of cancelAmt, which is {amount}",
                f"taxFreeAmt({tax_free})는 cancelAmt({amount})의 일부이므로 더 클 수 없습니다",
            ),
        )


def _check_refund(payment: Payment, wish: CancelWish) -> None:
    """Documented (cancel.refund-fields): a deposit needs all three refund fields (K25, E26)."""
    if payment.deposited_at is None:
        return
    fields = {
        "refundAccount": wish.refund_account,
        "refundBankCode": wish.refund_bank,
        "refundHolder": wish.refund_holder,
    }
    for name, value in fields.items():
        if value is None:
            raise Refusal(
                "U100",
                name,
                cause=Cause(
                    f"{payment.tid} was paid by transfer to a virtual account, so the refund needs "
                    f"refundAccount, refundBankCode and refundHolder; {name} was not sent",
                    f"{payment.tid}은(는) 가상계좌로 입금된 결제입니다. 환불하려면 refundAccount, "
                    f"refundBankCode, refundHolder가 모두 필요하며 {name} 항목이 없습니다",
                ),
            )


def _cancelled(payment: Payment, wish: CancelWish, now: datetime) -> Declined | None:
    """Documented (cancel.2015): the payment network declines a second cancel with 2015 (E26 wording).

    Assumed (cancel.2013): to a partial cancel of a cancelled payment it says 2013.
    """
    if payment.status != CANCELLED:
        return None
    return _cancelled_before(payment, "2013" if wish.is_partial else "2015")


def _window(payment: Payment, wish: CancelWish, now: datetime) -> Declined | None:
    """Assumed (cancel.2016): after the window it is 2016; the text fits."""
    until = _cancellable_until(payment)
    if until is None or now <= until:
        return None
    return Declined("2016", _too_late(payment, until, now))


def _unpaid_account(payment: Payment, wish: CancelWish, now: datetime) -> Declined | None:
    """Assumed (cancel.2045): a waiting account can be cancelled only as a whole; 2045 fits."""
    if payment.status == READY and wish.is_partial:
        return Declined(
            "2045", _whole_only(payment, "its account waits for the deposit", "입금 전")
        )
    return None


def _deposit(payment: Payment, wish: CancelWish, now: datetime) -> Declined | None:
    if wish.amount is not None and _exceeds_deposit(payment, wish.amount):
        return Declined("2026", _too_much("cancelAmt", wish.amount, payment.amount))
    return None


def _method(payment: Payment, wish: CancelWish, now: datetime) -> Declined | None:
    """Assumed (cancel.2029): cellphones, and cards without canPartCancel, give 2029."""
    if not wish.is_partial:
        return None
    if payment.pay_method == "cellphone":
        return Declined("2029", _whole_only(payment, "it was paid by cellphone", "휴대폰 결제"))
    if payment.card is not None and not payment.card.can_part_cancel:
        return Declined(
            "2029", _whole_only(payment, "canPartCancel of its card is false", "부분취소 불가 카드")
        )
    return None


def _escrow(payment: Payment, wish: CancelWish, now: datetime) -> Declined | None:
    """Documented (cancel.escrow): by stage, never after the purchase decision (K25, E26).

    Assumed (cancel.escrow-codes): in part 2052, shipped and undecided 2027, accepted 2014.
    """
    if not payment.use_escrow:
        return None
    if wish.is_partial:
        return Declined("2052", _whole_only(payment, "it is in escrow", "에스크로 결제"))
    if payment.escrow_stage == "shipped":
        return Declined("2027", _UNDECIDED)
    return Declined("2014", _ACCEPTED) if payment.escrow_stage == "accepted" else None


_CHECKS: tuple[Callable[[Payment, CancelWish, datetime], Declined | None], ...] = (
    _cancelled,
    _window,
    _unpaid_account,
    _deposit,
    _method,
    _escrow,
)


def _cancellable_until(payment: Payment) -> datetime | None:
    if payment.status == READY and payment.account:
        return payment.account.expires
    if payment.deposited_at is not None:
        return payment.deposited_at + _DEPOSIT_WINDOW
    return payment.paid_at + _USUAL_WINDOW if payment.paid_at else None


def _exceeds_deposit(payment: Payment, amount: int) -> bool:
    return payment.deposited_at is not None and amount > payment.amount


_SANDBOX = Cause(
    "cancelAmt was sent, and NICEPAY's sandbox takes no partial cancels (sandbox_limits is on); "
    "leave it out to cancel all",
    "샌드박스에서는 부분취소를 할 수 없습니다(sandbox_limits 설정). 전체취소는 cancelAmt 없이 요청하세요",
)
_DEPOSITED = Cause(
    "the account has been paid to, and a net cancel names no account to send the money back to; "
    "use the cancel call with refundAccount, refundBankCode and refundHolder",
    "이미 입금된 가상계좌는 망취소할 수 없습니다. refundAccount, refundBankCode, refundHolder와 함께 "
    "취소 API를 사용하세요",
)
_UNDECIDED = Cause(
    "the goods are on their way: escrow can be cancelled before they are shipped, or when the "
    "buyer has refused them",
    "배송 중인 에스크로 거래입니다. 배송 전이거나 구매자가 구매를 거절한 경우에만 취소할 수 있습니다",
)
_ACCEPTED = Cause(
    "the buyer has accepted the goods; escrow is not cancelled after that",
    "구매자가 구매를 확정한 에스크로 거래는 취소할 수 없습니다",
)


def _used(order_id: str) -> Cause:
    return Cause(
        f"the orderId {order_id!r} has been used, by a payment or by another cancel, failed ones "
        "included; each partial cancel needs a new one",
        f"orderId {order_id!r}은(는) 결제 또는 다른 취소 요청(실패 포함)에 이미 사용되었습니다. "
        "부분취소마다 새 orderId가 필요합니다",
    )


def _cancelled_before(payment: Payment, code: str) -> Declined:
    return Declined(
        code,
        Cause(
            f"all {payment.amount} of {payment.tid} have been cancelled already; look it up to see "
            "its cancels",
            f"{payment.tid}의 {payment.amount}은(는) 이미 모두 취소되었습니다. 조회 API로 취소 내역을 확인하세요",
        ),
    )


def _too_late(payment: Payment, until: datetime, now: datetime) -> Cause:
    return Cause(
        f"{payment.tid} could be cancelled in this way until {iso(until)}, and it is {iso(now)}",
        f"{payment.tid}의 취소 가능 기한은 {iso(until)}까지였고 현재 시각은 {iso(now)}입니다",
    )


def _too_much(name: str, value: int, most: int) -> Cause:
    return Cause(
        f"{name} is {value}, but at most {most} can be cancelled",
        f"{name} 값은 {value}이지만 취소 가능한 금액은 {most}입니다",
    )


def _whole_only(payment: Payment, en: str, ko: str) -> Cause:
    return Cause(
        f"{payment.tid} can be cancelled only as a whole, without cancelAmt: {en}",
        f"{payment.tid}은(는) 부분취소할 수 없습니다({ko}). cancelAmt 없이 전체취소하세요",
    )
