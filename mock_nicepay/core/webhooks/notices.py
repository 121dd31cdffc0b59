"""Makes the events for a merchant's webhook: body, signature, and what a scenario's rule changes.

Recorded (webhook.event): the body of a paid card event has an inquiry's keys and `messageSource`, a
valid signature by the payment's own formula, and is `application/json;charset=UTF-8`.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mock_nicepay.contract import charsets
from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.editions import EDITIONS, RECEIPTS
from mock_nicepay.contract.methods import WEBHOOK_METHODS
from mock_nicepay.contract.signing import Formula
from mock_nicepay.contract.tables import SUCCESS, result_code
from mock_nicepay.contract.times import iso
from mock_nicepay.core.answers import patched
from mock_nicepay.core.payments.instruments import SANDBOX_CARD
from mock_nicepay.core.payments.values import keyed_in_values, payment_values
from mock_nicepay.core.records import PAID, READY, Account, Bank, Delivery, Merchant, Payment
from mock_nicepay.core.scenarios.language import Rule

WAITING, DELIVERED, GIVEN_UP, DROPPED = "waiting", "delivered", "failed", "dropped"
NEVER, DROP, REORDER, BEFORE_ANSWER = "never", "drop", "reorder", "before-answer"
DUPLICATE, AFTER_OK = "duplicate", "duplicate-after-ok"
TEST = "test"  # the sample event with which an address is tested
LONGEST_HELD = timedelta(minutes=10)

_SIGNATURE = Formula("tid + amount + ediDate")
_EDITION = replace(EDITIONS["union"], message_source=True)
_NO_KEY = "0" * 32  # makes a wrong signature


def route_of(payment: Payment) -> str:
    """The one of the `WEBHOOK_METHODS` whose address gets a payment's events.

    Documented (webhook.route): wallets go the way of cards; issue, deposit and cancel of a virtual
    account go by vbank (E26).
    """
    return payment.pay_method if payment.pay_method in WEBHOOK_METHODS else "card"


def event_values(
    payment: Payment, at: datetime, secret_key: str, receipts_at: str = RECEIPTS
) -> dict[str, Any]:
    """The body of a payment's event; its receipts are at `receipts_at`, as in the merchant's answers.

    Documented (webhook.success): resultCode is 0000 whatever the event; a cancel keeps the original
    amount, and the signature is over that (E26).
    Documented (webhook.keyin): the event of a key-in payment has the keys of that call's answer (E26).
    Assumed (webhook.keyin-cancel): its cancel has those of the cancel's answer.
    """
    keyed_in = payment.key_in is not None and payment.status == PAID
    edition = replace(_EDITION, receipts_at=receipts_at)
    values = (keyed_in_values if keyed_in else payment_values)(payment, edition)
    if payment.bid:
        values = _with_bid(values, payment.bid)
    values["ediDate"] = iso(at)
    values["signature"] = _SIGNATURE.sign(values, secret_key)
    row = result_code(SUCCESS)
    return {"resultCode": row.code, "resultMsg": row.message(), **values}


def _with_bid(values: Mapping[str, Any], bid: str) -> dict[str, Any]:
    """Documented (webhook.bid): the events of a charge have its bid besides (E26).

    Assumed (webhook.bid-place): after approveNo, as in a checkout's form, and also of the checkout
    that registered the key.
    """
    keys = list(values)
    place = keys.index("approveNo") + 1
    return {
        **{key: values[key] for key in keys[:place]},
        "bid": bid,
        **{key: values[key] for key in keys[place:]},
    }


def notice(
    merchant: Merchant,
    payment: Payment,
    *,
    event: str,
    url: str,
    charset: str,
    id_: str,
    at: datetime,
    delay: timedelta = timedelta(),
    rule: Rule | None = None,
    receipts_at: str = RECEIPTS,
) -> Delivery:
    """A payment's event, which is the same at each try.

    Documented (webhook.charset): the character set of the call that caused it, in upper case; a
    deposit is always UTF-8 (E26).
    """
    kind = rule.reply.kind if rule else "ok"
    body = _body(merchant, payment, at, rule, receipts_at)
    real, label = charset, charset
    if rule and rule.charset:
        real, label = rule.charset.bytes, rule.charset.label
    return Delivery(
        id=id_,
        client_id=merchant.client_id,
        event=event,
        method=route_of(payment),
        tid=payment.tid,
        order_id=payment.order_id,
        url=url,
        charset=real,
        content_type=f"application/json;charset={label.upper()}",
        body=body,
        made_at=at,
        due=None if kind == NEVER else at + _wait(rule, delay),
        state=DROPPED if kind == NEVER else WAITING,
        note=rule.text if rule else "",
        twist=kind,
        drops=rule.reply.tries if rule and kind == DROP else 0,
    )


def _wait(rule: Rule | None, delay: timedelta) -> timedelta:
    """How long after the event the first try is."""
    if rule is None:
        return delay
    if rule.reply.kind == BEFORE_ANSWER:
        return timedelta()
    return (LONGEST_HELD if rule.reply.kind == REORDER else delay) + rule.delay


def _body(
    merchant: Merchant, payment: Payment, at: datetime, rule: Rule | None, receipts_at: str
) -> str:
    kind = rule.reply.kind if rule else "ok"
    keys = {"wrong-signature": _NO_KEY, "other-key": merchant.other_secret_key}
    key = keys.get(kind, merchant.secret_key)
    values: Mapping[str, Any] = event_values(payment, at, key, receipts_at)
    if rule and rule.patch:
        values = patched(values, rule.patch, add=True)
    if kind == "reordered-keys":
        values = {key: values[key] for key in reversed(list(values))}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def headers_of(delivery: Delivery) -> dict[str, str]:
    """The headers of a delivery, besides those of every request."""
    return {"Content-Type": delivery.content_type}


def payload(delivery: Delivery) -> bytes:
    """A delivery's body in its character set."""
    return charsets.encode(delivery.body, delivery.charset)


# The sample event


def sample_payment(merchant: Merchant, method: str, at: datetime) -> Payment:
    """A made-up payment of that method, for the test of a webhook.

    Documented (webhook.sample): registration is tried with a sample event of the method (E26).
    """
    ready = method == "vbank"
    return Payment(
        tid=f"{merchant.mid}0116{at:%y%m%d%H%M%S}TEST",
        client_id=merchant.client_id,
        order_id=f"webhook-test-{at:%y%m%d%H%M%S}",
        amount=1004,
        balance=1004,
        goods_name="webhook test",
        pay_method=method,
        status=READY if ready else PAID,
        method=method,
        paid_at=at,
        approve_no=None if ready else "00000000",
        supply=913,
        vat=91,
        card=SANDBOX_CARD if method == "card" else None,
        bank=Bank("004", "국민은행") if method == "bank" else None,
        account=Account("004", "국민은행", "12345678901234", "홍길동", at + timedelta(days=7))
        if ready
        else None,
        charset=UTF_8,
    )
