"""Virtual accounts: what the payer's bank takes, and what it sends back."""

from typing import Any

import pytest
from till import REFUND, Till

from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.core.payments.accounts import deposit
from mock_nicepay.core.records import PAID, READY, Payment, ReceiptWish

LIFE = {"days": 7, "milliseconds": -657}  # an account's last moment, a whole second


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


def refused(till: Till, payment: Payment, amount: int | None = None) -> str:
    """The bank's code; checks that nothing was written and no event was sent."""
    before = till.records()
    events: list[tuple[str, Payment]] = []
    with pytest.raises(Refusal) as no, till.context(events) as context:
        deposit(context, till.stored(payment), amount)

    assert ([], before) == (events, till.records())
    assert no.value.cause is not None
    return no.value.code


@pytest.mark.parametrize("amount", [None, 1004])
def test_a_deposit_pays(till: Till, amount: int | None) -> None:
    """`ready` becomes `paid` at that moment, and the webhook is called."""
    ready = till.pay(method="vbank")
    till.advance(days=2)
    events: list[tuple[str, Payment]] = []
    with till.context(events) as context:
        paid = deposit(context, ready, amount)

    assert (READY, PAID) == (ready.status, paid.status)
    assert context.now == paid.paid_at == paid.deposited_at
    assert paid.approve_no
    assert ready.account == paid.account
    assert [("deposited", paid)] == events
    assert paid == till.stored(paid)


@pytest.mark.parametrize(
    ("expected", "wish"),
    [
        ([], None),
        (["individual"], ReceiptWish("individual", "01012345678")),
        (["company"], ReceiptWish("company", "1234567890")),
    ],
)
def test_a_deposit_brings_the_cash_receipt(
    till: Till, expected: list[str], wish: ReceiptWish | None
) -> None:
    """When the payer wished for one; the answer says so."""
    paid = till.deposited(receipt=wish, tax_free=400)
    answer = till.get(paid.tid)

    assert expected == [receipt.kind for receipt in paid.receipts]
    assert bool(expected) == answer["issuedCashReceipt"]
    assert (len(expected) or None) == (answer["cashReceipts"] and len(answer["cashReceipts"]))
    for row in answer["cashReceipts"] or ():
        assert (paid.tid, "issueRequested", 1004, 400) == (
            row["orgTid"],
            row["status"],
            row["amount"],
            row["taxFreeAmt"],
        )


@pytest.mark.parametrize(
    ("expected", "wish"),
    [("A217", {"method": "card"}), ("A217", {"method": "bank"}), ("4119", {"method": "vbank"})],
)
def test_where_there_is_no_account_yet(till: Till, expected: str, wish: dict[str, Any]) -> None:
    """Another method has none; one that is only authorised has none yet."""
    assert expected == refused(till, till.authorise(**wish))


@pytest.mark.parametrize("amount", [1, 1003, 1005, 0, -1])
def test_another_amount_is_sent_back(till: Till, amount: int) -> None:
    """4122; the right one may still come."""
    ready = till.pay(method="vbank")

    assert "4122" == refused(till, ready, amount)
    assert PAID == till.sandbox.ledger.deposit(ready.tid).status


def test_a_deposit_comes_once(till: Till) -> None:
    """4124, also when a part of it has been refunded."""
    paid = till.deposited()
    assert "4124" == refused(till, paid)
    till.cancel(paid, cancelAmt=4, **REFUND)
    assert "4124" == refused(till, paid)


@pytest.mark.parametrize("deposited", [False, True])
def test_a_cancelled_account_takes_nothing(till: Till, deposited: bool) -> None:
    """4123."""
    payment = till.deposited() if deposited else till.pay(method="vbank")
    assert "cancelled" == till.cancel(payment, **REFUND)["status"]

    assert "4123" == refused(till, payment)


def test_an_account_ends(till: Till) -> None:
    """After its last second A107; the payment stays `ready`, never `expired`."""
    ready = till.pay(method="vbank")
    till.advance(**LIFE)
    till.advance(milliseconds=1)

    assert "A107" == refused(till, ready)
    assert "ready" == till.get(ready.tid)["status"]

    till.advance(milliseconds=-1)
    assert PAID == till.sandbox.ledger.deposit(ready.tid).status
