"""The outcome of a payer's visit: the form or error for the browser, and what a rule changes in it."""

from collections.abc import Mapping
from dataclasses import replace

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.tables import CARD_AUTHENTICATION, ResultCode, result_code
from mock_nicepay.contract.window.return_forms import text_of
from mock_nicepay.core.answers import patched
from mock_nicepay.core.records import CLOSED, FAILED, Payment
from mock_nicepay.core.window.attempt import Attempt
from mock_nicepay.core.window.result import (
    WindowResult,
    bad_form,
    error_for_page,
    good_form,
    payment_form,
)

_POSTS = {"hang": 0, "duplicate": 2}  # how often the form is posted; otherwise once


def ended(attempt: Attempt, payment: Payment | None) -> WindowResult:
    """What the shop is told of a visit; `payment` is the one the payer agreed to, even if it failed."""
    shop, row = attempt.shop, attempt.row
    if row is None and payment is not None:
        return _with_form(attempt, good_form(shop, payment), payment.tid)
    assert row is not None  # without one there is a payment
    message = attempt.ending.message or row.message(*attempt.values_of(row))
    if attempt.ending.kind == "close" and attempt.session is not None:
        # Documented (checkout.closed): a payer who leaves is told to returnUrl, status closed (E26).
        form = bad_form(shop, attempt.order, row.code, message, status=CLOSED)
        return _with_form(attempt, form)
    if attempt.ending.kind == "close":
        # Assumed (window.closed): a window that is closed posts nothing; K25 has fnError for it.
        return WindowResult(attempt.order["returnUrl"], error=error_for_page(row, message, None))
    if payment is not None and payment.status == FAILED:
        return _with_form(attempt, payment_form(shop, payment, row.code, message), payment.tid)
    return _with_form(attempt, bad_form(shop, attempt.order, row.code, message))


def _with_form(attempt: Attempt, form: Mapping[str, str], tid: str = "") -> WindowResult:
    charset = attempt.order["returnCharSet"] or UTF_8
    return WindowResult(attempt.order["returnUrl"], charset, tid, form)


def refused(attempt: Attempt, refusal: Refusal) -> WindowResult:
    """What the browser gets for a request that the window refuses.

    Documented (checkout.failure): a checkout's page posts it to returnUrl (E26).
    """
    if attempt.session is not None and attempt.merchant is not None:
        return refused_by_form(attempt, refusal)
    row, message = _told(attempt, refusal)
    return WindowResult(attempt.return_url, error=error_for_page(row, message, refusal.cause))


def refused_by_form(attempt: Attempt, refusal: Refusal) -> WindowResult:
    """The form that the browser posts for a refused order."""
    row, message = _told(attempt, refusal)
    return _with_form(attempt, bad_form(attempt.shop, attempt.order, row.code, message))


def _told(attempt: Attempt, refusal: Refusal) -> tuple[ResultCode, str]:
    """The refusal's code and text; its cause goes into the journal."""
    attempt.cause = refusal.cause
    row = result_code(refusal.code, CARD_AUTHENTICATION)
    return row, row.message(*refusal.values)


def delivered(attempt: Attempt, result: WindowResult) -> WindowResult:
    """The result with what the rule changes in its form and its posting."""
    rule = attempt.rule
    if rule is None or result.form is None:
        return result
    form = {k: text_of(v) for k, v in patched(result.form, rule.patch, add=True).items()}
    return replace(
        result,
        form=form,
        charset=rule.charset.bytes if rule.charset else result.charset,
        posts=_POSTS.get(rule.reply.kind, 1),
        delay=rule.delay,
    )
