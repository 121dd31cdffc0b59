"""Card offers: the cards' points, and installments without interest.

Manual: api/status-event.md, api/status-interest.md. No exchange has been recorded.
"""

from collections.abc import Sequence
from typing import Any

from mock_nicepay.contract.bodies import CARD_EVENT, INTEREST_FREE
from mock_nicepay.contract.checkout.fields import Switch
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Amount, Body, ReturnCharSet, Text
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import cards
from mock_nicepay.contract.times import iso
from mock_nicepay.core.call import Context
from mock_nicepay.core.cards.offers import ends_at, months_text, offers_of, plans_for
from mock_nicepay.core.records import Plan

FAMILY = Family("card")


class EventRequest(Body):
    """Documented (card.edi-date): ediDate only goes with signData (E26; K25 requires it always)."""

    amount = Amount(required=True)
    useAuth = Switch(required=True)
    ediDate = Text()
    mid = Text(10)
    signData = Text(256)
    returnCharSet = ReturnCharSet()


class PlanRequest(Body):
    """The same without an amount."""

    useAuth = Switch(required=True)
    ediDate = Text()
    mid = Text(10)
    signData = Text(256)
    returnCharSet = ReturnCharSet()


@FAMILY.endpoint(
    "GET",
    "/v1/card/event",
    name="event",
    request=EventRequest,
    reads="query",
    reply=CARD_EVENT,
    sign="ediDate",
    signature="ediDate",
    codes=("U313", "A118"),
)
def get_event(context: Context, data: dict[str, Any]) -> Answer:
    """Tell which cards' points can be spent, and which installments cost no interest at an amount.

    Documented (card.least): none below 50,000 won (E24, E26; K25 says 50,000 or less); points do not
    depend on the amount.
    Assumed (card.a118): without any of both it is A118; without interest-free months interestFree is
    null, without points cardPoint.
    """
    _check_mid(context, data["mid"])
    points = offers_of(context).points
    plans = plans_for(context, auth=data["useAuth"], amount=data["amount"])
    if not points and not plans:
        raise Refusal("A118", cause=_NOTHING)
    return Answer(
        {
            "ediDate": None,
            "signature": None,
            "cardPoint": ":".join(points) or None,
            "interestFree": [
                {**_card(code), "freeInstallment": months_text(rows)}
                for code, rows in plans.items()
            ]
            or None,
        }
    )


@FAMILY.endpoint(
    "GET",
    "/v1/card/interest-free",
    name="interest_free",
    request=PlanRequest,
    reads="query",
    reply=INTEREST_FREE,
    sign="ediDate",
    signature="ediDate",
    codes=("U313", "A119"),
)
def get_interest_free(context: Context, data: dict[str, Any]) -> Answer:
    """Tell which installments cost no interest, for every card, with amounts and last day.

    Assumed (card.a119): without any plan it is A119; the text fits.
    """
    _check_mid(context, data["mid"])
    plans = plans_for(context, auth=data["useAuth"])
    if not plans:
        raise Refusal("A119", cause=_NOTHING)
    return Answer(
        {
            "ediDate": None,
            "signature": None,
            "interestFree": [
                {**_card(code), "freeInstallment": _plan_values(context, rows)}
                for code, rows in plans.items()
            ],
        }
    )


def _check_mid(context: Context, mid: str | None) -> None:
    """Documented (card.mid): a mid must be one of the client's own (K25, E26).

    Assumed (card.u313): another one is U313; the text fits.
    """
    if mid is not None and mid != context.merchant.mid:
        raise Refusal(
            "U313",
            cause=Cause(
                f"mid is {mid!r}, but this key pair's is {context.merchant.mid}; send that, or none",
                f"mid 값은 {mid!r}이지만 이 키의 MID는 {context.merchant.mid}입니다. 이 값을 보내거나 생략하세요",
            ),
        )


def _card(code: str) -> dict[str, str]:
    return {"cardCode": code, "cardName": cards()[code].ko}


def _plan_values(context: Context, plans: Sequence[Plan]) -> list[dict[str, Any]]:
    return [
        {
            "minAmt": plan.least,
            "maxAmt": plan.most,
            "installment": months_text([plan]),
            "eventToDate": iso(ends_at(plan, context.now)),
        }
        for plan in plans
    ]


_NOTHING = Cause(
    "no card offer is in force now; start with --plans FILE to give others",
    "현재 적용되는 카드 혜택이 없습니다. --plans FILE 옵션으로 다른 혜택 파일을 지정할 수 있습니다",
)
