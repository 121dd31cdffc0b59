"""Authorisation and approval: what can be approved, and for how long."""

import re
from datetime import timedelta
from typing import Any

import pytest
from till import Till

from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.tables import result_code
from mock_nicepay.contract.times import parse_moment
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.approval import approve, authorise
from mock_nicepay.core.payments.wish import Payer, Wish
from mock_nicepay.core.records import AUTHORISED, FAILED, PAID, READY, Payment, ReceiptWish

MOBILE = ReceiptWish("individual", "01012345678")


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


@pytest.mark.parametrize(
    ("service", "made_with", "method"),
    [
        ("01", "card", "card"),
        ("01", "card", "directCard"),
        ("01", "card", "naverpayCard"),
        ("01", "card", "kakaopay"),
        ("01", "card", "kakaopayCard"),
        ("01", "card", "kakaopayMoney"),
        ("01", "card", "samsungpayCard"),
        ("01", "card", "payco"),
        ("01", "card", "ssgpay"),
        ("01", "card", "cardAndEasyPay"),
        ("02", "bank", "bank"),
        ("03", "account", "vbank"),
        ("05", "", "cellphone"),
    ],
)
def test_an_authorisation_is_a_payment_without_money(
    till: Till, service: str, made_with: str, method: str
) -> None:
    """It has its tid, its token and what it will be paid with, whatever the method."""
    payment = till.authorise(method=method)
    mid = re.escape(till.merchant.mid)

    assert payment == till.stored(payment)
    assert re.fullmatch(rf"{mid}{service}01230228125317[0-9]{{4}}", payment.tid)
    assert re.fullmatch(r"NICEUNTT[0-9A-F]{32}", payment.auth_token)
    assert (AUTHORISED, 1004, 913, 91, 0) == (
        payment.status,
        payment.balance,
        payment.supply,
        payment.vat,
        payment.tax_free,
    )
    assert [name for name in ("card", "bank", "account") if getattr(payment, name)] == (
        [made_with] if made_with else []
    )
    assert (None, None, None) == (payment.paid_at, payment.approve_no, payment.cancelled_tid)


def test_what_was_asked_for_is_kept(till: Till) -> None:
    """Buyer, reserved text, charset and the rest stay as the window got them."""
    asked: dict[str, Any] = {
        "mall_reserved": '{"한글": 1}',
        "mall_user_id": "user",
        "buyer_name": "홍길동",
        "buyer_tel": "01012345678",
        "buyer_email": "a@example.com",
        "use_escrow": True,
        "charset": "euc-kr",
        "channel": "mobile",
        "tax_free": 400,
    }
    payment = till.authorise(**asked)

    assert asked == {name: getattr(payment, name) for name in asked}
    assert (549, 55) == (payment.supply, payment.vat)


def test_the_same_seed_gives_the_same_payment() -> None:
    """Tid, token, card and approval number: repeatable on purpose."""
    first, second = (Till().pay(method="card") for _ in range(2))

    assert first == second
    assert first != Till(seed=1).pay(method="card")


def test_tids_of_one_second_differ(till: Till) -> None:
    """Even with a frozen clock every tid is unique."""
    with till.context() as context:
        tids = [
            authorise(context, Wish(f"order-{n}", 1004, "상품")).tid for n in range(10_000 + 100)
        ]

    assert len(set(tids)) == len(tids)
    assert {30} == {len(tid) for tid in tids}
    assert re.fullmatch(r"[A-Z][0-9A-Z]{3}", tids[-1][-4:])


@pytest.mark.parametrize(
    ("expected", "event", "wish"),
    [
        (PAID, "paid", {}),
        (PAID, "paid", {"method": "bank"}),
        (PAID, "paid", {"method": "cellphone"}),
        (PAID, "paid", {"method": "kakaopayMoney"}),
        (READY, "ready", {"method": "vbank"}),
    ],
)
def test_an_approval_moves_the_money(
    till: Till, expected: str, event: str, wish: dict[str, Any]
) -> None:
    """Once, now, and the webhook is called; an account waits for its deposit."""
    payment = till.authorise(**wish)
    events: list[tuple[str, Payment]] = []
    with till.context(events) as context:
        done = approve(context, payment, 1004)

    assert done == till.stored(payment)
    assert (expected, context.now) == (done.status, done.paid_at)
    assert (expected == READY) == (done.approve_no is None)
    assert [(event, done)] == events


@pytest.mark.parametrize(
    ("expected", "wish"),
    [
        (0, {"method": "bank"}),
        (1, {"method": "bank", "receipt": MOBILE}),
        (0, {"method": "card", "receipt": MOBILE}),
        (0, {"method": "vbank", "receipt": MOBILE}),
    ],
)
def test_a_transfer_gets_its_cash_receipt(till: Till, expected: int, wish: dict[str, Any]) -> None:
    """When the payer wished for one; a card never, an account only when money has come."""
    receipts = till.pay(**wish).receipts

    assert expected == len(receipts)
    for receipt in receipts:
        assert ("04", "issueRequested", 1004, "individual", 9) == (
            receipt.tid[10:12],
            receipt.status,
            receipt.amount,
            receipt.kind,
            len(receipt.issue_no),
        )


class TestRefusals:
    """What the gateway does not approve; nothing has changed then."""

    @pytest.fixture(params=["card", "vbank"])
    def payment(self, till: Till, request: pytest.FixtureRequest) -> Payment:
        """An authorised payment."""
        return till.authorise(method=request.param)

    def refused(self, till: Till, payment: Payment, amount: int = 1004) -> str:
        """The code of the refusal; that nothing was written is checked."""
        before = till.records()
        events: list[tuple[str, Payment]] = []
        with pytest.raises(Refusal) as refused, till.context(events) as context:
            approve(context, payment, amount)

        assert ([], before) == (events, till.records())
        assert refused.value.cause is not None
        return refused.value.code

    def test_a_tid_is_approved_once(self, till: Till, payment: Payment) -> None:
        """U114, also when it has been cancelled."""
        assert "0000" == till.approve(payment)["resultCode"]
        assert "U114" == self.refused(till, till.stored(payment))
        assert "0000" == till.cancel(payment)["resultCode"]
        assert "U114" == self.refused(till, till.stored(payment))

    @pytest.mark.parametrize("amount", [1003, 1005, 1])
    def test_another_amount_is_refused(self, till: Till, payment: Payment, amount: int) -> None:
        """A123; the right one may still come."""
        assert "A123" == self.refused(till, payment, amount)
        assert "0000" == till.approve(payment)["resultCode"]

    def test_an_authorisation_grows_old(self, till: Till, payment: Payment) -> None:
        """After thirty minutes, to the millisecond, A245."""
        till.advance(minutes=30, milliseconds=1)
        assert "A245" == self.refused(till, payment)

        till.advance(milliseconds=-1)
        assert "0000" == till.approve(payment)["resultCode"]

    @pytest.mark.parametrize("cancelled", [False, True])
    def test_an_order_is_paid_once(self, till: Till, payment: Payment, cancelled: bool) -> None:
        """U112 for another tid of the same orderId, also when that payment has been cancelled."""
        other = till.pay(order_id=payment.order_id)
        if cancelled:
            till.cancel(other)

        assert "U112" == self.refused(till, payment)

    def test_a_cancels_order_id_is_used(self, till: Till, payment: Payment) -> None:
        """No payment takes what a cancel was asked for under."""
        till.cancel(till.pay(), orderId=payment.order_id)

        assert "U112" == self.refused(till, payment)

    def test_the_first_reason_decides(self, till: Till, payment: Payment) -> None:
        """State before age, age before amount, amount before order."""
        till.pay(order_id=payment.order_id)
        assert "A123" == self.refused(till, payment, 1)
        till.advance(minutes=31)
        assert "A245" == self.refused(till, payment, 1)
        paid = till.change(payment, status=PAID)
        assert "U114" == self.refused(till, paid, 1)


def test_a_contract_may_let_order_ids_repeat() -> None:
    """Then the same orderId is paid twice, under two tids."""
    till = Till(merchant={"repeatsOrderIds": True})
    first, second = till.pay(order_id="A"), till.pay(order_id="A")

    assert first.tid != second.tid
    assert second.tid == till.get("find/A")["tid"]


class TestDeclined:
    """The issuer's no is recorded."""

    def declined(self, till: Till, payment: Payment, code: str = "3011") -> Payment:
        """The payment after the issuer's no, which tells no webhook anything."""
        events: list[tuple[str, Payment]] = []
        with till.sandbox.desk.serve(till.merchant, issuer_says=result_code(code)) as context:
            done = approve(context, payment, 1004)

        assert [] == events
        return done

    @pytest.mark.parametrize("method", ["card", "bank", "vbank", "cellphone", "kakaopayMoney"])
    def test_it_is_a_failed_payment(self, till: Till, method: str) -> None:
        """With nothing in it that could be cancelled or paid to."""
        done = self.declined(till, till.authorise(method=method))

        assert done == till.stored(done)
        assert (FAILED, 0, None, None, None, None, None) == (
            done.status,
            done.balance,
            done.paid_at,
            done.approve_no,
            done.card,
            done.bank,
            done.account,
        )
        assert parse_moment("2023-02-28T12:53:17.657+0900") == done.failed_at

    def test_its_order_is_free_again(self, till: Till) -> None:
        """The next attempt under the same orderId is paid, and found by it."""
        failed = self.declined(till, till.authorise(order_id="A"))
        assert "U107" == till.get("find/A")["resultCode"]
        assert "failed" == till.get(failed.tid)["status"]

        paid = till.pay(order_id="A")
        assert paid.tid == till.get("find/A")["tid"]
        assert "U114" == till.approve(failed)["resultCode"]

    def test_what_was_wrong_never_reached_the_issuer(self, till: Till) -> None:
        """A wrong amount is A123, whatever the issuer would have said."""
        payment = till.authorise()
        with (
            pytest.raises(Refusal, match="A123"),
            till.sandbox.desk.serve(till.merchant, issuer_says=result_code("3011")) as context,
        ):
            approve(context, payment, 1)

        assert AUTHORISED == till.stored(payment).status


class TestProcessing:
    """An approval that the payment network takes its time for."""

    @pytest.fixture
    def payment(self, till: Till) -> Payment:
        """A payment whose approval takes ten seconds."""
        payment = till.authorise(order_id="A")
        with till.sandbox.desk.serve(till.merchant, takes=timedelta(seconds=10)) as context:
            return approve(context, payment, 1004)

    def test_nobody_sees_it_before(self, till: Till, payment: Payment) -> None:
        """Look-ups know nothing, a repeat is U112, a cancel P049."""
        till.advance(seconds=9.999)

        assert ["U107", "U107", "U112", "P049", "P049", "U107"] == [
            till.get(payment.tid)["resultCode"],
            till.get("find/A")["resultCode"],
            till.approve(payment)["resultCode"],
            till.net_cancel("A")["resultCode"],
            till.cancel(payment)["resultCode"],
            till.post(f"/v1/check-amount/{payment.tid}", {"amount": 1004})["resultCode"],
        ]
        assert "U112" == till.approve(till.authorise(order_id="A"))["resultCode"]

    def test_afterwards_it_is_paid(self, till: Till, payment: Payment) -> None:
        """From that moment on, which is its paidAt."""
        till.advance(seconds=10)

        assert "2023-02-28T12:53:27.000+0900" == till.get(payment.tid)["paidAt"]
        assert payment.tid == till.get("find/A")["tid"]
        assert "U114" == till.approve(payment)["resultCode"]
        assert "cancelled" == till.net_cancel("A")["status"]


def test_sandbox_limits_fix_the_card() -> None:
    """Whatever was asked for: Samsung, a lump sum, 000000, and won."""
    till = Till(sandbox_limits="yes")
    paid = till.pay(method="naverpayCard", currency="USD", payer=Payer(card_code="02", quota=0))

    assert ("04", "123412******1234", 0, "000000", "KRW") == (
        paid.card and paid.card.code,
        paid.card and paid.card.number,
        paid.card and paid.card.quota,
        paid.approve_no,
        paid.currency,
    )


def test_a_pick_nobody_offers_leaves_nothing(till: Till) -> None:
    """The payer of a test picks a card the shop did not ask for."""
    before = till.records()
    with pytest.raises(Misuse, match="offered are 02, 04"):
        till.authorise(card_codes=("02", "04"), payer=Payer(card_code="06"))

    assert before == till.records()
