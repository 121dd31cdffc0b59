"""The one road every call takes. Reading `handle` is reading the gateway."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mock_nicepay.contract.bodies import REFUSAL
from mock_nicepay.contract.charsets import EUC_KR, UTF_8
from mock_nicepay.contract.endpoint import Answer, Endpoint, Reply, Request, Routes
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import result_code
from mock_nicepay.contract.times import iso
from mock_nicepay.core.answers import Outcome, fill_values, gateway_page, reply_of
from mock_nicepay.core.clock import stopwatch
from mock_nicepay.core.doorkeeper import Caller, Doorkeeper
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.recorder import Recorder
from mock_nicepay.core.records import Merchant
from mock_nicepay.core.scenarios.language import Rule, Scenario
from mock_nicepay.core.scenarios.matching import Seen
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants import Tenant, Tenants
from mock_nicepay.core.tokens import Tokens
from mock_nicepay.settings import Settings

SCENARIO_HEADER = "x-mock-nicepay-scenario"
_NOT_READ: Any = object()


class BrokenAnswer(AssertionError):
    """An answer of ours that breaks its own shape or limits: a bug, raised under test."""


@dataclass(slots=True)
class Call:
    """One call on its way."""

    request: Request
    endpoint: Endpoint | None
    places: Mapping[str, str]
    allowed: tuple[str, ...]
    caller: Caller
    tenant: Tenant
    now: datetime
    rule: Rule | None = None
    player: Player | None = None  # whose rule it is
    cause: Cause | None = None
    _json: Any = field(default=_NOT_READ)

    def json(self) -> Any:
        """The body as JSON; None when there is none. Raises `Refusal` U125 when it is not JSON.

        Assumed (body.not-json): U125 fits by its text; no page names the code.
        """
        if self._json is _NOT_READ:
            self._json = _read_json(self.request)
        return self._json

    def seen(self) -> Seen:
        """What a scenario's rules look at."""
        try:
            body = self.json()
        except Refusal:
            body = None
        return Seen(
            name=self.endpoint.name if self.endpoint else "",
            path=self.request.path,
            places=self.places,
            query=self.request.arguments(),
            headers=self.request.headers,
            body=body,
            scheme=self.caller.login.scheme,
            client=self.caller.merchant.client_id
            if self.caller.merchant
            else self.caller.login.client_id,
        )


@dataclass(frozen=True, slots=True)
class Context:
    """What a call's function works with besides its fields."""

    merchant: Merchant
    caller: Caller
    now: datetime
    tenant: Tenant
    identity: Identity
    settings: Settings
    store: Store
    tokens: Tokens


class _Undone(Exception):
    """Leaves a transaction with the true answer in hand and nothing kept."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Pipeline:
    """Takes calls through one gateway."""

    def __init__(
        self,
        settings: Settings,
        routes: Routes,
        store: Store,
        tokens: Tokens,
        tenants: Tenants,
        recorder: Recorder,
        ready_made: Callable[[str], Scenario],
    ) -> None:
        self._settings = settings
        self._routes = routes
        self._store = store
        self._tokens = tokens
        self._tenants = tenants
        self._recorder = recorder
        self._ready_made = ready_made
        self._door = Doorkeeper(store, tokens)

    def handle(self, request: Request) -> Reply:
        """One call from its request to its answer; whatever happens, it is in the journal."""
        started = stopwatch()
        call = self._begin(request)
        try:
            call.rule = self._choose_rule(call)
            outcome = self._outcome(call)
            reply = reply_of(outcome, self._charset(call), call.rule)
            self._check(call, outcome)
        except Misuse as misuse:
            outcome = Outcome(misuse.status, "", misuse.message, {"error": misuse.message})
            reply = reply_of(outcome, UTF_8, None)
        except Exception as bug:
            self._recorder.record_bug(call, bug, stopwatch() - started)
            if self._settings.self_check:
                raise
            return reply_of(Outcome(500, "", "", gateway_page(500)), UTF_8, None)
        self._recorder.record(call, outcome, reply, stopwatch() - started)
        return reply

    def _begin(self, request: Request) -> Call:
        """Where the call goes, who it names, and what time it is for that merchant."""
        route = self._routes.find(request.method, request.path)
        caller = self._door.identify(request.headers.get("authorization"))
        tenant = self._tenants.of(caller.merchant)
        return Call(
            request, route.endpoint, route.places, route.allowed, caller, tenant, tenant.clock.now()
        )

    def _choose_rule(self, call: Call) -> Rule | None:
        """The first rule that fires: the request's own scenario, the merchant's, those of the start."""
        players = call.tenant.players()
        name = call.request.headers.get(SCENARIO_HEADER)
        if name:
            players = [call.tenant.asked_for(self._ready_made(name)), *players]
        if not players or call.endpoint is None:
            return None
        seen = call.seen()
        for player in players:
            rule = player.plan(seen)
            if rule is not None:
                call.player = player
                return rule
        return None

    def _outcome(self, call: Call) -> Outcome:
        """What the caller is told: by a scenario, or by what truly happens."""
        if call.tenant.maintenance:
            return Outcome(503, "", "", gateway_page(503, "서비스 점검 중입니다."))
        rule = call.rule
        if rule is None:
            return self._true_outcome(call)
        if rule.reply.kind not in {"code", "http"}:
            return self._true_outcome(call, keep=rule.effect == "commit")
        if rule.effect == "commit":
            self._true_outcome(call)
        return self._told(call, rule)

    def _told(self, call: Call, rule: Rule) -> Outcome:
        """An answer a scenario makes up, in the shape the gateway would give it."""
        if rule.reply.kind == "http":
            return Outcome(
                rule.reply.status, "", "", rule.reply.body or gateway_page(rule.reply.status)
            )
        assert call.endpoint is not None
        row = result_code(rule.reply.code, call.endpoint.domain)
        message = rule.reply.message or row.message(
            *fill_values(row, call.endpoint, rule.reply.values)
        )
        return self._refused(row.code, row.http, message)

    def _true_outcome(self, call: Call, *, keep: bool = True) -> Outcome:
        """Let the call happen. With `keep` False nothing of it stays, but the answer is the true one."""
        try:
            with self._store.transaction():
                outcome = self._happen(call)
                if not keep:
                    raise _Undone(outcome)
                return outcome
        except _Undone as undone:
            return undone.outcome
        except Refusal as refusal:
            call.cause = refusal.cause
            row = result_code(refusal.code, call.endpoint.domain if call.endpoint else "")
            return self._refused(row.code, row.http, row.message(*refusal.values))

    def _happen(self, call: Call) -> Outcome:
        """Log in, read the fields, check the signature, act, answer. Raises `Refusal`."""
        endpoint = call.endpoint
        if endpoint is None:
            raise self._no_endpoint(call)
        merchant = self._door.admit(
            call.caller, endpoint, call.tenant.edition, call.now, call.request.peer
        )
        data = self._accept(call, endpoint)
        self._check_signature(endpoint, data, merchant)
        context = Context(
            merchant,
            call.caller,
            call.now,
            call.tenant,
            call.tenant.identity,
            self._settings,
            self._store,
            self._tokens,
        )
        return self._answered(endpoint, self._act(endpoint, context, data), merchant, call.now)

    def _act(self, endpoint: Endpoint, context: Context, data: dict[str, Any]) -> Answer:
        try:
            answer: Answer = endpoint.act(context, data)
        except Refusal as refusal:
            if self._settings.self_check and refusal.code not in endpoint.codes:
                raise BrokenAnswer(
                    f"{endpoint.name} refuses with {refusal.code}, which it does not declare"
                ) from None
            raise
        return answer

    def _no_endpoint(self, call: Call) -> Refusal:
        """Documented (paths.method): a known path with another method is U308 with 405 (E26 code).

        Assumed (paths.unknown): an unknown path is U320 with 404; the code fits by its text.
        """
        if call.allowed:
            methods = ", ".join(call.allowed)
            return Refusal(
                "U308",
                cause=Cause(
                    f"this path takes {methods}, not {call.request.method[:20]}",
                    f"이 경로는 {methods} 메서드만 받습니다",
                ),
            )
        near = self._recorder.nearest_path(call.request.path)
        return Refusal(
            "U320",
            cause=Cause(
                f"there is no such path; the nearest is {near}",
                f"없는 경로입니다. 가장 비슷한 경로: {near}",
            ),
        )

    def _accept(self, call: Call, endpoint: Endpoint) -> dict[str, Any]:
        """The request's fields, checked in declared order, with the places of the path."""
        sources = (
            call.tenant.edition.charset_sources
            if endpoint.reads == "edition"
            else (endpoint.reads,)
        )
        given: dict[str, Any] = {}
        for source in reversed(sources):
            if source == "query":
                given.update(call.request.arguments())
            elif call.request.body:
                given.update(self._object(call, only_source=len(sources) == 1))
        return {**endpoint.request.load(given), **call.places}

    def _object(self, call: Call, *, only_source: bool) -> Mapping[str, Any]:
        """The body as a JSON object. One that other editions never look at may be anything."""
        try:
            body = call.json()
        except Refusal:
            if only_source:
                raise
            return {}
        if isinstance(body, dict):
            return body
        if only_source and body is not None:
            raise Refusal(
                "U125",
                cause=Cause("the body is JSON, but not an object", "본문이 JSON 객체가 아닙니다"),
            )
        return {}

    def _check_signature(
        self, endpoint: Endpoint, data: Mapping[str, Any], merchant: Merchant
    ) -> None:
        """Documented (signdata.optional): checked when sent; without ediDate over the empty text."""
        if endpoint.sign is None or not data.get("signData"):
            return
        if not endpoint.sign.verify(data["signData"], data, merchant.secret_key):
            hashed = endpoint.sign.text(data, "<SecretKey>")
            raise Refusal(
                "U312",
                cause=Cause(
                    f"signData must be {endpoint.sign}, which is the lower-case hex SHA-256 of {hashed!r}",
                    f"signData는 {endpoint.sign} 이어야 합니다. 해시할 문자열: {hashed!r}",
                ),
            )

    def _answered(
        self, endpoint: Endpoint, answer: Answer, merchant: Merchant, now: datetime
    ) -> Outcome:
        row = result_code(answer.code, endpoint.domain)
        body = {"resultCode": row.code, "resultMsg": row.message(), **answer.values}
        if endpoint.signature is not None:
            body["ediDate"] = iso(now)
            body["signature"] = endpoint.signature.sign(body, merchant.secret_key)
        return Outcome(
            self._status(row.http), row.code, row.ko, body, answer.shape or endpoint.reply
        )

    def _refused(self, code: str, http: int, message: str) -> Outcome:
        body = {"resultCode": code, "resultMsg": message}
        return Outcome(self._status(http), code, message, body, REFUSAL)

    def _status(self, http: int) -> int:
        return http if self._settings.http_statuses else 200

    def _charset(self, call: Call) -> str:
        """Assumed (charset.refusals): a refusal, too, comes in the character set that was asked for."""
        if call.endpoint is None or "returnCharSet" not in call.endpoint.request.fields:
            return UTF_8
        reads = call.endpoint.reads
        sources = call.tenant.edition.charset_sources if reads == "edition" else (reads,)
        for source in sources:
            wanted = self._asked_charset(call, source)
            if wanted is not None:
                return EUC_KR if wanted in {EUC_KR, EUC_KR.upper()} else UTF_8
        return UTF_8

    def _asked_charset(self, call: Call, source: str) -> Any:
        if source == "query":
            return call.request.arguments().get("returnCharSet")
        try:
            body = call.json()
        except Refusal:
            return None
        return body.get("returnCharSet") if isinstance(body, dict) else None

    def _check(self, call: Call, outcome: Outcome) -> None:
        """Under test: hold a true answer against the shape and limits it was declared with."""
        if not self._settings.self_check or call.rule is not None:
            return
        if outcome.shape is not None and not isinstance(outcome.body, str):
            complaints = outcome.shape.complaints(outcome.body)
            if complaints:
                raise BrokenAnswer(f"{call.request.path}: {'; '.join(complaints)}")


def _read_json(request: Request) -> Any:
    if not request.body.strip():
        return None
    try:
        return json.loads(request.body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refusal(
            "U125",
            cause=Cause(
                "the body is not UTF-8; was it written in EUC-KR?",
                "본문이 UTF-8이 아닙니다. EUC-KR로 작성하지 않았나요?",
            ),
        ) from None
    except RecursionError:
        raise Refusal(
            "U125", cause=Cause("the body is nested too deeply", "본문의 중첩이 너무 깊습니다")
        ) from None
    except ValueError as error:
        form = "form-urlencoded" in request.headers.get("content-type", "")
        hint = "; it is a form, send JSON" if form else ""
        hint_ko = " (폼 데이터입니다. JSON으로 보내야 합니다)" if form else ""
        raise Refusal(
            "U125",
            cause=Cause(
                f"the body is not JSON: {str(error)[:120]}{hint}",
                f"본문이 JSON이 아닙니다{hint_ko}",
            ),
        ) from None
