"""The console's one table of pages, and the way to each: who asks, from where, and with which form."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mock_nicepay.contract.endpoint import Deferred, Reply, Request
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.scenarios.language import ScenarioError
from mock_nicepay.front.console import (
    api,
    billing,
    calls,
    checkout,
    clock,
    codes,
    entrance,
    keys,
    payments,
    receipts,
    scenario,
    webhooks,
)
from mock_nicepay.front.console.look import Go, Look, Nothing, Page
from mock_nicepay.front.console.render import file_reply, go_reply, page_reply
from mock_nicepay.front.console.session import Sessions, cookies_of
from mock_nicepay.front.control.plane import told_of
from mock_nicepay.front.dispatch import CONSOLE
from mock_nicepay.front.guard import check_host, check_origin
from mock_nicepay.front.paths import places_of
from mock_nicepay.sandbox import Sandbox

Act = Callable[[Look], Page | Go | Nothing]


@dataclass(frozen=True, slots=True)
class Row:
    """One page, or one thing a page can do."""

    method: str
    path: str
    act: Act
    public: bool = False  # also for who is not logged in


PAGES = (
    Row("GET", "", entrance.home),
    Row("GET", "/login", entrance.login, public=True),
    Row("POST", "/login", entrance.enter, public=True),
    Row("POST", "/logout", entrance.leave),
    Row("POST", "/preferences", entrance.prefer, public=True),
    Row("GET", "/calls", calls.calls),
    Row("GET", "/calls/{id}", calls.call),
    Row("GET", "/order", payments.order),
    Row("GET", "/payments", payments.payments),
    Row("GET", "/payments/{tid}", payments.payment),
    Row("POST", "/payments/{tid}/deposit", payments.deposit),
    Row("POST", "/payments/{tid}/cancel", payments.cancel),
    Row("POST", "/payments/{tid}/expire", payments.expire),
    Row("POST", "/payments/{tid}/escrow", payments.escrow),
    Row("GET", "/checkout", checkout.sessions),
    Row("POST", "/checkout/expire", checkout.expire),
    Row("GET", "/billing-keys", billing.keys),
    Row("POST", "/billing-keys/{bid}/expire", billing.expire),
    Row("POST", "/billing-keys/{bid}/suspend", billing.suspend),
    Row("POST", "/billing-keys/{bid}/resume", billing.resume),
    Row("GET", "/receipts", receipts.receipts),
    Row("POST", "/receipts/{tid}/confirm", receipts.confirm),
    Row("POST", "/receipts/{tid}/reject", receipts.reject),
    Row("GET", "/webhooks", webhooks.webhooks),
    Row("POST", "/webhooks", webhooks.register),
    Row("POST", "/webhooks/remove", webhooks.forget),
    Row("POST", "/webhooks/test", webhooks.test),
    Row("POST", "/webhooks/{id}/resend", webhooks.resend),
    Row("GET", "/keys", keys.keys),
    Row("POST", "/keys", keys.add),
    Row("POST", "/keys/allow", keys.allow),
    Row("POST", "/keys/allow/test", keys.try_allow),
    Row("POST", "/keys/pairs", keys.add_pair),
    Row("POST", "/keys/pairs/{clientId}/reissue", keys.reissue),
    Row("POST", "/keys/pairs/{clientId}/delete", keys.delete),
    Row("GET", "/scenario", scenario.scenario),
    Row("POST", "/scenario", scenario.start),
    Row("POST", "/scenario/check", scenario.check),
    Row("POST", "/scenario/stop", scenario.stop),
    Row("GET", "/clock", clock.clock),
    Row("POST", "/clock", clock.put),
    Row("POST", "/clock/advance", clock.advance),
    Row("GET", "/codes", codes.codes),
    Row("GET", "/api", api.calls),
    Row("GET", "/api/{name}", api.call),
    Row("GET", "/reset", clock.reset),
    Row("POST", "/reset", clock.forget),
)


def console(sandbox: Sandbox, request: Request) -> Reply | Deferred:
    """The answer to a request below `/_mock/console`, made beside whatever serves the others."""
    only_shows = request.method != "POST"  # what a form asks for may wait for somebody's webhook
    return Deferred(partial(_answer, sandbox, request), computes=only_shows)


def _answer(sandbox: Sandbox, request: Request) -> Reply:
    sessions = Sessions(sandbox.console_logins.secret, sandbox.settings.admin_key)
    cookie = entrance.cookie_name(request)
    session = sessions.read(cookies_of(request.headers.get("cookie", "")).get(cookie, ""))
    if session and sandbox.console_logins.is_over(session):
        session = None
    token = sessions.form_token(session or "")
    look = Look(sandbox, request, {}, session, token)
    try:
        check_host(sandbox.settings, request)
        check_origin(request)
        path = request.path.removeprefix(CONSOLE).rstrip("/")
        if path.startswith("/static/"):
            return file_reply(path.removeprefix("/static/"), look)
        row, places = _find("GET" if request.method == "HEAD" else request.method, path)
        look = Look(sandbox, request, places, session, token)
        return _admitted(row, look, sessions)
    except Misuse as misuse:
        return _error(look, misuse.message, misuse.status)


def _find(method: str, path: str) -> tuple[Row, dict[str, str]]:
    """What is asked for, and what stands in the places of its path. Raises `Misuse`."""
    fitting = [(row, places) for row in PAGES if (places := places_of(row.path, path)) is not None]
    for row, places in fitting:
        if row.method == method:
            return row, places
    if fitting:
        raise Misuse(f"{CONSOLE}{path[:100]} takes {fitting[0][0].method}, not {method[:20]}", 405)
    raise Misuse(f"the console has no page {CONSOLE}{path[:100]}", 404)


def _admitted(row: Row, look: Look, sessions: Sessions) -> Reply:
    """Let in who is logged in, and a form that is ours. Raises `Misuse`."""
    if look.session is None and not row.public:
        return entrance.to_login(look)
    if row.method == "POST" and not sessions.is_form_token(_form_token(look), look.session or ""):
        raise Misuse(
            look.say(
                "this form does not belong to your current session: reload the page and send it again",
                "현재 세션의 양식이 아닙니다. 페이지를 새로 고친 뒤 다시 시도하세요",
            ),
            403,
        )
    return _carried_out(row, look)


def _carried_out(row: Row, look: Look) -> Reply:
    try:
        made = row.act(look)
    except (Misuse, Refusal, ScenarioError) as no:
        if row.method == "GET":
            return _error(look, told_of(no), no.status if isinstance(no, Misuse) else 409)
        return go_reply(Go(look.back(_parent(row.path)), told_of(no), "error"), look)
    if isinstance(made, Go):
        return go_reply(made, look)
    if isinstance(made, Nothing):
        return Reply(204, (), b"")
    reply = page_reply(made, look)
    return look.sandbox.wrong_keys.slowed(reply) if made.status == 401 else reply


def _parent(path: str) -> str:
    """The page whose form leads to that path."""
    return "/" + path.split("/")[1] if path else ""


def _form_token(look: Look) -> str:
    return look.request.headers.get("x-form-token") or look.form.get("form_token", "")


def _error(look: Look, message: str, status: int) -> Reply:
    return page_reply(Page("error.html", {"message": message, "status": status}, status), look)
