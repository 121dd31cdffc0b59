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
from mock_nicepay.contract.methods import ALL_METHODS
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import SUCCESS, ResultCode, result_code
from mock_nicepay.contract.window_rules import under_maintenance, unknown_client, used_order
from mock_nicepay.core.answers import patched
from mock_nicepay.core.call import Context
from mock_nicepay.core.clock import stopwatch
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.magic import Magic
from mock_nicepay.core.payments.approval import approve, authorise
from mock_nicepay.core.payments.cancel_checks import CancelWish
from mock_nicepay.core.payments.cancellation import NET_CANCEL_REASON, take_back
from mock_nicepay.core.payments.orders import order_is_used
from mock_nicepay.core.payments.wish import Payer, Wish
from mock_nicepay.core.recorder import Event, Recorder
from mock_nicepay.core.records import CLOSED, FAILED, Merchant, Payment, Session
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.scenarios.matching import Seen
from mock_nicepay.core.scenarios.player import Player, plan
from mock_nicepay.core.sessions import (
    for_session,
    open_session,
    order_of,
    payable_session,
    settle_session,
)
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants import Tenant, Tenants
from mock_nicepay.core.visit import (
    PageError,
    Shop,
    Visit,
    bad_form,
    error_for_page,
    good_form,
    payment_form,
)
from mock_nicepay.core.wishes import wish_of

NAME = "window.pay"
OPENING = "window.open"
PAYER = "payer"  # stands in the journal where a scenario's name would, for what the payer asked for
AGREED = ReplyPlan()
ANYBODY = Payer()  # who picks nothing in particular
AUTHENTICATION = "card-authentication"  # which meaning of a two-meaning code is the window's

# Assumed (window.codes): what a payer does has a code by its text: closed, out of time, and of a
# decline that names none: the card company's no, or no answer from whoever else was asked.
_CLOSED = "P091"
_OUT_OF_TIME = "A245"
_NOT_AUTHENTICATED = "C002"
_NO_CONNECTION = "I001"
_NET_CANCELLED = "U504"

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
    name: str = NAME
    source: str = ""  # where the rule comes from, when it is no scenario's
    player: Player | None = None
    rule: Rule | None = None
    cause: Cause | None = None
    order: Mapping[str, Any] = field(default_factory=dict)  # the parameters, read
    session: Session | None = None  # of a hosted checkout, whose page it is

    @property
    def shop(self) -> Shop:
        """Whose window it is; there must be a merchant."""
        assert self.merchant is not None
        return Shop(self.merchant, self.tenant, self.now, self.session)

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

    @property
    def takes(self) -> timedelta:
        """How long the payment network works at it before it is true."""
        return self.rule.delay if self.rule and self.rule.effect == "late" else timedelta()

    @property
    def ends_session(self) -> bool:
        """Whether a checkout session is over after this visit; a scenario's `effect: none` keeps it."""
        return self.session is not None and not (self.rule and self.rule.effect == "none")


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of a page's wish to open the window: a window, or an error for the page."""

    merchant: Merchant | None
    now: datetime
    order: Mapping[str, Any]  # the parameters, read; empty with an error
    error: PageError | None = None
    rule: Rule | None = None  # what a scenario has happen at once
    visit: Visit | None = None  # of a checkout's page that cannot be paid: what is posted instead


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
        twist: Rule | None = None,
        session: Session | None = None,
    ) -> Visit:
        """One visit of a payer, with the parameters of requestPay as the page gave them.

        With a `session` its page is what is visited, and its order what is paid.

        `merchant` is whose page it is when the parameters name no clientId. `ending` is what the
        payer does (kind ok, code, close or timeout); a scenario's rule or a magic value that ends
        the visit wins over it. `twist` is what happens to the form on its way when no rule says
        otherwise. Raises `Misuse` for a pick that the window does not offer.
        """
        started = stopwatch()
        step = self._begin(params, merchant, ending, session=session)
        if step.rule is None and twist is not None:
            step.rule, step.source = twist, PAYER
        try:
            visit = self._delivered(step, self._visit(step, payer))
        except Refusal as refusal:
            visit = _refused(step, refusal)
        self._record(step, visit, stopwatch() - started)
        return visit

    def open(self, params: Mapping[str, Any], *, session: Session | None = None) -> Opened:
        """What a page's requestPay is answered: a window to be shown, or an error for the page.

        A scenario's code refuses it; whatever else its rule says is for whoever shows the window.
        """
        started = stopwatch()
        step = self._begin(params, None, AGREED, OPENING, session)
        visit = Visit(_text_in(params, "returnUrl"))
        try:
            self._admit(step)
        except Refusal as refusal:
            visit = _refused(step, refusal)
        error, failed = visit.error, visit if visit.form is not None else None
        order = {} if error else step.order
        opened = Opened(step.merchant, step.now, order, error, step.rule, failed)
        self._record(step, visit, stopwatch() - started)
        return opened

    def _admit(self, step: _Step) -> None:
        """Check the parameters, and ask the scenario. Raises `Refusal`."""
        merchant = self._read(step)
        with self._desk.serve(merchant, now=step.now) as context:
            _check_order(step, context)
            wish_of(step.order, ANYBODY, step.now, hours_first=_hours_first(step))
            if step.session is not None:
                step.session = open_session(context, step.session)
        if step.ending.kind == "code" and step.row is not None:
            raise Refusal(step.row.code, *_values(step, step.row))

    def _begin(
        self,
        params: Mapping[str, Any],
        merchant: Merchant | None,
        ending: ReplyPlan,
        name: str = NAME,
        session: Session | None = None,
    ) -> _Step:
        """Whose window it is, what time it is there, and which rule the visit meets."""
        named = params.get("clientId")
        if named not in (None, ""):
            merchant = self._store.get(Merchant, named) if isinstance(named, str) else None
        elif merchant is not None:
            params = {**params, "clientId": merchant.client_id}
        tenant = self._tenants.of(merchant)
        step = _Step(params, merchant, tenant, tenant.clock.now(), ending, name, session=session)
        if session is not None:
            step.order = order_of(session)
        if not tenant.maintenance:
            self._choose_rule(step)
        return step

    def _choose_rule(self, step: _Step) -> None:
        """The first rule that fires: the merchant's scenario, those of the start, a magic value."""
        step.player, step.rule = plan(step.tenant.players(), _seen(step))
        if step.rule is None and step.name == NAME:
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
        self._read(step)
        try:
            return self._in_transaction(step, payer)
        except _Undone as undone:
            return undone.visit
        except _NotApproved as failed:
            if step.session is not None:
                with self._desk.serve(step.shop.merchant, now=step.now) as context:
                    settle_session(context, step.session, None, FAILED)
            return _refused_by_form(step, failed.refusal)

    def _read(self, step: _Step) -> Merchant:
        """Read the parameters, and say whose they are. Raises `Refusal`."""
        if step.tenant.maintenance:
            raise under_maintenance()
        if step.merchant is None and step.params.get("clientId") not in (None, ""):
            raise unknown_client(step.params["clientId"])
        if step.session is None:
            step.order = window.read(step.params)  # which refuses to go on without a clientId
        assert step.merchant is not None
        return step.merchant

    def _in_transaction(self, step: _Step, payer: Payer) -> Visit:
        """What happens at the gateway, and what the shop is told of it."""
        shop = step.shop
        with self._desk.serve(
            shop.merchant,
            now=shop.now,
            charset=step.order["returnCharSet"] or UTF_8,
            issuer_says=step.row if step.effect == "decline" else None,
            takes=step.takes,
        ) as context:
            _check_order(step, context)
            wish = wish_of(step.order, payer, _opened(step), hours_first=_hours_first(step))
            payment = _agreed(step, shop, context, for_session(wish, step.session))
            if step.session is not None and step.ends_session:
                status = CLOSED if step.ending.kind == "close" else FAILED
                step.session = settle_session(context, step.session, payment, status)
            visit = _ended(step, step.shop, payment)
            if step.effect == "none" and not step.ends_session:
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
            delay=rule.delay,
        )

    def _record(self, step: _Step, visit: Visit, seconds: float) -> None:
        self._recorder.record_event(
            step.tenant,
            Event(
                name=step.name,
                at=step.now,
                method="POST",
                target=visit.return_url,
                sent=_kept(step.params),
                code=visit.code,
                message=visit.message,
                answer=_answer(step, visit),
                player=step.player,
                rule=step.rule,
                source=step.source,
                effect=step.effect if step.order else "none",
                cause=step.cause,
                seconds=seconds,
            ),
        )


def _check_order(step: _Step, context: Context) -> None:
    """Raise the `Refusal` of an order that cannot be paid, or not any more."""
    if step.session is not None:
        step.session = payable_session(context, step.session)
    elif order_is_used(context, step.order["orderId"]):
        raise used_order(step.order["orderId"])


def _hours_first(step: _Step) -> bool:
    return step.tenant.edition.hours_before_date


def _opened(step: _Step) -> datetime:
    """When the payer's page was opened: hours count from then."""
    opened = step.session.opened_at if step.session else None
    return opened or step.now


def _refused(step: _Step, refusal: Refusal) -> Visit:
    """What the browser is told of what the window does not take.

    Documented (checkout.failure): a checkout's page posts it to returnUrl (E26).
    """
    if step.session is not None and step.merchant is not None:
        return _refused_by_form(step, refusal)
    return Visit(_text_in(step.params, "returnUrl"), error=_told(step, refusal))


def _refused_by_form(step: _Step, refusal: Refusal) -> Visit:
    step.cause = refusal.cause
    row = result_code(refusal.code, AUTHENTICATION)
    message = row.message(*refusal.values)
    return _with_form(step, bad_form(step.shop, step.order, row.code, message))


def _told(step: _Step, refusal: Refusal) -> PageError:
    """What the page is told of what the window does not take."""
    step.cause = refusal.cause
    row = result_code(refusal.code, AUTHENTICATION)
    return error_for_page(row, row.message(*refusal.values), refusal.cause)


def _answer(step: _Step, visit: Visit) -> Any:
    """What the browser got, as the journal keeps it."""
    if visit.form is not None:
        return visit.form
    if visit.error is not None:
        return {"fnError": visit.error.to_json()}
    return {"window": step.order["method"]} if step.order else None


def _agreed(step: _Step, shop: Shop, context: Context, wish: Wish) -> Payment | None:
    """The payment of a payer who agreed; None of one who did not. Approved for Client approval."""
    if step.effect == "none" and step.row is not None:
        return None
    payment = authorise(context, wish)
    if not shop.approves:
        return payment
    try:
        approved = approve(context, payment, payment.amount)
    except Refusal as refusal:
        raise _NotApproved(refusal) from None
    if step.session is not None and step.row is not None and step.row.code == _NET_CANCELLED:
        # Documented (checkout.u504): when NICEPAY itself fails it takes the payment back; the shop is
        # told U504 and status failed, and its webhook of the cancel (E26).
        return take_back(context, approved, CancelWish(approved.order_id, NET_CANCEL_REASON))
    return approved


def _ended(step: _Step, shop: Shop, payment: Payment | None) -> Visit:
    """What the shop is told."""
    row = step.row
    if row is None and payment is not None:
        return _with_form(step, good_form(shop, payment), payment.tid)
    assert row is not None  # without one there is a payment
    message = step.ending.message or row.message(*_values(step, row))
    if step.ending.kind == "close" and step.session is not None:
        # Documented (checkout.closed): a payer who leaves is told to returnUrl, status closed (E26).
        form = bad_form(shop, step.order, row.code, message, status=CLOSED)
        return _with_form(step, form)
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
    cards = ALL_METHODS[method].takes_cards
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
    return Seen(step.name, target, {}, {}, {}, dict(step.params), "none", client)


def _text_in(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    return value if isinstance(value, str) else ""


def _kept(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as far as the journal keeps them: those of the window, and none at length."""
    names = ("sessionId", *window.PARAMETERS)
    return {name: _short(params[name]) for name in names if name in params}


def _short(value: Any) -> Any:
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    if isinstance(value, str) and len(value) > _KEPT:
        return f"{value[:_KEPT]}… ({len(value)} characters)"
    return value
