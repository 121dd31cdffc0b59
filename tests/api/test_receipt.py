"""The three calls of cash receipts, over the API."""

from typing import Any

import pytest
from cashdesk import ANSWER_DAY, PARTS, CashDesk, part

from mock_nicepay.contract.signing import Formula
from mock_nicepay.core.records import ReceiptWish

SIGNED = Formula("tid + orderId + ediDate")


@pytest.fixture
def desk() -> CashDesk:
    """A merchant of its own."""
    return CashDesk()


def signature(desk: CashDesk, answer: Any) -> str:
    """What an answer's signature must be."""
    return SIGNED.sign(answer, desk.merchant.secret_key)


class TestIssue:
    """A receipt is asked for."""

    @pytest.mark.parametrize("path", ["/v1/receipt", "/v1/receipt/"])
    def test_the_manuals_own_sample(self, path: str, desk: CashDesk) -> None:
        """Accepted, with and without the last slash; service digits 04, a number of the tax office's."""
        answer = desk.post(path, {"orderId": "merchant-order-id", **_sample()})

        assert ["0000", "merchant-order-id", "2023-02-28T12:53:17.000+0900"] == [
            answer[key] for key in ("resultCode", "orderId", "approvedAt")
        ]
        assert "04" == answer["tid"][10:12]
        assert 9 == len(answer["approveNo"])
        assert signature(desk, answer) == answer["signature"]

    @pytest.mark.parametrize(
        ("expected", "fields"),
        [
            ("U100", {"supplyAmt": None}),
            ("U100", {"serviceAmt": None}),
            ("U100", {"receiptNo": ""}),
            ("U127", {"amount": 0}),
            ("U127", {"goodsVat": -1}),
            ("U329", {"taxFreeAmt": "none"}),
            ("U132", {"receiptType": "unPublished"}),
            ("U132", {"receiptType": "INDIVIDUAL"}),
            ("U105", {"receiptNo": "0" * 21}),
            ("U105", {"goodsName": "가" * 14}),
            ("U328", {"amount": 1001}),
            ("U328", {"serviceAmt": 0}),
            ("0000", {"amount": "1000", "supplyAmt": "250"}),
            ("0000", {"amount": 500, "serviceAmt": 0, "taxFreeAmt": 0}),
            ("0000", {"receiptType": "company", "receiptNo": "1234567890"}),
        ],
    )
    def test_what_is_taken(self, expected: str, fields: dict[str, Any], desk: CashDesk) -> None:
        """A refusal leaves nothing behind."""
        before = desk.records()
        answer = desk.issue(**fields)

        assert expected == answer["resultCode"]
        assert (expected == "0000") == (before != desk.records())

    def test_the_sum_is_explained(self, desk: CashDesk) -> None:
        """With all four parts."""
        desk.issue(amount=1001)

        assert (
            "supplyAmt 250 + goodsVat 250 + taxFreeAmt 250 + serviceAmt 250 is 1000, but amount is 1001"
        ) == desk.diagnosis()

    def test_a_malformed_number_is_a_recorded_no(self, desk: CashDesk) -> None:
        """In the receipt's own keys, nothing approved; and nobody's number is told or kept."""
        no = desk.issue(orderId="A", receiptNo="010-1234-1234")

        assert ["7012", "A", "0", None] == [
            no[key] for key in ("resultCode", "orderId", "approvedAt", "approveNo")
        ]
        assert signature(desk, no) == no["signature"]
        assert "issueFailed" == desk.status(no["tid"])
        assert "receiptNo has 13 characters" in desk.diagnosis()
        assert "0000" == desk.issue(orderId="A")["resultCode"]

    def test_the_number_is_kept_masked(self, desk: CashDesk) -> None:
        """Nothing that is stored has it."""
        desk.issue()

        assert "01012341234" not in repr(desk.records())
        assert "010****1234" in repr(desk.records())

    def test_an_order_id_is_used_once(self, desk: CashDesk) -> None:
        """A lost answer sent again is U112, and leaves one receipt."""
        desk.issue(orderId="A")

        assert {"resultCode", "resultMsg"} == set(again := desk.issue(orderId="A"))
        assert "U112" == again["resultCode"]
        assert "the first one has arrived" in desk.diagnosis()
        assert 1 == len(desk.sandbox.receipts.rows(order_id="A"))

    def test_payments_have_order_ids_of_their_own(self, desk: CashDesk) -> None:
        """The same orderId may be paid and receipted."""
        desk.pay(order_id="A")

        assert "0000" == desk.issue(orderId="A")["resultCode"]

    @pytest.mark.parametrize("code", ["7002", "7003", "7042", "3011"])
    def test_a_scenarios_code_is_the_tax_offices_no(self, code: str, desk: CashDesk) -> None:
        """Recorded, and the orderId is free again."""
        desk.plays(rules=[{"call": "receipt.issue", "times": 1, "reply": {"code": code}}])
        no = desk.issue(orderId="A")

        assert [code, "0", None] == [no[key] for key in ("resultCode", "approvedAt", "approveNo")]
        assert [None, 0] == [desk.look(no["tid"])[key] for key in ("approveNo", "balanceAmt")]
        assert "0000" == desk.issue(orderId="A")["resultCode"]

    def test_a_magic_value_asks_for_it_too(self, desk: CashDesk) -> None:
        """In the orderId of the request, that of a cancel as well."""
        no = desk.issue(orderId="A-mock:receipt:7042")
        cancel = desk.take_back(desk.issue()["tid"], orderId="B-mock:receipt:7010")

        assert ["7042", "0"] == [no["resultCode"], no["approvedAt"]]
        assert ["7010", 1000] == [cancel["resultCode"], cancel["balanceAmt"]]

    def test_effect_none_leaves_nothing(self, desk: CashDesk) -> None:
        """The true answer, and no receipt."""
        desk.plays(rules=[{"call": "receipt.issue", "effect": "none"}])
        answer = desk.issue()

        assert ("0000", "U107") == (answer["resultCode"], desk.look(answer["tid"])["resultCode"])

    def test_the_request_may_be_signed(self, desk: CashDesk) -> None:
        """Over orderId, amount and ediDate."""
        values = {"orderId": "A", "amount": 1000, "ediDate": "now"}
        sign = Formula("orderId + amount + ediDate").sign(values, desk.merchant.secret_key)

        assert "U312" == desk.issue(orderId="A", ediDate="later", signData=sign)["resultCode"]
        assert "0000" == desk.issue(orderId="A", ediDate="now", signData=sign)["resultCode"]


class TestCancel:
    """A receipt is taken back."""

    @pytest.fixture
    def tid(self, desk: CashDesk) -> str:
        """A receipt of 1,000 won in four equal parts."""
        return str(desk.issue(orderId="A")["tid"])

    def test_all_of_it(self, tid: str, desk: CashDesk) -> None:
        """Under a tid of its own, with the receipt's orderId if the merchant likes."""
        done = desk.take_back(tid, orderId="A")

        assert ["0000", "A", 1000, 0, "2023-02-28T12:53:17.000+0900"] == [
            done[key] for key in ("resultCode", "orderId", "cancelAmt", "balanceAmt", "cancelledAt")
        ]
        assert ("04", True) == (done["tid"][10:12], done["tid"] != tid)
        assert signature(desk, done) == done["signature"]

    def test_in_parts(self, tid: str, desk: CashDesk) -> None:
        """Each takes its four parts, the last cancel the rest."""
        first = desk.take_back(tid, **part(25, 25, 0, 0))
        rest = desk.take_back(tid)

        assert [(50, 950), (950, 0)] == [
            (each["cancelAmt"], each["balanceAmt"]) for each in (first, rest)
        ]
        assert [1000, 0] == [desk.look(tid)[key] for key in ("cancelAmt", "balanceAmt")]

    @pytest.mark.parametrize(
        ("expected", "fields"),
        [
            (
                "supplyAmt, taxFreeAmt came without cancelAmt and had no effect",
                {"supplyAmt": 25, "taxFreeAmt": 0},
            ),
            ("", {}),
            ("", part(25, 25, 25, 25)),
        ],
    )
    def test_parts_without_an_amount_are_noticed(
        self, expected: str, fields: dict[str, Any], tid: str, desk: CashDesk
    ) -> None:
        """They change nothing, and the journal says so."""
        assert ("0000", expected) == (
            desk.take_back(tid, **fields)["resultCode"],
            desk.diagnosis().partition(":")[0],
        )

    @pytest.mark.parametrize(
        ("expected", "fields"),
        [
            ("U142", {**part(0, 0, 0, 0)}),
            ("U127", {**part(25, 25, 0, 0), "supplyAmt": -25}),
            ("U328", {**part(25, 25, 0, 0), "cancelAmt": 51}),
            ("U123", part(251, 250, 250, 250)),
            ("U123", part(251, 0, 0, 0)),
            ("U123", part(0, 251, 0, 0)),
            ("U319", part(0, 0, 251, 0)),
            ("U123", part(0, 0, 0, 251)),
            ("U112", {**part(25, 25, 0, 0), "orderId": "A"}),
            ("U100", {"reason": ""}),
            ("U100", {"orderId": ""}),
            *(("U100", {**part(25, 25, 25, 25), name: None}) for name in PARTS),
        ],
    )
    def test_what_is_refused(
        self, expected: str, fields: dict[str, Any], tid: str, desk: CashDesk
    ) -> None:
        """Nothing has changed then."""
        before = desk.records()

        assert expected == desk.take_back(tid, **fields)["resultCode"]
        assert before == desk.records()

    def test_twice(self, tid: str, desk: CashDesk) -> None:
        """The second one is the network's no, recorded in the cancel's own keys."""
        desk.take_back(tid)
        no = desk.take_back(tid)

        assert ["7004", 0, 0, "0", None] == [
            no[key] for key in ("resultCode", "cancelAmt", "balanceAmt", "cancelledAt", "approveNo")
        ]
        assert "cancelled before" in desk.diagnosis()
        assert ["0000", 0, "0"] == [
            desk.look(no["tid"])[key] for key in ("resultCode", "cancelAmt", "cancelledAt")
        ]

    def test_a_part_sent_twice(self, tid: str, desk: CashDesk) -> None:
        """Its orderId says that the first one has arrived."""
        desk.take_back(tid, orderId="B", **part(25, 0, 0, 0))

        assert "U112" == desk.take_back(tid, orderId="B", **part(25, 0, 0, 0))["resultCode"]
        assert 975 == desk.look(tid)["balanceAmt"]

    def test_a_scenarios_code(self, tid: str, desk: CashDesk) -> None:
        """Nothing is taken back; the orderId of a part is used."""
        desk.plays(rules=[{"call": "receipt.cancel", "times": 1, "reply": {"code": "7010"}}])
        no = desk.take_back(tid, orderId="B", **part(25, 0, 0, 0))

        assert ["7010", 0, 1000] == [no[key] for key in ("resultCode", "cancelAmt", "balanceAmt")]
        assert "U112" == desk.take_back(tid, orderId="B", **part(25, 0, 0, 0))["resultCode"]

    def test_days_later(self, tid: str, desk: CashDesk) -> None:
        """An issued receipt is taken back as one that was only asked for."""
        desk.advance(**ANSWER_DAY)

        done = desk.take_back(tid)

        assert ["0000", 1000, 0] == [done[key] for key in ("resultCode", "cancelAmt", "balanceAmt")]

    def test_what_was_never_issued(self, desk: CashDesk) -> None:
        """There is nothing to take back."""
        no = desk.issue(receiptNo="1")["tid"]

        assert "U122" == desk.take_back(no)["resultCode"]
        assert "rejected" in desk.diagnosis()

    def test_a_cancel_cannot_be_cancelled(self, tid: str, desk: CashDesk) -> None:
        """The cause names the receipt."""
        done = desk.take_back(tid, **part(25, 0, 0, 0))["tid"]

        assert "U122" == desk.take_back(done)["resultCode"]
        assert tid in desk.diagnosis()

    def test_the_receipt_of_a_payment_goes_with_it(self, desk: CashDesk) -> None:
        """It cannot be taken back alone."""
        paid = desk.pay(method="bank", receipt=ReceiptWish("individual", "01012345678"))
        before = desk.records()

        assert "7004" == desk.take_back(paid.receipts[0].tid)["resultCode"]
        assert paid.tid in desk.diagnosis()
        assert before == desk.records()

    @pytest.mark.parametrize("tid", ["nobody", "UT0000113m04012302281253179999"])
    def test_an_unknown_one(self, tid: str, desk: CashDesk) -> None:
        """404."""
        status, answer = desk.ask(
            "POST", f"/v1/receipt/{tid}/cancel", {"orderId": "x", "reason": "x"}
        )

        assert (404, "U107") == (status, answer["resultCode"])

    def test_nicepays_sandbox_has_no_such_call(self) -> None:
        """403, before anything of it is looked at; issuing and look-up are there."""
        desk = CashDesk(sandbox_limits="yes")
        tid = desk.issue()["tid"]

        assert (403, "U109") == (
            (reply := desk.ask("POST", f"/v1/receipt/{tid}/cancel", {}))[0],
            reply[1]["resultCode"],
        )
        assert 1000 == desk.look(tid)["balanceAmt"]


class TestLookUp:
    """A receipt, a cancel, a receipt of a payment: by their tids."""

    def test_another_merchants_is_unknown(self, desk: CashDesk) -> None:
        """Its receipts and its cancels."""
        receipt = desk.issue()["tid"]
        cancel = desk.take_back(receipt)["tid"]
        desk.merchant = desk.sandbox.add_merchant()

        assert ["U107", "U107", "U107"] == [
            desk.look(receipt)["resultCode"],
            desk.look(cancel)["resultCode"],
            desk.take_back(receipt)["resultCode"],
        ]

    def test_its_keys_and_signature(self, desk: CashDesk) -> None:
        """The cancel's keys, with what is left."""
        tid = desk.issue(orderId="A")["tid"]
        seen = desk.look(tid)

        assert [tid, "A", 0, 1000, "0"] == [
            seen[key] for key in ("tid", "orderId", "cancelAmt", "balanceAmt", "cancelledAt")
        ]
        assert signature(desk, seen) == seen["signature"]

    def test_the_receipts_of_a_payment(self, desk: CashDesk) -> None:
        """That of the payment, and those of its cancels."""
        paid = desk.pay(method="bank", receipt=ReceiptWish("individual", "01012345678"))
        cancelled = desk.cancel(paid, cancelAmt=4)
        first, second = (desk.look(row["receiptTid"]) for row in cancelled["cashReceipts"])

        assert [(paid.order_id, 4, 1000), (paid.order_id, 4, 1000)] == [
            (each["orderId"], each["cancelAmt"], each["balanceAmt"]) for each in (first, second)
        ]
        assert first["approveNo"] == paid.receipts[0].issue_no

    @pytest.mark.parametrize("call", ["cancel", "net cancel"])
    def test_payments_cancels_know_them(self, call: str, desk: CashDesk) -> None:
        """U106, by tid and by orderId, also of a cancel's tid."""
        tid = desk.issue(orderId="A")["tid"]
        cancel = desk.take_back(tid, **part(1, 0, 0, 0))["tid"]
        body = {"orderId": "A", "reason": "x"}
        paths = [f"/v1/payments/{each}/cancel" for each in (tid, cancel)]
        for path in paths if call == "cancel" else ["/v1/payments/netcancel"]:
            assert "U106" == desk.post(path, body)["resultCode"]


def _sample() -> dict[str, Any]:
    """The fields as the manual prints them."""
    return {
        "amount": 1000,
        "goodsName": "나이스상품",
        "receiptType": "individual",
        "receiptNo": "01012341234",
        **dict.fromkeys(PARTS, 250),
    }
