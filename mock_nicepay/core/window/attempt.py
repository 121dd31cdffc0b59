"""One visit of a payer in progress: its merchant, the rule that applies, and how it is to end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mock_nicepay.contract.fillings import fill_values, subject_of
from mock_nicepay.contract.methods import ALL_METHODS
from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.tables import CARD_AUTHENTICATION, SUCCESS, ResultCode, result_code
from mock_nicepay.contract.window import request as window
from mock_nicepay.core.magic import Magic
from mock_nicepay.core.records import Merchant, Session
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.scenarios.matching import Seen
from mock_nicepay.core.scenarios.player import Player, plan
from mock_nicepay.core.tenants.tenant import Tenant
from mock_nicepay.core.window.result import Shop

NAME = "window.pay"
OPENING = "window.open"
AGREED = ReplyPlan()  # how a visit ends when the payer agrees

# Assumed (window.codes): codes chosen by their texts: for a closed window, for a timeout, and for a
# decline without a code: the card company's decline, or no answer from another company.
_CLOSED = "P091"
_OUT_OF_TIME = "A245"
_NOT_AUTHENTICATED = "C002"
_NO_CONNECTION = "I001"

_SUBJECT = subject_of(window.REQUEST_PAY)  # the subject of the window's messages
_ENDINGS = ("code", "close", "timeout")  # replies that say how the visit ends


@dataclass(slots=True)
class Attempt:
    """One visit in progress; `outcome.py` has its results."""

    params: Mapping[str, Any]
    merchant: Merchant | None
    tenant: Tenant
    now: datetime
    ending: ReplyPlan  # how the visit ends: ok, code, close or timeout
    name: str = NAME
    source: str = ""  # the origin of the rule, when it is not a scenario
    player: Player | None = None
    rule: Rule | None = None
    cause: Cause | None = None
    order: Mapping[str, Any] = field(default_factory=dict)  # the parameters, read
    session: Session | None = None  # the checkout session, when its page is visited

    @property
    def shop(self) -> Shop:
        """The shop whose window it is. The merchant must be known by now."""
        assert self.merchant is not None
        return Shop(self.merchant, self.tenant, self.now, self.session)

    @property
    def row(self) -> ResultCode | None:
        """The result code the visit ends with; None when the payer agreed."""
        return _row(self.ending, self.order["method"])

    @property
    def effect(self) -> str:
        """What happens at the gateway: commit, none or decline.

        Assumed (window.issuer): with Client approval a code of the payment network is a decline by
        the issuer, and recorded; any other code, and A245 (timeout), ends the visit before there is a
        payment.
        """
        usual = "commit" if self.ending.kind == "ok" else "none"
        approves = self.merchant is not None and self.merchant.window == "client"
        if self.ending.kind == "code" and approves and self.row is not None:
            usual = self._usual(self.row)
        wanted = (self.rule.effect if self.rule else "") or usual
        return wanted if wanted == usual or wanted in ("commit", "none") else usual

    def _usual(self, row: ResultCode) -> str:
        """The default effect of a code on a payment that the window itself approves."""
        if row.is_net_cancel and self.session is not None:
            return "commit"  # and cancelled again at once: see `authentication.py`
        theirs = row.is_decline and row.code != _OUT_OF_TIME
        return "decline" if theirs or row.is_net_cancel else "none"

    @property
    def takes(self) -> timedelta:
        """How long a late approval is being processed."""
        return self.rule.delay if self.rule and self.rule.effect == "late" else timedelta()

    @property
    def ends_session(self) -> bool:
        """Whether a checkout session is over after this visit; a scenario's `effect: none` keeps it."""
        return self.session is not None and not (self.rule and self.rule.effect == "none")

    @property
    def return_url(self) -> str:
        """The returnUrl as the page gave it; empty when it is not a text."""
        return _text_in(self.params, "returnUrl")

    def values_of(self, row: ResultCode) -> tuple[str, ...]:
        """The values for the placeholders of the code's message: the scenario's, or fitting ones."""
        known = {"mid": self.merchant.mid if self.merchant else "", **self.order}
        return tuple(fill_values(row, _SUBJECT, self.ending.values, known))


def choose_rule(attempt: Attempt, magic: Magic) -> None:
    """Choose the first rule that fires: of the merchant's scenario, of those given at start, or magic."""
    attempt.player, attempt.rule = plan(attempt.tenant.players(), _seen(attempt))
    if attempt.rule is None and attempt.name == NAME:
        attempt.rule = _magic_rule(attempt, magic)
    if attempt.rule and attempt.rule.reply.kind in _ENDINGS:
        reply = attempt.rule.reply
        attempt.ending = AGREED if reply.code == SUCCESS else reply


def _magic_rule(attempt: Attempt, magic: Magic) -> Rule | None:
    given = [_text_in(attempt.params, name) for name in ("orderId", "goodsName")]
    rule = magic.rule(NAME, *given)
    if rule is None and attempt.merchant and attempt.merchant.window == "client":
        # With such a key the window approves, so rules for the approval apply here.
        approval = magic.rule("payments.approve", *given)
        if approval is not None and approval.reply.kind in ("ok", "code", "hang"):
            rule = approval
    if rule is None:
        attempt.cause = magic.doubt(*given)
    return rule


def _row(ending: ReplyPlan, method: str) -> ResultCode | None:
    """The result code of an ending; None when the payer agreed."""
    if ending.kind == "ok":
        return None
    cards = ALL_METHODS[method].takes_cards
    usual = {"close": _CLOSED, "timeout": _OUT_OF_TIME}.get(
        ending.kind, _NOT_AUTHENTICATED if cards else _NO_CONNECTION
    )
    return result_code(ending.code or usual, CARD_AUTHENTICATION)


def _seen(attempt: Attempt) -> Seen:
    client = (
        attempt.merchant.calling_id if attempt.merchant else _text_in(attempt.params, "clientId")
    )
    return Seen(attempt.name, attempt.return_url, {}, {}, {}, dict(attempt.params), "none", client)


def _text_in(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    return value if isinstance(value, str) else ""
