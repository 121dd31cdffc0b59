"""Reconciliation: the transactions of days, for a shop to compare with its own books.

Recorded (transactions.one-row): a day has one row for each tid, with its state at the end of the day: a
payment that is cancelled in full on its own day is one row, `cancelled`, without a row `paid` (E24:
rows 1 to 3 are such).
Assumed (transactions.later): what happens to it on a later day is a row of that day, and the row of
its own day stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from mock_nicepay.core.records import CREATED, UNMADE, Movement, Payment
from mock_nicepay.core.store import Store

_NO_MONEY = (CREATED, UNMADE)  # a waiting account has no money yet


@dataclass(frozen=True, slots=True)
class Row:
    """What happened to one tid on one day: its movements of that day combined."""

    movement: Movement
    payment: Payment


@dataclass(frozen=True, slots=True)
class Page:
    """A page of numbered rows; `next` is 0 on the last page."""

    count: int  # the number of all rows, including those of other pages
    rows: Sequence[tuple[int, Row]]
    next: int

    @property
    def pagination(self) -> dict[str, Any]:
        """The pagination for an answer.

        Documented (reconciliation.pagination): count is that of the date (E24 has that of the page,
        its record 26 with a limit of 10); nextSequence is 0 on the last page.
        """
        return {"count": self.count, "hasMore": self.next != 0, "nextSequence": self.next}


def movements_of(
    store: Store, client_id: str, days: Iterable[date], now: datetime, *, money_only: bool = False
) -> list[Movement]:
    """The movements of these days up to `now`, one for each tid and day, in the order they began.

    With `money_only` waiting accounts are left out: such a payment begins with its deposit. Movements
    of a day keep their places: later ones are added at its end.
    """
    movements: list[Movement] = []
    for day in days:
        booked = store.find(Movement, client_id, day=f"{day:%Y%m%d}")
        by_now = [each for each in booked if each.at <= now]
        wanted = [each for each in by_now if each.status not in _NO_MONEY or not money_only]
        movements += _one_for_each_tid(wanted)
    return movements


def _one_for_each_tid(booked: Iterable[Movement]) -> Iterable[Movement]:
    """A day's movements, those of one tid combined in the place of the first."""
    by_tid: dict[str, Movement] = {}
    for each in sorted(booked, key=lambda movement: movement.at):
        first = by_tid.get(each.tid)
        by_tid[each.tid] = each if first is None else replace(each, before=first.before)
    return by_tid.values()


def days_of(first: date, last: date) -> list[date]:
    """Each day from `first` to `last`."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def page_of(store: Store, movements: Sequence[Movement], start: int, limit: int) -> Page:
    """`limit` rows from number `start` on (counting from 1). Only their payments are read."""
    begin = max(start, 1) - 1
    shown = movements[begin : begin + limit]
    end = begin + len(shown)
    rows = [
        (number, Row(movement, payment))
        for number, movement in enumerate(shown, start=begin + 1)
        if (payment := store.get(Payment, movement.payment_tid))  # else a snapshot left it out
    ]
    return Page(len(movements), rows, end + 1 if shown and end < len(movements) else 0)


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
    """The beginning of its day, in reconciliation's form of a time: without an offset."""
    day = movement.day
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T00:00:00"
