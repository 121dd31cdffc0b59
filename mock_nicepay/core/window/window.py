"""The payment window: everything between requestPay and returnUrl.

`Window.pay` is one visit of a payer: an `Attempt` (`attempt.py`: whose window, which rule) goes
through one transaction (`authentication.py`) and comes out as a `WindowResult` (`outcome.py`: a form
for returnUrl, or an error for the page). This module begins it and writes it into the journal. It
sends nothing: `browser.py` posts the form to returnUrl.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.window import request as window
from mock_nicepay.core.checkout.values import order_of
from mock_nicepay.core.clock import stopwatch
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.journal.recorder import Occurrence, Recorder
from mock_nicepay.core.magic import Magic
from mock_nicepay.core.merchants.pairs import through_key, through_living_key
from mock_nicepay.core.payments.wish import ANYBODY, Payer
from mock_nicepay.core.records import Merchant, Session
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenants import Tenants
from mock_nicepay.core.window.attempt import AGREED, NAME, OPENING, Attempt, choose_rule
from mock_nicepay.core.window.authentication import admit, authenticate
from mock_nicepay.core.window.outcome import delivered, refused
from mock_nicepay.core.window.result import PageError, WindowResult

PAYER = "payer"  # in the journal instead of a scenario's name, for what the payer asked for
_KEPT = 1000  # characters of a parameter that the journal keeps


@dataclass(frozen=True, slots=True)
class Opened:
    """The result of opening the window: a window, or an error for the page."""

    merchant: Merchant | None
    now: datetime
    order: Mapping[str, Any]  # the parameters, read; empty with an error
    error: PageError | None = None
    rule: Rule | None = None  # the scenario's rule that applies at once
    # Of a checkout's page that cannot be paid: what is posted instead.
    result: WindowResult | None = None


class Window:
    """The payment windows of one sandbox."""

    def __init__(
        self, store: Store, tenants: Tenants, desk: Desk, recorder: Recorder, magic: Magic
    ) -> None:
        self._store = store
        self._tenants = tenants
        self._desk = desk
        self._recorder = recorder
        self._magic = magic

    def pay(
        self,
        params: Mapping[str, Any],
        *,
        merchant: Merchant | None = None,
        ending: ReplyPlan = AGREED,
        payer: Payer = ANYBODY,
        twist: Rule | None = None,
        session: Session | None = None,
    ) -> WindowResult:
        """Carry out one visit of a payer, with the parameters of requestPay as the page gave them.

        `merchant` is the page's merchant, seen through a key pair, for parameters without a clientId.
        `ending` is what the payer does (kind ok, code, close or timeout); a scenario's rule or a
        magic value that ends the visit wins over it. `twist` is a fault in the posting of the form,
        unless a rule has one. With a `session` the visit is to its page, and pays its order. Raises
        `Misuse` when the payer picks something that the window does not offer.
        """
        started = stopwatch()
        attempt = self._begin(params, merchant, ending, session=session)
        if attempt.rule is None and twist is not None:
            attempt.rule, attempt.source = twist, PAYER
        try:
            result = delivered(attempt, authenticate(self._desk, attempt, payer))
        except Refusal as refusal:
            result = refused(attempt, refusal)
        self._record(attempt, result, stopwatch() - started)
        return result

    def open(self, params: Mapping[str, Any], *, session: Session | None = None) -> Opened:
        """Answer a page's requestPay: a window to be shown, or an error for the page.

        A scenario's code refuses it; the caller, which shows the window, acts on the rest of the rule.
        """
        started = stopwatch()
        attempt = self._begin(params, None, AGREED, OPENING, session)
        result = WindowResult(attempt.return_url)
        try:
            admit(self._desk, attempt)
        except Refusal as refusal:
            result = refused(attempt, refusal)
        error, failed = result.error, result if result.form is not None else None
        order = {} if error else attempt.order
        opened = Opened(attempt.merchant, attempt.now, order, error, attempt.rule, failed)
        self._record(attempt, result, stopwatch() - started)
        return opened

    def _begin(
        self,
        params: Mapping[str, Any],
        merchant: Merchant | None,
        ending: ReplyPlan,
        name: str = NAME,
        session: Session | None = None,
    ) -> Attempt:
        """Find the visit's merchant, its time, and the rule that applies."""
        named = params.get("clientId")
        if named not in (None, ""):
            # Assumed (keys.deleted-session): a checkout outlives the key pair that it was made with.
            find = through_key if session is not None else through_living_key
            merchant = find(self._store, named) if isinstance(named, str) else None
        elif merchant is not None:
            params = {**params, "clientId": merchant.calling_id}
        tenant = self._tenants.of(merchant)
        attempt = Attempt(
            params, merchant, tenant, tenant.clock.now(), ending, name, session=session
        )
        if session is not None:
            attempt.order = order_of(session)
        if not tenant.maintenance:
            choose_rule(attempt, self._magic)
        return attempt

    def _record(self, attempt: Attempt, result: WindowResult, seconds: float) -> None:
        self._recorder.record_occurrence(
            attempt.tenant,
            Occurrence(
                name=attempt.name,
                at=attempt.now,
                method="POST",
                target=result.return_url,
                sent=_kept(attempt.params),
                code=result.code,
                message=result.message,
                answer=_answer(attempt, result),
                player=attempt.player,
                rule=attempt.rule,
                source=attempt.source,
                effect=attempt.effect if attempt.order else "none",
                cause=attempt.cause,
                seconds=seconds,
            ),
        )


def _answer(attempt: Attempt, result: WindowResult) -> Any:
    """What the browser received, for the journal."""
    if result.form is not None:
        return result.form
    if result.error is not None:
        return {"fnError": result.error.to_json()}
    return {"window": attempt.order["method"]} if attempt.order else None


def _kept(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters for the journal: known ones only, long values cut."""
    names = ("sessionId", *window.PARAMETERS)
    return {name: _short(params[name]) for name in names if name in params}


def _short(value: Any) -> Any:
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    if isinstance(value, str) and len(value) > _KEPT:
        return f"{value[:_KEPT]}… ({len(value)} characters)"
    return value
