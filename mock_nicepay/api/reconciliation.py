"""Reconciliation: the transactions of a day, and what is paid out for them.

Manual: api/nicepay-api-reconciliation.md of E24 (beta); records: transactions and settlements of 2024
and of the beta of 2023. What older pages call trade, settlement and deposit reconciliation are these.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from mock_nicepay.contract.bodies import SETTLEMENTS, TRANSACTIONS
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Body, Text
from mock_nicepay.contract.periods import USUAL_ROWS, AskedDay, Day, Limit, Sequence, not_a_day
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.times import KST
from mock_nicepay.core.call import Context
from mock_nicepay.core.reconciliation.settlements import settlement_values
from mock_nicepay.core.reconciliation.transactions import (
    Page,
    days_of,
    movements_of,
    page_of,
    transaction_values,
)

TRANSACTION_FAMILY = Family("transactions")
SETTLEMENT_FAMILY = Family("settlements")
_CODES = ("U100", "U129", "U130")
# Recorded (reconciliation.message): the English word, on these two calls only.
_MESSAGE = "Success"
_LONGEST = 31  # days


class TransactionsRequest(Body):
    """A day, or the first and the last of some, as the beta asked for them."""

    date = Day(required=True)
    startDate = Day()
    endDate = Day()
    startingSequence = Sequence()
    limit = Limit()

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The fields; `date` is that of startDate when only this was sent."""
        alone = bool(given.get("startDate")) and not given.get("date")
        if alone:
            given = {**given, "date": given["startDate"]}
        return {**super().read(given), "isPeriod": alone}


class SettlementsRequest(Body):
    """Recorded (settlements.type): type=transactionDate; it changes nothing (E26)."""

    date = Day(required=True)
    type = Text(30)
    startingSequence = Sequence()
    limit = Limit()


@TRANSACTION_FAMILY.endpoint(
    "GET",
    "/v1/transactions",
    name="list",
    request=TransactionsRequest,
    reads="query",
    reply=TRANSACTIONS,
    codes=_CODES,
    in_sandbox=False,
)
def list_transactions(context: Context, data: dict[str, Any]) -> Answer:
    """List what happened to payments on a day, in pages."""
    page = _page(context, data, _days(context, data))
    listed = [transaction_values(number, row) for number, row in page.rows]
    return Answer({"resultMsg": _MESSAGE, "pagination": page.pagination, "transactions": listed})


@SETTLEMENT_FAMILY.endpoint(
    "GET",
    "/v1/settlements",
    name="list",
    request=SettlementsRequest,
    reads="query",
    reply=SETTLEMENTS,
    codes=_CODES,
    in_sandbox=False,
)
def list_settlements(context: Context, data: dict[str, Any]) -> Answer:
    """List what is paid out for a day's transactions, in pages.

    Assumed (settlements.rows): a row for each transaction that ever had money, from its moment on.
    """
    page = _page(context, data, _days(context, data), money_only=True)
    listed = [
        settlement_values(number, row, context.merchant, context.now) for number, row in page.rows
    ]
    return Answer({"resultMsg": _MESSAGE, "pagination": page.pagination, "settlements": listed})


def _page(
    context: Context, data: Mapping[str, Any], days: list[date], *, money_only: bool = False
) -> Page:
    client_id = context.merchant.client_id
    happened = movements_of(context.store, client_id, days, context.now, money_only=money_only)
    first, most = data["startingSequence"] or 1, data["limit"] or USUAL_ROWS
    return page_of(context.store, happened, first, most)


def _days(context: Context, data: Mapping[str, Any]) -> list[date]:
    """The days that are asked for. Raises `Refusal`.

    Assumed (reconciliation.u129): a day that has not come yet by the merchant's clock, a period that
    ends before it begins or is longer than 31 days is U129; the text fits.
    """
    is_period = bool(data.get("isPeriod"))
    if is_period and not context.tenant.edition.beta_dates:
        raise Refusal("U100", "date", cause=_PERIOD)
    first: AskedDay = data["date"]
    last: AskedDay = (is_period and data["endDate"]) or first
    for name, asked in (("date", first), ("endDate", last)):
        if asked.is_beta and not context.tenant.edition.beta_dates:
            raise not_a_day(name, str(asked))
    _check_period(first.day, last.day, context.now.astimezone(KST).date())
    return days_of(first.day, last.day)


def _check_period(first: date, last: date, today: date) -> None:
    if last > today:
        raise Refusal("U129", cause=_future(last, today))
    if not 0 <= (last - first).days < _LONGEST:
        raise Refusal("U129", cause=_no_period(first, last))


_PERIOD = Cause(
    "startDate was sent, which only the beta of 2023 took; send the day as date=yyyyMMdd",
    "startDate는 2023년 베타에서만 사용하던 항목입니다. date=yyyyMMdd로 보내야 합니다",
)


def _future(day: date, today: date) -> Cause:
    return Cause(
        f"{day:%Y%m%d} has not come yet: by the merchant's clock it is {today:%Y%m%d}",
        f"{day:%Y%m%d}은(는) 아직 오지 않은 날짜입니다. 상점 시계로 오늘은 {today:%Y%m%d}입니다",
    )


def _no_period(first: date, last: date) -> Cause:
    return Cause(
        f"from {first:%Y%m%d} to {last:%Y%m%d} is not a period of 1 to {_LONGEST} days",
        f"{first:%Y%m%d}부터 {last:%Y%m%d}까지는 1일 이상 {_LONGEST}일 이하의 기간이 아닙니다",
    )
