"""The control plane's actions on hosted checkout: show sessions, pay one as a payer does, end one."""

from typing import Any

from mock_nicepay.contract.times import iso
from mock_nicepay.core.payments.wish import ANYBODY
from mock_nicepay.core.records import Session
from mock_nicepay.core.window.wishes import payer_of
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.front.control.window import WORDS, answer_of, ending_of, flag_of
from mock_nicepay.sandbox import Sandbox


def list_sessions(sandbox: Sandbox, asked: Asked) -> Any:
    """List the checkout sessions, newest first; ?limit= and ?from= page."""
    found = sandbox.checkout.sessions(asked.owner(sandbox))
    shown = [session_json(sandbox, session) for session in asked.page(found)]
    return {"total": len(found), "sessions": shown}


def get_session(sandbox: Sandbox, asked: Asked) -> Any:
    """Show one checkout session."""
    return session_json(sandbox, _session(sandbox, asked))


def pay_session(sandbox: Sandbox, asked: Asked) -> Any:
    """Pay on the page of a checkout session as a payer does, and post the form to its returnUrl."""
    body = asked.words(*WORDS)
    session = _session(sandbox, asked)
    wanted = flag_of(body.get("post", True))
    visit = sandbox.checkout.pay(
        session,
        ending=ending_of(body.get("outcome"), body.get("code")),
        payer=ANYBODY if body.get("payer") is None else payer_of(body["payer"]),
    )
    return answer_of(visit, sandbox.browser.post(visit) if wanted else None)


def expire_session(sandbox: Sandbox, asked: Asked) -> Any:
    """End a checkout session before its time, as its merchant's own call does."""
    asked.nothing()
    return session_json(sandbox, sandbox.checkout.expire(_session(sandbox, asked)))


def session_json(sandbox: Sandbox, session: Session) -> dict[str, Any]:
    """A session in its state at the present time of its merchant."""
    state = sandbox.checkout.state(session)
    return {
        "sessionId": session.session_id,
        "merchant": session.client_id,
        "orderId": session.order_id,
        "status": state.status,
        "isExpire": state.expired,
        "tid": session.tid or None,
        "amount": session.amount,
        "currency": session.currency,
        "goodsName": session.goods_name,
        "method": session.method,
        "fake": session.fake,
        "url": session.url,
        "returnUrl": session.return_url,
        "madeAt": iso(session.made_at),
        "openedAt": iso(session.opened_at) if session.opened_at else None,
        "expires": iso(session.expires),
        "expiredAt": iso(session.expired_at) if session.expired_at else None,
    }


def _session(sandbox: Sandbox, asked: Asked) -> Session:
    """The session that the path names. Raises `Misuse` when there is no such one."""
    return sandbox.checkout.session(asked.places["sessionId"], asked.owner(sandbox))
