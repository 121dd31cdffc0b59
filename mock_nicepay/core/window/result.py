"""The result of a payer's visit to the window: a form for returnUrl, or an error for the page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.methods import ALL_METHODS
from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.tables import CARD_AUTHENTICATION, SUCCESS, ResultCode, result_code
from mock_nicepay.contract.times import iso, whole_second
from mock_nicepay.contract.window.return_forms import (
    AUTHENTICATED,
    AUTHENTICATION,
    CHECKOUT_RESULT,
    RESULT,
    Form,
    flat,
)
from mock_nicepay.core.payments.values import NOT_YET, payment_values
from mock_nicepay.core.records import FAILED, Merchant, Payment, Session
from mock_nicepay.core.tenants.tenant import Tenant


@dataclass(frozen=True, slots=True)
class PageError:
    """What the page's fnError is called with. Documented (window.fn-error): errorMsg and msg (K25)."""

    code: str
    msg: str  # for the customer
    error_msg: str  # for the developer

    def to_json(self) -> dict[str, str]:
        """As the control plane answers it."""
        return {"code": self.code, "msg": self.msg, "errorMsg": self.error_msg}


@dataclass(frozen=True, slots=True)
class WindowResult:
    """The result of one visit."""

    return_url: str = ""
    charset: str = UTF_8  # that the form is posted in
    tid: str = ""
    form: Mapping[str, str] | None = None  # the fields for returnUrl, in order
    error: PageError | None = None  # for the page instead
    posts: int = 1  # how often the form is posted to returnUrl
    delay: timedelta = timedelta()  # before it is posted
    first: Callable[[], object] | None = None  # to be called before it is posted

    @property
    def code(self) -> str:
        """The result code for the shop."""
        if self.form is None:
            return self.error.code if self.error else ""
        return self.form.get("authResultCode") or self.form.get("resultCode") or ""

    @property
    def message(self) -> str:
        """The text of the code."""
        if self.form is None:
            return self.error.msg if self.error else ""
        return self.form.get("authResultMsg") or self.form.get("resultMsg") or ""


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop whose window it is, and the time there."""

    merchant: Merchant
    tenant: Tenant
    now: datetime
    session: Session | None = None  # the checkout session, when it is its page

    @property
    def approves(self) -> bool:
        """Whether the window also approves: with a Client-approval key, and on a checkout's page."""
        return self.merchant.window == "client" or self.session is not None

    @property
    def result(self) -> Form:
        """The form of a payment's result."""
        return RESULT if self.session is None else CHECKOUT_RESULT

    def extras(self, code: str) -> dict[str, Any]:
        """The form's keys for that code besides those of the payment."""
        if self.session is None:
            return {}
        row = result_code(code, CARD_AUTHENTICATION)
        source = row.source if self.tenant.edition.checkout_message_source else None
        return {
            "sessionId": self.session.session_id,
            "bid": self.session.bid,
            "messageSource": source,
        }


def error_for_page(row: ResultCode, message: str, cause: Cause | None) -> PageError:
    """The error for the page: the published text, and for the developer what was wrong."""
    detail = f" ({cause.ko} / {cause.en})" if cause else ""
    return PageError(row.code, message, f"[{row.code}] {message}{detail}")


def good_form(shop: Shop, payment: Payment) -> dict[str, str]:
    """The form after the payer has agreed, signed."""
    if shop.approves:
        return payment_form(shop, payment, SUCCESS, result_code(SUCCESS).message())
    values = {
        "authResultCode": SUCCESS,
        "authResultMsg": AUTHENTICATED,
        "tid": payment.tid,
        "clientId": shop.merchant.calling_id,
        "orderId": payment.order_id,
        "amount": payment.amount,
        "mallReserved": payment.mall_reserved,
        "authToken": payment.auth_token,
    }
    return AUTHENTICATION.fill(values, shop.merchant.secret_key)


def payment_form(shop: Shop, payment: Payment, code: str, message: str) -> dict[str, str]:
    """The flat form of a payment that was approved, or that the issuer declined."""
    values = {
        **flat(payment_values(payment, shop.tenant.edition)),
        **shop.extras(code),
        "success": payment.status != FAILED,
        "authToken": payment.auth_token,
        "clientId": shop.merchant.calling_id,
        "resultCode": code,
        "resultMsg": message,
        "ediDate": iso(shop.now),
    }
    return shop.result.fill(values, shop.merchant.secret_key)


def bad_form(
    shop: Shop, order: Mapping[str, Any], code: str, message: str, status: str = FAILED
) -> dict[str, str]:
    """The form after an authentication that failed; nothing was paid, and there is no tid.

    Assumed (form.failed-token): authToken has a value all the same; the tables call it required.
    Assumed (form.failed-signature): the flat form has the key `signature`, empty; E26 only says that
    a failure's may not follow the rule.
    """
    values = {
        **order,
        "tid": "",
        "amount": order["amount"],
        "authToken": shop.tenant.identity.auth_token(),
    }
    if not shop.approves:
        return AUTHENTICATION.fill({**values, "authResultCode": code, "authResultMsg": message})
    # No card, account or bank: what the parameters say of them is not a payment's.
    known = {name: values[name] for name in values if name not in shop.result.optional}
    return shop.result.fill(
        {
            **known,
            **shop.extras(code),
            "success": False,
            "resultCode": code,
            "resultMsg": message,
            "channel": "pc",
            "status": status,
            "ediDate": iso(shop.now),
            "paidAt": NOT_YET,
            "failedAt": whole_second(shop.now),
            "payMethod": ALL_METHODS[order["method"]].pay_method or "card",
            "useEscrow": bool(order["useEscrow"]),
            "currency": order["currency"] or "KRW",
            "issuedCashReceipt": False,
        }
    )
