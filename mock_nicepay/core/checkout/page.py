"""The pages of hosted checkout: finds the session of a page's address, and carries out visits to it.

`core/window/authentication.py` and `sessions.py` have what a visit does to payment and session.
"""

from collections.abc import Mapping
from dataclasses import replace
from hmac import compare_digest

from mock_nicepay.core.checkout.sessions import State, expire_session, key_of, state_of
from mock_nicepay.core.checkout.values import wire_of
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import ANYBODY, Payer
from mock_nicepay.core.records import Merchant, Session
from mock_nicepay.core.scenarios.language import ReplyPlan, Rule
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenants import Tenants
from mock_nicepay.core.window.attempt import AGREED
from mock_nicepay.core.window.result import WindowResult
from mock_nicepay.core.window.window import Opened, Window

# What the dummy page's Cancel ends with: one of the card companies' declines.
_DUMMY_FAILURES = ("3011", "3012", "3021", "3041", "3051", "3081", "3095")


class Checkout:
    """The checkout pages of one sandbox."""

    def __init__(
        self, store: Store, tokens: Tokens, tenants: Tenants, desk: Desk, window: Window
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._tenants = tenants
        self._desk = desk
        self._window = window

    # Which session

    def find(self, token: str, session_id: str) -> Session | None:
        """The session of a page's address; None when the token was not made for this session.

        The caller cannot tell a forged token from an unknown session.
        """
        given = token.encode("utf-8", "replace")
        return next(
            (
                session
                for session in self.named(session_id)
                if compare_digest(self._tokens.page(session.client_id, session_id).encode(), given)
            ),
            None,
        )

    def find_fake(self, session_id: str) -> Session | None:
        """The session of a dummy page's address, which has no token.

        Assumed (checkout.fake-newest): of several merchants' sessions of one id the newest is meant.
        """
        fakes = [session for session in self.named(session_id) if session.fake]
        return max(fakes, key=lambda session: session.made_at, default=None)

    def named(self, session_id: str, client_id: str = "") -> list[Session]:
        """The sessions of that id, of one merchant or of all; two merchants may use the same id."""
        owners = [client_id] if client_id else [m.client_id for m in self._store.find(Merchant)]
        found = (self._store.get(Session, key_of(owner, session_id)) for owner in owners)
        return [session for session in found if session is not None]

    def session(self, session_id: str, client_id: str = "") -> Session:
        """The one session of that id. Raises `Misuse` when there is none, or more than one."""
        found = self.named(session_id, client_id)
        if not found:
            raise Misuse(
                f"there is no checkout session {session_id[:80]!r}; GET /_mock/checkout lists them",
                404,
            )
        if len(found) > 1:
            raise Misuse(
                f"{len(found)} merchants have a session {session_id[:80]!r}; say which one by "
                "?merchant=CLIENT_ID",
                409,
            )
        return found[0]

    def sessions(self, client_id: str = "") -> list[Session]:
        """All sessions, newest first; of one merchant, or of all."""
        return self._store.find(Session, client_id)[::-1]

    def state(self, session: Session) -> State:
        """The state of a session at the present time of its merchant."""
        now = self._tenants.of(self._owner(session)).clock.now()
        return state_of(self._store, session, now)

    def expire(self, session: Session) -> Session:
        """End a session before its time, as its merchant's call does. Raises `Refusal` (U325)."""
        with self._desk.serve(self._owner(session)) as context:
            present = context.store.get(Session, session.key) or session
            return expire_session(context, present)

    # A payer's visit

    def open(self, session: Session) -> Opened:
        """What a payer who opens the page gets: its order, or a form that is posted to returnUrl.

        `Opened.result` is set when it cannot be paid any more (P042, P045, P047, P049) or never
        could (P025).
        """
        return self._window.open(wire_of(session), session=session)

    def pay(
        self,
        session: Session,
        *,
        ending: ReplyPlan = AGREED,
        payer: Payer = ANYBODY,
        twist: Rule | None = None,
        receipt: Mapping[str, str] | None = None,
    ) -> WindowResult:
        """Carry out one visit of a payer to the page, who authenticates and pays in one step.

        `ending` is what the payer does: kind ok, code, close or timeout; a scenario's rule wins over
        it. Every outcome is posted to returnUrl: the result always has a form. `receipt` has the
        payer's directReceiptType and directReceiptNo, where the order has none. `twist` is a fault in
        the posting of the form, unless a rule has one. Raises `Misuse` when the payer picks something
        that the page does not offer.
        """
        if receipt:
            session = replace(
                session,
                receipt_kind=receipt.get("directReceiptType"),
                receipt_number=receipt.get("directReceiptNo"),
            )
        return self._window.pay(
            wire_of(session), ending=ending, payer=payer, twist=twist, session=session
        )

    def dummy_failure(self, session: Session) -> ReplyPlan:
        """How a visit ends when the payer presses Cancel on the dummy page.

        Documented (checkout.dummy-cancel): with a random failure code (E26).
        """
        identity = self._tenants.of(self._owner(session)).identity
        return ReplyPlan("code", code=identity.pick(_DUMMY_FAILURES))

    def _owner(self, session: Session) -> Merchant:
        merchant = self._store.get(Merchant, session.client_id)
        assert merchant is not None  # merchants outlive a reset, and sessions do not
        return merchant
