"""What a timeline does to payments: payers' transfers, and NICEPAY's own cancel."""

from typing import Any

import pytest
from till import Till

from mock_nicepay.core.payments.timeline_acts import Happened, cancel_due, deposit_due
from mock_nicepay.core.records import Payment


@pytest.fixture
def till() -> Till:
    """A merchant with a payment of each kind, under the orderIds A1, A2 ... and B."""
    till = Till()
    till.pay(order_id="A1")
    till.pay(order_id="A2", method="vbank")
    till.deposited(order_id="A3")
    till.cancel(till.pay(order_id="A4", method="vbank"))
    till.authorise(order_id="A5", method="vbank")
    till.pay(order_id="B", method="vbank")
    return till


def told(happened: list[Happened]) -> list[tuple[str, str, bool]]:
    """OrderId, code and whether there is a cause."""
    return [(each.order_id, each.code, each.cause is not None) for each in happened]


@pytest.mark.parametrize(
    ("expected", "arguments"),
    [
        (
            [("A2", "0000", False), ("A3", "4124", True), ("A4", "4123", True)],
            {"orderId": "A*"},
        ),
        ([("B", "0000", False)], {"orderId": "B"}),
        ([("B", "0000", False)], {"orderId": "B", "amount": 1004}),
        ([("B", "4122", True)], {"orderId": "B", "amount": 1000}),
        (
            [
                ("A2", "4122", True),
                ("A3", "4124", True),
                ("A4", "4123", True),
                ("B", "4122", True),
            ],
            {"amount": 1},
        ),
        ([], {"orderId": "C*"}),
        ([], {"orderId": "a*"}),
    ],
)
def test_payers_transfer(
    till: Till, expected: list[tuple[str, str, bool]], arguments: dict[str, Any]
) -> None:
    """To every account that is meant; what the bank sends back stops nothing else."""
    with till.context() as context:
        assert expected == told(deposit_due(context, arguments))

    for order_id, code, _ in expected:
        if code == "0000":
            assert "paid" == till.get(f"find/{order_id}")["status"]


def test_nicepay_cancels_by_itself(till: Till) -> None:
    """All that is left, for any method and after any deadline; the webhook is called."""
    events: list[tuple[str, Payment]] = []
    till.advance(days=400)
    with till.context(events) as context:
        happened = cancel_due(context, {"orderId": "A*"})

    assert [("A1", "0000", False), ("A2", "0000", False), ("A3", "0000", False)] == told(happened)
    assert ["cancelled"] * 3 == [event for event, _ in events]
    assert {"자동취소"} == {payment.cancels[-1].reason for _, payment in events}
    assert "ready" == till.get("find/B")["status"]


def test_its_second_night_finds_nothing(till: Till) -> None:
    """What has been cancelled is not cancelled again."""
    with till.context() as context:
        cancel_due(context, {"orderId": "*"})
        assert [] == cancel_due(context, {"orderId": "*"})
