"""Actions of a scenario's timeline on payments: deposits by payers, cancels by NICEPAY."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import SUCCESS
from mock_nicepay.core.call import Context
from mock_nicepay.core.payments.accounts import deposit
from mock_nicepay.core.payments.cancel_checks import CancelWish
from mock_nicepay.core.payments.cancellation import take_back
from mock_nicepay.core.payments.orders import is_visible
from mock_nicepay.core.records import CANCELLED, FAILED, Payment
from mock_nicepay.core.scenarios.matching import glob_regex

AUTO_CANCEL_REASON = "자동취소"


@dataclass(frozen=True, slots=True)
class Happened:
    """The result of an action for one payment."""

    tid: str
    order_id: str
    code: str = SUCCESS
    cause: Cause | None = None  # why the bank refused


def deposit_due(context: Context, arguments: Mapping[str, str | int]) -> list[Happened]:
    """Transfer `amount` (by default the right one) to the accounts of the orders matching `orderId`.

    Every account takes part, also one that is paid, cancelled or expired: then the bank refuses with
    its code, and nothing has changed.
    """
    amount = arguments.get("amount")

    def transfer(payment: Payment) -> None:
        deposit(context, payment, None if amount is None else int(amount))

    return [
        _tried(payment, transfer)
        for payment in _meant(context, arguments)
        if payment.account is not None
    ]


def cancel_due(context: Context, arguments: Mapping[str, str | int]) -> list[Happened]:
    """NICEPAY cancels all that is left of the payments of the orders matching `orderId`, a glob.

    Deadlines, escrow and refund accounts are not checked.
    Assumed (auto-cancel.nightly): as payments of a test contract end at night; the reason is 자동취소.
    """
    meant = [each for each in _meant(context, arguments) if each.status != CANCELLED]
    for payment in meant:
        take_back(context, payment, CancelWish(payment.order_id, AUTO_CANCEL_REASON))
    return [Happened(payment.tid, payment.order_id) for payment in meant]


def _meant(context: Context, arguments: Mapping[str, str | int]) -> list[Payment]:
    wanted = glob_regex(str(arguments.get("orderId", "*"))).fullmatch
    return [
        payment
        for payment in context.store.find(Payment, context.merchant.client_id)
        if payment.status != FAILED
        and is_visible(payment, context.now)
        and wanted(payment.order_id)
    ]


def _tried(payment: Payment, act: Callable[[Payment], None]) -> Happened:
    try:
        act(payment)
    except Refusal as no:
        return Happened(payment.tid, payment.order_id, no.code, no.cause)
    return Happened(payment.tid, payment.order_id)
