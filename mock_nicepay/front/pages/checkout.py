"""The pages of hosted checkout: NICEPAY's window on an address of its own, and its dummy page.

Documented (checkout.dummy-page): card buttons, the product, a service period "Not specified", the
amount, Next for success and Cancel for a random failure code (E26; its picture shows eleven cards).
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from mock_nicepay.contract.endpoint import Deferred, Reply, Request, Wire
from mock_nicepay.contract.tables import cards
from mock_nicepay.core.checkout.values import order_of
from mock_nicepay.core.identity import fresh_secret
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import ANYBODY, Payer
from mock_nicepay.core.records import Payment, Session
from mock_nicepay.core.scenarios.language import ReplyPlan
from mock_nicepay.core.window.openings import APPROVE
from mock_nicepay.core.window.result import WindowResult
from mock_nicepay.core.window.window import Opened
from mock_nicepay.core.window.wishes import wish_of
from mock_nicepay.front.pages.choices import auto_ending, chosen, form_of, payer_from
from mock_nicepay.front.pages.handover import gone
from mock_nicepay.front.pages.offer import Look, look_of, offer, problem_of
from mock_nicepay.front.pages.relay import finished, relay
from mock_nicepay.front.pages.render import html
from mock_nicepay.sandbox import Sandbox

_Places = Mapping[str, str]
# The dummy page's buttons in the picture's order; KB PAY is a card of 02.
_DUMMY_CARDS = ("01", "02", "03", "06", "08", "04", "07", "12", "11", "15", "37")
_DUMMY_NAMES = {"02": "KB PAY", "03": "KEB Hana"}
_PHONE = re.compile(r"Android|iPhone|iPad|Mobile")


def show_checkout(sandbox: Sandbox, request: Request, places: _Places) -> Reply | Deferred:
    """Show a session's page to its payer, or post to returnUrl why it cannot be paid."""
    session = _session(sandbox, places)
    if session is None:
        return gone(request)
    return Deferred(partial(_shown, sandbox, request, session))


def pay_checkout(sandbox: Sandbox, request: Request, places: _Places) -> Reply | Deferred:
    """The payer has chosen on a session's page, or on its dummy page."""
    session = _session(sandbox, places)
    if session is None:
        return gone(request)
    return Deferred(partial(_paid, sandbox, request, session))


def _session(sandbox: Sandbox, places: _Places) -> Session | None:
    """Whose page it is. A forged or foreign token is nobody's, and is told no more than that."""
    if "token" in places:
        return sandbox.checkout.find(places["token"], places["sessionId"])
    return sandbox.checkout.find_fake(places["sessionId"])


def _shown(sandbox: Sandbox, request: Request, session: Session) -> Reply:
    opened = sandbox.checkout.open(session)
    rule = opened.rule
    reply = _first_answer(sandbox, request, session, opened)
    if rule is None:
        return reply
    fate = "hang" if rule.reply.kind == "hang" else "send"
    wire = Wire(fate=fate, delay=rule.delay.total_seconds())
    return replace(reply, wire=wire)


def _first_answer(sandbox: Sandbox, request: Request, session: Session, opened: Opened) -> Reply:
    if opened.result is not None:
        return _handed_over(sandbox, request, session, opened.result)
    if opened.error is not None:
        error = opened.error
        return relay(request, "", error=(error.code, error.msg, error.error_msg))
    try:
        ending = _ending_at_once(sandbox, request, opened)
    except Misuse as misuse:
        return _page(sandbox, request, session, problem=problem_of(misuse, _look(session)))
    if ending is not None:
        result = sandbox.checkout.pay(session, ending=ending, payer=_somebody(request))
        return _handed_over(sandbox, request, session, result)
    return _page(sandbox, request, session)


def _ending_at_once(sandbox: Sandbox, request: Request, opened: Opened) -> ReplyPlan | None:
    """How a visit ends without a click: as a scenario says for window.open, `?auto=`, or the setting.

    None when the payer chooses. Raises `Misuse` for a word of `auto` that there is not.
    """
    if request.method == "HEAD":  # who only looks chooses nothing
        return None
    if opened.rule and opened.rule.reply.kind in ("close", "timeout"):
        return opened.rule.reply
    return auto_ending(request.arguments().get("auto") or sandbox.settings.auto_pay)


def _paid(sandbox: Sandbox, request: Request, session: Session) -> Reply:
    fields = form_of(request)
    try:
        if session.fake:
            ending = APPROVE if "next" in fields else sandbox.checkout.dummy_failure(session)
            result = sandbox.checkout.pay(session, ending=ending, payer=_somebody(request))
            return _handed_over(sandbox, request, session, result)
        choice = chosen(fields, approves=True, phone=_is_phone(request))
        result = sandbox.checkout.pay(
            session,
            ending=choice.ending,
            payer=choice.payer,
            twist=choice.twist,
            receipt=choice.receipt,
        )
    except Misuse as misuse:
        return _page(sandbox, request, session, problem=problem_of(misuse, _look(session)))
    return _handed_over(
        sandbox, request, session, result, show_account=True, after_webhook=choice.after_webhook
    )


def _handed_over(
    sandbox: Sandbox,
    request: Request,
    session: Session,
    result: WindowResult,
    *,
    show_account: bool = False,
    after_webhook: bool = False,
) -> Reply:
    """Where the payer goes from here: to the page that posts the form."""
    if result.first is not None:
        result.first()
    if after_webhook:
        sandbox.settle(session.client_id)
    look = _look(session)
    handover = sandbox.openings.hand_over(
        fresh_secret(), session.client_id, result, language=look.language
    )
    payment = sandbox.store.get(Payment, result.tid) if show_account and result.tid else None
    return finished(request, "", look, handover, payment)


def _page(sandbox: Sandbox, request: Request, session: Session, *, problem: str = "") -> Reply:
    merchant = sandbox.merchant(session.client_id)
    now = session.opened_at or session.made_at
    values = offer(
        wish_of(order_of(session), ANYBODY, now),
        sandbox.shop_name(merchant),
        _look(session),
        approves=True,
        digital=session.is_digital,
    )
    # What `decoded_path` keeps is escaped already.
    action = quote(request.path.lstrip("/"), safe="/%")
    more = {"action": action, "problem": problem, "page": ""}
    if session.fake:
        return html(request, "window/dummy.html", {**values, **more, "cards": _dummy_cards()})
    return html(request, "window/window.html", {**values, **more})


def _dummy_cards() -> list[tuple[str, str]]:
    return [(code, _DUMMY_NAMES.get(code, cards()[code].en)) for code in _DUMMY_CARDS]


def _look(session: Session) -> Look:
    return look_of(session.language, session.skin, session.logo)


def _somebody(request: Request) -> Payer:
    return payer_from({}, phone=_is_phone(request))


def _is_phone(request: Request) -> bool:
    return _PHONE.search(request.headers.get("user-agent", "")) is not None
