"""Webhooks of payments: events, tries, acceptance, and the faults of scenarios."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event
from typing import Any

import pytest
from stall import Stall, stall_at

from mock_nicepay.front.testing.receiver import Received
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

REDIRECTED = (
    "HTTP 302 leads to /elsewhere, and redirects are not followed: register the address that "
    "answers HTTP 200 itself"
)
NOW = "2023-02-28T12:53:17.657+0900"


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A gateway with the settings a test asks for, which ends with it."""
    options = {"self_check": True, "clock": NOW, **getattr(request, "param", {})}
    sandbox = Sandbox(Settings.read(options, environment={}))
    yield sandbox
    sandbox.close()


@pytest.fixture
def stalls(sandbox: Sandbox) -> Iterator[Callable[[], Stall]]:
    """Makes stalls that end with the test."""
    with ExitStack() as ends:

        def make() -> Stall:
            stall = stall_at(sandbox)
            ends.callback(stall.nicepay.close)
            return stall

        yield make


@pytest.fixture
def stall(stalls: Callable[[], Stall]) -> Stall:
    """One stall."""
    stall = stalls()
    assert stall.webhooks.url
    return stall


def seen(stall: Stall) -> list[tuple[str, str]]:
    """Status and payMethod of each event that came."""
    return [(event.status, event.json["payMethod"]) for event in stall.webhooks.received]


def times(stall: Stall) -> list[str]:
    """When the latest event was tried."""
    return [str(each["at"])[11:16] for each in stall.webhooks.log[0]["tries"]]


def state(stall: Stall) -> str:
    """How far the latest event is."""
    return str(stall.webhooks.log[0]["state"])


# Events


@pytest.mark.parametrize(
    ("expected", "method"),
    [
        (("paid", "card"), "card"),
        (("paid", "bank"), "bank"),
        (("ready", "vbank"), "vbank"),
        (("paid", "cellphone"), "cellphone"),
        (("paid", "naverpay"), "naverpayCard"),
    ],
)
def test_a_payment_is_told(expected: tuple[str, str], method: str, stall: Stall) -> None:
    """Each method's approval makes one event, with the answer's values and a signature of its own."""
    answer = stall.buy(method)
    assert [expected] == seen(stall)
    event = stall.webhooks[0]
    assert event.genuine
    assert "application/json;charset=UTF-8" == event.headers["content-type"]
    inquiry = stall.call("GET", f"/v1/payments/{answer['tid']}")
    assert list(inquiry) == list(event.json)
    assert inquiry == event.json


@pytest.mark.parametrize(
    ("expected", "sandbox"),
    [
        ("https://pay.test/issue/", {"public_url": "https://pay.test"}),
        (
            "https://npg.nicepay.co.kr/issue/",
            {"public_url": "https://pay.test", "edition": "manual"},
        ),
    ],
    indirect=["sandbox"],
)
def test_an_event_leads_to_receipts_as_the_answers_do(expected: str, stall: Stall) -> None:
    """Of the payment, and of its cancel."""
    tid = stall.buy()["tid"]
    cancelled = stall.cancel(tid)
    paid, told = stall.webhooks[0].json, stall.webhooks[1].json
    assert f"{expected}IssueLoader.do?type=0&innerWin=Y&TID={tid}" == paid["receiptUrl"]
    assert (cancelled["receiptUrl"], cancelled["cancels"]) == (told["receiptUrl"], told["cancels"])


def test_a_deposit_and_cancels_are_told(stall: Stall) -> None:
    """In their order; an event of a cancel keeps the original amount."""
    tid = stall.buy("vbank")["tid"]
    stall.nicepay.deposit(tid)
    assert 2 == len(stall.webhooks)  # the events of two payments may overtake each other
    paid = stall.buy()["tid"]
    assert "0000" == stall.cancel(paid, cancelAmt=4)["resultCode"]
    assert "0000" == stall.cancel(paid)["resultCode"]
    assert [
        ("ready", "vbank"),
        ("paid", "vbank"),
        ("paid", "card"),
        ("partialCancelled", "card"),
        ("cancelled", "card"),
    ] == seen(stall)
    assert [(1004, 1000), (1004, 0)] == [
        (event.json["amount"], event.json["balanceAmt"]) for event in stall.webhooks[3:]
    ]
    assert all(event.genuine for event in stall.webhooks)
    deposited = stall.webhooks[1].json
    assert stall.call("GET", f"/v1/payments/{tid}")["vbank"] == deposited["vbank"]


def test_failures_are_not_told(stall: Stall) -> None:
    """Neither a declined payment nor a refused call, nor what a scenario undoes."""
    assert "3011" == stall.buy(order_id="mock:3011")["resultCode"]
    assert "U121" == stall.approve("nobody")["resultCode"]
    rule = {"call": "payments.approve", "effect": "none", "reply": "ok"}
    stall.nicepay.scenario({"version": 1, "name": "undone", "rules": [rule]})
    assert "0000" == stall.buy()["resultCode"]
    assert ([], []) == (stall.webhooks.received, stall.webhooks.log)


def test_a_lost_answer_is_told(stall: Stall) -> None:
    """The money has moved, so the event comes even if the answer is lost."""
    visit = stall.nicepay.pay(order_id="mock:hang")
    stall.approve(visit.tid)
    assert [("paid", "card")] == seen(stall)


def test_events_come_in_the_charset_of_their_call(stall: Stall) -> None:
    """In upper case, the bytes as labelled; what no call caused is UTF-8."""
    tid = stall.buy("vbank", returnCharSet="euc-kr", goods_name="상품")["tid"]
    stall.nicepay.deposit(tid)
    ready, deposited = stall.webhooks.received
    assert "application/json;charset=EUC-KR" == ready.headers["content-type"]
    assert "상품".encode("cp949") in ready.body
    assert "application/json;charset=UTF-8" == deposited.headers["content-type"]
    assert ["상품"] * 2 == [event.json["goodsName"] for event in (ready, deposited)]


@pytest.mark.parametrize(
    ("expected", "registered", "bought"),
    [
        (1, "card", "card"),
        (1, "card", "kakaopayCard"),
        (0, "card", "bank"),
        (1, "vbank", "vbank"),
        (0, "cellphone", "card"),
    ],
)
def test_events_go_where_their_method_goes(
    expected: int, registered: str, bought: str, stall: Stall
) -> None:
    """Without an address for the method there is no event at all."""
    url = stall.webhooks.url
    stall.nicepay._ask("DELETE", "/webhooks")
    body = json.dumps({"method": registered, "url": url}).encode()
    stall.nicepay._ask("POST", "/webhooks", body)
    stall.buy(bought)
    assert [expected] * 2 == [len(stall.webhooks.received), len(stall.webhooks.log)]


def test_an_event_that_is_processed_late_comes_late(stall: Stall) -> None:
    """With the money, not with the call."""
    rule = {"call": "payments.approve", "effect": "late", "delay": "5m", "reply": "hang"}
    stall.nicepay.scenario({"version": 1, "name": "late", "rules": [rule]})
    stall.buy()
    assert [] == seen(stall)
    stall.nicepay.advance(minutes=5)
    assert [("paid", "card")] == seen(stall)
    assert "2023-02-28T12:58:17.657+0900" == stall.webhooks[0].json["ediDate"]


# Tries


def test_ten_tries_a_minute_apart(stall: Stall) -> None:
    """Then it is given up; each try brings the same bytes."""
    stall.webhooks.answer("no")
    stall.buy()
    stall.nicepay.advance(minutes=30)
    assert [f"{12 + n // 60}:{n % 60:02}" for n in range(53, 63)] == times(stall)
    assert "failed" == state(stall)
    bodies = [event.body for event in stall.webhooks.received]
    assert (10, 1) == (len(bodies), len(set(bodies)))


@pytest.mark.parametrize(
    "sandbox", [{"webhook_attempts": "3", "webhook_interval": "10s"}], indirect=True
)
@pytest.mark.usefixtures("sandbox")
def test_tries_can_be_set(stall: Stall) -> None:
    """Their number and what lies between them."""
    stall.webhooks.answer("no")
    stall.buy()
    stall.nicepay.advance(seconds=19)
    assert (2, "waiting") == (len(stall.webhooks), state(stall))
    stall.nicepay.advance(seconds=1)
    assert (3, "failed") == (len(stall.webhooks), state(stall))


@pytest.mark.parametrize("sandbox", [{"webhook_delay": "90s"}], indirect=True)
@pytest.mark.parametrize(("expected", "method"), [(0, "card"), (0, "bank"), (1, "vbank")])
@pytest.mark.usefixtures("sandbox")
def test_the_first_try_can_be_late(expected: int, method: str, stall: Stall) -> None:
    """As the gateway's own job that runs now and then; an account that was issued never waits."""
    stall.buy(method)
    stall.nicepay.advance(seconds=89)
    assert expected == len(stall.webhooks)
    stall.nicepay.advance(seconds=1)
    assert 1 == len(stall.webhooks)


def test_advance_waits_for_the_tries_of_each_moment(stall: Stall) -> None:
    """Two events keep their order, try by try, and the accepted one comes no more."""
    stall.webhooks.answer(lambda event: "OK" if len(stall.webhooks._came) > 4 else "no")
    first, second = stall.buy()["orderId"], stall.buy()["orderId"]
    stall.nicepay.advance(minutes=10)
    came = [event.order_id for event in stall.webhooks.received]
    assert [[first, second]] * 3 == [sorted(came[n : n + 2]) for n in (0, 2, 4)]
    assert {"delivered"} == {each["state"] for each in stall.webhooks.log}


@pytest.mark.parametrize("body", ["OK", "ok", "Ok", " oK\r\n", "\tOK\n\n"])
def test_it_is_accepted(body: str, stall: Stall) -> None:
    """OK in any case, after trimming."""
    stall.webhooks.answer(body)
    stall.buy()
    assert ("delivered", None) == (state(stall), stall.webhooks.log[0]["tries"][0]["failure"])


@pytest.mark.parametrize(
    ("failure", "answer"),
    [
        ("the body is 'OK!'; it must be OK and nothing else", {"body": "OK!"}),
        ("the body is '\"OK\"'; it must be OK and nothing else", {"body": '"OK"'}),
        ("the body is empty; it must be OK", {"body": ""}),
        ("HTTP 201; it must be HTTP 200 with the body OK", {"status": 201}),
        ("HTTP 500; it must be HTTP 200 with the body OK", {"status": 500}),
        (REDIRECTED, {"status": 302, "headers": {"Location": "/elsewhere"}}),
    ],
)
def test_it_is_not_accepted(failure: str, answer: dict[str, Any], stall: Stall) -> None:
    """The log says why, and what would be right."""
    stall.webhooks.answer(**answer)
    stall.buy()
    assert ("waiting", failure) == (state(stall), stall.webhooks.log[0]["tries"][0]["failure"])
    assert 1 == len(stall.webhooks)  # nowhere else either


_NO_HTML = "the Content-Type is 'text/plain'; it must be text/html (--webhook-answer)"


@pytest.mark.parametrize(
    ("failure", "answer", "sandbox"),
    [
        (_NO_HTML, {"headers": {"Content-Type": "text/plain"}}, {"webhook_answer": "html"}),
        (_NO_HTML, {"headers": {"Content-Type": "text/plain"}}, {"edition": "manual"}),
        (None, {"headers": {"Content-Type": "Text/HTML; charset=utf-8"}}, {"edition": "manual"}),
        (None, {"headers": {"Content-Type": "text/plain"}}, {"edition": "gateway"}),
        (None, {"body": "received: ok."}, {"webhook_answer": "contains"}),
        ("the body is empty; it must be OK", {"body": ""}, {"webhook_answer": "contains"}),
    ],
    indirect=["sandbox"],
)
def test_what_is_accepted_is_the_editions(
    failure: str | None, answer: dict[str, Any], sandbox: Sandbox, stall: Stall
) -> None:
    """Text/html in the Korean manual, anything with OK in the oldest English one."""
    stall.webhooks.answer(**answer)
    stall.buy()
    assert failure == stall.webhooks.log[0]["tries"][0]["failure"]


def test_a_receiver_that_has_gone(stall: Stall) -> None:
    """The tries continue, and the event arrives when the receiver is back."""
    url = stall.webhooks.url
    stall.webhooks._server.shutdown()
    stall.webhooks._server.server_close()
    stall.buy()
    stall.nicepay.advance(minutes=1)
    failures = {each["failure"] for each in stall.nicepay.webhooks.log[0]["tries"]}
    netloc = url.split("/")[2]
    assert {f"cannot connect to {netloc}: connection refused"} == failures


@pytest.mark.parametrize("sandbox", [{"webhook_timeout": "300ms"}], indirect=True)
def test_a_receiver_that_hangs_holds_nobody_up(
    sandbox: Sandbox, stalls: Callable[[], Stall]
) -> None:
    """Twenty merchants' events hang; another's come, and so do the answers of the API."""
    over = Event()
    hanging, quick = [stalls() for _ in range(20)], stalls()
    for stall in hanging:
        stall.webhooks.answer(lambda _: str(over.wait(10)))
        assert "0000" == stall.buy()["resultCode"]
    assert quick.webhooks.url
    assert "0000" == quick.buy()["resultCode"]
    assert 1 == len(quick.webhooks)
    quick.nicepay.advance(minutes=1)
    failures = {stall.webhooks.log[0]["tries"][0]["failure"] for stall in hanging}
    over.set()
    assert {stall.webhooks.url.split("/")[2] for stall in hanging} == {
        failure.split(" ")[0] for failure in failures
    }
    assert all(failure.endswith("had not answered after 0.3 s") for failure in failures)


def test_a_receiver_may_call_the_gateway(stall: Stall) -> None:
    """While it is called, at once and during an advance, also for the time."""
    told: list[str] = []

    def look(event: Received) -> str:
        told.append(stall.call("GET", f"/v1/payments/{event.tid}")["status"])
        stall.nicepay._ask("GET", "/clock")
        if len(told) == 1:
            return "not yet"
        return "OK" if stall.cancel(event.tid)["resultCode"] in {"0000", "2015"} else "no"

    stall.webhooks.answer(look)
    stall.buy()
    stall.nicepay.advance(minutes=2)
    assert ["paid", "paid", "cancelled"] == told
    assert {"delivered"} == {each["state"] for each in stall.webhooks.log}


def test_a_receiver_may_move_the_time(stall: Stall) -> None:
    """An advance inside of an advance does not wait for itself."""

    def move(_: Received) -> str:
        stall.nicepay.advance(minutes=1)
        return "OK"

    stall.webhooks.answer("no", times=1).answer(move)
    stall.webhooks.answer("no", times=1)
    stall.buy()
    stall.nicepay.advance(minutes=5)
    assert ("delivered", "12:59") == (
        state(stall),
        stall.nicepay._ask("GET", "/clock")["now"][11:16],
    )


@pytest.mark.parametrize("sandbox", [{"clock": "real", "webhook_interval": "20ms"}], indirect=True)
@pytest.mark.usefixtures("sandbox")
def test_tries_happen_by_themselves(stall: Stall) -> None:
    """In real time, without any call."""
    stall.webhooks.answer("no", times=2)
    stall.buy()
    assert 3 == len(stall.webhooks.wait(3, timeout=10))
    assert "delivered" == state(stall)


def test_reset_forgets_what_is_under_way(stall: Stall) -> None:
    """There is no retry, and a later answer is ignored."""
    stall.webhooks.answer("no")
    stall.buy()
    assert "waiting" == state(stall)
    stall.nicepay.reset()
    stall.nicepay.advance(minutes=5)
    assert (1, []) == (len(stall.webhooks), stall.webhooks.log)


def test_tries_are_in_the_journal_without_secrets(stall: Stall) -> None:
    """With the body that was sent, what was answered, and why that was no acceptance."""
    stall.webhooks.answer(f"my key is {stall.nicepay.secret_key}", times=1)
    stall.buy()
    stall.nicepay.advance(minutes=1)
    accepted, failed = (e for e in stall.nicepay.journal if e["call"] == "webhook.deliver")
    assert ("POST", stall.webhooks.url, 200) == (failed["method"], failed["path"], failed["status"])
    assert ["OK", "failed"] == [accepted["code"], failed["code"]]
    assert "it must be OK and nothing else" in failed["message"]
    assert stall.webhooks[0].tid == failed["request"]["body"]["tid"]
    everything = json.dumps([stall.nicepay.journal, stall.webhooks.log])
    assert stall.nicepay.secret_key not in everything


def test_an_answer_is_masked_before_it_is_cut(stall: Stall) -> None:
    """Even half a key must not reach the log."""
    merchant = stall.sandbox.merchant(stall.nicepay.client_id)
    secrets = (merchant.secret_key, merchant.other_secret_key)
    stall.webhooks.answer("x" * 50 + "".join(secrets))
    stall.buy()
    everything = json.dumps([stall.nicepay.journal, stall.webhooks.log])
    assert [] == [key for key in secrets if key[:6] in everything]


def test_an_answer_in_euc_kr_can_be_read(stall: Stall) -> None:
    """Servers of Korean shops write so."""
    stall.webhooks.answer("점검 중".encode("cp949"), status=503)
    stall.buy()
    assert "점검 중" == stall.webhooks.log[0]["tries"][0]["answer"]


# What scenarios do to it


class TestScenarios:
    """Each word for webhooks."""

    def test_drop(self, stall: Stall) -> None:
        """The first tries count, but never leave."""
        stall.play({"drop": 2}, times=1)
        stall.buy()
        stall.nicepay.advance(minutes=5)
        assert (1, "delivered") == (len(stall.webhooks), state(stall))
        assert ["12:53", "12:54", "12:55"] == times(stall)
        failure = stall.webhooks.log[0]["tries"][0]["failure"]
        assert "a scenario dropped it: it never left the gateway" == failure

    def test_never(self, stall: Stall) -> None:
        """It is written down, and that is all; sent again by hand it leaves."""
        stall.play("never")
        stall.buy()
        stall.nicepay.advance(minutes=30)
        assert (0, "dropped", []) == (len(stall.webhooks), state(stall), times(stall))
        id_ = stall.webhooks.log[0]["id"]
        assert "delivered" == stall.nicepay._ask("POST", f"/webhooks/{id_}/resend")["state"]

    def test_duplicate(self, stall: Stall) -> None:
        """Twice in a row, though it was accepted."""
        stall.play("duplicate")
        stall.buy()
        assert (2, "delivered") == (len(stall.webhooks), state(stall))
        assert stall.webhooks[0].body == stall.webhooks[1].body
        stall.nicepay.advance(minutes=30)
        assert ["12:53", "12:53"] == times(stall)

    def test_nothing_comes_between_duplicates(self, stall: Stall) -> None:
        """Not even an event that has waited for the first of them to be answered."""
        came, cancelled = Event(), Event()

        def late(_: Received) -> str:
            came.set()
            assert cancelled.wait(5)
            return "OK"

        stall.play("duplicate", times=1)
        stall.webhooks.answer(late, times=1)
        tid = stall.buy()["tid"]
        assert came.wait(5)
        stall.cancel(tid)
        cancelled.set()
        assert ["paid", "paid", "cancelled"] == [status for status, _ in seen(stall)]

    def test_duplicate_after_ok(self, stall: Stall) -> None:
        """Once more a minute after it was accepted, whatever is answered then."""
        stall.play("duplicate-after-ok")
        stall.webhooks.answer("no", times=1).answer("OK", times=1).answer("no", times=1)
        stall.buy()
        stall.nicepay.advance(minutes=30)
        assert (["12:53", "12:54", "12:55"], "delivered") == (times(stall), state(stall))

    def test_reorder(self, stall: Stall) -> None:
        """The next event overtakes it, and then it comes."""
        stall.play("reorder", times=1)
        tid = stall.buy()["tid"]
        stall.nicepay.advance(minutes=3)
        assert [] == seen(stall)
        stall.cancel(tid)
        assert ["cancelled", "paid"] == [event.status for event in stall.webhooks.received]

    def test_reorder_swaps_the_events_of_a_payment(self, stall: Stall) -> None:
        """Also where every event meets the rule, as with a magic value in the orderId."""
        tid = stall.buy(order_id="mock:reorder")["tid"]
        stall.cancel(tid)
        assert ["cancelled", "paid"] == [status for status, _ in seen(stall)]

    def test_reorder_releases_once(self, stall: Stall) -> None:
        """Although two events are delivered while the released one is on its way."""
        stall.play("reorder", times=1)
        first = stall.buy()["tid"]
        over = Event()
        stall.webhooks.answer(lambda event: "OK" if event.tid != first or over.wait(5) else "")
        for _ in range(2):
            stall.buy()
            stall.webhooks.wait(2)
        stall.webhooks.wait(3)
        over.set()
        assert 1 == [event.tid for event in stall.webhooks].count(first)

    def test_reorder_waits_ten_minutes(self, stall: Stall) -> None:
        """When there is no next one."""
        stall.play("reorder")
        stall.buy()
        stall.nicepay.advance(minutes=11)
        assert (["13:03"], "delivered") == (times(stall), state(stall))

    def test_before_answer(self, stall: Stall) -> None:
        """It is there and answered when the approval's answer comes."""
        stall.play("before-answer")
        order: list[str] = []
        stall.webhooks.answer(lambda event: str(order.append(event.status) or "OK"))
        stall.buy()
        order.append("answer")
        assert (["paid", "answer"], "delivered") == (order, state(stall))

    @pytest.mark.parametrize("word", ["wrong-signature", "other-key"])
    def test_forged(self, word: str, stall: Stall) -> None:
        """With a signature that the merchant's key does not make; the same at each try."""
        stall.play(word)
        stall.webhooks.answer("no", times=1)
        stall.buy()
        stall.nicepay.advance(minutes=1)
        assert [False, False] == [event.genuine for event in stall.webhooks]
        assert 1 == len({event.body for event in stall.webhooks})

    def test_other_key(self, stall: Stall) -> None:
        """It is right by the merchant's other pair, whose key the control plane tells."""
        stall.play("other-key")
        stall.buy()
        merchant = stall.nicepay._ask("GET", "/merchants")["merchants"][0]
        event = stall.webhooks[0]
        other = Received(event.path, event.headers, event.body, merchant["otherSecretKey"])
        assert (False, True) == (event.genuine, other.genuine)

    def test_reordered_keys(self, stall: Stall) -> None:
        """The same values, and a right signature."""
        stall.play("reordered-keys")
        answer = stall.buy()
        event = stall.webhooks[0]
        inquiry = stall.call("GET", f"/v1/payments/{answer['tid']}")
        assert inquiry == event.json
        assert list(inquiry) != list(event.json)
        assert event.genuine

    def test_delay_patch_and_charset(self, stall: Stall) -> None:
        """As for answers; the delay is of the merchant's time, and the signature knows no patch."""
        stall.play(
            "ok", delay="7m", patch={"amount": 1}, charset={"bytes": "euc-kr", "label": "utf-8"}
        )
        stall.buy(goods_name="상품")
        assert [] == seen(stall)
        stall.nicepay.advance(minutes=7)
        event = stall.webhooks[0]
        assert "application/json;charset=UTF-8" == event.headers["content-type"]
        text = event.body.decode("cp949")
        assert ("상품", 1) == (json.loads(text)["goodsName"], json.loads(text)["amount"])
        assert stall.nicepay.secret_key not in text

    def test_a_rule_sees_the_event(self, stall: Stall) -> None:
        """The rule tests its JSON, once for each event; delivery log and journal name the rule."""
        stall.play("never", match={"body": {"status": "cancelled", "amount": ">= 1000"}})
        tid = stall.buy()["tid"]
        stall.cancel(tid)
        assert [("paid", "card")] == seen(stall)
        dropped, delivered = stall.webhooks.log
        assert ("dropped", None) == (dropped["state"], delivered["rule"])
        assert "webhook.deliver" in dropped["rule"]
        rules = {
            entry["request"]["body"]["status"]: entry["rule"]
            for entry in stall.nicepay.journal
            if entry["call"] == "webhook.deliver"
        }
        assert (None, "webhooks") == (rules["paid"], rules["cancelled"]["scenario"])

    def test_a_request_brings_its_own_scenario(self, stall: Stall) -> None:
        """The header's rules are for the events of that call, too."""
        rule = {"call": "webhook.deliver", "reply": "duplicate"}
        stall.sandbox.library._read["twice"] = stall.sandbox.library.read(
            {"version": 1, "name": "twice", "rules": [rule]}
        )
        stall.buy(headers={"x_mock_nicepay_scenario": "twice"})
        assert 2 == len(stall.webhooks)
        stall.buy()
        assert 3 == len(stall.webhooks)

    def test_a_magic_value(self, stall: Stall) -> None:
        """In the orderId."""
        stall.buy(order_id="mock:webhook:duplicate")
        assert 2 == len(stall.webhooks)
        assert "magic value" == stall.nicepay.journal[0]["rule"]["scenario"]

    def test_a_scenario_registers_without_a_probe(self, stall: Stall) -> None:
        """And expects a delivery, also again after a reset."""
        url = stall.webhooks.url
        stall.nicepay._ask("DELETE", "/webhooks")
        stall.nicepay.scenario(
            {
                "version": 1,
                "name": "told",
                "webhook": url,
                "expect": [{"called": "webhook.deliver", "times": 2, "answered": "OK"}],
            }
        )
        assert (0, 4) == (len(stall.webhooks), len(stall.nicepay._ask("GET", "/webhooks")["urls"]))
        stall.buy()
        assert not stall.nicepay.report["ok"]
        stall.buy("bank")
        assert stall.nicepay.report["ok"]
