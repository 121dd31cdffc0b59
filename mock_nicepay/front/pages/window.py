"""The payment window of `AUTHNICE.requestPay`: it opens, it is shown, the payer chooses.

The SDK posts the parameters; what comes back is a window, or a few lines that tell the shop's page
what to do next (`relay.html`): leave for the page that posts the form, or call fnError.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mock_nicepay.contract.endpoint import Deferred, Reply, Request, Wire
from mock_nicepay.contract.window import request as requests
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import ANYBODY, Wish
from mock_nicepay.core.records import Handover, Opening, Payment
from mock_nicepay.core.scenarios.language import ReplyPlan
from mock_nicepay.core.window.openings import Begun, Used, misspelt
from mock_nicepay.core.window.wishes import wish_of
from mock_nicepay.front.pages.choices import auto_ending, chosen, form_of, payer_from
from mock_nicepay.front.pages.handover import gone
from mock_nicepay.front.pages.offer import Look, look_of, offer, problem_of
from mock_nicepay.front.pages.relay import finished, relay, whom_to_tell
from mock_nicepay.front.pages.render import html
from mock_nicepay.sandbox import Sandbox

_Places = Mapping[str, str]


def open_window(sandbox: Sandbox, request: Request, _places: _Places) -> Reply | Deferred:
    """Answer a page's requestPay. A window that ends by itself may wait for a webhook: beside others."""
    return Deferred(partial(_opened, sandbox, request))


def _opened(sandbox: Sandbox, request: Request) -> Reply:
    fields = form_of(request)
    page, full_page = fields.get("page", ""), fields.get("view") == "page"
    try:
        auto = auto_ending(fields.get("auto") or sandbox.settings.auto_pay)
        params = _parameters(fields.get("params", ""))
    except Misuse as misuse:
        wrong = misspelt(misuse.message)
        return relay(request, page, error=(wrong.code, wrong.msg, wrong.error_msg))
    begun = sandbox.openings.begin(params, page=page, full_page=full_page)
    return _late(begun, _first_answer(sandbox, request, begun, auto, page))


def _first_answer(
    sandbox: Sandbox, request: Request, begun: Begun, auto: ReplyPlan | None, page: str
) -> Reply:
    opening, error = begun.opening, begun.error
    if opening is None:
        assert error is not None
        return relay(request, page, error=(error.code, error.msg, error.error_msg))
    ending = begun.ending or auto
    if ending is not None:
        payer = payer_from({}, phone=opening.full_page)
        look = _look(opening)
        handover = sandbox.openings.finish(opening, ending, payer, language=look.language)
        return finished(request, page, look, handover)
    if opening.full_page:
        return relay(request, page, go=("page", f"v1/js/window/{opening.id}"))
    # Relative, so that a proxy's own path before ours is kept.
    return Reply(303, (("Location", f"window/{opening.id}"), ("Cache-Control", "no-store")), b"")


def _late(begun: Begun, reply: Reply) -> Reply:
    """The answer as a scenario's rule for window.open lets it travel."""
    fate = "hang" if begun.lost else "send"
    wire = Wire(fate=fate, delay=begun.delay.total_seconds())
    return replace(reply, wire=wire)


def show_window(sandbox: Sandbox, request: Request, places: _Places) -> Reply:
    """Show an open window; of one that has ended, what came of it."""
    opening = sandbox.openings.find(places["id"])
    if opening is None:
        return gone(request)
    if opening.taken:
        return _after(request, opening, sandbox.openings.result(opening.id))
    return _window(sandbox, request, opening)


def finish_window(sandbox: Sandbox, request: Request, places: _Places) -> Reply | Deferred:
    """The payer has chosen. Webhooks may have to arrive first: beside whatever serves the others."""
    return Deferred(partial(_chosen, sandbox, request, places["id"]))


def _chosen(sandbox: Sandbox, request: Request, name: str) -> Reply:
    opening = sandbox.openings.find(name)
    if opening is None:
        return gone(request)
    merchant = sandbox.openings.merchant_of(opening)
    fields = form_of(request)
    try:
        choice = chosen(fields, approves=merchant.window == "client", phone=opening.full_page)
        handover = sandbox.openings.finish(
            opening,
            choice.ending,
            choice.payer,
            receipt=choice.receipt,
            twist=choice.twist,
            language=_look(opening).language,
        )
    except Misuse as misuse:
        return _window(sandbox, request, opening, problem=problem_of(misuse, _look(opening)))
    except Used as used:
        return _after(request, opening, used.handover)
    if choice.after_webhook:
        sandbox.settle(opening.client_id)
    payment = sandbox.store.get(Payment, handover.tid) if handover.tid else None
    return finished(request, opening.page, _look(opening), handover, payment)


def _after(request: Request, opening: Opening, handover: Handover | None) -> Reply:
    """A window that was chosen in before: where that led, or that it is still under way."""
    if handover is None:
        return html(request, "window/busy.html", {"words": _look(opening).words}, status=409)
    return finished(request, opening.page, _look(opening), handover)


def _window(sandbox: Sandbox, request: Request, opening: Opening, *, problem: str = "") -> Reply:
    merchant = sandbox.openings.merchant_of(opening)
    order = _order(opening)
    values = offer(
        _wish(order, opening),
        sandbox.shop_name(merchant),
        _look(opening),
        approves=merchant.window == "client",
        digital=bool(order["isDigital"]),
    )
    action = f"v1/js/window/{opening.id}"
    more = {"action": action, "problem": problem, "page": whom_to_tell(opening.page)}
    return html(request, "window/window.html", {**values, **more})


def _parameters(text: str) -> dict[str, Any]:
    """What the SDK says requestPay was given. Raises `Misuse`."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise Misuse("the parameters of requestPay are not a JSON object") from None
    if not isinstance(value, dict):
        raise Misuse("the parameters of requestPay are not a JSON object")
    return value


def _order(opening: Opening) -> dict[str, Any]:
    return requests.read(json.loads(opening.params))


def _wish(order: Mapping[str, Any], opening: Opening) -> Wish:
    return wish_of(order, ANYBODY, opening.opened_at, hours_first=False)


def _look(opening: Opening) -> Look:
    order = _order(opening)
    return look_of(order["language"], order["skinType"], order["logoImgUrl"])
