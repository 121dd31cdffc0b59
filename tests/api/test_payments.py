"""Look-ups: what a stranger, the owner and another merchant see."""

import json
from base64 import b64encode

import pytest

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.records import Merchant, Payment
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

TID = "UT0000104m00012303241646422011"


@pytest.fixture
def sandbox() -> Sandbox:
    """A sandbox in which the first merchant has one payment."""
    sandbox = Sandbox(Settings.read({"self_check": True}, environment={}))
    owner = sandbox.merchants()[0].client_id
    sandbox.store.put(Payment(TID, owner, "order-1", 1004, 1004, "상품", "card", "paid"))
    return sandbox


def look_up(sandbox: Sandbox, merchant: Merchant, path: str) -> tuple[int, str]:
    """Status and code of a look-up by that merchant."""
    login = b64encode(f"{merchant.client_id}:{merchant.secret_key}".encode()).decode()
    reply = sandbox.handle(Request("GET", path, headers={"authorization": f"Basic {login}"}))
    return reply.status, json.loads(reply.body)["resultCode"]


@pytest.mark.parametrize(
    ("expected", "who", "path"),
    [
        ((200, "0000"), 0, f"/v1/payments/{TID}"),
        ((200, "0000"), 0, "/v1/payments/find/order-1"),
        ((404, "U107"), 0, "/v1/payments/UT0000104m00012303241646429999"),
        ((404, "U107"), 0, "/v1/payments/find/order-2"),
        ((404, "U107"), 1, f"/v1/payments/{TID}"),
        ((404, "U107"), 1, "/v1/payments/find/order-1"),
    ],
)
def test_who_finds_what(sandbox: Sandbox, expected: tuple[int, str], who: int, path: str) -> None:
    """The owner finds the payment; to everybody else it does not exist."""
    assert expected == look_up(sandbox, sandbox.merchants()[who], path)


@pytest.mark.parametrize(
    ("last", "edition"),
    [("messageSource", "union"), ("cashReceipts", "manual"), ("messageSource", "gateway")],
)
def test_the_edition_says_whether_a_payment_ends_with_its_source(last: str, edition: str) -> None:
    """Contradiction 8: the newest tables have messageSource, the Korean manual does not."""
    sandbox = Sandbox(Settings.read({"self_check": True, "edition": edition}, environment={}))
    owner = sandbox.merchants()[0]
    sandbox.store.put(Payment(TID, owner.client_id, "order-1", 1004, 1004, "상품", "card", "paid"))
    login = b64encode(f"{owner.client_id}:{owner.secret_key}".encode()).decode()
    reply = sandbox.handle(
        Request("GET", f"/v1/payments/{TID}", headers={"authorization": f"Basic {login}"})
    )

    assert last == list(json.loads(reply.body))[-1]
