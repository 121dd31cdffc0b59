"""The forms that the payer's browser posts to returnUrl: their fields in order, their texts.

A Server-approval key gets the result of the authentication, a Client-approval key that of the
payment, flat; a hosted checkout has the latter with keys of its own. Every value of a form is text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from mock_nicepay.contract import charsets
from mock_nicepay.contract.signing import Formula

MEDIA = "application/x-www-form-urlencoded"  # Recorded (form.media): without a charset
NOTHING = "null"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form in their order."""

    fields: tuple[str, ...]
    signature: Formula
    empty: frozenset[str]  # empty when there is no value; the others say the text null
    optional: frozenset[str]  # not there at all when there is no value

    def fill(self, values: Mapping[str, Any], secret_key: str = "") -> dict[str, str]:
        """The form's texts; signed when a key is given. What the form has no field for is left out."""
        if secret_key:
            values = {**values, "signature": self.signature.sign(values, secret_key)}
        return {
            name: self._text(name, values.get(name))
            for name in self.fields
            if name not in self.optional or values.get(name) is not None
        }

    def _text(self, name: str, value: Any) -> str:
        if value is None:
            return "" if name in self.empty else NOTHING
        return text_of(value)


# Recorded (form.authentication): the two printed posts of K25; mallReserved is an empty text when it
# was not sent, and the signature verifies.
# Documented (form.authentication-failed): tid is empty, and there is no signature (K25).
AUTHENTICATION = Form(
    (
        "authResultCode",
        "authResultMsg",
        "tid",
        "clientId",
        "orderId",
        "amount",
        "mallReserved",
        "authToken",
        "signature",
    ),
    Formula("authToken + clientId + amount"),
    empty=frozenset({"tid", "mallReserved", "authToken"}),
    optional=frozenset({"signature"}),
)
AUTHENTICATED = "인증 성공"  # Recorded (form.authenticated): the text of a good authentication

_CARD = (
    "cardCode",
    "cardName",
    "cardQuota",
    "isInterestFree",
    "cardType",
    "canPartCancel",
    "acquCardCode",
    "acquCardName",
)
_VBANK = ("vbankCode", "vbankName", "vbankNumber", "vbankExpDate", "vbankHolder")
_BANK = ("bankCode", "bankName")

# Documented (form.result): K25's order for the window; the record of a checkout has another one,
# and sessionId and messageSource besides. The card's fields are flat, without its number.
# Recorded (form.nulls): absent values are the text null, but mallReserved and couponAmt are empty.
RESULT = Form(
    (
        "success",
        "authToken",
        "tid",
        "orderId",
        "clientId",
        "mallReserved",
        "resultCode",
        "resultMsg",
        "amount",
        "goodsName",
        "channel",
        "status",
        "ediDate",
        "signature",
        "paidAt",
        "failedAt",
        "payMethod",
        "useEscrow",
        "currency",
        "approveNo",
        "couponAmt",
        "buyerName",
        "buyerTel",
        "buyerEmail",
        "issuedCashReceipt",
        "receiptUrl",
        "mallUserId",
        *_CARD,
        *_VBANK,
        *_BANK,
    ),
    Formula("tid + amount + ediDate"),
    empty=frozenset({"tid", "mallReserved", "couponAmt", "signature"}),
    optional=frozenset({*_CARD, *_VBANK, *_BANK}),
)

# Recorded (form.checkout): the sandbox's checkout of 2023, in this order.
# Documented (form.checkout-message-source): at the end in E26 (2026's print of the same post), not in
# E24. Documented (form.bid): after approveNo, where the method registers what was paid with (K25).
CHECKOUT_RESULT = Form(
    (
        "success",
        "sessionId",
        "orderId",
        "authToken",
        "tid",
        "clientId",
        *RESULT.fields[RESULT.fields.index("mallReserved") : RESULT.fields.index("couponAmt")],
        "bid",
        *RESULT.fields[RESULT.fields.index("couponAmt") :],
        "messageSource",
    ),
    RESULT.signature,
    empty=RESULT.empty,
    optional=RESULT.optional | {"bid", "messageSource"},
)


def flat(payment: Mapping[str, Any]) -> dict[str, Any]:
    """A payment's answer with its objects (card, vbank, bank, coupon) laid out beside the other keys."""
    inner = (payment.get(name) or {} for name in ("card", "vbank", "bank", "coupon"))
    return {**payment, **{key: value for group in inner for key, value in group.items()}}


def text_of(value: Any) -> str:
    """A value as a form says it."""
    if isinstance(value, str):
        return value
    if value is None:
        return NOTHING
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def encoded(form: Mapping[str, str], charset: str) -> bytes:
    """The form as a browser posts it, percent-encoded in `charset`.

    Documented (form.charset): in the character set that returnCharSet asked for (K25).
    """
    pairs = (
        f"{quote_plus(charsets.encode(name, charset))}={quote_plus(charsets.encode(value, charset))}"
        for name, value in form.items()
    )
    return "&".join(pairs).encode("ascii")
