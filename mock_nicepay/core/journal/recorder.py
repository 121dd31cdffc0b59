"""Writes each call, masked, into its merchant's journal, and notifies listeners."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from mock_nicepay.contract import charsets
from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.core.answers import NOT_HEARD, Body, Outcome
from mock_nicepay.core.call import Call
from mock_nicepay.core.journal.entries import KEPT_TEXT, Entry, shortened
from mock_nicepay.core.journal.masking import (
    as_one,
    holds_live_key,
    is_plain,
    mask_finished,
    mask_headers,
    mask_text,
    mask_value,
    scrub,
    without,
)
from mock_nicepay.core.magic import SOURCE as MAGIC
from mock_nicepay.core.scenarios.language import Rule
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.tenants.tenant import Tenant

LIVE_KEY_WARNING = "LIVE KEY SENT TO A MOCK"
_spelt = json.JSONEncoder(ensure_ascii=False).encode  # JSON text without \u escapes
_SHORTEST_SECRET = 8  # characters; a shorter one would match by chance
_KEPT_ADDRESS = 2000  # characters of a path or a query that an entry keeps
_MANY_PARTS = 1000  # a JSON body of more parts is kept as text


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened besides the API's calls, for the journal and for scenarios."""

    name: str  # window.pay, webhook.deliver
    at: datetime
    method: str
    target: str  # the URL or path
    sent: Any = None
    status: int = 200
    code: str = ""
    message: str = ""
    answer: Any = None
    player: Player | None = None  # the player of the scenario that `rule` is from
    rule: Rule | None = None
    effect: str = "commit"
    cause: Cause | None = None
    seconds: float = 0.0
    text: str = ""  # the scenario's entry, when it is one of its timeline and not a rule
    source: str = ""  # the origin of the rule, when it is neither a scenario nor a magic value
    line: int = 0


class Recorder:
    """Writes the journals of one sandbox. `listeners` are called with each entry after it is stored."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Entry], None]] = []

    def record(
        self, call: Call, outcome: Outcome, reply: Reply, body: Body, seconds: float
    ) -> None:
        """Record a finished call, and let the scenarios in play count it."""
        rule, name = call.rule, call.name
        told_code, told_message = _told_by(body, outcome)
        # A caller that never received the answer did not receive its code.
        heard = not rule or rule.reply.kind not in NOT_HEARD
        code = (told_code or str(outcome.status)) if heard else ""
        if name:
            for player in call.players:
                player.saw(name, call.now, code)
        self._keep(
            call,
            status=reply.status,
            code=told_code,
            message=told_message,
            answer=shortened(body) if isinstance(body, str) else body,
            fate=rule.reply.kind if rule else "ok",
            cause=call.cause,
            seconds=seconds,
        )

    def record_occurrence(self, tenant: Tenant, event: Occurrence) -> None:
        """Record something besides the API's calls: a payer's step, a webhook's delivery."""
        rule = event.rule
        # A shop that the payer's form never reached did not receive its code.
        heard = not rule or rule.reply.kind not in NOT_HEARD
        if event.name:
            for player in tenant.players():
                player.saw(event.name, event.at, event.code if heard else "")
        secrets = tuple(each for each in tenant.secrets if len(each) >= _SHORTEST_SECRET)
        self._add(
            tenant,
            Entry(
                id=tenant.journal.next_id(),
                at=event.at,
                client_id=tenant.merchant.client_id if tenant.merchant else "",
                call=event.name,
                method=event.method,
                path=mask_text(without(secrets, event.target[:2000])),
                query="",
                headers={},
                body=mask_value(event.sent, secrets=secrets),
                status=event.status,
                code=event.code,
                message=scrub(without(secrets, event.message)),
                answer=mask_value(event.answer, secrets=secrets),
                scenario=event.source or _source(event.player, rule),
                rule=rule.text if rule else event.text,
                line=rule.line if rule else event.line,
                effect=event.effect,
                fate=rule.reply.kind if rule else "ok",
                ms=round(event.seconds * 1000, 3),
                cause=_told(event.cause, secrets),
                warning="",
            ),
        )

    def record_bug(self, call: Call, bug: Exception, seconds: float) -> None:
        """Record a call that failed because of an error in the mock itself."""
        kind = type(bug).__name__
        self._keep(
            call,
            status=500,
            code="",
            message="",
            answer=None,
            fate="ok",
            cause=Cause(
                f"an error in mock-nicepay itself ({kind}); please report it with this entry",
                f"mock-nicepay 자체 오류입니다({kind}). 이 항목과 함께 제보해 주세요",
            ),
            seconds=seconds,
        )

    def _keep(
        self,
        call: Call,
        *,
        status: int,
        code: str,
        message: str,
        answer: Any,
        fate: str,
        cause: Cause | None,
        seconds: float,
    ) -> None:
        request, rule, player = call.request, call.rule, call.player
        beside = _beside_login(request)
        secrets = _secrets_of(call, beside)
        plain = not secrets and is_plain(beside)
        shown = mask_finished(answer, secrets)
        self._add(
            call.tenant,
            Entry(
                id=call.tenant.journal.next_id(),
                at=call.now,
                client_id=call.client_id,
                call=call.name,
                method=without(secrets, request.method)[:20],
                path=_mask_address(request.path, secrets, plain=plain),
                query=_mask_address(request.query, secrets, plain=plain),
                headers=mask_headers(request.headers, call.caller.login, secrets, plain=plain),
                body=_request_body(call, secrets),
                status=status,
                code=code,
                message=_mask_message(message, shown, secrets),
                answer=shown,
                scenario=_source(player, rule),
                rule=rule.text if rule else "",
                line=rule.line if rule else 0,
                effect=call.effect,
                fate=fate,
                ms=round(seconds * 1000, 3),
                cause=_told(cause, secrets),
                warning=LIVE_KEY_WARNING if _carries_live_key(call) else "",
                key_id=call.caller.merchant.calling_id if call.caller.merchant else "",
            ),
            min(len(request.body), KEPT_TEXT) + (len(answer) if isinstance(answer, str) else 0),
        )

    def _add(self, tenant: Tenant, entry: Entry, weight: int = 0) -> None:
        entry = tenant.journal.add(entry, weight)
        for listener in self.listeners:
            listener(entry)


def _source(player: Player | None, rule: Rule | None) -> str:
    """The origin of the rule: the name of that player's scenario, or a magic value."""
    if player is not None:
        return player.scenario.name
    return MAGIC if rule is not None else ""


def _told_by(body: Body, outcome: Outcome) -> tuple[str, str]:
    """Code and message in the answer as sent, which a scenario may have patched."""
    if isinstance(body, str) or "resultCode" not in outcome.body:
        return outcome.code, outcome.message
    return str(body.get("resultCode", "")), str(body.get("resultMsg", ""))


def _beside_login(request: Request) -> str:
    """The texts of a request without its body and its Authorization header, which is masked anyway."""
    values = (value for name, value in request.headers.items() if name != "authorization")
    return as_one((request.path, request.query, *values))


def _mask_address(text: str, secrets: tuple[str, ...], *, plain: bool) -> str:
    """A path or a query as an entry keeps it; `plain`: it has nothing to hide."""
    return text[:_KEPT_ADDRESS] if plain else mask_text(without(secrets, text)[:_KEPT_ADDRESS])


def _mask_message(message: str, shown: Any, secrets: tuple[str, ...]) -> str:
    """The message of an answer, masked; unchanged when `shown`, the masked answer, has it unchanged."""
    if isinstance(shown, dict) and shown.get("resultMsg") == message:
        return message
    return scrub(without(secrets, message))


def _secrets_of(call: Call, beside: str) -> tuple[str, ...]:
    """The secrets that occur in the request: the merchant's keys, and the key or token that was sent."""
    login = call.caller.login
    known = {*call.tenant.secrets, login.secret_key.strip(), login.token}
    return tuple(
        secret
        for secret in known
        if len(secret) >= _SHORTEST_SECRET and _may_hold(call, beside, secret)
    )


def _may_hold(call: Call, beside: str, secret: str) -> bool:
    """Whether the request contains the secret, plainly or escaped.

    In the Authorization header it is masked, but a cause might quote that header.
    """
    request = call.request
    return (
        secret in beside
        or ("%" in request.query and secret in unquote_plus(request.query))
        or (bool(request.body) and _body_may_hold(call, secret))
        or (call.cause is not None and secret in request.headers.get("authorization", ""))
    )


def _body_may_hold(call: Call, secret: str) -> bool:
    if secret.encode() in call.request.body:
        return True
    if b"\\" not in call.request.body:
        return False
    try:
        return _spelt(secret)[1:-1] in _spelt(call.json())
    except (Refusal, ValueError, RecursionError):
        return True


def _carries_live_key(call: Call) -> bool:
    """Whether a call without a known merchant contains what looks like a live key, anywhere in it."""
    request, login = call.request, call.caller.login
    if call.caller.merchant is not None:
        return False
    return holds_live_key(
        login.client_id,
        login.secret_key,
        login.token,
        request.query,
        request.path,
        request.headers.get("authorization", ""),
        charsets.decode(request.body[:KEPT_TEXT], charsets.UTF_8),
    )


def _told(cause: Cause | None, secrets: tuple[str, ...]) -> Cause | None:
    return cause and Cause(scrub(without(secrets, cause.en)), scrub(without(secrets, cause.ko)))


def _request_body(call: Call, secrets: tuple[str, ...]) -> Any:
    raw = call.request.body
    if not raw:
        return None
    if len(raw) > KEPT_TEXT:
        # Masked before it is cut: a secret that is cut in two would not be recognised.
        text = mask_text(charsets.decode(raw[: 4 * KEPT_TEXT], charsets.UTF_8), secrets)
        return f"{text[:KEPT_TEXT]}… ({len(raw)} bytes)"
    if len(raw) > _MANY_PARTS and sum(map(raw.count, (b",", b"[", b"{"))) > _MANY_PARTS:
        # Parsed, it would take fifty times the memory of its text.
        return mask_text(charsets.decode(raw, charsets.UTF_8), secrets)
    try:
        return mask_finished(call.json(), secrets)
    except Refusal:
        return mask_text(charsets.decode(raw, charsets.UTF_8), secrets)
