"""Open payment windows: from a page's requestPay to the form that the browser posts to the shop.

The browser gets only the name of a window; merchant, amount and goods stay here, so that they cannot
be changed on the way. A window is used once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.tables import CARD_AUTHENTICATION, result_code
from mock_nicepay.core.clock import Clock
from mock_nicepay.core.identity import fresh_secret
from mock_nicepay.core.merchants.pairs import through_key
from mock_nicepay.core.payments.wish import ANYBODY, Payer
from mock_nicepay.core.records import Handover, Merchant, Opening
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenants import Tenants
from mock_nicepay.core.window.attempt import AGREED
from mock_nicepay.core.window.result import PageError, WindowResult, error_for_page
from mock_nicepay.core.window.window import Window

# Assumed (window.life): a payer has 30 minutes in the window, by the merchant's clock. NICEPAY's code
# list has a text for this timeout (A245), but no page has a number.
LIFE = timedelta(minutes=30)
_KEPT = 200  # windows, and results, that are kept for a merchant; the oldest are dropped

# Assumed (window.closed-phone): on a phone the window has taken the place of the shop's page, so
# that there is no fnError to call: a payer who leaves is told to returnUrl, with this code.
_LEFT = ReplyPlan("code", code="I002")

APPROVE, TIMEOUT = AGREED, ReplyPlan("timeout")


@dataclass(frozen=True, slots=True)
class Begun:
    """The answer to a page's requestPay: an open window, or an error for the page's fnError."""

    opening: Opening | None
    error: PageError | None = None
    ending: ReplyPlan | None = None  # how a scenario ends the visit at once
    lost: bool = False  # by a scenario the window never appears
    delay: timedelta = timedelta()  # before it appears


class Used(Exception):
    """The payer has already chosen in this window; `handover` is set when that visit has ended."""

    def __init__(self, handover: Handover | None) -> None:
        super().__init__("this window has been used")
        self.handover = handover


class Openings:
    """The open windows of one sandbox."""

    def __init__(self, store: Store, tenants: Tenants, window: Window) -> None:
        self._store = store
        self._tenants = tenants
        self._window = window

    def begin(self, params: Mapping[str, Any], *, page: str = "", full_page: bool = False) -> Begun:
        """Open a window with the parameters of requestPay as the page gave them.

        `page` is the shop's page, `full_page` whether the window takes its place.
        """
        opened = self._window.open(params)
        rule = opened.rule
        if opened.error is not None or opened.merchant is None:
            return Begun(None, opened.error, delay=rule.delay if rule else timedelta())
        opening = Opening(
            id=fresh_secret(),
            client_id=opened.merchant.client_id,
            params=json.dumps(dict(params), ensure_ascii=False),
            opened_at=opened.now,
            page=page,
            full_page=full_page,
            key_id=opened.merchant.key_id,
        )
        with self._store.transaction(opening.client_id):
            self._make_room(Opening, opening.client_id)
            self._store.put(opening)
        return Begun(
            opening,
            ending=rule.reply if rule and rule.reply.kind in ("close", "timeout") else None,
            lost=bool(rule and rule.reply.kind == "hang"),
            delay=rule.delay if rule else timedelta(),
        )

    def find(self, name: str) -> Opening | None:
        """The window of that name; None when it was never opened, or has been dropped."""
        return self._store.get(Opening, name)

    def merchant_of(self, opening: Opening) -> Merchant:
        """The merchant of the window, seen through the key pair that opened it."""
        merchant = through_key(self._store, opening.key_id or opening.client_id)
        assert merchant is not None  # merchants outlive a reset, and windows do not
        return merchant

    def clock_of(self, opening: Opening) -> Clock:
        """The clock of the merchant whose window it is."""
        return self._tenants.of(self.merchant_of(opening)).clock

    def finish(
        self,
        opening: Opening,
        ending: ReplyPlan,
        payer: Payer = ANYBODY,
        *,
        receipt: Mapping[str, str] | None = None,
        twist: Rule | None = None,
        language: str = "KO",
    ) -> Handover:
        """The payer has chosen: returns what the browser posts to the shop. Call it without a lock.

        `receipt` is what the payer says about a cash receipt, where the shop did not; `twist` what
        happens to the form on its way. Raises `Used`, and `Misuse` for a pick that is not offered:
        then the window is still open.
        """
        self._take(opening)
        if self.clock_of(opening).now() - opening.opened_at > LIFE:
            ending = TIMEOUT
        elif opening.full_page and ending.kind == "close":
            ending = _LEFT
        try:
            result = self._window.pay(
                {**json.loads(opening.params), **(receipt or {})},
                ending=ending,
                payer=payer,
                twist=twist,
            )
        except BaseException:
            self._store.put(opening)  # as it was: the payer may choose again
            raise
        if result.first is not None:
            result.first()
        return self.hand_over(opening.id, opening.client_id, result, language=language)

    def hand_over(
        self, name: str, client_id: str, result: WindowResult, *, language: str = "KO"
    ) -> Handover:
        """Keep the result of a visit for the page that posts it. The caller runs the visit's `first`."""
        error = result.error
        handover = Handover(
            id=name,
            client_id=client_id,
            return_url=result.return_url,
            charset=result.charset,
            form=tuple(result.form.items()) if result.form is not None else None,
            error=(error.code, error.msg, error.error_msg) if error else None,
            posts=result.posts,
            delay=result.delay,
            tid=result.tid,
            language=language,
        )
        with self._store.transaction(client_id):
            self._make_room(Handover, client_id)
            self._store.put(handover)
        return handover

    def result(self, name: str) -> Handover | None:
        """The result of the window of that name."""
        return self._store.get(Handover, name)

    def _take(self, opening: Opening) -> None:
        """Mark the window as used. Raises `Used` when it already was."""
        with self._store.transaction(opening.client_id):
            now = self._store.get(Opening, opening.id)
            if now is None or now.taken:
                raise Used(self.result(opening.id))
            self._store.put(replace(now, taken=True))

    def _make_room(self, kind: type[Opening] | type[Handover], client_id: str) -> None:
        held = self._store.find(kind, client_id)
        for oldest in held[: max(0, len(held) - _KEPT + 1)]:
            self._store.delete(oldest)


def misspelt(what: str) -> PageError:
    """The error for a page that asked its SDK for something that does not exist."""
    row = result_code("P038", CARD_AUTHENTICATION)
    cause = Cause(what, "SDK 주소의 auto 값이나 requestPay의 매개변수를 확인하세요")
    return error_for_page(row, row.message(), cause)
