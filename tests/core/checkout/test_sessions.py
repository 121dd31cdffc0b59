"""A checkout session's life: what each step makes of it, and what it refuses afterwards."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from counter import Counter

from mock_nicepay.core.records import Payment
from mock_nicepay.core.scenarios.language import ReplyPlan

DECLINE = ReplyPlan("code", code="3011")
CLOSE, TIMEOUT = ReplyPlan("close"), ReplyPlan("timeout")
UNAUTHENTICATED = ReplyPlan("code")


@pytest.fixture
def counter() -> Counter:
    """A merchant with one session."""
    counter = Counter()
    assert "0000" == counter.create()["resultCode"]
    return counter


def seen(counter: Counter) -> tuple[str, bool, bool]:
    """Status, isExpire, and whether there is a tid."""
    body = counter.look()
    return body["status"], body["isExpire"], body["tid"] is not None


@pytest.mark.parametrize(
    ("status", "paid", "ending"),
    [
        ("paid", True, ReplyPlan()),
        ("failed", False, DECLINE),
        ("failed", False, UNAUTHENTICATED),
        ("failed", False, TIMEOUT),
        ("closed", False, CLOSE),
    ],
)
def test_how_a_visit_ends_it(counter: Counter, status: str, paid: bool, ending: ReplyPlan) -> None:
    """A session is used by one visit, whatever came of it; only a payment gives it a tid."""
    assert ("ready", False, False) == seen(counter)
    counter.visit(ending=ending)

    assert (status, True, paid) == seen(counter)


@pytest.mark.parametrize(
    ("code", "state", "ending"),
    [
        ("P045", "", ReplyPlan()),
        ("P047", "[failed]", DECLINE),
        ("P047", "[closed]", CLOSE),
        ("P047", "[failed]", TIMEOUT),
    ],
)
def test_a_second_visit_changes_nothing(
    counter: Counter, code: str, state: str, ending: ReplyPlan
) -> None:
    """It posts a failure to returnUrl, and the first one stands; so does opening the page."""
    counter.visit(ending=ending)
    before = counter.records()
    opened = counter.sandbox.checkout.open(counter.session()).result
    form = counter.visit()

    assert opened is not None
    assert code == opened.code
    assert ("false", code, "failed", "") == (
        form["success"],
        form["resultCode"],
        form["status"],
        form["tid"],
    )
    assert state in form["resultMsg"]
    assert before == counter.records()


def test_cancels_are_seen_whatever_way_they_went(counter: Counter) -> None:
    """A cancel by tid changes the session's status, too; its page then names it."""
    tid = counter.visit()["tid"]
    payment = counter.sandbox.store.get(Payment, tid)
    assert payment is not None
    counter.cancel(payment, cancelAmt=4)
    assert ("partialCancelled", True, True) == seen(counter)
    counter.cancel_by_session()

    assert ("cancelled", True, True) == seen(counter)
    assert "[cancelled]" in counter.visit()["resultMsg"]


@pytest.mark.parametrize(
    ("issued", "deposited", "fields"),
    [("paid", "paid", {}), ("ready", "ready", {"fakeAuth": True})],
)
def test_a_virtual_account(issued: str, deposited: str, fields: dict[str, Any]) -> None:
    """It is paid when the account is issued, not when the money comes; with fakeAuth it stays ready."""
    counter = Counter()
    counter.create(method="vbank", vbankHolder="홍길동", **fields)
    form = counter.visit()
    assert ("ready", "0000") == (form["status"], form["resultCode"])
    assert issued == counter.look()["status"]
    counter.sandbox.ledger.deposit(form["tid"])

    assert deposited == counter.look()["status"]
    assert "P045" == counter.visit()["resultCode"]


def test_an_approval_under_way(counter: Counter) -> None:
    """Until the money has moved the session is pending, without a payment, and takes no other visit."""
    rule = {"call": "window.pay", "times": 1, "effect": "late", "delay": "1m", "reply": "hang"}
    scenario = {"version": 1, "name": "late", "rules": [rule]}
    counter.sandbox.choose_scenario(scenario, counter.merchant.client_id)
    assert 0 == counter.sandbox.checkout.pay(counter.session()).posts
    assert ("pending", False, False) == seen(counter)
    assert "U111" == counter.payment()["resultCode"]
    assert "P049" == counter.visit()["resultCode"]
    counter.advance(minutes=1)

    assert ("paid", True, True) == seen(counter)
    assert "paid" == counter.payment()["status"]


@pytest.mark.parametrize(
    ("effect", "status"),
    [({}, "failed"), ({"effect": "none"}, "ready")],
)
def test_a_scenario_may_leave_it_alone(
    counter: Counter, effect: dict[str, str], status: str
) -> None:
    """With `effect: none` the shop gets a failure, but nothing has happened at the gateway."""
    rule = {"call": "window.pay", "times": 1, "reply": {"code": "C002"}, **effect}
    scenario = {"version": 1, "name": "told", "rules": [rule]}
    counter.sandbox.choose_scenario(scenario, counter.merchant.client_id)

    assert "C002" == counter.visit()["resultCode"]
    assert status == counter.look()["status"]


@pytest.mark.parametrize("effect", [{}, {"effect": "commit"}])
def test_nicepays_own_failure(counter: Counter, effect: dict[str, str]) -> None:
    """U504: the money moved and the payment is net-cancelled; the shop gets a failure."""
    rule = {"call": "window.pay", "reply": {"code": "U504"}, **effect}
    scenario = {"version": 1, "name": "own-failure", "rules": [rule]}
    counter.sandbox.choose_scenario(scenario, counter.merchant.client_id)
    form = counter.visit()

    assert ("U504", "failed", "false") == (form["resultCode"], form["status"], form["success"])
    assert ("cancelled", "망취소") == (
        counter.payment()["status"],
        counter.payment()["cancels"][0]["reason"],
    )


def test_an_order_paid_elsewhere(counter: Counter) -> None:
    """An orderId that was paid in a window meanwhile: U112, and the session has failed."""
    order = counter.session().order_id
    params = {
        "method": "card",
        "orderId": order,
        "amount": 1004,
        "goodsName": "x",
        "returnUrl": "http://127.0.0.1/",
    }
    assert "0000" == counter.sandbox.window.pay(params, merchant=counter.merchant).code

    assert "U112" == counter.visit()["resultCode"]
    assert "failed" == counter.look()["status"]


class TestExpiry:
    """By the merchant's clock, or by its call."""

    def test_by_the_clock(self, counter: Counter) -> None:
        """After a day isExpire is true, the status stays, and the page fails with P042."""
        counter.advance(hours=23, minutes=59, seconds=59)
        assert ("ready", False, False) == seen(counter)
        counter.advance(seconds=1)

        assert ("ready", True, False) == seen(counter)
        assert ("P042", "failed") == (
            counter.visit()["resultCode"],
            counter.visit()["status"],
        )
        assert "U325" == counter.expire()["resultCode"]

    def test_by_a_call(self, counter: Counter) -> None:
        """isExpire is true, the status stays; a second call is U325."""
        assert ("0000", "ready", True) == (
            (body := counter.expire())["resultCode"],
            body["status"],
            body["isExpire"],
        )
        assert "P042" == counter.visit()["resultCode"]
        assert "U325" == counter.expire()["resultCode"]

    def test_a_used_session_counts_as_expired(self, counter: Counter) -> None:
        """U325, and the payment is not cancelled."""
        counter.visit()

        assert "U325" == counter.expire()["resultCode"]
        assert "paid" == counter.payment()["status"]

    @pytest.mark.parametrize(
        ("expected", "fields", "options"),
        [
            ("2023-03-01T12:53:17.000+0900", {}, {}),
            ("2023-02-28T13:53:17.000+0900", {}, {"session_lifetime": "1h"}),
            ("2023-03-02T09:00:00.000+0900", {"expireDate": "2023-03-02T00:00:00Z"}, {}),
        ],
    )
    def test_until_when(
        self, expected: str, fields: dict[str, Any], options: dict[str, Any]
    ) -> None:
        """A day, what the setting says, or what the merchant says; in Korean time."""
        assert expected == Counter(**options).create(**fields)["expireDate"]


class TestIds:
    """sessionId and orderId are used for ever."""

    @pytest.mark.parametrize("ending", [None, ReplyPlan(), CLOSE, DECLINE])
    def test_neither_comes_again(self, counter: Counter, ending: ReplyPlan | None) -> None:
        """Not after a payment, a failure or an expiry."""
        if ending is not None:
            counter.visit(ending=ending)
        counter.advance(days=2)

        assert "U324" == counter.create(sessionId="session-1")["resultCode"]
        assert "U112" == counter.create(orderId="checkout-1")["resultCode"]

    def test_a_payments_order_id_is_used(self) -> None:
        """Also one that was paid in a window."""
        counter = Counter()
        counter.sandbox.window.pay(
            {
                "method": "card",
                "orderId": "taken",
                "amount": 1004,
                "goodsName": "x",
                "returnUrl": "http://127.0.0.1/",
            },
            merchant=counter.merchant,
        )

        assert "U112" == counter.create(orderId="taken")["resultCode"]

    def test_a_refused_one_is_not_used(self) -> None:
        """What was refused left nothing behind."""
        counter = Counter()
        assert "U327" == counter.create(sessionId="a", orderId="b", taxFreeAmt=2000)["resultCode"]

        assert "0000" == counter.create(sessionId="a", orderId="b")["resultCode"]

    def test_of_two_at_once_one_wins(self) -> None:
        """Twenty calls at the same time make one session."""
        counter = Counter()
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: counter.create(sessionId="s"), range(20)))

        codes = sorted(answer["resultCode"] for answer in answers)
        assert ["0000"] + ["U324"] * 19 == codes

    def test_of_two_payers_at_once_one_pays(self, counter: Counter) -> None:
        """The others are told that it has been paid."""
        with ThreadPoolExecutor(10) as pool:
            forms = list(pool.map(lambda _: counter.visit(), range(10)))

        assert ["0000"] + ["P045"] * 9 == sorted(form["resultCode"] for form in forms)

    def test_a_reset_forgets_them(self, counter: Counter) -> None:
        """Then they are free again; a page that is still open says so."""
        session = counter.session()
        counter.sandbox.reset(counter.merchant.client_id)

        assert "P043" == counter.sandbox.checkout.pay(session).code
        assert "0000" == counter.create(sessionId="session-1")["resultCode"]


def test_a_server_approval_key() -> None:
    """Its session is made, and its page fails with P025; tosspayBill is refused at once."""
    counter = Counter(merchant={"window": "server"})
    assert "U147" == counter.create(method="tosspayBill")["resultCode"]
    assert "0000" == counter.create(sessionId="s")["resultCode"]

    assert "P025" == counter.visit("s")["resultCode"]
    assert "ready" == counter.look("s")["status"]


@pytest.mark.parametrize(
    ("expected", "hours_first"),
    [("2023-03-05T23:59:00.000+0900", "no"), ("2023-03-01T13:53:17.000+0900", "yes")],
)
def test_which_deadline_wins(expected: str, hours_first: str) -> None:
    """The date in the sandbox, the hours in live; those count from the opening of the page."""
    counter = Counter(hours_before_date=hours_first)
    counter.create(
        method="vbank", vbankHolder="홍길동", vbankValidHours=24, vbankExpDate="2023-03-05"
    )
    counter.advance(hours=1)
    assert counter.sandbox.checkout.open(counter.session()).result is None
    counter.advance(minutes=10)
    counter.visit()

    assert expected == counter.payment()["vbank"]["vbankExpDate"]
