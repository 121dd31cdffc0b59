"""Sixty-four callers at once: each payment is approved once, and its money goes back once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from cashdesk import CashDesk
from till import REFUND, Till
from typed import Keypad

CALLERS = 64


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


def at_once(call: Callable[[int], Any]) -> Counter[str]:
    """The codes of that many calls that begin together; the number tells them apart."""
    barrier = Barrier(CALLERS)

    def one(number: int) -> str:
        barrier.wait()
        return str(call(number)["resultCode"])

    with ThreadPoolExecutor(CALLERS) as threads:
        return Counter(threads.map(one, range(CALLERS)))


def test_one_approval_wins(till: Till) -> None:
    """Of one tid."""
    payment = till.authorise()

    assert {"0000": 1, "U114": CALLERS - 1} == at_once(lambda _: till.approve(payment))


def test_one_tid_of_an_order_wins(till: Till) -> None:
    """Of many authorisations for one orderId."""
    payments = [till.authorise(order_id="A") for _ in range(CALLERS)]
    codes = at_once(lambda number: till.approve(payments[number]))

    assert {"0000": 1, "U112": CALLERS - 1} == codes
    assert 1 == sum(till.stored(payment).status == "paid" for payment in payments)


@pytest.mark.parametrize(("method", "refund"), [("card", {}), ("vbank", REFUND)])
def test_one_cancel_wins(till: Till, method: str, refund: dict[str, str]) -> None:
    """The money goes back once."""
    payment = till.deposited() if refund else till.pay(method=method)

    codes = at_once(lambda _: till.cancel(payment, **refund))
    assert {"0000": 1, "2015": CALLERS - 1} == codes
    assert [1004] == [each.amount for each in till.stored(payment).cancels]


def test_one_charge_of_an_order_wins() -> None:
    """The same card typed in, and handed over by its app, under one orderId."""
    pad = Keypad()
    calls = (pad.key_in, pad.pay_by_app)

    assert {"0000": 1, "U112": CALLERS - 1} == at_once(lambda n: calls[n % 2](orderId="A"))
    assert 1 == len(pad.payments())


def test_one_receipt_of_an_order_wins() -> None:
    """The same request sent many times makes one cash receipt; all of it is taken back once."""
    desk = CashDesk()
    issued = at_once(lambda _: desk.issue(orderId="A"))
    (row,) = desk.sandbox.receipts.rows()
    taken = at_once(lambda number: desk.take_back(row["tid"], orderId=f"B-{number}"))

    assert {"0000": 1, "U112": CALLERS - 1} == issued
    assert {"0000": 1, "7004": CALLERS - 1} == taken
    assert 0 == desk.look(row["tid"])["balanceAmt"]


def test_parts_never_exceed_the_payment(till: Till) -> None:
    """Of 64 refunds of 100 ten fit into 1,004; the tids are all different."""
    payment = till.pay(method="card")
    codes = at_once(lambda number: till.cancel(payment, cancelAmt=100, orderId=f"part-{number}"))
    stored = till.stored(payment)

    assert {"0000": 10, "U123": CALLERS - 10} == codes
    assert (4, 10) == (stored.balance, len({each.tid for each in stored.cancels}))


def test_one_part_of_an_order_id_wins(till: Till) -> None:
    """A request that was sent many times is one request."""
    payment = till.pay(method="card")
    codes = at_once(lambda _: till.cancel(payment, cancelAmt=1, orderId="part"))

    assert {"0000": 1, "U112": CALLERS - 1} == codes
    assert 1003 == till.stored(payment).balance


def test_cancel_and_net_cancel_race(till: Till) -> None:
    """One of either kind wins."""
    payment = till.pay(order_id="A")

    def either(number: int) -> Any:
        return till.cancel(payment) if number % 2 else till.net_cancel("A")

    assert {"0000": 1, "2015": CALLERS - 1} == at_once(either)
    assert 1 == len(till.stored(payment).cancels)


def test_one_deposit_wins(till: Till) -> None:
    """The payer's bank takes the money once."""
    ready = till.pay(method="vbank")

    def transfer(_: int) -> dict[str, str]:
        status, answer = till.control("POST", f"/payments/{ready.tid}/deposit")
        return {"resultCode": answer["code"] if status == 409 else "0000"}

    assert {"0000": 1, "4124": CALLERS - 1} == at_once(transfer)


def test_approving_and_cancelling_at_once_ends_well(till: Till) -> None:
    """Whoever comes first: in the end the payment is paid, or cancelled with all of its money back."""
    payments = [till.authorise() for _ in range(8)]

    def either(number: int) -> Any:
        payment = payments[number % 8]
        return till.approve(payment) if number < CALLERS // 2 else till.cancel(payment)

    codes = at_once(either)
    ended = [till.stored(payment) for payment in payments]

    assert CALLERS == codes.total()
    assert {"0000", "U114", "U122", "2015"} >= set(codes)
    assert codes["0000"] == 8 + sum(payment.status == "cancelled" for payment in ended)
    for payment in ended:
        assert payment.balance == 1004 - sum(each.amount for each in payment.cancels)
        assert payment.status == ("paid" if payment.balance else "cancelled")
