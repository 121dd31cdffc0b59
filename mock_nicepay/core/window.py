"""The payment window: what the payer and the window do between requestPay and returnUrl.

`Window.pay` is one visit of a payer. Nothing leaves the process here: `core/browser.py` carries the
form to returnUrl.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mock_nicepay.contract import window
from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.forms import text_of
from mock_nicepay.contract.methods import METHODS
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import SUCCESS, ResultCode, result_code
from mock_nicepay.contract.window_rules import under_maintenance, unknown_client, used_order
from mock_nicepay.core.answers import patched
from mock_nicepay.core.call import Context
from mock_nicepay.core.clock import stopwatch
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.magic import Magic
from mock_nicepay.core.payments.approval import approve, authorise
from mock_nicepay.core.payments.orders import order_is_used
from mock_nicepay.core.payments.wish import Payer, Wish
from mock_nicepay.core.recorder import Event, Recorder
from mock_nicepay.core.records import FAILED, Merchant, Payment
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.scenarios.matching import Seen
from mock_nicepay.core.scenarios.player import Player, plan
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants import Tenant, Tenants
from mock_nicepay.core.visit import (
    Shop,
    Visit,
    bad_form,
    error_for_page,
    good_form,
    payment_form,
)
from mock_nicepay.core.wishes import wish_of

NAME = "window.pay"
AGREED = ReplyPlan()
ANYBODY = Payer()  # who picks nothing in particular
AUTHENTICATION = "card-authentication"  # which meaning of a two-meaning code is the window's

# Assumed (window.codes): what a payer does has a code by its text: closed, out of time, and of a
# decline that names none: the card company's no, or no answer from whoever else was asked.
_CLOSED = "P091"
_OUT_OF_TIME = "A245"
_NOT_AUTHENTICATED = "C002"
_NO_CONNECTION = "I001"

_ENDINGS = ("code", "close", "timeout")  # replies that say how the visit ends
_POSTS = {"hang": 0, "duplicate": 2}  # how often the form comes to returnUrl; otherwise once
_KEPT = 1000  # signs of a parameter that the journal keeps


@dataclass(slots=True)
class _Step:
    """One visit on its way."""

    params: Mapping[str, Any]
    merchant: Merchant | None
    tenant: Tenant
    now: datetime
    ending: ReplyPlan  # how the visit ends: ok, code, close or timeout
    player: Player | None = None
    rule: Rule | None = None
    cause: Cause | None = None
    order: Mapping[str, Any] = field(default_factory=dict)  # the parameters, read

    @property
    def row(self) -> ResultCode | None:
        """What the visit ends with; None when the payer agreed."""
        return _row(self.ending, self.order["method"])

    @property
    def effect(self) -> str:
        """What happens at the gateway: commit, none or decline.

        Assumed (window.issuer): with Client approval a code of the payment network is the issuer's
        no to a payment, and recorded; any other code ends the visit before there is a payment.
        """
        usual = "commit" if self.ending.kind == "ok" else "none"
        approves = self.merchant is not None and self.merchant.window == "client"
        if self.ending.kind == "code" and approves and (self.row and self.row.is_decline):
            usual = "decline"
        wanted = (self.rule.effect if self.rule else "") or usual
        return wanted if wanted == usual or wanted in ("commit", "none") else usual


class _Undone(Exception):
    """Leaves a transaction with the visit in hand and nothing kept."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit


class _NotApproved(Exception):
    """Leaves a transaction because the window's own approval was refused."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


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
    ) -> Visit:
        """One visit of a payer, with the parameters of requestPay as the page gave them.

        `merchant` is whose page it is when the parameters name no clientId. `ending` is what the
        payer does (kind ok, code, close or timeout); a scenario's rule or a magic value that ends
        the visit wins over it. Raises `Misuse` for a pick that the window does not offer.
        """
        started = stopwatch()
        step = self._begin(params, merchant, ending)
        try:
            visit = self._delivered(step, self._visit(step, payer))
        except Refusal as refusal:
            step.cause = refusal.cause
            row = result_code(refusal.code, AUTHENTICATION)
            error = error_for_page(row, row.message(*refusal.values), refusal.cause)
            visit = Visit(_text_in(params, "returnUrl"), error=error)
        self._record(step, visit, stopwatch() - started)
        return visit

    def _begin(
        self, params: Mapping[str, Any], merchant: Merchant | None, ending: ReplyPlan
    ) -> _Step:
        """Whose window it is, what time it is there, and which rule the visit meets."""
        named = params.get("clientId")
        if named not in (None, ""):
            merchant = self._store.get(Merchant, named) if isinstance(named, str) else None
        elif merchant is not None:
            params = {**params, "clientId": merchant.client_id}
        tenant = self._tenants.of(merchant)
        step = _Step(params, merchant, tenant, tenant.clock.now(), ending)
        if not tenant.maintenance:
            self._choose_rule(step)
        return step

    def _choose_rule(self, step: _Step) -> None:
        """The first rule that fires: the merchant's scenario, those of the start, a magic value."""
        step.player, step.rule = plan(step.tenant.players(), _seen(step))
        if step.rule is None:
            step.rule = self._magic_rule(step)
        if step.rule and step.rule.reply.kind in _ENDINGS:
            reply = step.rule.reply
            step.ending = AGREED if reply.code == SUCCESS else reply

    def _magic_rule(self, step: _Step) -> Rule | None:
        given = [_text_in(step.params, name) for name in ("orderId", "goodsName")]
        rule = self._magic.rule(NAME, *given)
        if rule is None and step.merchant and step.merchant.window == "client":
            # The window approves for these keys: what is asked of the approval happens here.
            approval = self._magic.rule("payments.approve", *given)
            if approval is not None and approval.reply.kind in ("ok", "code", "hang"):
                rule = approval
        if rule is None:
            step.cause = self._magic.doubt(*given)
        return rule

    def _visit(self, step: _Step, payer: Payer) -> Visit:
        """What comes of it. Raises `Refusal` for what the window does not take."""
        merchant = step.merchant
        if step.tenant.maintenance:
            raise under_maintenance()
        if merchant is None and step.params.get("clientId") not in (None, ""):
            raise unknown_client(step.params["clientId"])
        step.order = window.read(step.params)  # which refuses to go on without a clientId
        assert merchant is not None
        try:
            return self._in_transaction(step, Shop(merchant, step.tenant, step.now), payer)
        except _Undone as undone:
            return undone.visit
        except _NotApproved as failed:
            refusal, shop = failed.refusal, Shop(merchant, step.tenant, step.now)
            step.cause = refusal.cause
            row = result_code(refusal.code)
            form = bad_form(shop, step.order, row.code, row.message(*refusal.values))
            return _with_form(step, form)

    def _in_transaction(self, step: _Step, shop: Shop, payer: Payer) -> Visit:
        """What happens at the gateway, and what the shop is told of it."""
        with self._desk.serve(
            shop.merchant,
            now=shop.now,
            charset=step.order["returnCharSet"] or UTF_8,
            issuer_says=step.row if step.effect == "decline" else None,
        ) as context:
            wish = wish_of(step.order, payer, shop.now)
            if order_is_used(context, wish.order_id):
                raise used_order(wish.order_id)
            visit = _ended(step, shop, _agreed(step, shop, context, wish))
            if step.effect == "none":
                raise _Undone(visit)
        return replace(visit, first=context.emit.first)

    def _delivered(self, step: _Step, visit: Visit) -> Visit:
        """The visit with what the rule does to its form and its way."""
        rule = step.rule
        if rule is None or visit.form is None:
            return visit
        form = {k: text_of(v) for k, v in patched(visit.form, rule.patch, add=True).items()}
        return replace(
            visit,
            form=form,
            charset=rule.charset.bytes if rule.charset else visit.charset,
            posts=_POSTS.get(rule.reply.kind, 1),
            delay=rule.delay if rule.effect != "late" else timedelta(),
        )

    def _record(self, step: _Step, visit: Visit, seconds: float) -> None:
        self._recorder.record_event(
            step.tenant,
            Event(
                name=NAME,
                at=step.now,
                method="POST",
                target=visit.return_url,
                sent=_kept(step.params),
                code=visit.code,
                message=visit.message,
                answer=visit.form
                if visit.form is not None
                else {"fnError": visit.error.to_json() if visit.error else None},
                player=step.player,
                rule=step.rule,
                effect=step.effect if step.order else "none",
                cause=step.cause,
                seconds=seconds,
            ),
        )


def _agreed(step: _Step, shop: Shop, context: Context, wish: Wish) -> Payment | None:
    """The payment of a payer who agreed; None of one who did not. Approved for Client approval."""
    if step.effect == "none" and step.row is not None:
        return None
    payment = authorise(context, wish)
    if not shop.approves:
        return payment
    try:
        return approve(context, payment, payment.amount)
    except Refusal as refusal:
        raise _NotApproved(refusal) from None


def _ended(step: _Step, shop: Shop, payment: Payment | None) -> Visit:
    """What the shop is told."""
    row = step.row
    if row is None and payment is not None:
        return _with_form(step, good_form(shop, payment), payment.tid)
    assert row is not None  # without one there is a payment
    message = step.ending.message or row.message(*_values(step, row))
    if step.ending.kind == "close":
        # Assumed (window.closed): a window that is closed posts nothing; K25 has fnError for it.
        return Visit(step.order["returnUrl"], error=error_for_page(row, message, None))
    if payment is not None and payment.status == FAILED:
        return _with_form(step, payment_form(shop, payment, row.code, message), payment.tid)
    return _with_form(step, bad_form(shop, step.order, row.code, message))


def _with_form(step: _Step, form: Mapping[str, str], tid: str = "") -> Visit:
    charset = step.order["returnCharSet"] or UTF_8
    return Visit(step.order["returnUrl"], charset, tid, form)


def _row(ending: ReplyPlan, method: str) -> ResultCode | None:
    """The result code of an ending; None when the payer agreed."""
    if ending.kind == "ok":
        return None
    cards = METHODS[method].takes_cards
    usual = {"close": _CLOSED, "timeout": _OUT_OF_TIME}.get(
        ending.kind, _NOT_AUTHENTICATED if cards else _NO_CONNECTION
    )
    return result_code(ending.code or usual, AUTHENTICATION)


def _values(step: _Step, row: ResultCode) -> tuple[str, ...]:
    """What fills the places of the code's message: what the scenario says, else the orderId."""
    given = step.ending.values
    return (*given, *(step.order["orderId"],) * (row.places - len(given)))


def _seen(step: _Step) -> Seen:
    client = step.merchant.client_id if step.merchant else _text_in(step.params, "clientId")
    target = _text_in(step.params, "returnUrl")
    return Seen(NAME, target, {}, {}, {}, dict(step.params), "none", client)


def _text_in(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    return value if isinstance(value, str) else ""


def _kept(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as far as the journal keeps them: those of the window, and none at length."""
    return {name: _short(params[name]) for name in window.PARAMETERS if name in params}


def _short(value: Any) -> Any:
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    if isinstance(value, str) and len(value) > _KEPT:
        return f"{value[:_KEPT]}… ({len(value)} characters)"
    return value
