"""Hosted checkout: make a session, look it up, expire it; look its payment up and cancel it.

Manual: api/checkout/checkout-create.md, -status-retrieve, -expire, -transaction-retrieve and
-transaction-cancel; records: checkout-* and payments-checkout-* of 2023, printed in 2024 and 2026.
"""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.api.payments import CANCEL_CODES, CancelRequest, cancel_wish, cancelled
from mock_nicepay.contract.bodies import PAYMENT, SESSION
from mock_nicepay.contract.checkout.fields import CheckoutRequest
from mock_nicepay.contract.checkout.rules import (
    check_key,
    check_key_type,
    check_limits,
    check_together,
)
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Body, ReturnCharSet
from mock_nicepay.contract.methods import registers
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.core.call import Context
from mock_nicepay.core.checkout.sessions import (
    expire_session,
    key_of,
    make_session,
    session_of,
    state_of,
)
from mock_nicepay.core.checkout.values import session_values
from mock_nicepay.core.payments.values import payment_values
from mock_nicepay.core.records import Payment, Session
from mock_nicepay.core.store import Store

FAMILY = Family("checkout")


class Nothing(Body):
    """No fields."""


class PaymentLookup(Body):
    """Only how the answer is to be written."""

    returnCharSet = ReturnCharSet()


def tid_behind_session(store: Store, client_id: str, data: Mapping[str, Any]) -> dict[str, str]:
    """Documented (checkout.cancel-sign): signData of the cancel is over the payment's tid (E26)."""
    session = store.get(Session, key_of(client_id, str(data["sessionId"])))
    return {"tid": session.tid} if session and session.tid else {}


@FAMILY.endpoint(
    "POST",
    "/v1/checkout",
    name="create",
    request=CheckoutRequest,
    reply=SESSION,
    answers_in_utf_8=True,
    codes=(
        *("U105", "U147", "U324", "U112", "U322", "U152", "U327", "U331", "U146", "U143", "U135"),
        *("U332", "U139", "U140", "U136", "U145", "U138", "U141", "U134", "U100", "U148", "U133"),
        *("U119", "U103"),
    ),
)
def create_session(context: Context, data: dict[str, Any]) -> Answer:
    """Make a session, with a page that its order can be paid on.

    Assumed (checkout.order): the fields by themselves, what does not fit together, the key, then the
    ids.
    Assumed (checkout.client-id): clientId in the body changes nothing; the answer has the key's.
    """
    check_limits(data, context.tenant.edition)
    check_together(data)
    check_key(data, context.merchant.window)
    check_key_type(context.merchant.auth_type, context.tenant.edition)
    _check_wallet(context, data["method"])
    return _shown(context, make_session(context, data))


@FAMILY.endpoint(
    "GET",
    "/v1/checkout/{sessionId}",
    name="get",
    request=Nothing,
    reads="query",
    reply=SESSION,
    codes=("U111",),
)
def get_session(context: Context, data: dict[str, Any]) -> Answer:
    """Look a session up. Another merchant's is like an unknown one."""
    return _shown(context, _found(context, data["sessionId"]))


@FAMILY.endpoint(
    "POST",
    "/v1/checkout/{sessionId}/expire",
    name="expire",
    request=Nothing,
    reads="query",
    reply=SESSION,
    codes=("U111", "U325"),
)
def expire(context: Context, data: dict[str, Any]) -> Answer:
    """End a session before its time. It takes no body."""
    return _shown(context, expire_session(context, _found(context, data["sessionId"])))


@FAMILY.endpoint(
    "GET",
    "/v1/payments/checkout/{sessionId}",
    name="payment_get",
    request=PaymentLookup,
    reads="query",
    reply=PAYMENT,
    signature="tid + amount + ediDate",
    codes=("U111",),
)
def get_session_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Look the payment of a session up."""
    payment = _paid(context, data["sessionId"])
    return Answer(payment_values(payment, context.tenant.edition, by_session=True))


@FAMILY.endpoint(
    "POST",
    "/v1/payments/checkout/{sessionId}/cancel",
    name="payment_cancel",
    request=CancelRequest,
    reply=PAYMENT,
    sign="tid + ediDate",
    recall=tid_behind_session,
    signature="tid + amount + ediDate",
    domain="cancel",
    issuer_decides=True,
    codes=("U111", *CANCEL_CODES),
    listed=("U106", "U107"),
)
def cancel_session_payment(context: Context, data: dict[str, Any]) -> Answer:
    """Cancel or refund the payment of a session, all that is left of it or a part.

    Assumed (checkout.cancel-u111): without a payment U111, as the look-up has it; the lists of codes
    give the cancel by tid's.
    """
    payment = _paid(context, data["sessionId"])
    return cancelled(context, payment, cancel_wish(data, by_session=True))


def _shown(context: Context, session: Session) -> Answer:
    edition = context.tenant.edition
    return Answer(session_values(context.store, session, context.now, edition))


def _check_wallet(context: Context, method: str) -> None:
    """Documented (sandbox.wallet-keys): the sandbox registers cards, and no wallets (E26).

    Assumed (sandbox.wallet-u119): a checkout that would is U119 there; the text fits.
    """
    if context.settings.sandbox_limits and registers(method) and method != "cardBill":
        raise Refusal("U119", cause=_NO_WALLET_KEYS)


def _found(context: Context, session_id: str) -> Session:
    """The session. Raises `Refusal`. Assumed (checkout.u111): an unknown one is U111; the text fits."""
    session = session_of(context, session_id)
    if session is None:
        raise Refusal(
            "U111",
            cause=Cause(
                f"this merchant has made no session {session_id[:64]!r}",
                f"이 상점에는 세션 {session_id[:64]!r}이(가) 없습니다",
            ),
        )
    return session


def _paid(context: Context, session_id: str) -> Payment:
    """The session's payment. Raises `Refusal`.

    Documented (checkout.unpaid): before there is one it is U111 (E26).
    """
    session = _found(context, session_id)
    state = state_of(context.store, session, context.now)
    if state.payment is None:
        raise Refusal(
            "U111",
            cause=Cause(
                f"the session {session_id[:64]!r} is {state.status}: it has no payment yet",
                f"세션 {session_id[:64]!r}의 상태는 {state.status}이며 아직 결제가 없습니다",
            ),
        )
    return state.payment


_NO_WALLET_KEYS = Cause(
    "NICEPAY's own sandbox registers no wallets, and --sandbox-limits applies the sandbox's limits; use "
    "cardBill, or start without it",
    "나이스페이 샌드박스에서는 간편결제 빌키를 발급할 수 없으며 --sandbox-limits 설정으로 같은 제한이 "
    "적용되었습니다. cardBill을 사용하거나 해당 설정 없이 시작하세요",
)
