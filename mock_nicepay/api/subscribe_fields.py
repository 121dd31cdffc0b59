"""The fields of the calls for recurring payments, and which of them a payment method needs.

Manual: api/payment-subscribe.md (K25), api/nicepay-api-billing.md (E24, E26).
"""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.contract.checkout.fields import Switch
from mock_nicepay.contract.fields import (
    Amount,
    Body,
    Choice,
    Months,
    ReturnCharSet,
    TaxFreeAmount,
    Text,
)
from mock_nicepay.contract.refusal import Cause, Refusal

TOSS = "tosspayBill"
WALLETS = ("naverCardBill", "naverPointBill", "kakaoBill", TOSS)
METHODS = ("cardBill", *WALLETS)
# Documented (expire-key.reason): these need a reason, and a blank is none (E26).
NEED_REASON = ("naverCardBill", "naverPointBill", TOSS)
_NOT_FOR_TOSS = ("cardQuota", "useShopInterest")


class BillingMethod(Text):
    """How a key was registered.

    Assumed (billing.u119): another word than the published ones is U119, as at the bid's status.
    """

    refuses_with = (*Text.refuses_with, "U119")

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(20, required=required)

    def read(self, value: Any, name: str) -> str:
        method = super().read(value, name)
        if method not in METHODS:
            raise Refusal("U119", cause=_no_method(name, method))
        return method


class RegistRequest(Body):
    """The card is inside encData; what else there is, is only for the records."""

    encData = Text(512, required=True)
    orderId = Text(64, required=True)
    buyerName = Text(30)
    buyerEmail = Text(60)
    buyerTel = Text(20)
    encMode = Choice("A2", max_bytes=10)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


class ChargeRequest(Body):
    """Documented (charge.ignored): supplyAmt, goodsVat and serviceAmt are not looked at (E26)."""

    orderId = Text(64, required=True)
    amount = Amount(required=True)
    goodsName = Text(40, required=True)
    method = BillingMethod()
    cardQuota = Months(required=True)
    useShopInterest = Switch(required=True)
    useCardPoint = Switch()
    buyerName = Text(30)
    buyerTel = Text(20)
    buyerEmail = Text(60)
    taxFreeAmt = TaxFreeAmount()
    mallReserved = Text(500)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields.

        Documented (charge.u143): tosspayBill takes neither cardQuota nor useShopInterest; all others
        need both (E26).
        """
        if given.get("method") != TOSS:
            return super().read(given)
        for name in _NOT_FOR_TOSS:
            if given.get(name) not in (None, ""):
                raise Refusal("U143", TOSS, name, cause=_not_for_toss(name))
        return super().read({**given, "cardQuota": 0, "useShopInterest": False})


class ExpireRequest(Body):
    """A key is deleted as what it was registered as."""

    orderId = Text(64, required=True)
    method = BillingMethod()
    reason = Text(100)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields. Raises `Refusal` U100 for a reason that is missing where one is needed."""
        values = super().read(given)
        reason = values["reason"]
        if values["method"] in NEED_REASON and not (reason and reason.strip()):
            raise Refusal("U100", "reason", cause=_no_reason(values["method"]))
        return values


class StatusRequest(Body):
    """Documented (key-status.method): for tosspayBill alone; another word is U119 (E26)."""

    orderId = Text(64, required=True)
    method = Text(20, required=True)
    ediDate = Text()
    signData = Text(256)
    returnCharSet = ReturnCharSet()


def no_toss(method: str) -> Cause:
    """Only one kind of key can be asked for its status."""
    return Cause(
        f"method is {method[:40]!r}; only a key registered as {TOSS} can be asked for",
        f"method 값이 {method[:40]!r}입니다. 빌키 상태 조회는 {TOSS}만 지원합니다",
    )


def _no_method(name: str, method: str) -> Cause:
    words = ", ".join(METHODS)
    return Cause(
        f"{name} is {method[:40]!r}; leave it out for a card, or send one of {words}",
        f"{name} 값이 {method[:40]!r}입니다. 카드 빌키는 보내지 않고, 그 외에는 {words} 중 하나를 보내야 합니다",
    )


def _not_for_toss(name: str) -> Cause:
    return Cause(
        f"{name} was sent with method {TOSS}, where the payer has chosen it in Toss; leave it out",
        f"method가 {TOSS}이면 {name} 항목을 보낼 수 없습니다. 해당 항목을 제외하세요",
    )


def _no_reason(method: str) -> Cause:
    return Cause(
        f"reason was not sent, or is blank; a key registered as {method} is not deleted without one",
        f"reason 항목이 없거나 비어 있습니다. {method} 빌키를 삭제하려면 사유가 필요합니다",
    )
