"""A checkout session in other forms: the window's order, the scenarios' request, the answers' keys."""

from datetime import datetime
from typing import Any

from mock_nicepay.contract.bodies import RESULT, SESSION
from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.times import iso, whole_second
from mock_nicepay.core.checkout.sessions import state_of
from mock_nicepay.core.records import FAILED, Session
from mock_nicepay.core.store import Store


def order_of(session: Session) -> dict[str, Any]:
    """A session in the form in which `contract.window.request.read` returns requestPay's parameters."""
    return {
        "sessionId": session.session_id,
        "clientId": session.key_id or session.client_id,
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
    """The request that made the session, in the wire's names, for scenarios and the journal."""
    return {name: value for name, value in _as_written(session).items() if value is not None}


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
    payment = state.payment if state.status != FAILED else None
    values = {
        **_as_written(session),
        "tid": payment.tid if payment else None,
        "status": state.status,
        "apprStatus": state.status,
        "isExpire": state.expired,
        "updateDate": _updated(session),
        "expireDate": iso(session.expires),
        "disableScroll": False,
        "disableEdgeChk": False,
        "url": session.url,
        "zidxHigher": False,
        "messageSource": "nicepay",
    }
    left_out = {*RESULT, *_left_out(session, edition)}
    return {key: values[key] for key in SESSION.fields if key not in left_out}


def _left_out(session: Session, edition: Edition) -> set[str]:
    """The keys that this edition leaves out for such a session."""
    old = edition.session_keys != "status"
    return {
        *(("status",) if edition.session_keys == "apprStatus" else ()),
        *(() if old else ("apprStatus", "updateDate", "zidxHigher")),
        *(() if old and session.fake else ("disableScroll", "disableEdgeChk")),
        *(("messageSource",) if session.fake else ()),
    }


def _as_written(session: Session) -> dict[str, Any]:
    """The session's fields, with lists and times as the texts that answers have."""
    return {
        **order_of(session),
        "cardQuota": _quotas(session),
        "cardCode": _codes(session),
        "vbankExpDate": _stored_deadline(session),
        "returnCharSet": session.charset,
    }


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
