"""How cost grows with stored data: a call's time with few and with a million payments, and memory."""

import json
import resource
import time
from datetime import datetime

from common import CLIENT_ID, LOGIN, Rows, keep, microseconds, say, table

from mock_nicepay import Sandbox
from mock_nicepay.contract.endpoint import Request
from mock_nicepay.contract.times import KST
from mock_nicepay.core.records import AUTHORISED, PAID, Card, Payment

MOMENT = datetime(2026, 11, 1, 12, tzinfo=KST)
CALLS = 200  # of each kind in a round
CHUNK = 10_000  # payments of one transaction


def load_payments(sandbox: Sandbox, number: int, client_id: str = CLIENT_ID) -> None:
    """Put `number` paid payments directly into the store."""
    for begin in range(0, number, CHUNK):
        with sandbox.store.transaction():
            for at in range(begin, min(begin + CHUNK, number)):
                sandbox.store.put(payment(f"held-{at}", f"UT{at:028d}", client_id, PAID))


def payment(order: str, tid: str, client_id: str, status: str) -> Payment:
    """A payment of 1004 won by card."""
    card = Card(
        "04",
        "삼성",
        f"123412******{hash(order) % 10_000:04d}",
        0,
        False,
        "credit",
        True,
        "04",
        "삼성",
    )
    return Payment(
        tid,
        client_id,
        order,
        1004,
        1004,
        "bench",
        "card",
        status,
        auth_token=f"NICEUNTT{hash(tid) & (1 << 128) - 1:032X}",
        authorised_at=MOMENT.replace(microsecond=hash(tid) % 10**6),
        paid_at=MOMENT.replace(microsecond=hash(order) % 10**6) if status == PAID else None,
        approve_no="12345678" if status == PAID else None,
        card=card,
    )


class World:
    """A gateway with stored data, and a shop's calls to it."""

    def __init__(self, *, held: int = 10, merchants: int = 12, journal: bool = False) -> None:
        self.sandbox = Sandbox(log="quiet", clock="2026-11-01T12:10:00+0900")
        for _ in range(merchants - len(self.sandbox.merchants())):
            self.sandbox.add_merchant()
        before, begun = _resident(), time.perf_counter()
        load_payments(self.sandbox, held)
        self.bytes_each = (_resident() - before) / held
        self.load_seconds = time.perf_counter() - begun
        self._made = 0
        if journal:
            for _ in range(self.sandbox.settings.journal_size + 1):
                self._call("POST", "/v1/access-token")

    def measure(self, rows: Rows, name: str) -> None:
        """Measure one round of every call."""
        tids = [self._authorised() for _ in range(CALLS)]
        for heading, line, body in (
            ("token", "POST /v1/access-token", None),
            ("approve", "POST /v1/payments/{}", {"amount": 1004}),
            ("look up", "GET /v1/payments/{}", None),
            ("by orderId", "GET /v1/payments/find/order-{}", None),
            ("cancel", "POST /v1/payments/{}/cancel", {"reason": "bench", "orderId": "order-{}"}),
        ):
            left = iter(tids)

            def call() -> None:
                tid = next(left)  # noqa: B023 - used up before the next kind of call
                method, path = line.format(tid).split()  # noqa: B023
                self._call(method, path, json.dumps(body).replace("{}", tid) if body else "")  # noqa: B023

            keep(rows, name, heading, microseconds(call, CALLS))

    def _authorised(self) -> str:
        self._made += 1
        tid = f"UTnew{self._made:025d}"
        self.sandbox.store.put(payment(f"order-{tid}", tid, CLIENT_ID, AUTHORISED))
        return tid

    def _call(self, method: str, path: str, body: str = "") -> None:
        headers = {"authorization": LOGIN, "content-type": "application/json"}
        reply = self.sandbox.handle(Request(method, path, headers=headers, body=body.encode()))
        assert reply.status == 200, reply.body.decode()


def growth(rounds: int, most: int) -> tuple[Rows, Rows]:
    """Microseconds of each call for several amounts of stored data, and the cost of a payment."""
    rows: Rows = {}
    costs: Rows = {}
    worlds: dict[str, World] = {}
    for name, size in {
        "10 payments": {"held": 10},
        "1,000 payments": {"held": 1000},
        "1,000 merchants": {"merchants": 1000},
        "a full journal": {"journal": True},
        f"{most:,} payments": {"held": most},
    }.items():
        say(f"growth: making {name}")
        worlds[name] = World(**size)  # type: ignore[arg-type]
    biggest = worlds[f"{most:,} payments"]
    keep(costs, "a payment held", "bytes", biggest.bytes_each)
    keep(costs, "a payment held", "µs to load", biggest.load_seconds / most * 1e6)
    for number in range(rounds * 3):
        say(f"growth, round {number + 1} of {rounds * 3}")
        for name, world in worlds.items():
            world.measure(rows, name)
    return rows, costs


def show_growth(rows: Rows, costs: Rows) -> None:
    """Print the tables of `growth`."""
    table(rows, "Microseconds of a call without a socket, by stored data")
    table(costs, "The cost of a stored payment")


def _resident() -> int:
    """The peak memory of this process, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
