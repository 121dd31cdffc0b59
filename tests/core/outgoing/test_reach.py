"""Where the gateway's own calls may go."""

import socket
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from quiet import settings

from mock_nicepay.core.outgoing.courier import Courier
from mock_nicepay.core.outgoing.parcel import Sent
from mock_nicepay.core.outgoing.reach import Reach, fits
from mock_nicepay.core.records import WebhookUrl
from mock_nicepay.core.stores.memory import MemoryStore
from mock_nicepay.core.window.browser import Browser
from mock_nicepay.core.window.result import WindowResult
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox


@pytest.mark.parametrize(
    ("goes", "host", "addresses", "registered", "allowed"),
    [
        (True, "127.0.0.1", ["127.0.0.1"], False, ()),
        (True, "127.9.9.9", ["127.9.9.9"], False, ()),
        (True, "::1", ["::1"], False, ()),
        (True, "0.0.0.0", ["0.0.0.0"], False, ()),
        (True, "::ffff:127.0.0.1", ["::ffff:127.0.0.1"], False, ()),
        (True, "localhost", ["::1", "127.0.0.1"], False, ()),
        (True, "shop.localhost", ["127.0.0.1"], False, ()),
        (True, "host.docker.internal", ["172.17.0.1"], False, ()),
        (False, "shop.example", ["93.184.216.34"], False, ()),
        (True, "shop.example", ["93.184.216.34"], True, ()),
        (True, "shop", ["172.18.0.3"], True, ()),
        (False, "shop", ["172.18.0.3"], False, ()),
        (True, "shop", ["172.18.0.3"], False, ("shop",)),
        (True, "SHOP.", ["172.18.0.3"], False, ("shop",)),
        (True, "a.shop.test", ["10.0.0.1"], False, ("*.shop.test",)),
        (False, "shop.test", ["10.0.0.1"], False, ("*.shop.test",)),
        (True, "shop", ["172.18.0.3"], False, ("172.16.0.0/12",)),
        (False, "shop", ["172.18.0.3", "93.184.216.34"], False, ("172.16.0.0/12",)),
        (False, "shop", ["127.0.0.1", "10.0.0.1"], False, ()),
        (False, "169.254.169.254", ["169.254.169.254"], True, ()),
        (False, "metadata.test", ["127.0.0.1", "169.254.169.254"], True, ()),
        (False, "fe80::1%eth0", ["fe80::1%eth0"], True, ()),
        (False, "224.0.0.1", ["224.0.0.1"], True, ()),
        (False, "fd00:ec2::254", ["fd00:ec2::254"], True, ()),
        (False, "fd20:ce::254", ["fd20:ce::254"], True, ()),
        (False, "100.100.100.200", ["100.100.100.200"], True, ()),
        (False, "168.63.129.16", ["::ffff:168.63.129.16"], True, ()),
        (False, "192.0.0.192", ["192.0.0.192"], True, ()),
        (False, "nat64.test", ["64:ff9b::a9fe:a9fe"], True, ()),
        (False, "six-to-four.test", ["2002:a9fe:a9fe::1"], True, ()),
        (False, "compatible.test", ["::169.254.169.254"], True, ()),
        (True, "100.100.100.200", ["100.100.100.200"], False, ("100.100.100.200",)),
        (True, "nat64.test", ["64:ff9b::7f00:1"], False, ()),
        (False, "255.255.255.255", ["255.255.255.255"], True, ()),
        (True, "169.254.169.254", ["169.254.169.254"], False, ("169.254.169.254",)),
        (True, "anything.test", ["169.254.169.254"], False, ("*",)),
    ],
)
def test_where_calls_go(
    goes: bool, host: str, addresses: list[str], registered: bool, allowed: tuple[str, ...]
) -> None:
    """This machine, registered hosts, allowed hosts; judged by the addresses of the name."""
    objection = Reach(allowed).objection(host, 80, addresses, registered=registered)
    assert goes is not bool(objection)
    assert goes or f"--allow-targets {host}" in objection


@pytest.mark.parametrize(
    ("goes", "host", "address", "port", "allowed"),
    [
        (True, "shop.example", "93.184.216.34", 80, ()),
        (True, "v6.example", "2606:2800:220:1::1", 80, ()),
        (True, "127.0.0.1", "127.0.0.1", 80, ()),
        (True, "localhost", "127.0.0.1", 3000, ()),
        (False, "127.0.0.1", "127.0.0.1", 8090, ()),
        (False, "localhost", "::1", 8090, ()),
        (False, "0.0.0.0", "0.0.0.0", 8090, ()),
        (True, "localhost", "127.0.0.1", 8090, ("localhost",)),
        (True, "host.docker.internal", "172.17.0.1", 80, ()),
        (False, "10.1.2.3", "10.1.2.3", 80, ()),
        (False, "172.18.0.3", "172.18.0.3", 80, ()),
        (False, "shop", "192.168.1.5", 80, ()),
        (False, "100.64.0.1", "100.64.0.1", 80, ()),
        (False, "198.18.0.1", "198.18.0.1", 80, ()),
        (False, "fd12::1", "fd12::1", 80, ()),
        (False, "::ffff:10.0.0.1", "::ffff:10.0.0.1", 80, ()),
        (False, "nat64.test", "64:ff9b::a00:1", 80, ()),
        (True, "shop", "192.168.1.5", 80, ("shop",)),
        (True, "10.1.2.3", "10.1.2.3", 80, ("10.0.0.0/8",)),
    ],
)
def test_where_a_server_that_others_reach_calls(
    goes: bool, host: str, address: str, port: int, allowed: tuple[str, ...]
) -> None:
    """Not into a private network, nor to itself: anybody may register webhooks on such a server."""
    reach = Reach(allowed, public_port=8090)
    objection = reach.objection(host, port, [address], registered=True)
    assert goes is not bool(objection)
    assert goes or objection.endswith(f"--allow-targets {host}")


@pytest.mark.parametrize(
    ("expected", "name"),
    [(True, "a.b.test"), (False, "b.test"), (False, "xb.test"), (True, "A.B.TEST.")],
)
def test_a_star_is_everything_below(expected: bool, name: str) -> None:
    """Not the name itself, nor one that only ends in the same letters."""
    assert expected is fits(name, ["*.b.test"])


class Noted(Courier):
    """Sends nothing, and notes whether the host counts as registered."""

    def send(self, *given: Any, registered: bool = False, **options: Any) -> "Future[Sent]":
        """Note it."""
        self.registered = registered
        future: Future[Sent] = Future()
        future.set_result(Sent(200))
        return future


@pytest.mark.parametrize(
    ("registered", "owner", "url"),
    [
        (True, "A", "https://shop.example/webhook"),
        (True, "A", "http://SHOP.example:8080/other"),
        (False, "A", "https://other.example/return"),
        (False, "B", "https://shop.example/webhook"),
    ],
)
def test_a_form_goes_where_the_shop_has_a_webhook(registered: bool, owner: str, url: str) -> None:
    """The same merchant's, at the same host; path and port do not matter."""
    store, courier = MemoryStore(), Noted()
    store.put(WebhookUrl(f"{owner}/card", owner, "card", url))
    result = WindowResult("https://shop.example/return", form={"clientId": "A"})
    Browser(courier, store).post(result)
    assert registered is courier.registered


def test_a_form_to_another_host_is_not_sent(call: Callable[..., Any], published: Any) -> None:
    """The answer still has the form, and says which option would allow it."""
    wish = {"clientId": published.server.client_id, "method": "card", "orderId": "A-1"}
    wish |= {"amount": 1004, "goodsName": "x", "returnUrl": "http://192.0.2.1/return"}
    told = call("POST", "/_mock/window/pay", body=wish, headers={"host": "localhost"}).json
    assert told["form"]["authResultCode"] == "0000"
    assert told["response"] is None
    assert (
        "nothing was sent: 192.0.2.1 is neither this machine nor the host of a registered webhook; "
        "if it is to be called, start the server with --allow-targets 192.0.2.1"
    ) == told["problem"]


def test_a_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later change of the DNS answer has no effect: the checked address is the called one."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, *rest: Any, **options: Any) -> Any:
        if host != "shop.example":
            return real(host, port, *rest, **options)
        asked.append(host)
        return [(2, 1, 6, "", (address, port)) for address in next(answers)]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    courier = Courier()
    try:
        first = courier.send("http://shop.example:9/", b"", {}).result()
        assert "cannot connect to shop.example:9: connection refused" == first.problem
        assert ["shop.example"] == asked
        second = courier.send("http://shop.example:9/", b"", {}, registered=True).result()
    finally:
        courier.close()
    assert second.problem.startswith("nothing was sent: shop.example resolves to 169.254.169.254")


@pytest.mark.parametrize(
    ("public", "address"), [(False, "127.0.0.1"), (False, "::1"), (True, "0.0.0.0")]
)
def test_a_server_knows_whether_others_reach_it(public: bool, address: str) -> None:
    """By the address it listens on; in process nobody does."""
    sandbox = Sandbox(settings())
    assert sandbox.courier.reach.public_port is None
    with BackgroundServer(sandbox, address) as server:
        port = int(server.url.rpartition(":")[2])
        assert (port if public else None) == sandbox.courier.reach.public_port
