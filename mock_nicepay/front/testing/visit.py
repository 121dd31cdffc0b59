"""What `nicepay.pay()` and `nicepay.checkout()` send and return."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from mock_nicepay.contract.checkout.fields import CheckoutRequest
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.contract.window.request import PARAMETERS

RETURN_URL = "http://127.0.0.1/return"  # the default; nothing is posted there

# Further defaults of a payment method; a test may override them, and None leaves one out.
_COMPANIONS: Mapping[str, Mapping[str, Any]] = {
    "vbank": {"vbankHolder": "홍길동"},
    "cellphone": {"isDigital": True},
    "directCard": {"cardCode": "04", "cardQuota": "00"},
}


class Visit(dict[str, Any]):
    """One visit to the payment window: the control plane's answer, with properties for common fields."""

    def __init__(self, answer: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        super().__init__(answer)
        self.order_id: str = asked.get("orderId", "")
        self.amount: int = asked.get("amount", 0)

    @property
    def form(self) -> dict[str, str]:
        """The fields for returnUrl, in order; empty when the page's fnError was called instead."""
        return self["form"] or {}

    @property
    def fn_error(self) -> dict[str, str] | None:
        """The argument of the page's fnError: code, msg and errorMsg; None when it was not called."""
        error: dict[str, str] | None = self["fnError"]
        return error

    @property
    def response(self) -> dict[str, Any] | None:
        """The shop's answer to the form: status and body; None when there was none."""
        response: dict[str, Any] | None = self["response"]
        return response

    @property
    def code(self) -> str:
        """The result code in the form, or in the argument of fnError."""
        told = self.form.get("authResultCode") or self.form.get("resultCode")
        return told or (self.fn_error or {}).get("code", "")

    @property
    def tid(self) -> str:
        """The transaction's id; empty when there is none."""
        return self["tid"] or ""

    @property
    def auth_token(self) -> str:
        """The form's authToken."""
        return self.form.get("authToken", "")

    @property
    def signature(self) -> str:
        """The form's signature, empty when it has none."""
        return self.form.get("signature", "")


class Checkout(dict[str, Any]):
    """A hosted checkout: the answer to its creation, with properties for common fields."""

    def __init__(self, answer: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
        super().__init__(answer)
        self.session_id: str = asked.get("sessionId", "")
        self.order_id: str = asked.get("orderId", "")

    @property
    def code(self) -> str:
        """The answer's resultCode: 0000, or why there is no session."""
        return str(self["resultCode"])

    @property
    def url(self) -> str:
        """The address of its page; empty when there is no session."""
        return self.get("url") or ""


def checkout_fields(number: str, amount: int | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a checkout from a test's keywords, in the wire's spelling or in snake_case.

    Raises `ValueError` for an unknown field.
    """
    usual = {
        "sessionId": f"session-{number}",
        "orderId": f"order-{number}",
        "method": "cardAndEasyPay",
        "amount": amount,
    }
    return _merged(usual, given, CheckoutRequest().fields, "a checkout has no field")


def parameters(order_id: str, amount: int | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of requestPay from a test's keywords, in the wire's spelling or in snake_case.

    Raises `ValueError` for an unknown parameter.
    """
    usual = {"method": "card", "orderId": order_id, "amount": amount}
    return _merged(usual, given, PARAMETERS, "requestPay has no parameter")


def _merged(
    usual: Mapping[str, Any], given: Mapping[str, Any], names: Collection[str], wrong: str
) -> dict[str, Any]:
    """The defaults overridden by what is given, under the wire's `names`; None leaves a name out."""
    spelt = {_snake(name): name for name in names}
    spelt |= {name: name for name in names}
    named = {_wire_name(name, spelt, wrong): value for name, value in given.items()}
    companions = _COMPANIONS.get(str(named.get("method")), {})
    merged = {**usual, "goodsName": "테스트 상품", "returnUrl": RETURN_URL, **companions, **named}
    return {name: value for name, value in merged.items() if value is not None}


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", r"_\1", name).lower()


def _wire_name(name: str, spelt: Mapping[str, str], wrong: str) -> str:
    if name in spelt:
        return spelt[name]
    names = ", ".join(dict.fromkeys(spelt.values()))
    hint = did_you_mean(name, spelt, f"there are {names}")
    raise ValueError(f"{wrong} {name!r}; {hint}")
