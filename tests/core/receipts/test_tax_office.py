"""Cash receipts in the course of time, and answers of the tax office before their time."""

from datetime import timedelta
from typing import Any

import pytest
from cashdesk import ANSWER_DAY, CashDesk, part

from mock_nicepay.contract.times import iso, parse_moment
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.receipts.tax_office import answers_at
from mock_nicepay.core.records import ReceiptWish

MOBILE = ReceiptWish("individual", "01012345678")


@pytest.fixture
def desk() -> CashDesk:
    """A merchant of its own, on a Tuesday before a holiday."""
    return CashDesk()


@pytest.fixture
def tid(desk: CashDesk) -> str:
    """A receipt of 1,000 won."""
    return str(desk.issue(orderId="A")["tid"])


@pytest.mark.parametrize(
    ("expected", "asked"),
    [
        ("2023-03-03T09:00:00.000+0900", "2023-02-28T12:53:17.657+0900"),
        ("2023-03-03T09:00:00.000+0900", "2023-03-01T00:00:00+0900"),
        ("2023-03-07T09:00:00.000+0900", "2023-03-03T23:59:59+0900"),
        ("2023-03-07T09:00:00.000+0900", "2023-03-04T14:59:00+0000"),
        ("2023-03-07T09:00:00.000+0900", "2023-03-05T23:59:59+0900"),
        ("2023-03-08T09:00:00.000+0900", "2023-03-05T15:00:00+0000"),
    ],
)
def test_when_it_answers(expected: str, asked: str) -> None:
    """At nine of the second business day after the day in Korea."""
    assert expected == iso(answers_at(parse_moment(asked)))


def test_a_request_is_agreed_to_in_time(desk: CashDesk, tid: str) -> None:
    """To the second; nothing has to be called in between."""
    until = answers_at(parse_moment("2023-02-28T12:53:17.657+0900"))
    now = desk.sandbox.tenants(desk.merchant.client_id)[0].clock.now()
    desk.sandbox.advance(until - now - timedelta(milliseconds=1), desk.merchant.client_id)

    assert "issueRequested" == desk.status(tid)
    desk.advance(milliseconds=1)
    assert "issued" == desk.status(tid)


def statuses(desk: CashDesk, tid: str) -> list[str]:
    """That of a receipt and those of its cancels."""
    row = desk.sandbox.receipts.row(tid)
    return [row["status"], *(each["status"] for each in row["cancels"])]


def cancelled_at(desk: CashDesk, tid: str) -> str:
    """The time of day that a look-up tells."""
    return str(desk.look(tid)["cancelledAt"])[11:19]


class TestCancels:
    """They, too, wait for an answer."""

    def test_a_part_before_the_answer(self, desk: CashDesk, tid: str) -> None:
        """Receipt and cancel are agreed to."""
        desk.take_back(tid, **part(25, 0, 0, 0))

        assert ["issueRequested", "cancelRequested"] == statuses(desk, tid)
        desk.advance(**ANSWER_DAY)
        assert ["issued", "cancelled"] == statuses(desk, tid)

    def test_all_of_it_before_the_answer(self, desk: CashDesk, tid: str) -> None:
        """The request is withdrawn, and there is nothing to wait for."""
        desk.take_back(tid)

        assert ["issueReqCancelled", "cancelled"] == statuses(desk, tid)
        desk.advance(**ANSWER_DAY)
        assert ["issueReqCancelled", "cancelled"] == statuses(desk, tid)

    def test_after_the_answer(self, desk: CashDesk, tid: str) -> None:
        """Two business days more."""
        desk.advance(**ANSWER_DAY)
        desk.take_back(tid)

        assert ["issued", "cancelRequested"] == statuses(desk, tid)
        desk.advance(days=5)
        assert ["issued", "cancelled"] == statuses(desk, tid)

    def test_one_that_is_turned_down_counts_no_more(self, desk: CashDesk, tid: str) -> None:
        """The balance is what it was."""
        desk.advance(**ANSWER_DAY)
        cancel = desk.take_back(tid)["tid"]
        desk.sandbox.receipts.answer(cancel, agrees=False)

        assert ["issued", "cancelFailed"] == statuses(desk, tid)
        assert [(0, 1000, "0"), (0, 1000, "0")] == [
            (seen["cancelAmt"], seen["balanceAmt"], seen["cancelledAt"])
            for seen in (desk.look(tid), desk.look(cancel))
        ]
        assert desk.look(cancel)["approveNo"] is None
        assert "0000" == desk.take_back(tid)["resultCode"]

    def test_one_that_is_agreed_to_has_its_receipt_issued(self, desk: CashDesk, tid: str) -> None:
        """What waits is issued with it, and cannot be turned down any more."""
        cancel = desk.take_back(tid, **part(25, 0, 0, 0))["tid"]
        desk.sandbox.receipts.answer(cancel, agrees=True)

        assert ["issued", "cancelled"] == statuses(desk, tid)
        with pytest.raises(Misuse, match=r"has answered .* already"):
            desk.sandbox.receipts.answer(tid, agrees=False)


class TestNo:
    """A receipt that is turned down days later."""

    def test_it_has_no_number_and_nothing_in_it(self, desk: CashDesk, tid: str) -> None:
        """And lets go of its orderId; there is nothing to take back."""
        desk.sandbox.receipts.answer(tid, agrees=False)

        assert [None, 0] == [desk.look(tid)[key] for key in ("approveNo", "balanceAmt")]
        assert "U122" == desk.take_back(tid)["resultCode"]
        assert "0000" == desk.issue(orderId="A")["resultCode"]
        desk.advance(days=30)
        assert "issueFailed" == desk.status(tid)

    def test_it_takes_the_cancels_that_wait_with_it(self, desk: CashDesk, tid: str) -> None:
        """Whatever their orderId is: nothing of it was ever there to be taken back."""
        desk.take_back(tid, **part(25, 0, 0, 0))
        desk.sandbox.receipts.answer_all("A", agrees=False)

        assert ["issueFailed", "cancelFailed"] == statuses(desk, tid)
        desk.advance(**ANSWER_DAY)
        seen = desk.look(tid)
        assert [0, 0, "0"] == [seen[key] for key in ("cancelAmt", "balanceAmt", "cancelledAt")]

    @pytest.mark.parametrize("agrees", [True, False])
    def test_nobody_is_asked_twice(self, agrees: bool, desk: CashDesk, tid: str) -> None:
        """What has been answered stays."""
        desk.sandbox.receipts.answer(tid, agrees=True)

        with pytest.raises(Misuse, match=r"has answered .* already"):
            desk.sandbox.receipts.answer(tid, agrees=agrees)

    def test_an_unknown_tid(self, desk: CashDesk, tid: str) -> None:
        """Nobody's, or another merchant's."""
        with pytest.raises(Misuse, match="there is no cash receipt"):
            desk.sandbox.receipts.answer("x" * 30, agrees=True)
        other = desk.sandbox.add_merchant().client_id
        with pytest.raises(Misuse, match="there is no cash receipt"):
            desk.sandbox.receipts.answer(tid, agrees=True, client_id=other)


class TestPayments:
    """The receipts that belong to payments take the same way."""

    def test_they_are_agreed_to_in_time(self, desk: CashDesk) -> None:
        """Wherever a payment is shown."""
        paid = desk.pay(method="bank", receipt=MOBILE, order_id="B")
        desk.cancel(paid, cancelAmt=4)
        desk.advance(**ANSWER_DAY)
        shown = desk.sandbox.ledger.to_json(desk.stored(paid))["cashReceipts"]

        for rows in (desk.get(paid.tid)["cashReceipts"], desk.get("find/B")["cashReceipts"], shown):
            assert ["issued", "cancelled"] == [row["status"] for row in rows]

    def test_a_cancelled_payment_withdraws_its_own(self, desk: CashDesk) -> None:
        """While the tax office has not answered."""
        paid = desk.pay(method="bank", receipt=MOBILE)
        rows = desk.cancel(paid)["cashReceipts"]

        assert ["issueReqCancelled", "cancelled"] == [row["status"] for row in rows]

    def test_after_the_answer_a_cancel_waits(self, desk: CashDesk) -> None:
        """For two business days."""
        paid = desk.pay(method="bank", receipt=MOBILE)
        desk.advance(**ANSWER_DAY)
        rows = desk.cancel(paid)["cashReceipts"]

        assert ["issued", "cancelRequested"] == [row["status"] for row in rows]

    def test_what_was_turned_down_is_not_taken_back(self, desk: CashDesk) -> None:
        """There is one element, and it has failed."""
        paid = desk.pay(method="bank", receipt=MOBILE)
        desk.sandbox.receipts.answer(paid.receipts[0].tid, agrees=False)
        rows = desk.cancel(paid)["cashReceipts"]

        assert ["issueFailed"] == [row["status"] for row in rows]
        assert [0, None] == [
            desk.look(rows[0]["receiptTid"])[key] for key in ("balanceAmt", "approveNo")
        ]

    def test_one_that_is_turned_down_takes_its_cancels_with_it(self, desk: CashDesk) -> None:
        """Those that wait."""
        paid = desk.pay(method="bank", receipt=MOBILE)
        desk.cancel(paid, cancelAmt=4)
        desk.sandbox.receipts.answer(paid.receipts[0].tid, agrees=False)

        rows = desk.get(paid.tid)["cashReceipts"]
        assert ["issueFailed", "cancelFailed"] == [row["status"] for row in rows]

    def test_a_cancel_that_is_agreed_to_has_the_receipt_issued(self, desk: CashDesk) -> None:
        """As of those that were asked for by themselves; other cancels wait on."""
        paid = desk.pay(method="bank", receipt=MOBILE)
        row = desk.cancel(paid, cancelAmt=4, orderId="first")["cashReceipts"][1]
        desk.cancel(paid, cancelAmt=1, orderId="second")
        desk.sandbox.receipts.answer(row["receiptTid"], agrees=True)

        rows = desk.get(paid.tid)["cashReceipts"]
        assert ["issued", "cancelled", "cancelRequested"] == [each["status"] for each in rows]

    def test_a_look_up_tells_when_each_was_taken_back(self, desk: CashDesk) -> None:
        """A cancel its own moment, whatever came later; the receipt the last one that counts."""
        paid = desk.pay(method="bank", receipt=MOBILE)
        desk.cancel(paid, cancelAmt=4, orderId="first")
        desk.advance(hours=1)
        desk.cancel(paid, cancelAmt=1, orderId="second")
        tids = [row["receiptTid"] for row in desk.get(paid.tid)["cashReceipts"]]

        assert ["13:53:17", "12:53:17", "13:53:17"] == [cancelled_at(desk, tid) for tid in tids]
        desk.sandbox.receipts.answer(tids[2], agrees=False)
        assert ["12:53:17", "12:53:17", ""] == [cancelled_at(desk, tid) for tid in tids]

    def test_a_cancel_that_is_turned_down(self, desk: CashDesk) -> None:
        """The receipt keeps its balance, though the money is gone."""
        paid = desk.pay(method="bank", receipt=MOBILE)
        row = desk.cancel(paid, cancelAmt=4)["cashReceipts"][1]
        desk.sandbox.receipts.answer(row["receiptTid"], agrees=False)

        assert [0, 1004] == [
            desk.look(row["receiptTid"])[key] for key in ("cancelAmt", "balanceAmt")
        ]


class TestScenarios:
    """The tax office in a scenario's time, and what is left at the end."""

    @pytest.mark.parametrize(
        ("expected", "action", "orders"),
        [
            ("issueFailed", "receipt.reject", {}),
            ("issueFailed", "receipt.reject", {"orderId": "A*"}),
            ("issueRequested", "receipt.reject", {"orderId": "B*"}),
            ("issued", "receipt.confirm", {"orderId": "A"}),
        ],
    )
    def test_an_answer_before_its_time(
        self, expected: str, action: str, orders: dict[str, Any], desk: CashDesk
    ) -> None:
        """It goes to the orders that are named, and stands in the journal."""
        desk.plays(timeline=[{"at": "+1d", "do": action, **orders}])
        tid = desk.issue(orderId="A-1" if "*" in str(orders) else "A")["tid"]
        desk.advance(days=1)

        assert expected == desk.status(tid)
        entries = [each.to_json() for each in desk.sandbox.journal(desk.merchant.client_id)]
        told = [each["path"] for each in entries if each["method"] == "TIMELINE"]
        assert (expected != "issueRequested") == any(f"{action} {tid}" in path for path in told)

    @pytest.mark.parametrize(
        ("expected", "final"),
        [
            (True, {"orderId": "A", "receipt": "issued"}),
            (True, {"orderId": "B", "receipt": ["issued", "issueReqCancelled"]}),
            (False, {"orderId": "*", "receipt": "issued"}),
            (False, {"orderId": "C", "receipt": "issued"}),
        ],
    )
    def test_what_a_scenario_expects_of_them(
        self, expected: bool, final: dict[str, Any], desk: CashDesk
    ) -> None:
        """Those of payments as well."""
        desk.plays(expect=[{"final": final}])
        desk.issue(orderId="A")
        desk.cancel(desk.pay(method="bank", receipt=MOBILE, order_id="B"))
        desk.advance(**ANSWER_DAY)
        (row,) = desk.sandbox.report(desk.merchant.client_id)

        assert expected == row["ok"]

    def test_a_reset_forgets_them(self, desk: CashDesk, tid: str) -> None:
        """With everything else of the merchant's."""
        desk.take_back(tid)
        desk.sandbox.reset(desk.merchant.client_id)

        assert [] == desk.sandbox.receipts.rows()
        assert "U107" == desk.look(tid)["resultCode"]
