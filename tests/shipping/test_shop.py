"""The sample shop against a server: what it does with money, with lost answers, with forgers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from bookshop import Bookshop, bookshop

from mock_nicepay.front.handle import Gateway, gateway_at
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.front.testing.merchant import Nicepay

pytestmark = pytest.mark.slow

LOST = {"call": "payments.approve", "times": 1, "effect": "commit", "reply": "reset"}
NEVER_CAME = {**LOST, "effect": "none"}
LOST_CANCEL = {"call": "payments.cancel", "times": 1, "effect": "commit", "reply": "reset"}
SILENT = {"call": ["payments.find", "payments.netcancel"], "reply": {"http": 502}}


@pytest.fixture
def gateway(live: BackgroundServer) -> Gateway:
    """The control plane of a server."""
    return gateway_at(live.url)


@pytest.fixture
def nicepay(gateway: Gateway) -> Nicepay:
    """A fresh merchant."""
    return gateway.merchant()


@pytest.fixture
def shop(nicepay: Nicepay) -> Iterator[Bookshop]:
    """The shop of that merchant."""
    with bookshop(nicepay.url, nicepay.client_id, nicepay.secret_key) as opened:
        yield opened


def buy(nicepay: Nicepay, shop: Bookshop) -> tuple[str, str]:
    """A customer goes through the window, and is sent back to the shop: orderId, what he reads."""
    order_id = shop.new_order()
    visit = nicepay.pay(1004, order_id=order_id, return_url=f"{shop.url}/return")
    return order_id, visit.response["body"]


def settle(gateway: Gateway) -> None:
    """Wait until every webhook has been delivered."""
    gateway.control.ask("POST", "/webhooks/settle")


def test_a_book_is_bought_and_sent_back(gateway: Gateway, nicepay: Nicepay, shop: Bookshop) -> None:
    """Window, approval, webhook, cancel, webhook; and no money is given back twice."""
    assert "webhook: 정상 처리되었습니다." == shop.said
    order_id, told = buy(nicepay, shop)
    assert f"주문 {order_id}: paid" == told
    settle(gateway)
    assert "paid" == shop.order(order_id)["webhook"]

    assert (200, f"주문 {order_id}: cancelled") == shop.post("/cancel", {"orderId": order_id})
    settle(gateway)
    assert ("cancelled", "cancelled") == tuple(
        shop.order(order_id)[key] for key in ("state", "webhook")
    )
    assert (200, "취소할 수 있는 주문이 아닙니다.") == shop.post("/cancel", {"orderId": order_id})
    assert ["0000"] == [
        entry["code"] for entry in nicepay.journal if entry["call"] == "payments.cancel"
    ]


@pytest.mark.parametrize(
    ("state", "rules"),
    [
        ("paid", [LOST]),
        ("cancelled", [LOST, {"call": "payments.find", "reply": {"http": 502}}]),
        ("unclear", [NEVER_CAME, SILENT]),
        ("failed", [{"call": "payments.approve", "reply": {"code": "3011"}}]),
    ],
    ids=["lost", "lost and not to be found", "nobody answers", "declined"],
)
def test_what_becomes_of_an_approval(
    state: str, rules: list[dict[str, Any]], nicepay: Nicepay, shop: Bookshop
) -> None:
    """A lost answer is looked up, else taken back; what nobody knows is said to be unclear."""
    nicepay.scenario({"version": 1, "name": "trouble", "rules": rules})
    order_id, told = buy(nicepay, shop)
    assert f"주문 {order_id}: {state}" == told


def test_a_lost_cancel_is_looked_up(nicepay: Nicepay, shop: Bookshop) -> None:
    """The money went back, and the shop finds out."""
    order_id, _ = buy(nicepay, shop)
    nicepay.scenario({"version": 1, "name": "trouble", "rules": [LOST_CANCEL]})
    assert f"주문 {order_id}: cancelled" == shop.post("/cancel", {"orderId": order_id})[1]


def test_forgers(nicepay: Nicepay, shop: Bookshop) -> None:
    """A form, a webhook and a cancel that are not NICEPAY's or a customer's change nothing."""
    order_id = shop.new_order()
    form = {"authResultCode": "0000", "orderId": order_id, "amount": "1", "signature": "0" * 64}
    assert (200, "우리 주문이 아닙니다.") == shop.post("/return", form)
    event = {"orderId": order_id, "status": "paid", "signature": "0" * 64}
    assert (400, "not ours") == shop.post("/webhook", json.dumps(event).encode())
    assert (400, "not ours") == shop.post("/webhook", b"[]")
    assert (200, "취소할 수 있는 주문이 아닙니다.") == shop.post("/cancel", {"orderId": order_id})
    assert {"state": "open"} == shop.order(order_id)


def test_a_payer_who_leaves(nicepay: Nicepay, shop: Bookshop) -> None:
    """The customer is told why there is no order."""
    order_id = shop.new_order()
    visit = nicepay.pay(1004, order_id=order_id, return_url=f"{shop.url}/return", code="3011")
    assert visit.response["body"].startswith("결제하지 않았습니다: ")
    assert "open" == shop.order(order_id)["state"]


def test_without_a_gateway_it_says_so() -> None:
    """It opens all the same, and ends when it is told to."""
    with bookshop("http://127.0.0.1:1", "S2_x", "y") as shop:
        assert shop.said.startswith("webhook: not registered, http://127.0.0.1:1 does not answer")
