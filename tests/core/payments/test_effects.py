"""Effect and answer of a scenario's rule are independent, also for payments."""

from typing import Any

import pytest
from till import Till

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.records import AUTHORISED, CANCELLED, FAILED, PAID, Payment

LOST = ["hang", "reset", "empty", "truncate", "garbage", {"http": 502}]


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


def play(till: Till, **rule: Any) -> None:
    """Have one rule met once."""
    till.sandbox.choose_scenario(
        {"version": 1, "name": "played", "rules": [{"times": 1, **rule}]}, till.merchant.client_id
    )


def send(till: Till, path: str, body: str) -> None:
    """A call whose answer may be anything."""
    till.sandbox.handle(Request("POST", path, "", till.login, body.encode()))


@pytest.mark.parametrize("reply", LOST, ids=str)
def test_a_lost_approval_has_happened(till: Till, reply: Any) -> None:
    """The look-up shows it, a repeat is refused, the net cancel gives the money back."""
    payment = till.authorise(order_id="A")
    play(till, call="payments.approve", effect="commit", reply=reply)
    send(till, f"/v1/payments/{payment.tid}", '{"amount": 1004}')

    assert PAID == till.stored(payment).status
    assert payment.tid == till.get("find/A")["tid"]
    assert "U114" == till.approve(payment)["resultCode"]
    assert "cancelled" == till.net_cancel("A")["status"]


@pytest.mark.parametrize("reply", LOST, ids=str)
def test_a_lost_cancel_has_happened(till: Till, reply: Any) -> None:
    """Sent again it is 2015; a part sent again under its orderId is U112, and taken once."""
    whole, part = till.pay(order_id="A"), till.pay(order_id="B")
    for payment, more, again in ((whole, "", "2015"), (part, '"cancelAmt": 4,', "U112")):
        body = f'{{"reason": "x", {more} "orderId": "again-{again}"}}'
        play(till, call="payments.cancel", effect="commit", reply=reply)
        send(till, f"/v1/payments/{payment.tid}/cancel", body)
        amount = {"cancelAmt": 4} if more else {}

        assert again == till.cancel(payment, orderId=f"again-{again}", **amount)["resultCode"]
    assert [CANCELLED, "partialCancelled"] == [till.stored(p).status for p in (whole, part)]
    assert [0, 1000] == [till.stored(p).balance for p in (whole, part)]


@pytest.mark.parametrize("reply", ["ok", *LOST], ids=str)
@pytest.mark.parametrize(
    ("path", "call", "body"),
    [
        ("", "payments.approve", '{"amount": 1004}'),
        ("/cancel", "payments.cancel", '{"reason": "x", "orderId": "B"}'),
        ("/cancel", "payments.cancel", '{"reason": "x", "orderId": "B", "cancelAmt": 4}'),
    ],
)
def test_what_does_not_happen_leaves_nothing(
    till: Till, path: str, call: str, body: str, reply: Any
) -> None:
    """`effect: none` gives the true answer, or none, and keeps the store as it was."""
    payment = till.pay() if path else till.authorise()
    before = till.records()
    play(till, call=call, effect="none", reply=reply)
    send(till, f"/v1/payments/{payment.tid}{path}", body)

    assert before == till.records()


def test_an_issuers_code_is_a_recorded_no(till: Till) -> None:
    """A payment-network code at the approval is the issuer's decline."""
    payment = till.authorise(order_id="A")
    play(till, call="payments.approve", reply={"code": "3011"})
    answer = till.approve(payment)

    assert ("3011", "failed", payment.tid, None, 0) == tuple(
        answer[key] for key in ("resultCode", "status", "tid", "card", "balanceAmt")
    )
    assert FAILED == till.stored(payment).status
    assert "0000" == till.approve(till.authorise(order_id="A"))["resultCode"]


@pytest.mark.parametrize("code", ["A123", "A245"])
def test_a_code_that_an_approval_refuses_with_is_no_decline(till: Till, code: str) -> None:
    """As when the amount is truly another one: two keys, and the payment can still be approved."""
    payment = till.authorise()
    play(till, call="payments.approve", reply={"code": code})
    answer = till.approve(payment)

    assert (code, 2) == (answer["resultCode"], len(answer))
    assert "0000" == till.approve(payment)["resultCode"]


def test_a_decline_may_have_its_own_words(till: Till) -> None:
    """The scenario's message in the failed payment's whole answer."""
    payment = till.authorise()
    play(till, call="payments.approve", reply={"code": "3011", "message": "한도 초과"})
    answer = till.approve(payment)

    assert ("3011", "한도 초과", "failed") == tuple(
        answer[key] for key in ("resultCode", "resultMsg", "status")
    )


@pytest.mark.parametrize(
    ("expected", "rule"),
    [
        (["2032", "U112"], {"reply": {"code": "2032"}}),
        (["2032", "U112"], {"reply": {"code": "2032"}, "effect": "decline"}),
        (["2032", "0000"], {"reply": {"code": "2032"}, "effect": "none"}),
        (["U107", "0000"], {"reply": {"code": "U107"}}),
    ],
)
def test_a_declined_partial_cancel_has_used_its_order_id(
    till: Till, expected: list[str], rule: dict[str, Any]
) -> None:
    """The network's no takes no money, but the next try needs a new orderId."""
    payment = till.pay()
    play(till, call="payments.cancel", **rule)
    codes = [till.cancel(payment, orderId="c-1", cancelAmt=4)["resultCode"] for _ in range(2)]

    assert expected == codes
    assert "0000" == till.cancel(payment, orderId="c-2", cancelAmt=4)["resultCode"]


def test_a_declined_full_cancel_may_be_sent_again(till: Till) -> None:
    """It has no orderId of its own."""
    payment = till.pay()
    play(till, call="payments.cancel", reply={"code": "2032"})
    codes = [till.cancel(payment, orderId="c-1")["resultCode"] for _ in range(2)]

    assert ["2032", "0000"] == codes


def test_an_api_code_changes_nothing(till: Till) -> None:
    """Another code only tells the caller so."""
    payment = till.authorise()
    play(till, call="payments.approve", reply={"code": "U501"})

    assert "U501" == till.approve(payment)["resultCode"]
    assert AUTHORISED == till.stored(payment).status


@pytest.mark.parametrize("code", ["U503", "U504"])
def test_nicepays_own_failure_leaves_a_failed_payment(till: Till, code: str) -> None:
    """It has been net-cancelled: the same tid cannot be approved any more, and the orderId is free."""
    payment = till.authorise(order_id="A")
    play(till, call="payments.approve", times=1, reply={"code": code})
    answer = till.approve(payment)

    assert (code, "failed", 0) == (answer["resultCode"], answer["status"], answer["balanceAmt"])
    assert FAILED == till.stored(payment).status
    assert "U114" == till.approve(payment)["resultCode"]
    assert "U107" == till.get("find/A")["resultCode"]
    assert "0000" == till.approve(till.authorise(order_id="A"))["resultCode"]


def test_elsewhere_its_code_is_only_told(till: Till) -> None:
    """A cancel that fails at NICEPAY leaves the payment as it was."""
    payment = till.pay()
    play(till, call="payments.cancel", reply={"code": "U504"})

    assert ["resultCode", "resultMsg"] == list(till.cancel(payment))
    assert PAID == till.stored(payment).status


def test_a_code_with_commit_is_a_lie(till: Till) -> None:
    """The money moves, and the caller is told that it did not."""
    payment = till.authorise()
    play(till, call="payments.approve", effect="commit", reply={"code": "3011"})

    assert "3011" == till.approve(payment)["resultCode"]
    assert PAID == till.stored(payment).status


def test_a_late_approval_is_paid_later(till: Till) -> None:
    """Look-ups know nothing before, everything afterwards."""
    payment = till.authorise(order_id="A")
    play(till, call="payments.approve", effect="late", delay="30s", reply="hang")
    send(till, f"/v1/payments/{payment.tid}", '{"amount": 1004}')

    assert ["U107", "P049"] == [
        till.get("find/A")["resultCode"],
        till.net_cancel("A")["resultCode"],
    ]
    till.advance(seconds=30)
    assert "paid" == till.get("find/A")["status"]
    assert "cancelled" == till.net_cancel("A")["status"]


def test_a_timeline_deposits_and_cancels(till: Till) -> None:
    """In the merchant's time; what the bank sends back is in the journal."""
    till.pay(order_id="A", method="vbank")
    till.pay(order_id="B")
    till.sandbox.choose_scenario(
        {
            "version": 1,
            "name": "in-time",
            "timeline": [
                {"at": "+1h", "do": "payment.deposit", "orderId": "A", "amount": 1000},
                {"at": "+2h", "do": "payment.deposit", "orderId": "A"},
                {"at": "+3h", "do": "payment.deposit", "orderId": "A"},
                {"at": "+4h", "do": "payment.cancel", "orderId": "*"},
            ],
        },
        till.merchant.client_id,
    )
    seen = []
    for _ in range(4):
        till.advance(hours=1)
        seen.append((till.get("find/A")["status"], till.get("find/B")["status"]))

    assert [
        ("ready", "paid"),
        ("paid", "paid"),
        ("paid", "paid"),
        ("cancelled", "cancelled"),
    ] == seen
    codes = [entry.code for entry in till.sandbox.journal() if entry.method == "TIMELINE"]
    assert ["0000", "0000", "4124", "0000", "4122"] == codes


def test_nothing_is_kept_of_a_payment_after_reset(till: Till) -> None:
    """Reset forgets payments and used orderIds; the keys stay."""
    till.cancel(till.pay(order_id="A"), orderId="B")
    till.sandbox.reset(till.merchant.client_id)

    assert [] == till.sandbox.store.find(Payment, till.merchant.client_id)
    assert PAID == till.pay(order_id="A").status
    assert PAID == till.pay(order_id="B").status
