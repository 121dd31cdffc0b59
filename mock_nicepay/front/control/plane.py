"""The control plane under `/_mock`: one table of method, path and action; JSON in and out.

It uses the sandbox only; every entry (socket, WSGI, in-process) reaches it through `dispatch`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hmac import compare_digest
from typing import Any

from mock_nicepay.contract.endpoint import Deferred, Reply, Request
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.spelling import did_you_mean, nearest
from mock_nicepay.contract.tables import result_code
from mock_nicepay.core.merchants.pairs import through_key
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.scenarios.language import ScenarioError
from mock_nicepay.front.control import (
    billing,
    checkout,
    clock,
    gateway,
    keys,
    merchants,
    payments,
    receipts,
    scenarios,
    webhooks,
    window,
)
from mock_nicepay.front.control.asked import PAGING, Asked
from mock_nicepay.front.control.metrics import show_metrics
from mock_nicepay.front.control.tokens import list_tokens
from mock_nicepay.front.guard import PRIVATE, check_host, check_origin
from mock_nicepay.front.paths import places_of
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

ROOT = "/_mock"
ADMIN_HEADER = "x-mock-nicepay-admin-key"


Act = Callable[[Sandbox, Asked], Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the control plane."""

    method: str
    path: str
    act: Act
    arguments: tuple[str, ...] = ("merchant",)
    waits: bool = False  # for another server, so it runs in a thread of its own
    computes: bool = False  # for long; it runs in a thread of its own, few at a time

    @property
    def help(self) -> str:
        """The first line of the action's docstring."""
        return (self.act.__doc__ or "").strip().splitlines()[0]


ACTIONS = (
    Action("GET", "/health", gateway.health),
    Action("POST", "/reset", gateway.reset),
    Action("GET", "/clock", clock.get_clock),
    Action("PUT", "/clock", clock.put_clock, waits=True),
    Action("POST", "/clock/advance", clock.advance_clock, waits=True),
    Action("GET", "/merchants", merchants.list_merchants, ("merchant", *PAGING), computes=True),
    Action("POST", "/merchants", merchants.add_merchant),
    Action("PUT", "/merchants/allow", keys.put_allow),
    Action("POST", "/merchants/allow/test", keys.try_allow),
    Action("GET", "/merchants/keys", keys.list_keys),
    Action("POST", "/merchants/keys", keys.add_key),
    Action("POST", "/merchants/keys/{clientId}/reissue", keys.reissue_key),
    Action("DELETE", "/merchants/keys/{clientId}", keys.delete_key),
    Action("GET", "/scenario", scenarios.get_scenario),
    Action("PUT", "/scenario", scenarios.put_scenario, computes=True),
    Action("DELETE", "/scenario", scenarios.delete_scenario),
    Action("GET", "/scenarios", scenarios.list_scenarios, computes=True),
    Action(
        "GET", "/journal", gateway.get_journal, ("merchant", "call", "code", *PAGING), computes=True
    ),
    Action("GET", "/report", scenarios.get_report),
    Action("GET", "/tokens", list_tokens, ("merchant", *PAGING)),
    Action("GET", "/openapi.json", gateway.get_openapi, computes=True),
    Action("GET", "/metrics", show_metrics, (), computes=True),
    Action("GET", "/snapshot", gateway.get_snapshot, (), computes=True),
    Action("PUT", "/snapshot", gateway.put_snapshot, (), computes=True),
    Action("GET", "/payments", payments.list_payments, ("merchant", "orderId", *PAGING)),
    Action("GET", "/payments/{tid}", payments.get_payment),
    Action("POST", "/payments/{tid}/deposit", payments.deposit),
    Action("POST", "/payments/{tid}/cancel", payments.cancel),
    Action("POST", "/payments/{tid}/expire", payments.expire),
    Action("POST", "/payments/{tid}/escrow", payments.set_escrow),
    Action("GET", "/receipts", receipts.list_receipts, ("merchant", "orderId", *PAGING)),
    Action("POST", "/receipts/confirm", receipts.confirm_all),
    Action("POST", "/receipts/reject", receipts.reject_all),
    Action("GET", "/receipts/{tid}", receipts.get_receipt),
    Action("POST", "/receipts/{tid}/confirm", receipts.confirm),
    Action("POST", "/receipts/{tid}/reject", receipts.reject),
    Action("POST", "/window/pay", window.pay, waits=True),
    Action("GET", "/checkout", checkout.list_sessions, ("merchant", *PAGING)),
    Action("GET", "/checkout/{sessionId}", checkout.get_session),
    Action("POST", "/checkout/{sessionId}/pay", checkout.pay_session, waits=True),
    Action("POST", "/checkout/{sessionId}/expire", checkout.expire_session),
    Action("GET", "/billing-keys", billing.list_keys, ("merchant", *PAGING)),
    Action("GET", "/billing-keys/{bid}", billing.get_key),
    Action("POST", "/billing-keys/{bid}/expire", billing.expire_key),
    Action("POST", "/billing-keys/{bid}/suspend", billing.suspend_key),
    Action("POST", "/billing-keys/{bid}/resume", billing.resume_key),
    Action("GET", "/webhooks", webhooks.list_webhooks, ("merchant", "orderId", "tid", *PAGING)),
    Action("POST", "/webhooks", webhooks.put_webhook),
    Action("DELETE", "/webhooks", webhooks.delete_webhooks, ("merchant", "method")),
    Action("POST", "/webhooks/test", webhooks.try_webhook, waits=True),
    Action("POST", "/webhooks/settle", webhooks.settle_webhooks, waits=True),
    Action("POST", "/webhooks/{id}/resend", webhooks.resend_webhook, waits=True),
)
_PATHS = tuple(dict.fromkeys(action.path for action in ACTIONS))
_ROOMS = tuple(dict.fromkeys(f"{ROOT}/{path.split('/')[1]}" for path in _PATHS))


def control(sandbox: Sandbox, request: Request) -> Reply | Deferred:
    """Answer one request to the control plane; the answer to a wrong one says what would be right."""
    try:
        _admit(sandbox.settings, request)
        action, places = _find(request)
        arguments = _arguments(action, request)
    except Misuse as misuse:
        reply = _reply(misuse.status, {"error": misuse.message})
        return sandbox.wrong_keys.slowed(reply) if misuse.status == 401 else reply
    asked = Asked(_owner(sandbox, arguments), arguments, request.body, places)
    work = partial(_carried_out, sandbox, action, asked)
    if action.waits or action.computes:
        return Deferred(work, action.computes)
    return work()


def _carried_out(sandbox: Sandbox, action: Action, asked: Asked) -> Reply:
    try:
        made = action.act(sandbox, asked)
        return made if isinstance(made, Reply) else _reply(200, made)
    except Misuse as misuse:
        return _reply(misuse.status, {"error": misuse.message})
    except Refusal as refusal:
        return _reply(409, _refusal_json(refusal))
    except ScenarioError as error:
        problems = [
            {"line": problem.line, "column": problem.column, "message": problem.message}
            for problem in error.problems
        ]
        return _reply(400, {"error": str(error), "problems": problems})


def _arguments(action: Action, request: Request) -> dict[str, str]:
    """The query's parameters. Raises `Misuse`: a mistyped or empty one must not mean every merchant."""
    arguments = request.arguments()
    for name, value in arguments.items():
        if name not in action.arguments:
            takes = f"it takes {', '.join(action.arguments) or 'none'}"
            hint = did_you_mean(name, action.arguments, takes)
            raise Misuse(f"{ROOT}{action.path} takes no {name[:100]!r}; {hint}")
        if not value:
            raise Misuse(f"{name} is empty; leave it out to mean all")
    return arguments


def _owner(sandbox: Sandbox, arguments: Mapping[str, str]) -> str:
    """The merchant that ?merchant= names, by the client id of any of its key pairs.

    An unknown client id is returned as it is: the action refuses it with its own message.
    """
    named = arguments.get("merchant", "")
    known = through_key(sandbox.store, named)
    return known.client_id if known else named


def _admit(settings: Settings, request: Request) -> None:
    """Refuse requests of web pages, and those without the admin key if one is set. Raises `Misuse`."""
    check_origin(request)
    if settings.admin_key:
        # A web page that uses DNS rebinding cannot know the key, so the host need not be checked.
        _check_key(settings.admin_key, request)
    else:
        check_host(settings, request)


def admits(settings: Settings, request: Request) -> bool:
    """Whether the control plane admits this caller."""
    try:
        _admit(settings, request)
    except Misuse:
        return False
    return True


def _check_key(key: str, request: Request) -> None:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    given = request.headers.get(ADMIN_HEADER) or (
        bearer.strip(" \t") if scheme.lower() == "bearer" else ""
    )
    if not compare_digest(_bytes_of(given), key.encode()):
        raise Misuse(
            f"the control plane needs the admin key: send it as `{ADMIN_HEADER}: KEY`", 401
        )


def _bytes_of(header: str) -> bytes:
    """A header's bytes: a server passes them decoded as Latin-1, an in-process request as text."""
    try:
        return header.encode("latin-1")
    except UnicodeEncodeError:
        return header.encode("utf-8", "replace")


def _find(request: Request) -> tuple[Action, dict[str, str]]:
    """The requested action, and the values of the variables in its path. Raises `Misuse`."""
    path = request.path.removeprefix(ROOT).rstrip("/")
    fitting = {
        action.method: (action, places)
        for action in ACTIONS
        if (places := places_of(action.path, path)) is not None
    }
    method = (
        "GET" if request.method == "HEAD" else request.method
    )  # scripts that wait for a server to start often send HEAD
    if method in fitting:
        return fitting[method]
    if fitting:
        methods = " or ".join(fitting)
        raise Misuse(f"{ROOT}{path[:100]} takes {methods}, not {request.method[:20]}", 405)
    near = nearest(path, _PATHS, alike=0.3)
    raise Misuse(
        f"the control plane has no {request.path[:100]!r}; "
        + (f"did you mean {ROOT}{near}?" if near else f"it has {', '.join(_ROOMS)}"),
        404,
    )


def told_of(no: Misuse | Refusal | ScenarioError) -> str:
    """The message of an action that could not be carried out."""
    if isinstance(no, Refusal):
        return _refusal_json(no)["error"]
    return str(no)


def _refusal_json(refusal: Refusal) -> dict[str, str]:
    """A refusal by the bank or the gateway: its code and message, with our explanation."""
    message = result_code(refusal.code).message(*refusal.values)
    why = f"{refusal.code} {message}"
    return {
        "error": f"{why}: {refusal.cause.en}" if refusal.cause else why,
        "code": refusal.code,
        "message": message,
    }


def _reply(status: int, body: Any) -> Reply:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Reply(
        status,
        (("Content-Type", "application/json;charset=utf-8"), *PRIVATE.items()),
        text.encode("utf-8", "replace"),
    )
