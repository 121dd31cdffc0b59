"""Cancels, refunds and net cancels: what is cancelled, when, and the code when it is not."""

from dataclasses import replace
from typing import Any

import pytest
from quiet import NOW
from till import REFUND, Till

from mock_nicepay.contract.times import parse_moment
from mock_nicepay.core.payments.cancel_checks import CancelWish, Declined
from mock_nicepay.core.payments.cancellation import cancel, net_cancel
from mock_nicepay.core.payments.wish import Payer
from mock_nicepay.core.records import FAILED, Payment, ReceiptWish, UsedOrder


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


class TestTaken:
    """What a cancel that happens does."""

    def test_all_of_it(self, till: Till) -> None:
        """Without cancelAmt all that is left goes back, under the payment's own tid."""
        paid = till.pay(method="card")
        till.advance(minutes=5)
        answer = till.cancel(paid, reason="변심")

        assert ("0000", "cancelled", 1004, 0, paid.tid, "2023-02-28T12:58:17.000+0900") == tuple(
            answer[key]
            for key in (
                "resultCode",
                "status",
                "amount",
                "balanceAmt",
                "cancelledTid",
                "cancelledAt",
            )
        )
        assert [paid.tid] == [row["tid"] for row in answer["cancels"]]
        assert ["변심"] == [row["reason"] for row in answer["cancels"]]
        stored = till.stored(paid)
        assert (0, 0, 0, 0) == (stored.balance, stored.supply, stored.vat, stored.tax_free)

    def test_in_parts(self, till: Till) -> None:
        """Each part has a tid of its own, the balance falls, the last one ends it."""
        paid = till.pay(method="card")
        answers = [till.cancel(paid, cancelAmt=amount) for amount in (500, 500, 4)]

        assert [
            ("partialCancelled", 504),
            ("partialCancelled", 4),
            ("cancelled", 0),
        ] == [(answer["status"], answer["balanceAmt"]) for answer in answers]
        tids = [row["tid"] for row in answers[-1]["cancels"]]
        assert 4 == len({paid.tid, *tids})
        assert tids == [answer["cancelledTid"] for answer in answers]
        assert [500, 500, 4] == [row["amount"] for row in answers[-1]["cancels"]]

    def test_a_rest(self, till: Till) -> None:
        """A full cancel after a part takes what is left, under a tid of its own."""
        paid = till.pay(method="card")
        till.cancel(paid, cancelAmt=1000)
        answer = till.cancel(paid)

        assert ("cancelled", 4) == (answer["status"], answer["cancels"][-1]["amount"])
        assert paid.tid != answer["cancelledTid"]

    @pytest.mark.parametrize(
        ("expected", "cancels"),
        [
            ([(455, 45, 0)], [{"cancelAmt": 500}]),
            ([(0, 0, 100)], [{"cancelAmt": 100, "taxFreeAmt": 100}]),
            ([(549, 55, 400)], [{}]),
            ([(0, 0, 100), (549, 55, 300)], [{"cancelAmt": 100, "taxFreeAmt": "100"}, {}]),
            ([(549, 55, 0)], [{"cancelAmt": 604}]),
            ([(549, 55, 96)], [{"cancelAmt": 700}]),
        ],
    )
    def test_its_tax_parts(
        self, till: Till, expected: list[tuple[int, int, int]], cancels: list[dict[str, Any]]
    ) -> None:
        """As the formula and its caps say; nothing is below 0 in the rest."""
        paid = till.pay(method="card", tax_free=400)
        for body in cancels:
            assert "0000" == till.cancel(paid, **body)["resultCode"]
        stored = till.stored(paid)

        assert expected == [(each.supply, each.vat, each.tax_free) for each in stored.cancels]
        assert stored.balance == stored.supply + stored.vat + stored.tax_free

    @pytest.mark.parametrize(
        ("expected", "body"),
        [("cancelled", {}), ("partialCancelled", {"amount": 4})],
    )
    def test_the_webhook_is_told(self, till: Till, expected: str, body: dict[str, int]) -> None:
        """Once, with the payment as it is then."""
        paid = till.pay(method="card")
        events: list[tuple[str, Payment]] = []
        with till.context(events) as context:
            done = cancel(context, paid, CancelWish("B", "변심", **body))

        assert [(expected, done)] == events

    def test_the_deposit_goes_back(self, till: Till) -> None:
        """To the account that is named; in parts, too."""
        paid = till.deposited()

        assert "partialCancelled" == till.cancel(paid, cancelAmt=4, **REFUND)["status"]
        assert "cancelled" == till.cancel(paid, **REFUND)["status"]

    def test_an_account_that_waits_needs_no_refund(self, till: Till) -> None:
        """Nobody has paid yet."""
        assert "cancelled" == till.cancel(till.pay(method="vbank"))["status"]

    def test_its_cash_receipt_is_taken_back(self, till: Till) -> None:
        """Each cancel adds an element of its own."""
        paid = till.pay(method="bank", receipt=ReceiptWish("individual", "01012345678"))
        part = till.cancel(paid, cancelAmt=4)
        rest = till.cancel(paid)

        assert [
            (paid.tid, "issueRequested", 1004),
            (part["cancelledTid"], "cancelRequested", 4),
            (rest["cancelledTid"], "cancelRequested", 1000),
        ] == [(row["orgTid"], row["status"], row["amount"]) for row in rest["cashReceipts"]]
        assert 3 == len({row["receiptTid"] for row in rest["cashReceipts"]})
        assert rest["issuedCashReceipt"]

    def test_the_payments_own_order_id_will_do_for_all_of_it(self, till: Till) -> None:
        """A full cancel may repeat it."""
        paid = till.pay(method="card")

        assert "cancelled" == till.cancel(paid, orderId=paid.order_id)["status"]

    def test_what_the_cancel_says_does_not_change_the_payment(self, till: Till) -> None:
        """Its mallReserved is the payment's, `amount` is not a field."""
        paid = till.pay(mall_reserved="mine")
        answer = till.cancel(paid, mallReserved="other", amount="4")

        assert ("mine", 0) == (answer["mallReserved"], answer["balanceAmt"])

    def test_sandbox_limits_fix_the_reason(self) -> None:
        """The sandbox's is always the same."""
        till = Till(sandbox_limits="yes")
        answer = till.cancel(till.pay(), reason="변심")

        assert "고객요청" == answer["cancels"][0]["reason"]


CARD: dict[str, Any] = {"method": "card"}


class TestRefused:
    """The request was wrong, and leaves nothing."""

    @pytest.mark.parametrize(
        ("expected", "wish", "body"),
        [
            ("U142", CARD, {"cancelAmt": 0}),
            ("U142", CARD, {"cancelAmt": "-1"}),
            ("U329", CARD, {"cancelAmt": "all"}),
            ("U123", CARD, {"cancelAmt": 1005}),
            ("U319", CARD, {"cancelAmt": 10, "taxFreeAmt": 1}),
            ("U319", CARD, {"taxFreeAmt": 1}),
            ("U319", {"tax_free": 400}, {"cancelAmt": 500, "taxFreeAmt": 401}),
            ("U321", {"tax_free": 400}, {"cancelAmt": 5, "taxFreeAmt": 6}),
            ("U112", {"order_id": "A"}, {"cancelAmt": 4, "orderId": "A"}),
            ("U112", {"order_id": "A"}, {"cancelAmt": 1005, "orderId": "A", "taxFreeAmt": 9}),
        ],
    )
    def test_wrong_requests(
        self, till: Till, expected: str, wish: dict[str, Any], body: dict[str, Any]
    ) -> None:
        """Each code, and what comes first."""
        paid = till.pay(**wish)
        before = till.records()

        assert expected == till.cancel(paid, **body)["resultCode"]
        assert before == till.records()

    @pytest.mark.parametrize(
        ("missing", "left_out"),
        [
            ("refundAccount", ("refundAccount",)),
            ("refundBankCode", ("refundBankCode",)),
            ("refundHolder", ("refundHolder",)),
            ("refundAccount", tuple(REFUND)),
        ],
    )
    def test_a_deposit_needs_somewhere_to_go(
        self, till: Till, missing: str, left_out: tuple[str, ...]
    ) -> None:
        """U100 with the first field that is missing."""
        paid = till.deposited()
        answer = till.cancel(paid, **{k: v for k, v in REFUND.items() if k not in left_out})

        assert ("U100", f"{missing} 필수입력항목이 누락되었습니다.") == (
            answer["resultCode"],
            answer["resultMsg"],
        )

    def test_where_nothing_is_paid(self, till: Till) -> None:
        """U122 for what is only authorised, or was declined; 404 for what does not exist."""
        authorised = till.authorise()
        failed = till.change(till.authorise(), status=FAILED, balance=0)

        assert "U122" == till.cancel(authorised)["resultCode"]
        assert "U122" == till.cancel(failed)["resultCode"]
        unknown = {"reason": "x", "orderId": "B"}
        status, answer = till.ask("POST", f"/v1/payments/{'0' * 30}/cancel", unknown)
        assert (404, "U107") == (status, answer["resultCode"])

    def test_a_cash_receipt_is_none_of_it(self, till: Till) -> None:
        """U106 for the merchant's own receipt, 404 for another merchant's."""
        paid = till.pay(method="bank", receipt=ReceiptWish("individual", "01012345678"))
        receipt = replace(paid, tid=paid.receipts[0].tid)

        assert "U106" == till.cancel(receipt)["resultCode"]
        assert "U107" == Till(seed=2).cancel(receipt)["resultCode"]

    @pytest.mark.parametrize("amount", [1, 1004])
    def test_the_sandbox_takes_no_parts(self, amount: int) -> None:
        """U128, also for the full amount, but not before the payment is found."""
        till = Till(sandbox_limits="yes")
        paid = till.pay()

        assert "U128" == till.cancel(paid, cancelAmt=amount)["resultCode"]
        assert "U122" == till.cancel(till.authorise(), cancelAmt=amount)["resultCode"]
        assert "U142" == till.cancel(paid, cancelAmt=0)["resultCode"]
        assert "0000" == till.cancel(paid)["resultCode"]

    def test_a_part_needs_an_order_id_of_its_own(self, till: Till) -> None:
        """Neither a payment's, nor a cancel's, whatever became of it."""
        paid, other = till.pay(order_id="paid"), till.pay(order_id="other")
        till.cancel(other, orderId="whole")
        till.cancel(paid, orderId="part", cancelAmt=1)
        till.cancel(other, orderId="failed", cancelAmt=1)  # 2013: it has been cancelled

        for used in ("paid", "other", "whole", "part", "failed"):
            assert "U112" == till.cancel(paid, orderId=used, cancelAmt=1)["resultCode"]
        assert "0000" == till.cancel(paid, orderId="fresh", cancelAmt=1)["resultCode"]


class TestDeclined:
    """The payment network says no: answered with two keys, and a part's orderId is used up."""

    @pytest.mark.parametrize(
        ("expected", "wish", "body"),
        [
            ("2045", {"method": "vbank"}, {"cancelAmt": 4}),
            ("2029", {"method": "cellphone"}, {"cancelAmt": 4}),
            ("2029", {"payer": Payer(can_part_cancel=False)}, {"cancelAmt": 4}),
            ("2052", {"use_escrow": True}, {"cancelAmt": 4}),
        ],
    )
    def test_what_has_no_parts(
        self, till: Till, expected: str, wish: dict[str, Any], body: dict[str, Any]
    ) -> None:
        """As a whole it can be cancelled."""
        paid = till.pay(**wish)
        answer = till.cancel(paid, orderId="B", **body)

        assert (expected, ["resultCode", "resultMsg"]) == (answer["resultCode"], list(answer))
        assert paid == till.stored(paid)
        assert ["B"] == [row.order_id for row in till.sandbox.store.find(UsedOrder)]
        assert "cancelled" == till.cancel(paid)["status"]

    def test_more_than_the_deposit(self, till: Till) -> None:
        """2026 above the deposit, U123 above what is left of it."""
        paid = till.deposited()
        till.cancel(paid, cancelAmt=4, **REFUND)

        assert "2026" == till.cancel(paid, cancelAmt=1005, **REFUND)["resultCode"]
        assert "U123" == till.cancel(paid, cancelAmt=1001, **REFUND)["resultCode"]

    @pytest.mark.parametrize("wish", [CARD, {"method": "cellphone"}, {"method": "vbank"}])
    def test_twice(self, till: Till, wish: dict[str, Any]) -> None:
        """2015, whatever the orderId; a part of it 2013."""
        paid = till.pay(**wish)
        till.cancel(paid, orderId="B")

        assert ["2015", "2015", "2013"] == [
            till.cancel(paid, orderId="B")["resultCode"],
            till.cancel(paid)["resultCode"],
            till.cancel(paid, cancelAmt=1)["resultCode"],
        ]

    @pytest.mark.parametrize(
        ("days", "wish"),
        [
            (365, CARD),
            (365, {"method": "kakaopayMoney"}),
            (365, {"method": "bank"}),
            (365, {"method": "cellphone"}),
        ],
    )
    def test_too_late(self, till: Till, days: int, wish: dict[str, Any]) -> None:
        """To the millisecond; what is refused stays paid."""
        paid = till.pay(**wish)
        till.advance(days=days, milliseconds=1)

        assert "2016" == till.cancel(paid)["resultCode"]
        till.advance(milliseconds=-1)
        assert "cancelled" == till.cancel(paid)["status"]

    def test_an_account_that_waits_can_be_cancelled_until_it_ends(self, till: Till) -> None:
        """Then there is nothing that anybody could pay to."""
        ready = till.pay(method="vbank")
        till.advance(days=7, milliseconds=-656)
        assert "2016" == till.cancel(ready)["resultCode"]
        till.advance(milliseconds=-1)
        assert "cancelled" == till.cancel(ready)["status"]

    def test_a_deposit_can_be_refunded_for_180_days(self, till: Till) -> None:
        """From the deposit on."""
        ready = till.pay(method="vbank")
        till.advance(days=3)
        paid = till.sandbox.ledger.deposit(ready.tid)
        till.advance(days=180, milliseconds=1)

        assert "2016" == till.cancel(paid, **REFUND)["resultCode"]
        till.advance(milliseconds=-1)
        assert "cancelled" == till.cancel(paid, **REFUND)["status"]

    @pytest.mark.parametrize(
        ("expected", "stages"),
        [
            ("0000", ()),
            ("2027", ("shipped",)),
            ("2014", ("shipped", "accepted")),
            ("0000", ("shipped", "refused")),
        ],
    )
    def test_escrow_by_stage(self, till: Till, expected: str, stages: tuple[str, ...]) -> None:
        """Before the goods leave, or when the buyer does not want them; a net cancel likewise."""
        first, second = till.pay(use_escrow=True), till.pay(use_escrow=True)
        for payment in (first, second):
            for stage in stages:
                till.sandbox.ledger.set_stage(payment.tid, stage)

        assert expected == till.cancel(first)["resultCode"]
        assert expected == till.net_cancel(second.order_id)["resultCode"]


class TestNetCancel:
    """Undoing what was never answered."""

    @pytest.mark.parametrize("method", ["card", "bank", "vbank", "cellphone", "kakaopayMoney"])
    def test_within_the_hour(self, till: Till, method: str) -> None:
        """All of it goes back, to the millisecond."""
        paid = till.pay(method=method, order_id="A")
        till.advance(hours=1)
        answer = till.net_cancel("A")

        assert ("0000", "cancelled", 0, "망취소") == (
            answer["resultCode"],
            answer["status"],
            answer["balanceAmt"],
            answer["cancels"][0]["reason"],
        )
        assert paid.tid == answer["cancelledTid"]

    def test_later(self, till: Till) -> None:
        """2020, and the payment stays paid."""
        till.pay(order_id="A")
        till.advance(hours=1, milliseconds=1)

        assert "2020" == till.net_cancel("A")["resultCode"]
        assert "paid" == till.get("find/A")["status"]

    def test_what_is_left(self, till: Till) -> None:
        """After a part the rest."""
        paid = till.pay(order_id="A")
        till.cancel(paid, cancelAmt=4)

        assert [4, 1000] == [row["amount"] for row in till.net_cancel("A")["cancels"]]

    @pytest.mark.parametrize("again", ["cancel", "net cancel"])
    def test_twice(self, till: Till, again: str) -> None:
        """2015, whichever came first."""
        paid = till.pay(order_id="A")
        if again == "cancel":
            till.cancel(paid)
        else:
            till.net_cancel("A")

        assert "2015" == till.net_cancel("A")["resultCode"]

    def test_where_there_is_nothing(self, till: Till) -> None:
        """U107 for an unknown orderId, what is only authorised, and what was declined."""
        till.authorise(order_id="authorised")
        till.change(till.authorise(order_id="failed"), status=FAILED)

        for order_id in ("unknown", "authorised", "failed"):
            status, answer = till.ask("POST", "/v1/payments/netcancel", {"orderId": order_id})
            assert (404, "U107") == (status, answer["resultCode"])

    def test_a_deposit_has_nowhere_to_go(self, till: Till) -> None:
        """2014: a net cancel names no account."""
        paid = till.deposited(order_id="A")

        assert "2014" == till.net_cancel("A")["resultCode"]
        assert paid == till.stored(paid)

    def test_an_order_id_of_two(self) -> None:
        """P035, and neither is touched."""
        till = Till(merchant={"repeatsOrderIds": True})
        payments = [till.pay(order_id="A") for _ in range(2)]

        assert "P035" == till.net_cancel("A")["resultCode"]
        assert payments == [till.stored(payment) for payment in payments]
        assert "cancelled" == till.cancel(payments[0])["status"]

    def test_the_misspelt_key_of_the_manual_cancels_nothing(self, till: Till) -> None:
        """U100; the journal says what the key is."""
        till.pay(order_id="A")
        answer = till.post("/v1/payments/netcancel", {"orderID": "A"})

        assert "U100" == answer["resultCode"]
        diagnosis = till.sandbox.journal()[0].cause
        assert diagnosis is not None
        assert "the key is orderId" in diagnosis.en
        assert "paid" == till.get("find/A")["status"]


def test_a_decline_is_told_in_the_journal(till: Till) -> None:
    """With its cause, as a refusal is."""
    till.pay(order_id="A")
    till.net_cancel("A")
    till.net_cancel("A")
    entry = till.sandbox.journal()[0]

    assert ("2015", True) == (entry.code, entry.cause is not None)


def test_the_outcome_is_a_value(till: Till) -> None:
    """The functions return the network's no; only a wrong request is raised."""
    paid = till.pay(order_id="A")
    with till.context() as context:
        assert isinstance(net_cancel(context, "A"), Payment)
        no = cancel(context, till.stored(paid), CancelWish("B", "변심"))

    assert isinstance(no, Declined)
    assert ("2015", parse_moment(NOW)) == (no.code, context.now)
