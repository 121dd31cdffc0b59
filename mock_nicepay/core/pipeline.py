"""The pipeline that every call goes through; `handle` is the place to begin reading."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from mock_nicepay.contract.bodies import REFUSAL
from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.endpoint import (
    Answer,
    Deferred,
    Endpoint,
    Reply,
    Request,
    Routes,
    settled,
)
from mock_nicepay.contract.fillings import fill_values, subject_of
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import SUCCESS, ResultCode, result_code
from mock_nicepay.contract.times import iso
from mock_nicepay.core.answers import Body, Outcome, gateway_page, written
from mock_nicepay.core.call import Call, Context
from mock_nicepay.core.clock import stopwatch
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.journal.recorder import Recorder
from mock_nicepay.core.login.doorkeeper import Doorkeeper
from mock_nicepay.core.login.missigned import why_missigned
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.magic import Magic
from mock_nicepay.core.merchants.pairs import keys_by_mistake
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Merchant, Running
from mock_nicepay.core.scenarios.language import Rule, Scenario
from mock_nicepay.core.scenarios.player import plan
from mock_nicepay.core.scenarios.rule_effects import effect_at, is_made_up
from mock_nicepay.core.store import Store, StoreAway
from mock_nicepay.core.tenants.tenants import Tenants
from mock_nicepay.settings import Settings

_LOG = logging.getLogger("mock_nicepay")
SCENARIO_HEADER = "x-mock-nicepay-scenario"
_KEYS_TRIED = 200  # merchants, and key pairs, whose keys are tried on a wrong signature
# Assumed (sandbox.u109): a call that NICEPAY's sandbox does not have (K25 test page) is U109 with 403;
# the text fits.
_NOT_IN_SANDBOX = Cause(
    "NICEPAY's own sandbox does not have this call, and --sandbox-limits applies the sandbox's limits; "
    "start without it to try the call here",
    "나이스페이 샌드박스에서 지원하지 않는 API이며 --sandbox-limits 설정으로 같은 제한이 적용되었습니다. "
    "이 API를 시험하려면 해당 설정 없이 시작하세요",
)


class BrokenAnswer(AssertionError):
    """An answer that does not match its own declaration: a bug in the mock, raised under test."""


class _Undone(Exception):
    """Leaves a transaction with the true answer, and rolls the transaction back."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Pipeline:
    """Answers the calls of one gateway."""

    def __init__(
        self,
        settings: Settings,
        routes: Routes,
        store: Store,
        tokens: Tokens,
        tenants: Tenants,
        desk: Desk,
        recorder: Recorder,
        ready_made: Callable[[str], Scenario],
        magic: Magic,
    ) -> None:
        self._settings = settings
        self._routes = routes
        self._tenants = tenants
        self._desk = desk
        self._recorder = recorder
        self._ready_made = ready_made
        self._magic = magic
        self._store = store
        self._door = Doorkeeper(store, tokens)

    def handle(self, request: Request) -> Reply | Deferred:
        """Answer one call. Every call is recorded in the journal, even a refused or failed one.

        Returns a `Deferred` when another server has to be called before the answer.
        """
        started = stopwatch()
        call = self._begin(request)
        if call.endpoint is not None and call.endpoint.errand is not None:
            return Deferred(lambda: settled(self._answer(call, started)))
        return self._answer(call, started)

    def _answer(self, call: Call, started: float) -> Reply | Deferred:
        try:
            call.rule = self._choose_rule(call)
            outcome = self._outcome(call)
            reply, body = written(outcome, call.charset(), call.rule)
            self._check(call, outcome)
        except Misuse as misuse:
            # The real gateway never answers 400, so this cannot be mistaken for its answer.
            outcome = Outcome(400, "", misuse.message, {"error": misuse.message})
            reply, body = written(outcome, UTF_8, None)
        except StoreAway:  # nothing has happened, and nothing could be recorded
            raise
        except Exception as bug:
            self._recorder.record_bug(call, bug, stopwatch() - started)
            if self._settings.self_check:
                raise
            return written(Outcome(500, "", "", gateway_page(500)), UTF_8, None)[0]
        self._record(call, outcome, reply, body, stopwatch() - started)
        return reply if call.first is None else Deferred(partial(_after, call.first, reply))

    def _record(
        self, call: Call, outcome: Outcome, reply: Reply, body: Body, seconds: float
    ) -> None:
        """Record a finished call. Its answer is sent even if it cannot be recorded."""
        try:
            self._recorder.record(call, outcome, reply, body, seconds)
        except StoreAway as away:
            _LOG.warning("a call to %s is not in the journal: %s", call.name, away)

    def _begin(self, request: Request) -> Call:
        """Find the call's endpoint, its merchant, and the merchant's time."""
        route = self._routes.find(request.method, request.path)
        with self._store.together(Merchant, Running):
            caller = self._door.identify(request.headers.get("authorization"))
            tenant = self._tenants.of(caller.merchant)
        now = tenant.clock.now()
        return Call(request, route.endpoint, route.places, route.allowed, caller, tenant, now)

    def _choose_rule(self, call: Call) -> Rule | None:
        """The first rule that fires: of the request's scenario, the merchant's, those given at start.

        If none fires, a magic value in an orderId or a goodsName may make one.
        """
        call.players = call.tenant.players()
        name = call.request.headers.get(SCENARIO_HEADER)
        if name:
            call.players = [call.tenant.asked_for(self._ready_made(name)), *call.players]
        if call.endpoint is None or call.tenant.maintenance:
            return None
        rule = None
        if call.players:
            call.player, rule = plan(call.players, call.seen())
        return rule or self._magic.for_call(call)

    def _outcome(self, call: Call) -> Outcome:
        """The answer: made up by a scenario, or the result of what really happens."""
        if call.tenant.maintenance:
            return Outcome(503, "", "", gateway_page(503, "서비스 점검 중입니다."))
        rule, endpoint = call.rule, call.endpoint
        if rule is None or endpoint is None:
            return self._true_outcome(call)
        reply = rule.reply
        row = result_code(reply.code, endpoint.domain) if reply.kind == "code" else None
        call.effect = effect_at(endpoint, rule, row)
        if call.effect == "decline":
            return self._declined(call, endpoint, rule, row)
        wants_success = reply.code == SUCCESS
        if is_made_up(rule) and call.effect == "none" and not wants_success:
            return self._told(call, endpoint, rule)
        outcome = self._true_outcome(call, keep=call.effect != "none")
        if wants_success and outcome.code == SUCCESS:
            return _worded(outcome, reply.message)
        return self._told(call, endpoint, rule) if is_made_up(rule) else outcome

    def _declined(
        self, call: Call, endpoint: Endpoint, rule: Rule, row: ResultCode | None
    ) -> Outcome:
        """A decline by the issuer, recorded, unless the call is refused before it reaches the issuer."""
        outcome = self._true_outcome(call, issuer_says=row)
        if row is not None and outcome.code == row.code:
            return _worded(outcome, rule.reply.message)
        # A call that the issuer did not decline: a scenario's rule still sets the answer, but a magic
        # value, which comes with any call of its payment, does not.
        return outcome if call.player is None else self._told(call, endpoint, rule)

    def _told(self, call: Call, endpoint: Endpoint, rule: Rule) -> Outcome:
        """An answer made up by a scenario, in the shape of the gateway's answer."""
        if rule.reply.kind == "http":
            page = rule.reply.body or gateway_page(rule.reply.status)
            return Outcome(rule.reply.status, "", "", page)
        row = result_code(rule.reply.code, endpoint.domain)
        subject = subject_of(endpoint.request, tuple(call.places))
        values = fill_values(row, subject, rule.reply.values, call.said())
        message = rule.reply.message or row.message(*values)
        return self._refused(row, message, endpoint.refusals.get(row.code, {}))

    def _true_outcome(
        self, call: Call, *, keep: bool = True, issuer_says: ResultCode | None = None
    ) -> Outcome:
        """Carry the call out. With `keep` False its effects are undone, but the answer is the true one."""
        try:
            return self._happen(call, keep, issuer_says)
        except _Undone as undone:
            return undone.outcome
        except Refusal as refusal:
            call.cause = refusal.cause
            row = result_code(refusal.code, call.endpoint.domain if call.endpoint else "")
            more = call.endpoint.refusals.get(row.code, {}) if call.endpoint else {}
            return self._refused(row, row.message(*refusal.values), more)

    def _happen(self, call: Call, keep: bool, issuer_says: ResultCode | None) -> Outcome:
        """Log in, read the fields, check the signature, act, answer. Raises `Refusal`."""
        endpoint, tenant = call.endpoint, call.tenant
        if endpoint is None or not _is_published(endpoint, tenant.edition):
            raise self._no_endpoint(call)
        merchant = self._door.admit(
            call.caller, endpoint, tenant.edition, call.now, call.request.peer
        )
        if self._settings.sandbox_limits and not _is_in_sandbox(endpoint, tenant.edition):
            raise Refusal("U109", cause=_NOT_IN_SANDBOX)
        data = call.fields(endpoint)
        self._check_signature(endpoint, data, merchant, tenant.edition)
        with self._desk.serve(
            merchant,
            now=call.now,
            caller=call.caller,
            charset=call.charset(),
            issuer_says=issuer_says,
            takes=call.rule.delay if call.rule and call.effect == "late" else timedelta(),
            errand=self._desk.run_errand(endpoint, merchant, data),
            host=call.request.headers.get("host", ""),
            players=call.players,
        ) as context:
            answer = self._act(endpoint, context, data)
            call.cause = answer.cause or call.cause
            outcome = self._answered(endpoint, answer, context)
            if not keep:
                raise _Undone(outcome)
        call.first = context.emit.first
        return outcome

    def _check_signature(
        self, endpoint: Endpoint, data: Mapping[str, Any], merchant: Merchant, edition: Edition
    ) -> None:
        """Documented (signdata.optional): checked when sent; a missing ediDate counts as empty."""
        sent, secret = data.get("signData"), merchant.secret_key
        if endpoint.sign is None or not sent:
            return
        known = data
        if endpoint.recall is not None:
            known = {**endpoint.recall(self._store, merchant.client_id, data), **data}
        if endpoint.sign.verify(sent, known, secret):
            return
        older = endpoint.older_sign if edition.tid_signs_find else None
        if older is None or not older.verify(sent, known, secret):
            others = keys_by_mistake(self._store, merchant, _KEYS_TRIED)
            cause = why_missigned(endpoint.sign, sent, known, secret, merchant.calling_id, others)
            raise Refusal("U312", cause=cause)

    def _act(self, endpoint: Endpoint, context: Context, data: dict[str, Any]) -> Answer:
        try:
            answer: Answer = endpoint.act(context, data)
        except Refusal as refusal:
            if self._settings.self_check and refusal.code not in endpoint.codes:
                raise BrokenAnswer(
                    f"{endpoint.name} does not declare that it refuses with {refusal.code}"
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
        near = self._routes.nearest(call.request.path)
        return Refusal(
            "U320",
            cause=Cause(
                f"there is no such path; the nearest is {near}",
                f"없는 경로입니다. 가장 비슷한 경로: {near}",
            ),
        )

    def _answered(self, endpoint: Endpoint, answer: Answer, context: Context) -> Outcome:
        row = result_code(answer.code, endpoint.domain)
        message = answer.message or row.message()
        body = {answer.code_key: row.code, answer.message_key: message, **answer.values}
        if endpoint.signature is not None and "signature" in body:  # a bare decline is not signed
            body["ediDate"] = iso(context.now)
            body["signature"] = endpoint.signature.sign(body, context.merchant.secret_key)
        shape = answer.shape or endpoint.reply
        return Outcome(self._status(row.http), row.code, row.ko, body, shape)

    def _refused(self, row: ResultCode, message: str, more: Mapping[str, Any]) -> Outcome:
        """A refusal; `more` are further keys that it has at this call."""
        body = {"resultCode": row.code, "resultMsg": message, **more}
        shape = None if more else REFUSAL
        return Outcome(self._status(row.http), row.code, message, body, shape)

    def _status(self, http: int) -> int:
        return http if self._settings.http_statuses else 200

    def _check(self, call: Call, outcome: Outcome) -> None:
        """Under test: check a true answer against its declared shape and limits."""
        if not self._settings.self_check or call.rule is not None or outcome.shape is None:
            return
        complaints = (
            outcome.shape.complaints(outcome.body) if isinstance(outcome.body, Mapping) else []
        )
        if complaints:
            raise BrokenAnswer(f"{call.request.path}: {'; '.join(complaints)}")


def _is_published(endpoint: Endpoint, edition: Edition) -> bool:
    """Whether the edition has this call at all."""
    return not endpoint.switch or bool(getattr(edition, endpoint.switch))


def _is_in_sandbox(endpoint: Endpoint, edition: Edition) -> bool:
    """Whether NICEPAY's own sandbox has this call."""
    return endpoint.in_sandbox and (
        edition.sandbox_webhooks or not endpoint.name.startswith("webhook.")
    )


def _after(first: Callable[[], None], reply: Reply) -> Reply:
    """The reply, after waiting for the events that must precede it."""
    first()
    return reply


def _worded(outcome: Outcome, message: str) -> Outcome:
    """The outcome with the scenario's own message, if it has one."""
    if not message or not isinstance(outcome.body, Mapping):
        return outcome
    return replace(outcome, message=message, body={**outcome.body, "resultMsg": message})
