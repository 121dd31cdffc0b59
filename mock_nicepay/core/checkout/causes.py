"""Explanations for the developer: why a checkout session cannot be made, ended or paid.

`sessions.py` raises the refusals that they explain.
"""

from datetime import datetime

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.times import iso
from mock_nicepay.core.records import Session

SERVER_KEY = Cause(
    "this session was made with a key pair of the Server approval model; hosted checkout needs one of "
    "the Client approval model (S1_)",
    "Server 승인 방식의 키로 만든 세션입니다. 결제창 URL 방식에는 Client 승인 방식의 키(S1_)가 필요합니다",
)
APPROVING = Cause(
    "a payer has authenticated on this page and the approval is under way; look the payment up by its "
    "sessionId later",
    "이미 인증을 마쳐 승인이 진행 중인 세션입니다. 잠시 후 sessionId로 거래를 조회하세요",
)


def forgotten(session: Session) -> Cause:
    """P043: the page is open, but its session no longer exists."""
    return Cause(
        f"the session {session.session_id[:64]!r} is gone; was the merchant reset?",
        f"세션 {session.session_id[:64]!r}이(가) 없습니다. 상점이 초기화되지 않았나요?",
    )


def used_session(session_id: str) -> Cause:
    """U324: a sessionId can be used once."""
    return Cause(
        f"this merchant has made a session {session_id[:64]!r} before; each needs a new sessionId, also "
        "when the old one has expired or failed",
        f"sessionId {session_id[:64]!r}은(는) 이미 사용되었습니다. 만료되거나 실패한 세션의 ID도 다시 쓸 수 없습니다",
    )


def used_order(order_id: str) -> Cause:
    """U112: an orderId can be used once."""
    return Cause(
        f"the orderId {order_id!r} belongs to another session, a payment or a cancel; each session "
        "needs a new one, also when the old session has expired or failed",
        f"orderId {order_id!r}은(는) 다른 세션, 결제 또는 취소에 이미 사용되었습니다. 새 orderId를 사용하세요",
    )


def expired_before(session: Session, now: datetime) -> Cause:
    """Why a session counts as expired: U325 to its merchant, P042 on its page."""
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


def paid_before(session: Session) -> Cause:
    """P045: a session can be paid once."""
    return Cause(
        f"the session {session.session_id[:64]!r} has been paid ({session.tid}); that payment stands, "
        "nothing was paid again",
        f"세션 {session.session_id[:64]!r}은(는) 이미 결제되었습니다({session.tid}). 다시 결제되지 않았습니다",
    )


def ended_before(session: Session, status: str) -> Cause:
    """P047: a session that has failed, was left or was cancelled cannot be paid."""
    return Cause(
        f"the session {session.session_id[:64]!r} is {status}; make a new one to have it paid",
        f"세션 {session.session_id[:64]!r}의 상태는 {status}입니다. 결제하려면 새 세션을 만들어야 합니다",
    )
