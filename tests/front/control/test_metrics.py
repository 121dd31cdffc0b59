"""Metrics for Prometheus: what is counted, what is held, and what must never appear."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from quiet import Call, settings
from till import Till

from mock_nicepay.contract.endpoint import Request, settled
from mock_nicepay.core.board import Board
from mock_nicepay.core.meter import BOUNDS, Meter
from mock_nicepay.core.meters import Meters
from mock_nicepay.front.dispatch import respond
from mock_nicepay.sandbox import Sandbox

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def shown(sandbox: Sandbox, **headers: str) -> str:
    """The page."""
    sent = {"host": "localhost", **{name.replace("_", "-"): each for name, each in headers.items()}}
    reply = settled(respond(sandbox, Request("GET", "/_mock/metrics", headers=sent)))
    assert (200, "text/plain; version=0.0.4; charset=utf-8") == (
        reply.status,
        reply.header("content-type"),
    )
    return reply.body.decode()


def samples(text: str) -> Samples:
    """The page as Prometheus reads it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float | None:
    """One sample; None when there is none."""
    return found.get((f"mock_nicepay_{name}", frozenset(labels.items())))


def test_calls_are_counted(call: Call, published: Any, sandbox: Sandbox) -> None:
    """By name, code and status; what is not a call is `none`."""
    for _ in range(3):
        call("POST", "/v1/access-token", auth=published.server)
    call("POST", "/v1/access-token")
    call("GET", "/nowhere")
    found = samples(shown(sandbox))
    assert 3 == value(found, "calls_total", call="token.issue", code="0000", status="200")
    assert 1 == value(found, "calls_total", call="token.issue", code="U304", status="401")
    assert 1 == value(found, "calls_total", call="none", code="U320", status="404")


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgres"])
def test_what_is_held_is_counted_in_every_store(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Payments and events by what they are, the merchants, and the journals of all of them."""
    addresses = {
        "memory": lambda: "memory://",
        "sqlite": lambda: f"sqlite:///{tmp_path}/a.db",
        "postgres": lambda: request.getfixturevalue("postgres").database(),
    }
    till = Till(store=addresses[kind]())
    till.cancel(till.pay())
    till.pay()
    till.post("/v1/receipt", {"a": "x" * 5000})
    found = samples(shown(till.sandbox))
    assert (1, 1) == tuple(value(found, "payments", status=each) for each in ("paid", "cancelled"))
    assert (6, 4) == (value(found, "merchants"), value(found, "journal_entries"))
    assert 5000 < (value(found, "journal_large_bytes") or 0) < 7000
    till.sandbox.end()


def test_processes_that_serve_together_tell_the_sum() -> None:
    """Whichever worker answers; none shows its own memory, as the next answer may be another's."""
    board, tills = Board(2), [Till() for _ in range(2)]
    for number, till in enumerate(tills):
        till.sandbox.meters = Meters(till.sandbox.meter, board, number, 2)
        till.post("/v1/receipt", {})
        till.sandbox.meters.tell()
    for till in tills:
        found = samples(shown(till.sandbox))
        assert 2 == value(found, "call_duration_seconds_count", call="receipt.issue")
        assert not any(name.startswith("process_") for name, _ in found)


def test_durations_are_classes(call: Call, published: Any, sandbox: Sandbox) -> None:
    """A histogram over all codes of a call, whose last bucket is their number."""
    call("POST", "/v1/access-token", auth=published.server)
    call("POST", "/v1/access-token")
    found = samples(shown(sandbox))
    name = "call_duration_seconds"
    bounds = [*map(str, BOUNDS), "+Inf"]
    counts: list[Any] = [value(found, f"{name}_bucket", call="token.issue", le=b) for b in bounds]
    assert sorted(counts) == counts
    assert [2, 2] == [counts[-1], value(found, f"{name}_count", call="token.issue")]
    seconds = value(found, f"{name}_sum", call="token.issue")
    assert seconds is not None
    assert 0 < seconds < 10


def test_what_is_held_is_told() -> None:
    """Merchants, payments by status, events by state, journals, and the process itself."""
    till = Till()
    till.pay()
    till.pay(method="vbank")
    till.authorise()
    found = samples(shown(till.sandbox))
    statuses = ("paid", "ready", "authorised")
    assert [1, 1, 1] == [value(found, "payments", status=status) for status in statuses]
    assert len(till.sandbox.merchants()) == value(found, "merchants")
    assert len(till.sandbox.journal()) == value(found, "journal_entries")
    assert 0 == value(found, "journal_large_bytes")
    memory = found.get(("process_resident_memory_bytes", frozenset()), 1e7)
    assert 1e6 < memory < 1e10


def test_deliveries_are_counted() -> None:
    """Tries by outcome, and what became of the events."""
    till = Till()
    target = {"method": "card", "url": "http://127.0.0.1:9/"}
    ask = Request(
        "POST", "/_mock/webhooks", f"merchant={till.merchant.client_id}", {}, _json(target)
    )
    assert 200 == settled(respond(till.sandbox, ask)).status
    till.pay()
    till.sandbox.settle()
    found = samples(shown(till.sandbox))
    till.sandbox.close()
    assert 1 == value(found, "delivery_tries_total", outcome="failed")
    assert 1 == value(found, "deliveries", state="waiting")


def _json(given: dict[str, str]) -> bytes:
    pairs = ",".join(f'"{name}":"{each}"' for name, each in given.items())
    return f"{{{pairs}}}".encode()


def test_nothing_secret_is_told(call: Call, published: Any, sandbox: Sandbox) -> None:
    """No merchant, key, order or path becomes a label, whatever was called."""
    call("POST", "/v1/access-token", auth=published.server)
    call("GET", "/v1/payments/find/order-77", auth=published.server)
    text = shown(sandbox)
    for secret in (*published.server, *published.client, "order-77"):
        assert secret not in text
    labels = {name for _, pairs in samples(text) for name, _ in pairs}
    assert {"call", "code", "status", "le", "version", "python", "edition"} == labels


class Seen:
    """A journal entry, as far as the meter reads it."""

    def __init__(self, call: str, code: str, status: int = 200) -> None:
        self.call, self.code, self.status, self.ms = call, code, status, 1.0


def keys_after(entries: Iterable[Any]) -> set[tuple[str, str, int]]:
    """What the meter distinguishes after these entries."""
    meter = Meter()
    for entry in entries:
        meter(entry)
    return set(meter.calls)


def test_made_up_codes_are_one() -> None:
    """A scenario may answer any code; each would be a series of its own."""
    entries = [Seen("token.issue", f"made-up-{number}") for number in range(1000)]
    assert {("token.issue", "other", 200)} == keys_after(entries)
    assert {("none", "none", 404)} == keys_after([Seen("", "", 404)])


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {}),
        (401, {"authorization": "Bearer wrong"}),
        (200, {"authorization": "Bearer right"}),
        (200, {"x-mock-nicepay-admin-key": "right"}),
    ],
)
def test_the_admin_key_is_asked_for(status: int, headers: dict[str, str]) -> None:
    """As for the whole control plane; Prometheus sends it as a bearer token."""
    sandbox = Sandbox(settings(admin_key="right"))
    reply = settled(respond(sandbox, Request("GET", "/_mock/metrics", headers=headers)))
    assert status == reply.status
