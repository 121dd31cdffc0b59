"""Reconciliation: the transactions of days as a shop compares them with its own books.

Recorded (transactions.one-row): a day has one row for each tid, and it says what has become of that
by the end of the day: a payment that is cancelled in full on its own day is one row, `cancelled`,
and no `paid` stands beside it (E24: rows 1 to 3 are such).
Assumed (transactions.later): what happens to it on a later day is a row of that day, and the row of
its own day stays.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from mock_nicepay.core.records import CREATED, UNMADE, Movement, Payment
from mock_nicepay.core.store import Store

_NO_MONEY = (CREATED, UNMADE)  # an account that waits has none


@dataclass(frozen=True, slots=True)
class Row:
    """What happened to one tid on one day: its movements of that day as one."""

    movement: Movement
    payment: Payment


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, each with its number; `next` is 0 when there are no more."""

    count: int  # of all rows, those of other pages as well
    rows: Sequence[tuple[int, Row]]
    next: int

    @property
    def pagination(self) -> dict[str, Any]:
        """As answers have it.

        Documented (reconciliation.pagination): count is that of the date (E24 has that of the page,
        its record 26 with a limit of 10); nextSequence is 0 on the last page.
        """
        return {"count": self.count, "hasMore": self.next != 0, "nextSequence": self.next}


def rows_of(
    store: Store, client_id: str, days: Iterable[date], now: datetime, *, money_only: bool = False
) -> list[Row]:
    """What happened on these days up to `now`, in the order it began to.

    With `money_only` without accounts that wait: a deposit begins when it comes. A day's rows keep
    their places: later ones are added at its end.
    """
    rows: list[Row] = []
    for day in days:
        booked = store.find(Movement, client_id, day=f"{day:%Y%m%d}")
        by_now = [each for each in booked if each.at <= now]
        wanted = [each for each in by_now if each.status not in _NO_MONEY or not money_only]
        rows += _rows_of_day(store, wanted)
    return rows


def _rows_of_day(store: Store, booked: Iterable[Movement]) -> Iterator[Row]:
    """A day's movements, those of one tid as one row in the place of its first."""
    by_tid: dict[str, Movement] = {}
    for each in sorted(booked, key=lambda movement: movement.at):
        first = by_tid.get(each.tid)
        by_tid[each.tid] = each if first is None else replace(each, before=first.before)
    for movement in by_tid.values():
        payment = store.get(Payment, movement.payment_tid)
        if payment is not None:
            yield Row(movement, payment)


def days_of(first: date, last: date) -> list[date]:
    """Each day from `first` to `last`."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def page_of(rows: Sequence[Row], start: int, limit: int) -> Page:
    """`limit` rows from number `start` on; numbers begin with 1."""
    begin = max(start, 1) - 1
    shown = [(begin + number, row) for number, row in enumerate(rows[begin : begin + limit], 1)]
    end = begin + len(shown)
    return Page(len(rows), shown, end + 1 if shown and end < len(rows) else 0)


def transaction_values(number: int, row: Row) -> dict[str, Any]:
    """A row of the transactions, in the recorded key order.

    Recorded (reconciliation.at): transactionAt is the first moment of the day in all rows of both
    prints, though their tids hold other times; E24's table says yyyy-MM-dd'T'HH:mm:ss.
    Recorded (transactions.amount): positive, also of what was cancelled.
    """
    movement, payment = row.movement, row.payment
    return {
        "sequence": number,
        "originalTid": movement.payment_tid,
        "tid": movement.tid,
        "orderId": movement.order_id,
        "currency": payment.currency,
        "amount": movement.amount,
        "method": payment.pay_method,
        "useEscrow": payment.use_escrow,
        "transactionStatus": movement.status,
        "transactionAt": midnight_of(movement),
    }


def midnight_of(movement: Movement) -> str:
    """The beginning of its day, as reconciliation writes a time: without an offset."""
    day = movement.day
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00:00"
