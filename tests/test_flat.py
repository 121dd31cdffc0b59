"""What a call costs does not grow with the payments held: none looks through all of them."""

import json
from typing import Any

import pytest
from till import Till

from mock_nicepay.contract.endpoint import Request, settled
from mock_nicepay.core.records import Payment, ReceiptWish, Record
from mock_nicepay.core.stores.memory import MemoryStore
from mock_nicepay.front.dispatch import respond

WISH = ReceiptWish("individual", "01012345678")


@pytest.fixture
def till() -> Till:
    """A merchant with a transfer that was cancelled in part; payment and cancel have cash receipts."""
    till = Till()
    paid = till.pay(method="bank", receipt=WISH, order_id="flat")
    assert "0000" == till.cancel(paid, cancelAmt=4)["resultCode"]
    return till


@pytest.fixture(autouse=True)
def _walks(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nobody may look through all payments."""
    find = MemoryStore.find

    def watched(store: MemoryStore, kind: type[Record], owner: str = "", **lookup: str) -> Any:
        assert lookup or kind is not Payment, "this looks through all payments"
        return find(store, kind, owner, **lookup)

    monkeypatch.setattr(MemoryStore, "find", watched)


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (200, "GET /v1/payments/{tid}"),
        (200, "GET /v1/payments/find/flat"),
        (200, "POST /v1/payments/netcancel"),
        (200, "POST /v1/payments/{receipt}/cancel"),
        (200, "GET /v1/receipt/{receipt}"),
        (200, "GET /v1/receipt/{taken_back}"),
        (404, "GET /v1/receipt/{mid}0401010101010101010000"),
        (200, "GET /v1/transactions?date=20230228"),
        (200, "GET /issue/IssueLoader.do?TID={tid}"),
        (200, "GET /issue/IssueLoader.do?TID={cancel}"),
        (200, "GET /issue/IssueLoader.do?TID={receipt}"),
        (404, "GET /issue/IssueLoader.do?TID={mid}0101230228125317ZZZZ"),
        (200, "GET /_mock/receipts?orderId=flat"),
        (200, "GET /_mock/receipts?orderId=flat&merchant={client}"),
        (200, "GET /_mock/receipts/{receipt}"),
        (404, "GET /_mock/receipts/{cancel}"),
        (200, "POST /_mock/receipts/{receipt}/confirm"),
        (200, "POST /_mock/receipts/{taken_back}/reject"),
    ],
)
def test_no_call_looks_through_all_payments(status: int, line: str, till: Till) -> None:
    """By a tid of whatever kind, by an orderId, by a day."""
    (payment,) = till.sandbox.store.find(Payment, till.merchant.client_id, order_id="flat")
    receipt, taken_back = payment.receipts
    known = {
        "tid": payment.tid,
        "cancel": payment.cancels[0].tid,
        "receipt": receipt.tid,
        "taken_back": taken_back.tid,
        "mid": till.merchant.mid,
        "client": till.merchant.client_id,
    }
    method, target = line.format(**known).split()
    path, _, query = target.partition("?")
    body = b'{"orderId":"flat","reason":"-"}' if line.startswith("POST /v1") else b""
    reply = settled(respond(till.sandbox, Request(method, path, query, till.login, body)))

    assert status == reply.status, reply.body.decode()


def test_a_page_of_a_day_looks_its_own_payments_up(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many more the day has: each would be a round trip."""
    for _ in range(10):
        till.pay()
    get, seen = MemoryStore.get, []

    def watched(store: MemoryStore, kind: type[Record], key: str) -> Any:
        seen.append(kind)
        return get(store, kind, key)

    monkeypatch.setattr(MemoryStore, "get", watched)
    wanted = Request("GET", "/v1/transactions", "date=20230228&limit=3", till.login, b"")
    page = json.loads(settled(respond(till.sandbox, wanted)).body)
    assert (12, 3, 3) == (
        page["pagination"]["count"],
        len(page["transactions"]),
        seen.count(Payment),
    )
