"""Writes each call into its merchant's journal, masked, and tells whoever listens."""

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
_spelt = json.JSONEncoder(ensure_ascii=False).encode  # as escapes spell a text, once read
_SHORTEST_SECRET = 8  # characters; a shorter text would be found everywhere
_KEPT_ADDRESS = 2000  # characters of a path or a query that an entry keeps
_MANY_PARTS = 1000  # parts of a JSON text that is kept as a text


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened beside the API's calls, as the journal and scenarios are to see it."""

    name: str  # window.pay, webhook.deliver
    at: datetime
    method: str
    target: str  # the address or path it concerned
    sent: Any = None
    status: int = 200
    code: str = ""
    message: str = ""
    answer: Any = None
    player: Player | None = None  # whose rule it met
    rule: Rule | None = None
    effect: str = "commit"
    cause: Cause | None = None
    seconds: float = 0.0
    text: str = ""  # what the scenario says when it is not a rule: an entry of its timeline
    source: str = ""  # where the rule comes from, when it is neither a scenario's nor a magic value
    line: int = 0


class Recorder:
    """Keeps the journals of one sandbox. `listeners` hear of each entry after it is kept."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Entry], None]] = []

    def record(
        self, call: Call, outcome: Outcome, reply: Reply, body: Body, seconds: float
    ) -> None:
        """Keep a finished call, and let the scenarios in play count it."""
        rule, name = call.rule, call.name
        told_code, told_message = _told_by(body, outcome)
        # A caller that never saw the answer was not answered with its code.
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
        """Keep something that happened beside the API's calls: a payer's step, a webhook's delivery."""
        rule = event.rule
        # A shop that the payer's form never reached was not told its code.
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
        """Keep a call that failed because of an error in the mock itself."""
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
    """Where the rule stands: in that player's scenario, or in a magic value."""
    if player is not None:
        return player.scenario.name
    return MAGIC if rule is not None else ""


def _told_by(body: Body, outcome: Outcome) -> tuple[str, str]:
    """Code and message as the answer has them, which a scenario may have patched."""
    if isinstance(body, str) or "resultCode" not in outcome.body:
        return outcome.code, outcome.message
    return str(body.get("resultCode", "")), str(body.get("resultMsg", ""))


def _beside_login(request: Request) -> str:
    """The texts of a request but for its body, and for the login's own header, which is masked as such."""
    values = (value for name, value in request.headers.items() if name != "authorization")
    return as_one((request.path, request.query, *values))


def _mask_address(text: str, secrets: tuple[str, ...], *, plain: bool) -> str:
    """A path or a query as an entry keeps it; `plain`: there is nothing to hide in it."""
    return text[:_KEPT_ADDRESS] if plain else mask_text(without(secrets, text)[:_KEPT_ADDRESS])


def _mask_message(message: str, shown: Any, secrets: tuple[str, ...]) -> str:
    """The message of an answer; what `shown`, the masked answer, tells as it was has nothing to hide."""
    if isinstance(shown, dict) and shown.get("resultMsg") == message:
        return message
    return scrub(without(secrets, message))


def _secrets_of(call: Call, beside: str) -> tuple[str, ...]:
    """What the request gave away: the merchant's key or the one that was sent, if it is in there."""
    login = call.caller.login
    known = {*call.tenant.secrets, login.secret_key.strip(), login.token}
    return tuple(
        secret
        for secret in known
        if len(secret) >= _SHORTEST_SECRET and _may_hold(call, beside, secret)
    )


def _may_hold(call: Call, beside: str, secret: str) -> bool:
    """Whether the secret stands in the request, or is spelt there in escapes.

    In the login's own header it does no harm, but a cause might quote that elsewhere.
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
    """Whether a key that is not a merchant's here looks live, wherever in the request it stands."""
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
        # Masked before it is cut: what is cut in two would not be known for what it is.
        text = mask_text(charsets.decode(raw[: 4 * KEPT_TEXT], charsets.UTF_8), secrets)
        return f"{text[:KEPT_TEXT]}… ({len(raw)} bytes)"
    if len(raw) > _MANY_PARTS and sum(map(raw.count, (b",", b"[", b"{"))) > _MANY_PARTS:
        # As a value it would take fifty times the memory of its text.
        return mask_text(charsets.decode(raw, charsets.UTF_8), secrets)
    try:
        return mask_finished(call.json(), secrets)
    except Refusal:
        return mask_text(charsets.decode(raw, charsets.UTF_8), secrets)
