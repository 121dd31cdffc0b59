"""A checkout session's life: made, paid on its page or left, expired; and how its answers show it.

ready -> pending (the payer has authenticated) -> paid or failed; ready -> closed (the payer left); paid
-> partialCancelled or cancelled. What a session is after its payment, the payment says: a cancel by tid
changes it as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.checkout_rules import goods_name
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.methods import registers
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.times import iso, whole_second
from mock_nicepay.core.call import Context
from mock_nicepay.core.origin import origin_of
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

PAGE = "/v1/checkout/pay/{token}/{sessionId}"
DUMMY_PAGE = "/v1/fake/pay/{sessionId}"
_ENDED = (FAILED, CLOSED)


@dataclass(frozen=True, slots=True)
class State:
    """What a session is at a moment."""

    status: str  # ready, pending, paid, failed, closed, partialCancelled, cancelled
    expired: bool  # as isExpire says it
    payment: Payment | None  # that there is to see


def key_of(client_id: str, session_id: str) -> str:
    """The key of a merchant's session; another merchant may have one of the same id."""
    return f"{client_id}/{session_id}"


def session_of(context: Context, session_id: str) -> Session | None:
    """This merchant's session of that id."""
    return context.store.get(Session, key_of(context.merchant.client_id, session_id))


def state_of(store: Store, session: Session, now: datetime) -> State:
    """What a session is at `now`.

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
    """Documented (checkout.vbank): `paid` when the account is issued, and no other word at its deposit.

    With fakeAuth it is `ready` (E26).
    """
    if payment.account is not None and payment.status in (READY, PAID):
        return READY if session.fake else PAID
    return payment.status


# Made


def make_session(context: Context, data: Mapping[str, Any]) -> Session:
    """A session of the fields that `contract.checkout` has read, stored. Raises `Refusal`.

    Documented (checkout.ids): sessionId and orderId are the merchant's, and used for ever, also by a
    session that has failed or expired: U324, U112 (E26).
    Assumed (checkout.ids-order): of both U324 is told.
    """
    client_id, session_id = context.merchant.client_id, data["sessionId"]
    if session_of(context, session_id) is not None:
        raise Refusal("U324", cause=_used_session(session_id))
    if _order_is_taken(context, data["orderId"]):
        raise Refusal("U112", cause=_used_order(data["orderId"]))
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
        **_details(data, context.now),
    )
    context.store.put(session)
    return session


def _details(data: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The fields that are optional."""
    deadline = data["vbankExpDate"]
    if deadline is not None and deadline.at <= now:
        raise Refusal("U152", cause=_past("vbankExpDate", deadline.at, now))
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
    """Documented (checkout.expires): a day after it was made when nothing was said (E26).

    Assumed (checkout.expires-past): a moment that has passed is U322, the code of a wrong form.
    """
    expires: datetime | None = data["expireDate"]
    if expires is None:
        return (context.now + context.settings.session_lifetime).replace(microsecond=0)
    if expires <= context.now:
        raise Refusal("U322", cause=_past("expireDate", expires, context.now))
    return expires


# Ended


def expire_session(context: Context, session: Session) -> Session:
    """End a session before its time; as stored then. Raises `Refusal`.

    Recorded (checkout.expire): isExpire is true, the status stays (2023); no payment is cancelled
    (E26).
    Documented (checkout.u325): what has expired already is U325 (E26).
    """
    if state_of(context.store, session, context.now).expired:
        raise Refusal("U325", cause=_expired_before(session, context.now))
    ended = replace(session, expired_at=context.now)
    context.store.put(ended)
    return ended


# Paid


def payable_session(context: Context, session: Session) -> Session:
    """The session as it is stored now, when it can still be paid. Raises `Refusal`.

    Documented (checkout.second-visit): P045 when it has been paid, P049 while it is being approved,
    P047 with the state in all other cases; the first payment stands (E26).
    Assumed (checkout.page-expired): after its expiry P042; the text fits.
    Documented (checkout.p025): with a Server-approval key the page fails with P025 (E26).
    """
    present = context.store.get(Session, session.key)
    if present is None:
        raise Refusal("P043", cause=_forgotten(session))
    if context.merchant.window != "client":
        raise Refusal("P025", cause=_SERVER_KEY)
    _check_payable(present, state_of(context.store, present, context.now), context.now)
    return present


def _check_payable(session: Session, state: State, now: datetime) -> None:
    if state.status == PENDING:
        raise Refusal("P049", cause=_APPROVING)
    if state.status == PAID or (state.payment is not None and state.status == READY):
        raise Refusal("P045", cause=_paid_before(session))
    if state.status != READY:
        raise Refusal("P047", state.status, cause=_ended_before(session, state.status))
    if state.expired:
        raise Refusal("P042", cause=_expired_before(session, now))


def open_session(context: Context, session: Session) -> Session:
    """Keep when its page was opened first: an account's hours count from then. As stored then."""
    if session.opened_at is not None:
        return session
    opened = replace(session, opened_at=context.now)
    context.store.put(opened)
    return opened


def for_session(wish: Wish, session: Session | None) -> Wish:
    """What is to be paid, when it is paid on that session's page."""
    if session is None:
        return wish
    return replace(wish, session_id=session.session_id, on_dummy_page=session.fake)


def settle_session(
    context: Context, session: Session, payment: Payment | None, status: str
) -> Session:
    """Keep how a payer's visit ended: with a payment, or with `status` (failed or closed) alone."""
    bid = None
    if payment is not None and payment.status != FAILED and registers(session.method):
        bid = context.identity.billing_id(context.merchant.mid, context.now)
    settled = replace(session, status=status, tid=payment.tid if payment else "", bid=bid)
    context.store.put(settled)
    return settled


def order_of(session: Session) -> dict[str, Any]:
    """A session as `contract.window.read` gives the parameters of requestPay."""
    return {
        "sessionId": session.session_id,
        "clientId": session.client_id,
        "method": session.method,
        "orderId": session.order_id,
        "amount": session.amount,
        "goodsName": session.goods_name,
        "returnUrl": session.return_url,
        "mallReserved": session.mall_reserved,
        "mallUserId": session.mall_user_id,
        "buyerName": session.buyer_name,
        "buyerTel": session.buyer_tel,
        "buyerEmail": session.buyer_email,
        "useEscrow": session.use_escrow,
        "currency": session.currency,
        "logoImgUrl": session.logo,
        "language": session.language,
        "returnCharSet": (session.charset or UTF_8).lower(),
        "skinType": session.skin,
        "taxFreeAmt": session.tax_free,
        "cardQuota": session.quotas,
        "cardCode": session.card_codes,
        "cardShowOpt": session.card_show,
        "vbankHolder": session.vbank_holder,
        "vbankValidHours": session.vbank_hours,
        "vbankExpDate": session.vbank_expires,
        "isDigital": session.is_digital,
        "directReceiptType": session.receipt_kind,
        "directReceiptNo": session.receipt_number,
        "disableScroll": None,
        "disableEdgeChk": None,
        "zIdxHigher": None,
        "appScheme": session.app_scheme,
        "shopInterest": None,
        "quotaInterest": None,
    }


def wire_of(session: Session) -> dict[str, Any]:
    """What was asked for, in the wire's words, as scenarios and the journal see it."""
    texts = {
        "cardQuota": _quotas(session),
        "cardCode": _codes(session),
        "vbankExpDate": _stored_deadline(session),
        "returnCharSet": session.charset,
    }
    values = {**order_of(session), **texts}
    return {name: value for name, value in values.items() if value is not None}


# Shown


def session_values(
    store: Store, session: Session, now: datetime, edition: Edition
) -> dict[str, Any]:
    """A session's keys in the recorded order.

    Recorded (checkout.keys-null): what was not sent is null, but useEscrow and isDigital are false and
    currency is KRW (2023).
    Recorded (checkout.keys-fake): with fakeAuth there is no messageSource, in E24's print
    disableScroll and disableEdgeChk instead; without it the other way round.
    Assumed (checkout.tid): null until the payment is approved, and after one that failed.
    """
    state = state_of(store, session, now)
    old = edition.session_keys != "status"
    payment = state.payment if state.status != FAILED else None
    return {
        "sessionId": session.session_id,
        "orderId": session.order_id,
        "clientId": session.client_id,
        "tid": payment.tid if payment else None,
        "amount": session.amount,
        "goodsName": session.goods_name,
        "returnUrl": session.return_url,
        **({"status": state.status} if edition.session_keys != "apprStatus" else {}),
        **({"apprStatus": state.status} if old else {}),
        "skinType": session.skin,
        "taxFreeAmt": session.tax_free,
        "isExpire": state.expired,
        **({"updateDate": _updated(session)} if old else {}),
        "expireDate": iso(session.expires),
        "mallReserved": session.mall_reserved,
        "mallUserId": session.mall_user_id,
        "buyerName": session.buyer_name,
        "buyerTel": session.buyer_tel,
        "buyerEmail": session.buyer_email,
        "useEscrow": session.use_escrow,
        "currency": session.currency,
        "logoImgUrl": session.logo,
        "language": session.language,
        "returnCharSet": session.charset,
        "cardQuota": _quotas(session),
        "cardCode": _codes(session),
        "cardShowOpt": session.card_show,
        "vbankHolder": session.vbank_holder,
        "vbankValidHours": session.vbank_hours,
        "vbankExpDate": _stored_deadline(session),
        "isDigital": session.is_digital,
        "directReceiptType": session.receipt_kind,
        "directReceiptNo": session.receipt_number,
        **(_UNSEEN if old and session.fake else {}),
        "appScheme": session.app_scheme,
        "method": session.method,
        "url": session.url,
        **({"zidxHigher": False} if old else {}),
        **({"messageSource": "nicepay"} if not session.fake else {}),
    }


_UNSEEN = {"disableScroll": False, "disableEdgeChk": False}


def _quotas(session: Session) -> str | None:
    return ",".join(f"{months:02d}" for months in session.quotas) or None


def _codes(session: Session) -> str | None:
    return ",".join(session.card_codes) or None


def _updated(session: Session) -> str | None:
    """Recorded (checkout.update-date): the time of the expire call, else null, also when paid (E24)."""
    return whole_second(session.expired_at) if session.expired_at else None


def _stored_deadline(session: Session) -> str | None:
    """Documented (checkout.vbank-date-out): yyyyMMdd of a day, yyyyMMddHHmm of a time (E26)."""
    if session.vbank_expires is None:
        return None
    form = "%Y%m%d" if session.vbank_whole_day else "%Y%m%d%H%M"
    return session.vbank_expires.strftime(form)


_SERVER_KEY = Cause(
    "this session was made with a key pair of the Server approval model; hosted checkout needs one of "
    "the Client approval model (S1_)",
    "Server 승인 방식의 키로 만든 세션입니다. 결제창 URL 방식에는 Client 승인 방식의 키(S1_)가 필요합니다",
)
_APPROVING = Cause(
    "a payer has authenticated on this page and the approval is under way; look the payment up by its "
    "sessionId later",
    "이미 인증을 마쳐 승인이 진행 중인 세션입니다. 잠시 후 sessionId로 거래를 조회하세요",
)


def _forgotten(session: Session) -> Cause:
    return Cause(
        f"the session {session.session_id[:64]!r} is gone; was the merchant reset?",
        f"세션 {session.session_id[:64]!r}이(가) 없습니다. 상점이 초기화되지 않았나요?",
    )


def _used_session(session_id: str) -> Cause:
    return Cause(
        f"this merchant has made a session {session_id[:64]!r} before; each needs a new sessionId, also "
        "when the old one has expired or failed",
        f"sessionId {session_id[:64]!r}은(는) 이미 사용되었습니다. 만료되거나 실패한 세션의 ID도 다시 쓸 수 없습니다",
    )


def _used_order(order_id: str) -> Cause:
    return Cause(
        f"the orderId {order_id!r} belongs to another session, a payment or a cancel; each session "
        "needs a new one, also when the old session has expired or failed",
        f"orderId {order_id!r}은(는) 다른 세션, 결제 또는 취소에 이미 사용되었습니다. 새 orderId를 사용하세요",
    )


def _past(name: str, moment: datetime, now: datetime) -> Cause:
    return Cause(
        f"{name} is {iso(moment)}, and for this merchant it is {iso(now)}",
        f"{name}({iso(moment)})가 현재 시각({iso(now)})보다 이전입니다",
    )


def _expired_before(session: Session, now: datetime) -> Cause:
    if session.expired_at is not None:
        en, ko = (f"expired by a call at {iso(session.expired_at)}", "만료 API로 만료되었습니다")
    elif now >= session.expires:
        en, ko = (f"could be paid until {iso(session.expires)}", "결제 기한이 지났습니다")
    else:
        en, ko = (
            "has been used: a session that was paid or left counts as expired",
            "이미 사용되었습니다",
        )
    shown = session.session_id[:64]
    return Cause(
        f"the session {shown!r} {en}; make a new one with a new sessionId and a new orderId",
        f"세션 {shown!r}: {ko}. 새 sessionId와 orderId로 다시 만들어야 합니다",
    )


def _paid_before(session: Session) -> Cause:
    return Cause(
        f"the session {session.session_id[:64]!r} has been paid ({session.tid}); that payment stands, "
        "nothing was paid again",
        f"세션 {session.session_id[:64]!r}은(는) 이미 결제되었습니다({session.tid}). 다시 결제되지 않았습니다",
    )


def _ended_before(session: Session, status: str) -> Cause:
    return Cause(
        f"the session {session.session_id[:64]!r} is {status}; make a new one to have it paid",
        f"세션 {session.session_id[:64]!r}의 상태는 {status}입니다. 결제하려면 새 세션을 만들어야 합니다",
    )
