"""The fixture's webhook receiver: it listens, answers as configured, and ends with its test."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from stall import Stall, stall_at

from mock_nicepay.front.testing.receiver import Received, host_seen_from
from mock_nicepay.sandbox import Sandbox


@pytest.fixture
def stall(sandbox: Sandbox) -> Iterator[Stall]:
    """A stall that is closed after the test."""
    stall = stall_at(sandbox)
    yield stall
    stall.nicepay.close()
    sandbox.close()


def addresses(stall: Stall) -> list[dict[str, Any]]:
    """The registered addresses."""
    found: list[dict[str, Any]] = stall.nicepay._ask("GET", "/webhooks")["urls"]
    return found


def test_it_is_registered_when_it_is_asked_for(stall: Stall) -> None:
    """At its first use, for all methods and without a probe; later uses return the same one."""
    assert [] == addresses(stall)
    assert stall.webhooks is stall.webhooks
    assert [stall.webhooks.url] * 4 == [row["url"] for row in addresses(stall)]
    assert ([], 0, True) == (stall.webhooks.received, len(stall.webhooks), bool(stall.webhooks))


def test_it_tells_what_came(stall: Stall) -> None:
    """As a list of events with properties of the payment."""
    assert stall.webhooks.url
    answer = stall.buy(order_id="A-1")
    (event,) = stall.webhooks
    assert ("/webhook", answer["tid"], "A-1", "paid", "utf-8", True) == (
        event.path,
        event.tid,
        event.order_id,
        event.status,
        event.charset,
        event.genuine,
    )
    assert answer["amount"] == stall.webhooks[-1].json["amount"]
    assert stall.nicepay.secret_key not in repr(event)
    assert [] == stall.webhooks.clear().received


def test_it_answers_as_it_is_told(stall: Stall) -> None:
    """First the answers for the next events, then the usual one; a new usual one replaces all."""
    hooks = stall.webhooks.answer("no", times=2).answer(b"\xff", status=500, times=1)
    stall.buy()
    stall.nicepay.advance(minutes=9)
    assert [(200, "no"), (200, "no"), (500, "�"), (200, "OK")] == [
        (each["status"], each["answer"]) for each in hooks.log[0]["tries"]
    ]
    hooks.answer("no", times=5).answer("ok")
    stall.buy()
    assert "delivered" == hooks.log[0]["state"]


def test_what_fails_in_it_is_told(stall: Stall, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception is HTTP 500 for the gateway, and a stack trace on stderr."""

    def fail(_: Received) -> str:
        raise ValueError("no such order")

    stall.webhooks.answer(fail)
    stall.buy()
    (tried,) = stall.webhooks.log[0]["tries"]
    assert (500, "ValueError: no such order") == (tried["status"], tried["answer"])
    stall.nicepay.close()
    assert "in fail" in capsys.readouterr().err


def test_what_is_no_body_is_refused(stall: Stall) -> None:
    """At once, not at the first event."""
    with pytest.raises(TypeError, match=r"takes a text, bytes or a function .* this is NoneType"):
        stall.webhooks.answer(None)  # type: ignore[arg-type]


def test_it_outlives_a_reset(stall: Stall) -> None:
    """It keeps its events, and receives those after the reset."""
    stall.webhooks.answer("no")
    stall.buy()
    assert 1 == len(stall.webhooks)
    stall.nicepay.reset()
    stall.buy(order_id="after-reset")
    assert "after-reset" == stall.webhooks[-1].order_id
    assert 1 == len(stall.webhooks.log)


def test_it_waits_for_what_is_to_come(stall: Stall) -> None:
    """When they do not come, the error says what would help."""
    assert stall.webhooks.url
    stall.buy()
    assert 1 == len(stall.webhooks.wait())
    with pytest.raises(TimeoutError, match=r"1 of 2 webhooks came in 0.01 s; .*advance"):
        stall.webhooks.wait(2, timeout=0.01)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", ""),
        ("127.0.0.1", "http://127.0.0.1:8090"),
        ("127.0.0.1", "http://localhost:8090"),
        ("127.0.0.1", "http://[::1]:8090"),
        ("127.0.0.1", "http://127.0.0.9:8090"),
    ],
)
def test_it_listens_where_the_server_can_call(host: str, url: str) -> None:
    """At the address from which this machine calls the server; on loopback when that is unknown."""
    assert host == host_seen_from(url)


def test_it_ends(stall: Stall) -> None:
    """Nothing listens or is registered, and waiting deliveries are dropped; also during an answer."""
    hooks = stall.webhooks.answer("OK", delay=60)
    stall.buy()
    hooks.wait()
    port = int(hooks.url.split(":")[2].split("/")[0])
    stall.nicepay.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    stall.nicepay.settle()
    assert [] == addresses(stall)
    stall.nicepay.close()
    assert hooks.url != stall.webhooks.url  # the next use starts another one
