"""The control plane's actions on payments, and the answer to each mistake."""

from dataclasses import replace
from typing import Any

import pytest
from till import Till

from mock_nicepay.front.handle import Nicepay, NicepayError, gateway_here


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


@pytest.mark.parametrize("body", [None, {}, {"amount": 1004}, {"amount": None}])
def test_a_deposit_answers_the_payment(till: Till, body: Any) -> None:
    """Paid, with all its details."""
    ready = till.pay(method="vbank")
    status, answer = till.control("POST", f"/payments/{ready.tid}/deposit", body)

    assert (200, "paid", ready.tid) == (status, answer["status"], answer["tid"])
    assert answer == till.control("GET", f"/payments/{ready.tid}")[1]


@pytest.mark.parametrize(
    ("expected", "message", "wish", "body"),
    [
        (
            "4122",
            "가상계좌 입금요청 금액 불일치 오류",
            {"method": "vbank"},
            {"amount": 1000},
        ),
        ("A217", "해당하는 가상계좌거래가 없습니다", {}, None),
    ],
)
def test_what_the_bank_sends_back_is_a_409(
    till: Till, expected: str, message: str, wish: dict[str, Any], body: Any
) -> None:
    """With the bank's code and message, and in `error` also why."""
    paid = till.pay(**wish)
    status, answer = till.control("POST", f"/payments/{paid.tid}/deposit", body)

    assert (409, ["error", "code", "message"]) == (status, list(answer))
    assert (expected, message) == (answer["code"], answer["message"])
    assert answer["error"].startswith(f"{expected} {message}: ")


@pytest.mark.parametrize(
    ("expected", "path", "body"),
    [
        ("amount is 'x'; expected a whole number, or nothing", "deposit", {"amount": "x"}),
        ("amount is 'True'; expected a whole number, or nothing", "deposit", {"amount": True}),
        ("amount is '1.5'; expected a whole number, or nothing", "deposit", {"amount": 1.5}),
        ("the body has a key 'amont'; did you mean amount?", "deposit", {"amont": 1}),
        ("the body must be a JSON object", "deposit", [1]),
        ("amount is 1005; expected 1 to 1004, what is left", "cancel", {"amount": 1005}),
        ("amount is 0; expected 1 to 1004, what is left", "cancel", {"amount": 0}),
        ("the body has a key 'cause'; it takes amount, reason", "cancel", {"cause": "x"}),
        ("the body has keys, but this request takes none", "expire", {"at": "now"}),
        ("stage is ''; expected one of shipped, accepted, refused", "escrow", {}),
        (
            "stage is 'lost'; expected one of shipped, accepted, refused",
            "escrow",
            {"stage": "lost"},
        ),
        ("the body has a key 'state'; did you mean stage?", "escrow", {"state": "shipped"}),
    ],
)
def test_a_mistake_is_told(till: Till, expected: str, path: str, body: Any) -> None:
    """400 with what would be right."""
    paid = till.pay(method="vbank", use_escrow=True)
    status, answer = till.control("POST", f"/payments/{paid.tid}/{path}", body)

    assert (400, True) == (status, expected in answer["error"])


@pytest.mark.parametrize(
    ("expected", "method", "path"),
    [
        (404, "GET", "/payments/nobody"),
        (404, "POST", "/payments/nobody/deposit"),
        (404, "POST", "/payments/nobody/escrow?"),
        (405, "POST", "/payments/nobody"),
        (405, "GET", "/payments/nobody/deposit"),
        (404, "GET", "/payments/nobody/deposits"),
        (404, "GET", "/payments//deposit"),
    ],
)
def test_where_nothing_is(till: Till, expected: int, method: str, path: str) -> None:
    """An unknown tid and an unknown path are 404, another method is 405."""
    body = {"stage": "shipped"} if "escrow" in path else None

    assert expected == till.control(method, path.rstrip("?"), body)[0]


@pytest.mark.parametrize(
    ("expected", "left", "body"),
    [
        ("cancelled", 0, {}),
        ("cancelled", 0, {"amount": 1004}),
        ("partialCancelled", 1000, {"amount": 4, "reason": "변심"}),
    ],
)
def test_a_cancel_asks_nobody(till: Till, expected: str, left: int, body: Any) -> None:
    """Even under escrow with shipped goods, and after a year; the webhook is called."""
    paid = till.change(till.pay(use_escrow=True), escrow_stage="shipped")
    till.advance(days=400)
    status, answer = till.control("POST", f"/payments/{paid.tid}/cancel", body)

    assert (200, expected, left) == (status, answer["status"], answer["balanceAmt"])
    assert body.get("reason", "관리자 취소") == answer["cancels"][0]["reason"]


def test_nothing_is_left_to_cancel(till: Till) -> None:
    """A 409, and nothing changes."""
    paid = till.pay()
    till.control("POST", f"/payments/{paid.tid}/cancel")
    before = till.records()

    assert 409 == till.control("POST", f"/payments/{paid.tid}/cancel")[0]
    assert 409 == till.control("POST", f"/payments/{till.authorise().tid}/cancel")[0]
    assert before["Payment"] == till.records()["Payment"][:1]


def test_the_time_to_transfer_is_over(till: Till) -> None:
    """The bank then answers A107; a second expiry changes nothing, and a card payment has no expiry."""
    ready = till.pay(method="vbank")
    for _ in range(2):
        assert 200 == till.control("POST", f"/payments/{ready.tid}/expire")[0]

    assert "A107" == till.control("POST", f"/payments/{ready.tid}/deposit")[1]["code"]
    assert 409 == till.control("POST", f"/payments/{till.pay().tid}/expire")[0]


def test_escrow_goods_are_shipped(till: Till) -> None:
    """The stage is in the payment; a wrong step is a 409."""
    paid = till.pay(use_escrow=True)
    path = f"/payments/{paid.tid}/escrow"

    assert {"stage": "unshipped"} == till.control("GET", f"/payments/{paid.tid}")[1]["escrow"]
    assert {"stage": "shipped"} == till.control("POST", path, {"stage": "shipped"})[1]["escrow"]
    assert 409 == till.control("POST", path, {"stage": "shipped"})[0]


class TestFixture:
    """`nicepay.deposit(...)`."""

    @pytest.fixture
    def nicepay(self, till: Till) -> Nicepay:
        """What a test gets, for the same merchant."""
        control = gateway_here(till.sandbox, "http://nicepay").control
        return Nicepay("http://nicepay", till.merchant.client_id, till.merchant.secret_key, control)

    @pytest.mark.parametrize("amount", [None, 1004])
    @pytest.mark.parametrize("as_mapping", [False, True])
    def test_it_pays(
        self, till: Till, nicepay: Nicepay, amount: int | None, as_mapping: bool
    ) -> None:
        """By tid, or by an object that has one."""
        tid = till.pay(method="vbank").tid

        assert "paid" == nicepay.deposit({"tid": tid} if as_mapping else tid, amount)["status"]

    @pytest.mark.parametrize(
        ("expected", "payment"),
        [
            ("deposit.. needs a tid", {}),
            ("deposit.. needs a tid", {"tid": None}),
            ("deposit.. needs a tid", ""),
            ("there is no payment with the tid 'nobody'", "nobody"),
        ],
    )
    def test_mistakes(self, nicepay: Nicepay, expected: str, payment: Any) -> None:
        """Raised like all errors of the fixture."""
        with pytest.raises(NicepayError, match=expected):
            nicepay.deposit(payment)

    def test_the_banks_no(self, till: Till, nicepay: Nicepay) -> None:
        """With its code."""
        with pytest.raises(NicepayError, match=r"4122 .*exactly 1004"):
            nicepay.deposit(till.pay(method="vbank").tid, 1000)

    def test_another_merchants_payment(self, till: Till, nicepay: Nicepay) -> None:
        """It is unknown to this merchant."""
        till.merchant = till.sandbox.add_merchant()
        with pytest.raises(NicepayError, match="there is no payment"):
            nicepay.deposit(till.pay(method="vbank").tid)


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        ([2, 1, 0], ""),
        ([2], "?limit=1"),
        ([1, 0], "?from=1"),
        ([1], "?limit=1&from=1"),
        ([], "?from=3"),
    ],
)
def test_payments_are_listed_a_page_at_a_time(till: Till, expected: list[int], query: str) -> None:
    """Newest first, with the total number."""
    made = [till.authorise().tid for _ in range(3)]
    status, answer = till.control("GET", f"/payments{query}")

    assert (200, 3) == (status, answer["total"])
    assert [made[at] for at in expected] == [each["tid"] for each in answer["payments"]]


def test_a_list_of_many_payments_is_a_page(till: Till) -> None:
    """An answer has a thousand at most; those of one order are found at once."""
    paid = till.pay()
    with till.sandbox.store.transaction():
        for at in range(2000):
            till.sandbox.store.put(replace(paid, tid=f"T{at}", order_id=f"O{at}"))
    _, answer = till.control("GET", "/payments")

    assert (2001, 1000, "T1999") == (
        answer["total"],
        len(answer["payments"]),
        answer["payments"][0]["tid"],
    )
    assert ["T5"] == [
        each["tid"] for each in till.control("GET", "/payments?orderId=O5")[1]["payments"]
    ]
