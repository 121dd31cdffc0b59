"""Carries out a payer's visit at the gateway: one transaction, which pays, declines or leaves nothing.

It checks the order. If the payer agrees, it authorises the payment, and approves it where the window
does that.
"""

from dataclasses import replace
from datetime import datetime

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.window import request as window
from mock_nicepay.contract.window.rules import under_maintenance, unknown_client, used_order
from mock_nicepay.core.call import Context
from mock_nicepay.core.checkout.sessions import (
    for_session,
    open_session,
    payable_session,
    settle_session,
)
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.payments.approval import approve, authorise
from mock_nicepay.core.payments.cancel_checks import CancelWish
from mock_nicepay.core.payments.cancellation import NET_CANCEL_REASON, take_back
from mock_nicepay.core.payments.orders import order_is_used
from mock_nicepay.core.payments.wish import ANYBODY, Payer, Wish
from mock_nicepay.core.records import CLOSED, FAILED, Merchant, Payment
from mock_nicepay.core.window.attempt import Attempt
from mock_nicepay.core.window.outcome import ended, refused_by_form
from mock_nicepay.core.window.result import Shop, WindowResult
from mock_nicepay.core.window.wishes import wish_of


class _Undone(Exception):
    """Leaves a transaction with the visit's result and undoes the transaction."""

    def __init__(self, result: WindowResult) -> None:
        self.result = result


class _NotApproved(Exception):
    """Leaves a transaction because the window's own approval was refused."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


def admit(desk: Desk, attempt: Attempt) -> None:
    """Check the parameters, and ask the scenario. Raises `Refusal`."""
    merchant = _read(attempt)
    with desk.serve(merchant, now=attempt.now) as context:
        _check_order(attempt, context)
        wish_of(attempt.order, ANYBODY, attempt.now, hours_first=_hours_first(attempt))
        if attempt.session is not None:
            attempt.session = open_session(context, attempt.session)
    if attempt.ending.kind == "code" and attempt.row is not None:
        raise Refusal(attempt.row.code, *attempt.values_of(attempt.row))


def authenticate(desk: Desk, attempt: Attempt, payer: Payer) -> WindowResult:
    """The result of the visit. Raises `Refusal` for a request that the window does not accept."""
    _read(attempt)
    try:
        return _in_transaction(desk, attempt, payer)
    except _Undone as undone:
        return undone.result
    except _NotApproved as failed:
        if attempt.session is not None:
            with desk.serve(attempt.shop.merchant, now=attempt.now) as context:
                settle_session(context, attempt.session, None, FAILED)
        return refused_by_form(attempt, failed.refusal)


def _read(attempt: Attempt) -> Merchant:
    """Read the parameters; returns their merchant. Raises `Refusal`."""
    if attempt.tenant.maintenance:
        raise under_maintenance()
    if attempt.merchant is None and attempt.params.get("clientId") not in (None, ""):
        raise unknown_client(attempt.params["clientId"])
    if attempt.session is None:
        attempt.order = window.read(attempt.params)  # refuses them when there is no clientId
    assert attempt.merchant is not None
    return attempt.merchant


def _in_transaction(desk: Desk, attempt: Attempt, payer: Payer) -> WindowResult:
    """Carry the visit out; returns what the shop is told."""
    shop = attempt.shop
    with desk.serve(
        shop.merchant,
        now=shop.now,
        charset=attempt.order["returnCharSet"] or UTF_8,
        issuer_says=attempt.row if attempt.effect == "decline" else None,
        takes=attempt.takes,
    ) as context:
        _check_order(attempt, context)
        wish = wish_of(attempt.order, payer, _opened(attempt), hours_first=_hours_first(attempt))
        payment = _agreed(attempt, shop, context, for_session(wish, attempt.session))
        if attempt.session is not None and attempt.ends_session:
            status = CLOSED if attempt.ending.kind == "close" else FAILED
            attempt.session = settle_session(context, attempt.session, payment, status)
        result = ended(attempt, payment)
        if attempt.effect == "none" and not attempt.ends_session:
            raise _Undone(result)
    return replace(result, first=context.emit.first)


def _agreed(attempt: Attempt, shop: Shop, context: Context, wish: Wish) -> Payment | None:
    """The payment, if the payer agreed; else None. With Client approval it is approved."""
    if attempt.effect == "none" and attempt.row is not None:
        return None
    payment = authorise(context, wish)
    if not shop.approves:
        return payment
    try:
        approved = approve(context, payment, payment.amount)
    except Refusal as refusal:
        raise _NotApproved(refusal) from None
    if attempt.session is not None and attempt.row is not None and attempt.row.is_net_cancel:
        # Documented (checkout.u504): when NICEPAY itself fails it takes the payment back; the shop is
        # told U504 and status failed, and its webhook of the cancel (E26).
        return take_back(context, approved, CancelWish(approved.order_id, NET_CANCEL_REASON))
    return approved


def _check_order(attempt: Attempt, context: Context) -> None:
    """Raise `Refusal` for an order that cannot be paid, or no longer."""
    if attempt.session is not None:
        attempt.session = payable_session(context, attempt.session)
    elif order_is_used(context, attempt.order["orderId"]):
        raise used_order(attempt.order["orderId"])


def _hours_first(attempt: Attempt) -> bool:
    return attempt.tenant.edition.hours_before_date


def _opened(attempt: Attempt) -> datetime:
    """When the payer's page was opened; vbankValidHours counts from then."""
    opened = attempt.session.opened_at if attempt.session else None
    return opened or attempt.now
