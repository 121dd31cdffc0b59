"""Cash receipts in the control plane, on their page, and in the fixture."""

from typing import Any

import pytest
from cashdesk import ANSWER_DAY, CashDesk, part

from mock_nicepay.contract.endpoint import Request, settled
from mock_nicepay.core.records import ReceiptWish
from mock_nicepay.front.dispatch import respond
from mock_nicepay.front.handle import gateway_here

MOBILE = ReceiptWish("individual", "01012345678")


@pytest.fixture
def desk() -> CashDesk:
    """A merchant of its own."""
    return CashDesk()


def page(desk: CashDesk, tid: str) -> tuple[int, str]:
    """Status and text of the page behind a receipt's address."""
    query = f"type=0&innerWin=Y&TID={tid}"
    reply = settled(respond(desk.sandbox, Request("GET", "/issue/IssueLoader.do", query)))
    return reply.status, reply.body.decode()


class TestList:
    """All receipts, whether requested on their own or with a payment."""

    def test_one_receipt_with_all_that_is_known(self, desk: CashDesk) -> None:
        """Its number masked, the time of the tax office's answer, and its cancels."""
        tid = desk.issue(orderId="A")["tid"]
        cancel = desk.take_back(tid, orderId="B", **part(25, 0, 0, 0))
        row = desk.control("GET", f"/receipts/{tid}")[1]

        assert {
            "orderId": "A",
            "payment": None,
            "status": "issueRequested",
            "balanceAmt": 975,
            "parts": {"supplyAmt": 250, "goodsVat": 250, "taxFreeAmt": 250, "serviceAmt": 250},
            "number": "010****1234",
            "answerAt": "2023-03-03T09:00:00.000+0900",
        }.items() <= row.items()
        assert [
            {
                "tid": cancel["tid"],
                "orderId": "B",
                "status": "cancelRequested",
                "code": None,
                "amount": 25,
                "issueNo": cancel["approveNo"],
                "answerAt": "2023-03-03T09:00:00.000+0900",
            }
        ] == row["cancels"]

    def test_those_of_payments_name_them(self, desk: CashDesk) -> None:
        """Newest first; an answered one no longer waits."""
        desk.issue(orderId="A")
        desk.advance(**ANSWER_DAY)
        paid = desk.pay(method="bank", receipt=MOBILE, order_id="B")
        newest, oldest = desk.control("GET", "/receipts")[1]["receipts"]

        assert (paid.tid, "issueRequested", "010****5678") == (
            newest["payment"],
            newest["status"],
            newest["number"],
        )
        assert ("issued", None) == (oldest["status"], oldest["answerAt"])
        assert [newest] == desk.sandbox.receipts.rows(order_id="B")

    def test_a_failed_one_tells_its_code(self, desk: CashDesk) -> None:
        """The tax office's, at once."""
        tid = desk.issue(receiptNo="1")["tid"]

        assert ["issueFailed", "7012", 0] == [
            desk.control("GET", f"/receipts/{tid}")[1][key]
            for key in ("status", "code", "balanceAmt")
        ]


@pytest.mark.parametrize(
    ("status", "says"),
    [(409, "has answered"), (404, "there is no cash receipt"), (400, "this request takes none")],
)
def test_what_cannot_be_answered(status: int, says: str, desk: CashDesk) -> None:
    """A second answer, an unknown receipt, further keys in the body."""
    tid = desk.issue()["tid"]
    desk.control("POST", f"/receipts/{tid}/confirm")
    path = "/receipts/x/confirm" if status == 404 else f"/receipts/{tid}/confirm"
    got, answer = desk.control("POST", path, {"agrees": True} if status == 400 else None)

    assert status == got
    assert says in answer["error"]


def test_all_that_waits_is_answered(desk: CashDesk) -> None:
    """By a glob of orderIds; the answer has their number."""
    tids = [desk.issue(orderId=order)["tid"] for order in ("A-1", "A-2", "B-1")]

    assert {"answered": 2} == desk.control("POST", "/receipts/reject", {"orderId": "A-*"})[1]
    assert {"answered": 1} == desk.control("POST", "/receipts/confirm")[1]
    assert {"answered": 0} == desk.control("POST", "/receipts/confirm")[1]
    assert ["issueFailed", "issueFailed", "issued"] == [desk.status(tid) for tid in tids]


class TestPage:
    """Behind /issue/IssueLoader.do."""

    def test_a_receipt_and_a_cancel(self, desk: CashDesk) -> None:
        """Each by its own tid, the number masked, foreign text escaped."""
        tid = desk.issue(goodsName="<b>책</b>")["tid"]
        cancel = desk.take_back(tid, **part(25, 0, 0, 0))
        status, receipt = page(desk, tid)
        _, taken = page(desk, cancel["tid"])

        assert 200 == status
        assert all(
            text in receipt
            for text in ("1,000원", "010****1234", "&lt;b&gt;책", cancel["tid"], "issueRequested")
        )
        assert all(text in taken for text in ("-25원", tid, cancel["approveNo"]))
        assert "01012341234" not in receipt + taken

    def test_what_has_become_of_a_payments(self, desk: CashDesk) -> None:
        """By now."""
        paid = desk.pay(method="bank", receipt=MOBILE)
        desk.advance(**ANSWER_DAY)

        assert ">issued<" in page(desk, paid.receipts[0].tid)[1]


def test_the_fixtures_words(desk: CashDesk) -> None:
    """`receipts`, `confirm_receipts` and `reject_receipts`, of the merchant's own alone."""
    nicepay = gateway_here(desk.sandbox, "http://127.0.0.1").merchant()
    other = desk.issue()["tid"]
    desk.merchant = desk.sandbox.merchant(nicepay.client_id)
    for order_id in ("A", "B"):
        desk.issue(orderId=order_id)
    nicepay.confirm_receipts("A").reject_receipts()

    assert {"A": "issued", "B": "issueFailed"} == {
        row["orderId"]: row["status"] for row in nicepay.receipts
    }
    assert "issueRequested" == desk.status(other)


def refunds(desk: CashDesk, paid: Any, **body: Any) -> list[str | None]:
    """When the money of a payment's cancels goes back."""
    desk.cancel(paid, **body)
    shown = desk.control("GET", f"/payments/{paid.tid}")[1]
    return [each["refundAt"] for each in shown["cancels"]]


def test_when_a_deposit_goes_back(desk: CashDesk) -> None:
    """At 17:00 of the next business day; what was never deposited needs no refund."""
    refund = {"refundAccount": "1", "refundBankCode": "004", "refundHolder": "홍길동"}

    assert ["2023-03-02T17:00:00.000+0900"] == refunds(desk, desk.deposited(), **refund)
    assert [None] == refunds(desk, desk.pay(method="vbank"))
    assert [None] == refunds(desk, desk.pay(method="card"))
