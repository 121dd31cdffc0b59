"""The life of a checkout session: made, paid on its page or left, expired.

ready -> pending (the payer has authenticated) -> paid or failed; ready -> closed (the payer left); paid
-> partialCancelled or cancelled. After the payment, the session's state follows from the payment, so a
cancel by tid changes it as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mock_nicepay.contract.checkout.rules import goods_name
from mock_nicepay.contract.methods import registers
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.window.rules import past
from mock_nicepay.core.billing.keys import register_with_payment
from mock_nicepay.core.call import Context
from mock_nicepay.core.checkout.causes import (
    APPROVING,
    SERVER_KEY,
    ended_before,
    expired_before,
    forgotten,
    paid_before,
    used_order,
    used_session,
)
from mock_nicepay.core.payments.orders import is_processing, order_is_used
from mock_nicepay.core.payments.wish import Wish
from mock_nicepay.core.records import (
    CLOSED,
    FAILED,
    PAID,
    PENDING,
    READY,
    Payment,
    Session,
)
from mock_nicepay.core.store import Store
from mock_nicepay.core.window.origin import origin_of

PAGE = "/v1/checkout/pay/{token}/{sessionId}"
DUMMY_PAGE = "/v1/fake/pay/{sessionId}"
_ENDED = (FAILED, CLOSED)


@dataclass(frozen=True, slots=True)
class State:
    """The state of a session at a moment."""

    status: str  # ready, pending, paid, failed, closed, partialCancelled, cancelled
    expired: bool  # the value of isExpire
    payment: Payment | None  # the payment that look-ups show


def key_of(client_id: str, session_id: str) -> str:
    """The key of a merchant's session; another merchant may have one of the same id."""
    return f"{client_id}/{session_id}"


def session_of(context: Context, session_id: str) -> Session | None:
    """This merchant's session of that id."""
    return context.store.get(Session, key_of(context.merchant.client_id, session_id))


def state_of(store: Store, session: Session, now: datetime) -> State:
    """The state of a session at `now`.

    Recorded (checkout.is-expire): a session that was paid counts as expired (2023).
    Documented (checkout.status): expiry is never a status, isExpire alone tells it (E26).
    Assumed (checkout.is-expire-failed): so does one that failed or was left.
    """
    payment = store.get(Payment, session.tid) if session.tid else None
    if payment is not None and is_processing(payment, now):
        return State(PENDING, _is_over(session, now), None)
    status = session.status if payment is None else _status_of(session, payment)
    used = payment is not None or status in _ENDED
    return State(status, used or _is_over(session, now), payment)


def _is_over(session: Session, now: datetime) -> bool:
    return session.expired_at is not None or now >= session.expires


def _status_of(session: Session, payment: Payment) -> str:
    """Documented (checkout.vbank): `paid` when the account is issued, and unchanged at its deposit.

    With fakeAuth it is `ready` (E26).
    """
    if payment.account is not None and payment.status in (READY, PAID):
        return READY if session.fake else PAID
    return payment.status


# Made


def make_session(context: Context, data: Mapping[str, Any]) -> Session:
    """Store a session from the fields that `contract.checkout.fields` has read. Raises `Refusal`.

    Documented (checkout.ids): the merchant chooses sessionId and orderId; both stay used, even by a
    session that has failed or expired: U324, U112 (E26).
    Assumed (checkout.ids-order): when both are used the answer is U324.
    """
    client_id, session_id = context.merchant.client_id, data["sessionId"]
    if session_of(context, session_id) is not None:
        raise Refusal("U324", cause=used_session(session_id))
    if _order_is_taken(context, data["orderId"]):
        raise Refusal("U112", cause=used_order(data["orderId"]))
    session = Session(
        key=key_of(client_id, session_id),
        client_id=client_id,
        session_id=session_id,
        order_id=data["orderId"],
        amount=data["amount"],
        goods_name=goods_name(data),
        return_url=data["returnUrl"],
        method=data["method"],
        url=_page(context, data),
        made_at=context.now,
        expires=_expires(context, data),
        fake=_is_fake(context, data),
        key_id=context.merchant.key_id,
        **_details(data, context.now),
    )
    context.store.put(session)
    return session


def _details(data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The fields that are optional."""
    deadline = data["vbankExpDate"]
    if deadline is not None and deadline.at <= now:
        raise Refusal("U152", cause=past("vbankExpDate", deadline.at, now))
    return {
        "tax_free": data["taxFreeAmt"],
        "use_escrow": bool(data["useEscrow"]),
        "currency": data["currency"] or "KRW",
        "mall_reserved": data["mallReserved"],
        "mall_user_id": data["mallUserId"],
        "buyer_name": data["buyerName"],
        "buyer_tel": data["buyerTel"],
        "buyer_email": data["buyerEmail"],
        "logo": data["logoImgUrl"],
        "language": data["language"],
        "charset": data["returnCharSet"],
        "skin": data["skinType"],
        "card_codes": data["cardCode"] or (),
        "quotas": data["cardQuota"] or (),
        "card_show": data["cardShowOpt"],
        "vbank_holder": data["vbankHolder"],
        "vbank_hours": data["vbankValidHours"],
        "vbank_expires": deadline.at if deadline else None,
        "vbank_whole_day": bool(deadline and deadline.whole_day),
        "is_digital": bool(data["isDigital"]),
        "receipt_kind": data["directReceiptType"],
        "receipt_number": data["directReceiptNo"],
        "app_scheme": data["appScheme"],
    }


def _order_is_taken(context: Context, order_id: str) -> bool:
    client_id = context.merchant.client_id
    if context.merchant.repeats_order_ids:
        return False
    return order_is_used(context, order_id) or bool(
        context.store.find(Session, client_id, order_id=order_id)
    )


def _is_fake(context: Context, data: Mapping[str, Any]) -> bool:
    return bool(data["fakeAuth"]) and context.tenant.edition.fake_auth


def _page(context: Context, data: Mapping[str, Any]) -> str:
    """The address of its page.

    Recorded (checkout.page): `/v1/fake/pay/{sessionId}` with fakeAuth, else
    `/v1/checkout/pay/{token}/{sessionId}` with 24 letters and digits (2026; E24 has no token).
    """
    session_id = data["sessionId"]
    path = DUMMY_PAGE if _is_fake(context, data) else PAGE
    token = context.tokens.page(context.merchant.client_id, session_id)
    origin = origin_of(context.settings, context.host)
    return origin + path.format(token=token, sessionId=_in_path(session_id))


def _in_path(session_id: str) -> str:
    return quote(session_id, safe="", errors="replace")


def _expires(context: Context, data: Mapping[str, Any]) -> datetime:
    """Documented (checkout.expires): by default a day after it was made (E26).

    Assumed (checkout.expires-past): a moment that has passed is U322, the code of a wrong form.
    """
    expires: datetime | None = data["expireDate"]
    if expires is None:
        return (context.now + context.settings.session_lifetime).replace(microsecond=0)
    if expires <= context.now:
        raise Refusal("U322", cause=past("expireDate", expires, context.now))
    return expires


# Ended


def expire_session(context: Context, session: Session) -> Session:
    """End a session before its time; returns the stored session. Raises `Refusal`.

    Recorded (checkout.expire): isExpire is true, the status stays (2023); no payment is cancelled
    (E26).
    Documented (checkout.u325): what has expired already is U325 (E26).
    """
    if state_of(context.store, session, context.now).expired:
        raise Refusal("U325", cause=expired_before(session, context.now))
    ended = replace(session, expired_at=context.now)
    context.store.put(ended)
    return ended


# Paid


def payable_session(context: Context, session: Session) -> Session:
    """The stored session, if it can still be paid. Raises `Refusal`.

    Documented (checkout.second-visit): P045 when it has been paid, P049 while it is being approved,
    P047 with the state in all other cases; the first payment stands (E26).
    Assumed (checkout.page-expired): after its expiry P042; the text fits.
    Documented (checkout.p025): with a Server-approval key the page fails with P025 (E26).
    """
    present = context.store.get(Session, session.key)
    if present is None:
        raise Refusal("P043", cause=forgotten(session))
    if context.merchant.window != "client":
        raise Refusal("P025", cause=SERVER_KEY)
    _check_payable(present, state_of(context.store, present, context.now), context.now)
    return present


def _check_payable(session: Session, state: State, now: datetime) -> None:
    if state.status == PENDING:
        raise Refusal("P049", cause=APPROVING)
    if state.status == PAID or (state.payment is not None and state.status == READY):
        raise Refusal("P045", cause=paid_before(session))
    if state.status != READY:
        raise Refusal("P047", state.status, cause=ended_before(session, state.status))
    if state.expired:
        raise Refusal("P042", cause=expired_before(session, now))


def open_session(context: Context, session: Session) -> Session:
    """Store when its page was first opened; vbankValidHours counts from then. Returns the session."""
    if session.opened_at is not None:
        return session
    opened = replace(session, opened_at=context.now)
    context.store.put(opened)
    return opened


def for_session(wish: Wish, session: Session | None) -> Wish:
    """The wish, adapted to being paid on that session's page."""
    if session is None:
        return wish
    return replace(wish, session_id=session.session_id, on_dummy_page=session.fake)


def settle_session(
    context: Context, session: Session, payment: Payment | None, status: str
) -> Session:
    """Store how a payer's visit ended: with a payment, or only with `status` (failed or closed).

    A method that registers also makes a billing key of the card or wallet.
    """
    bid = None
    if payment is not None and payment.status == PAID and registers(session.method):
        bid = register_with_payment(context, payment).bid
    settled = replace(session, status=status, tid=payment.tid if payment else "", bid=bid)
    context.store.put(settled)
    return settled
