"""A day of load in moved time: timers, retries and faults leave nothing behind but what was bought."""

import gc
import os
import threading
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from shops import Heard
from till import Till
from town import listening

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.call import Call, Context
from mock_nicepay.core.clock import _Job
from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.records import Delivery, Payment, Try
from mock_nicepay.core.webhooks.addresses import ALL, put_addresses

pytestmark = pytest.mark.slow

QUARTERS = (
    5  # of six hours each; the first is not counted: what is remembered on purpose begins there
)
ALLOWED = 64 * 1024  # bytes that a day may add: the tables of the interpreter and of libraries
RUNNING = (Call, Context, Entry, Delivery, Try, Payment, _Job)
FAULTS = ("hanging", "dripping", "cut-off", "gateway-502")


@dataclass(frozen=True)
class Footprint:
    """What a process holds."""

    threads: int
    files: int
    objects: dict[str, int]
    size: int


@pytest.fixture
def shop() -> Iterator[tuple[Till, str]]:
    """A merchant, and a webhook that refuses one event in three, and so gets it again and again."""
    till, heard = Till(journal_size=50), Counter[str]()

    def told(body: bytes) -> Heard:
        heard["all"] += 1
        return (500, "no") if heard["all"] % 3 == 0 else (200, "OK")

    with listening(told) as url:
        yield till, url
    till.sandbox.close()


def a_quarter(till: Till, url: str) -> dict[str, int]:
    """Six hours of trade, then a reset; how many events and tries there were."""
    client_id, sandbox = till.merchant.client_id, till.sandbox
    put_addresses(sandbox.store, client_id, ALL, url)
    for hour in range(6):
        for _ in range(2):
            till.cancel(till.pay())
        till.pay(method="vbank")
        till.approve(till.authorise(order_id=f"mock:3011-{hour}"))
        for fault in FAULTS:
            headers = {**till.login, "x-mock-nicepay-scenario": fault}
            sandbox.handle(Request("POST", "/v1/access-token", headers=headers))
        sandbox.advance(timedelta(hours=1), client_id)
    deliveries = sandbox.webhooks.deliveries(client_id)
    tries = {"events": len(deliveries), "tries": sum(len(each.tries) for each in deliveries)}
    sandbox.reset(client_id)
    return tries


def footprint(till: Till) -> Footprint:
    """What is held once nothing is under way."""
    till.sandbox.tenants(till.merchant.client_id)[0].under_way.wait()
    gc.collect()
    held = Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, RUNNING))
    size, _ = tracemalloc.get_traced_memory()
    return Footprint(threading.active_count(), len(os.listdir("/dev/fd")), dict(held), size)


def test_a_day_under_load_leaves_nothing_behind(shop: tuple[Till, str]) -> None:
    """After each reset: no record, entry, timer, thread or socket more, and hardly a byte."""
    till, url = shop
    before = footprint(till)  # other tests of this process may still hold something
    tracemalloc.start()
    try:
        days: list[tuple[dict[str, int], Footprint]] = []
        for _ in range(QUARTERS):
            tries = a_quarter(till, url)
            days.append((tries, footprint(till)))
    finally:
        tracemalloc.stop()
    first, last = days[1][1], days[-1][1]

    assert [] == [tries for tries, _ in days if not 30 == tries["events"] < tries["tries"]]
    assert (first.threads, first.files) == (last.threads, last.files)
    assert before.objects == last.objects
    assert ALLOWED > last.size - first.size
    assert [] == till.sandbox.tenants(till.merchant.client_id)[0].clock.pending()
