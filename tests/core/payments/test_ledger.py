"""The payments as the control plane sees and changes them."""

import json
from typing import Any

import pytest
from till import REFUND, Till

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import Payer
from mock_nicepay.core.records import ReceiptWish


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


def test_a_payment_tells_all_of_itself(till: Till) -> None:
    """In keys of our own, and in JSON's types."""
    paid = till.deposited(
        order_id="A", tax_free=400, receipt=ReceiptWish("individual", "01012345678")
    )
    till.cancel(paid, cancelAmt=4, orderId="B", **REFUND)
    seen = till.sandbox.ledger.to_json(till.stored(paid))

    assert seen == json.loads(json.dumps(seen))
    assert ("A", "partialCancelled", 1004, 1000, "vbank", False) == tuple(
        seen[key] for key in ("orderId", "status", "amount", "balanceAmt", "method", "processing")
    )
    assert {"supplyAmt": 545, "goodsVat": 55, "taxFreeAmt": 400} == seen["tax"]
    assert ["B"] == [row["orderId"] for row in seen["cancels"]]
    assert ["issueRequested", "cancelRequested"] == [row["status"] for row in seen["cashReceipts"]]
    assert paid.account is not None
    assert paid.account.number == seen["account"]["number"]
    assert "2023-02-28T12:53:17.657+0900" == seen["times"]["depositedAt"]


@pytest.mark.parametrize(
    ("expected", "wish"),
    [
        ({"code": "04", "name": "삼성", "type": "check"}, {"payer": Payer("04", None, "check")}),
        ({"code": "40", "name": "카카오머니", "type": None}, {"method": "kakaopayMoney"}),
    ],
)
def test_its_card(till: Till, expected: dict[str, Any], wish: dict[str, Any]) -> None:
    """Masked; a wallet's money has no type."""
    card = till.sandbox.ledger.to_json(till.authorise(**wish))["card"]

    assert expected == {key: card[key] for key in expected}


def test_payments_are_listed_newest_first(till: Till) -> None:
    """Of a merchant, of an orderId, of all."""
    first, second = till.pay(order_id="A"), till.authorise(order_id="B")
    ledger, mine = till.sandbox.ledger, till.merchant.client_id
    other = till.sandbox.merchants()[0].client_id

    assert [second.tid, first.tid] == [each.tid for each in ledger.payments(mine)]
    assert [first.tid] == [each.tid for each in ledger.payments(mine, "A")]
    assert [] == ledger.payments(other)
    assert 2 == len(ledger.payments())
    assert first.tid == ledger.payment(first.tid).tid
    for owner in (other, mine):
        with pytest.raises(Misuse, match="there is no payment with the tid"):
            ledger.payment("x" if owner == mine else first.tid, owner)


@pytest.mark.parametrize(
    ("expected", "stages"),
    [
        (None, ("shipped",)),
        (None, ("shipped", "accepted")),
        (None, ("shipped", "refused")),
        ("cannot become accepted: its goods are not shipped", ("accepted",)),
        ("cannot become shipped: its goods are shipped", ("shipped", "shipped")),
        ("cannot become refused: its goods are accepted", ("shipped", "accepted", "refused")),
        ("stage is 'lost'; expected one of shipped, accepted, refused", ("lost",)),
    ],
)
def test_escrow_moves_on(till: Till, expected: str | None, stages: tuple[str, ...]) -> None:
    """From shipped to accepted or refused, and never back."""
    paid = till.pay(use_escrow=True)
    for stage in stages[:-1]:
        till.sandbox.ledger.set_stage(paid.tid, stage)
    if expected:
        with pytest.raises(Misuse, match=expected):
            till.sandbox.ledger.set_stage(paid.tid, stages[-1])
    else:
        after = till.sandbox.ledger.set_stage(paid.tid, stages[-1])
        assert {"stage": stages[-1]} == till.sandbox.ledger.to_json(after)["escrow"]


@pytest.mark.parametrize("wish", [{}, {"use_escrow": True, "method": "vbank"}])
def test_only_paid_escrow_has_stages(till: Till, wish: dict[str, Any]) -> None:
    """No other payment's goods are watched."""
    paid = till.pay(**wish)
    with pytest.raises(Misuse, match="only a paid escrow payment has stages"):
        till.sandbox.ledger.set_stage(paid.tid, "shipped")
