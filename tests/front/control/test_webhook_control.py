"""The control plane's actions on webhooks, and that a waiting request does not block others."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import httpx
import pytest
import requests
from stall import Stall, stall_at

from mock_nicepay.front.app import create_app
from mock_nicepay.front.handle import NicepayError, gateway_at
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.front.testing.receiver import Received
from mock_nicepay.front.transports import httpx_async_transport
from mock_nicepay.sandbox import Sandbox

Call = Callable[..., Any]


@pytest.fixture
def stall(sandbox: Sandbox) -> Iterator[Stall]:
    """A stall that ends with the test."""
    stall = stall_at(sandbox)
    yield stall
    stall.nicepay.close()
    sandbox.close()


def ask(stall: Stall, method: str, path: str, body: Any = None, **arguments: Any) -> Any:
    """The control plane's answer about the stall's merchant."""
    payload = b"" if body is None else json.dumps(body).encode()
    return stall.nicepay._ask(method, path, payload, **arguments)


def test_addresses_are_put_and_removed(stall: Stall, call: Call) -> None:
    """Without a probe, even twice; for one method or all."""
    row = {"merchant": stall.nicepay.client_id, "managerEmail": None}
    one = {"method": "card", "url": "http://127.0.0.1:9/"}
    assert {"urls": [{**row, **one}]} == ask(stall, "POST", "/webhooks", one)
    assert 4 == len(ask(stall, "POST", "/webhooks", {"url": "http://127.0.0.1:9/"})["urls"])
    narrowed = {"merchant": stall.nicepay.client_id, "method": "card"}
    assert 3 == len(call("DELETE", "/_mock/webhooks", query=narrowed).json["urls"])
    assert [] == ask(stall, "POST", "/webhooks", [])["urls"]


@pytest.mark.parametrize(
    ("said", "method", "path", "body"),
    [
        (
            "method is 'crad'; did you mean card?",
            "POST",
            "/webhooks",
            {"method": "crad", "url": ""},
        ),
        ("url: '' is not an address such as", "POST", "/webhooks", {}),
        ("url: 'x' is not an address such as", "POST", "/webhooks", {"url": "x"}),
        ("the body has a key 'urls'; did you mean url?", "POST", "/webhooks", {"urls": "x"}),
        ("there is no delivery 'x'; GET /_mock/webhooks", "POST", "/webhooks/x/resend", None),
        ("no address is registered for card", "POST", "/webhooks/test", {"method": "card"}),
        ("method is 'x'; it is one of all, card,", "POST", "/webhooks/test", {"method": "x"}),
    ],
)
def test_a_mistake(said: str, method: str, path: str, body: Any, stall: Stall) -> None:
    """It says what would be right."""
    with pytest.raises(NicepayError) as refused:
        ask(stall, method, path, body)
    assert str(refused.value).startswith(said)


def test_the_log_is_narrowed(stall: Stall) -> None:
    """By orderId and tid, the newest first."""
    assert stall.webhooks.url
    first, second = stall.buy(order_id="A"), stall.buy(order_id="B")
    stall.nicepay.settle()
    stall.nicepay.advance(minutes=1)
    stall.cancel(first["tid"])
    events = ask(stall, "GET", "/webhooks")["deliveries"]
    assert ["cancelled", "paid", "paid"] == [each["event"] for each in events]
    assert 2 == len(ask(stall, "GET", "/webhooks", orderId="A")["deliveries"])
    only = ask(stall, "GET", "/webhooks", tid=second["tid"])["deliveries"]
    assert [f"{second['tid']}.1"] == [each["id"] for each in only]


def test_a_method_is_given_up_alone(stall: Stall, call: Call) -> None:
    """Although another method's events wait for the same address."""
    stall.webhooks.answer("no")
    stall.buy()
    stall.buy("vbank")
    stall.nicepay.settle()
    call("DELETE", "/_mock/webhooks", query="method=card")
    assert {"card": "failed", "vbank": "waiting"} == {
        each["method"]: each["state"] for each in stall.webhooks.log
    }


def test_samples_of_two_merchants_are_two(sandbox: Sandbox, stall: Stall) -> None:
    """Even if both have the same mid, and so the same sample payment."""
    shops = [sandbox.add_merchant(mid="UT0000104m").client_id for _ in range(2)]
    address = json.dumps({"url": stall.webhooks.url}).encode()
    send = stall.nicepay._control.ask
    for shop in shops:
        send("POST", "/webhooks", address, merchant=shop)
        send("POST", "/webhooks/test", b'{"method": "card"}', merchant=shop)
    logs = [send("GET", "/webhooks", merchant=shop)["deliveries"] for shop in shops]
    assert [1, 1] == [len(log) for log in logs]


def test_an_event_is_sent_again(stall: Stall) -> None:
    """The same bytes; an accepted event stays accepted, and one accepted now is not tried again."""
    hooks = stall.webhooks.answer("no", times=1)
    id_ = stall.buy()["tid"] + ".1"
    assert {"waiting": 1} == ask(stall, "POST", "/webhooks/settle")
    again = ask(stall, "POST", f"/webhooks/{id_}/resend")
    assert ("delivered", 2) == (again["state"], len(again["tries"]))
    stall.nicepay.advance(minutes=5)
    hooks.answer("no")
    assert "delivered" == ask(stall, "POST", f"/webhooks/{id_}/resend")["state"]
    assert (3, 1) == (len(hooks), len({event.body for event in hooks}))
    assert {"waiting": 0} == ask(stall, "POST", "/webhooks/settle")


def test_another_merchants_event_is_nobodys(stall: Stall) -> None:
    """Like an unknown one; without a merchant it is found by its id."""
    assert stall.webhooks.url
    id_ = stall.buy()["tid"] + ".1"
    stall.nicepay.settle()
    other = stall_at(stall.sandbox)
    with pytest.raises(NicepayError, match="there is no delivery"):
        ask(other, "POST", f"/webhooks/{id_}/resend")
    assert 2 == len(stall.nicepay._control.ask("POST", f"/webhooks/{id_}/resend")["tries"])


@pytest.mark.parametrize(("count", "word"), [(1, "vbank"), (4, "all")])
def test_a_sample_event_is_sent(count: int, word: str, stall: Stall) -> None:
    """Once to each address of the method; a failure is not tried again."""
    stall.webhooks.answer("no")
    sent = ask(stall, "POST", "/webhooks/test", {"method": word})["deliveries"]
    assert [("test", "failed", 1)] * count == [
        (each["event"], each["state"], len(each["tries"])) for each in sent
    ]
    stall.nicepay.advance(minutes=5)
    assert count == len(stall.webhooks)
    assert word in {"all", stall.webhooks[0].json["payMethod"]}


class TestOverASocket:
    """A server that waits for a receiver."""

    def test_two_clients_stay_quick_while_one_waits(self, live: BackgroundServer) -> None:
        """A registration, an advance and a resend hang at a receiver; others are answered."""
        gateway = gateway_at(live.url)
        slow, quick = gateway.merchant(), gateway.merchant()
        called, over = Event(), Event()

        def hold(_: Received) -> str:
            called.set()
            over.wait(timeout=10)
            return "OK"

        hooks = slow.webhooks.answer(hold)
        slow._ask("DELETE", "/webhooks")
        answers: list[Any] = []

        def register() -> None:
            body = {"method": "card", "url": hooks.url}
            reply = requests.post(f"{live.url}/v1/webhook", json=body, auth=slow.auth, timeout=20)
            answers.append(reply.json()["resultCode"])

        waiting = Thread(target=register)
        waiting.start()
        assert called.wait(timeout=10)
        for merchant in (quick, slow):
            reply = requests.get(f"{live.url}/v1/webhook", auth=merchant.auth, timeout=5)
            assert "U111" == reply.json()["resultCode"]
            merchant.advance(minutes=1)
        assert [] == answers
        over.set()
        waiting.join(timeout=10)
        assert ["0000"] == answers
        slow.close()

    def test_a_receiver_calls_the_server_while_it_is_called(self, live: BackgroundServer) -> None:
        """Inside the first try, and inside an advance."""
        gateway = gateway_at(live.url)
        merchant = gateway.merchant()
        told: list[str] = []

        def look(event: Received) -> str:
            url = f"{live.url}/v1/payments/{event.tid}"
            told.append(requests.get(url, auth=merchant.auth, timeout=5).json()["status"])
            return "OK" if len(told) > 2 else "no"

        hooks = merchant.webhooks.answer(look)
        visit = merchant.pay()
        url = f"{live.url}/v1/payments/{visit.tid}"
        requests.post(url, json={"amount": 1004}, auth=merchant.auth, timeout=5)
        merchant.advance(minutes=9)
        assert (["paid"] * 3, "delivered") == (told, hooks.log[0]["state"])
        merchant.close()

    def test_a_server_that_ends_gives_up(self, sandbox: Sandbox) -> None:
        """A hanging receiver delays neither the end nor a request that waits for it."""
        stall = stall_at(sandbox)
        with BackgroundServer(sandbox) as server:
            merchant = gateway_at(server.url).merchant()
            hooks = merchant.webhooks.answer("OK", delay=60)
            visit = merchant.pay()
            url = f"{server.url}/v1/payments/{visit.tid}"
            requests.post(url, json={"amount": 1004}, auth=merchant.auth, timeout=5)
            hooks.wait()
        sandbox.settle()
        with pytest.raises(NicepayError, match="no mock-nicepay answers"):
            merchant.close()
        assert stall.buy()["resultCode"] == "0000"


class TestInProcess:
    """Entries without a socket, where the calling thread may also serve the receiver."""

    def test_an_asynchronous_client_serves_the_receiver_itself(self, stall: Stall) -> None:
        """One event loop runs the client and the receiver: the probe does not block it."""
        assert "0000" == asyncio.run(_registered_by_its_own_loop(stall))
        assert 4 == len(ask(stall, "GET", "/webhooks")["urls"])

    def test_flask_waits_on_the_spot(self, stall: Stall) -> None:
        """And answers like every other entry."""
        url = stall.webhooks.url
        ask(stall, "DELETE", "/webhooks")
        pair = ":".join(stall.nicepay.auth).encode()
        reply = (
            create_app(stall.sandbox)
            .test_client()
            .post(
                "/v1/webhook",
                json={"method": "all", "url": url},
                headers={"Authorization": f"Basic {b64encode(pair).decode()}"},
            )
        )
        assert ("0000", 4) == (reply.json["resultCode"], len(reply.json["urls"]))


async def _registered_by_its_own_loop(stall: Stall) -> str:
    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        (line,) = (each for each in head.lower().split(b"\r\n") if b"content-length" in each)
        await reader.readexactly(int(line.split(b":")[1]))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    transport = httpx_async_transport(stall.sandbox)
    async with server, httpx.AsyncClient(transport=transport, auth=stall.nicepay.auth) as client:
        body = {"method": "all", "url": url}
        reply = await client.post("https://api.nicepay.co.kr/v1/webhook", json=body)
    return str(reply.json()["resultCode"])
