"""Every published result code at every call: by its code alone, in that call's own shape.

The calls are good ones: without the scenario each would succeed.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.bodies import REFUSAL
from mock_nicepay.contract.calls import PAYING
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.tables import SUCCESS, ResultCode, result_code, result_codes
from mock_nicepay.core.records import FAILED, Payment
from mock_nicepay.front.openapi.stage import Sent, Stage

# Codes of each kind: the API's own with and without places and a status, a window's, the payment
# network's, a code of both, NICEPAY's own failure, a success of the network, two with two meanings.
KINDS = (
    *(
        "0000",
        "U100",
        "U105",
        "U107",
        "U112",
        "U142",
        "U143",
        "U145",
        "U308",
        "P008",
        "P015",
        "I002",
    ),
    *("3011", "F201", "7012", "9999", "F101", "U503", "U504", "3001", "2011", "cancel/2011"),
)
# Calls whose declines are written down, and come in their own shape; elsewhere a no has two keys.
OWN_SHAPE = {*PAYING, "subscribe.regist", "subscribe.expire", "receipt.issue", "receipt.cancel"}

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)


class Asked:
    """One call after the other, each good by itself, each answered with the code that was asked for."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.stage = Stage()
        self.sent = Sent()

    def answer(self, row: ResultCode) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a good call with that code asked for."""
        self.sent = self.stage.good_call(self.endpoint)
        self.ask_for({"code": row.key})
        reply = self.stage.sandbox.handle(self.stage.request(self.endpoint, self.sent))
        return reply.status, json.loads(reply.body)

    def ask_for(self, reply: Mapping[str, str]) -> None:
        """Play one rule for this call from now on."""
        rules = [{"call": self.endpoint.name, "reply": reply}]
        self.stage.sandbox.choose_scenario({"version": 1, "name": "code", "rules": rules})


def is_no(endpoint: Endpoint, row: ResultCode) -> bool:
    """Whether that code at that call is somebody's no to what was asked, and written down."""
    taken_back = row.is_net_cancel and endpoint.name in PAYING
    theirs = row.is_decline and row.code not in endpoint.as_refusal
    own = row.code in endpoint.own_shape
    return endpoint.issuer_decides and (theirs or taken_back or own)


def complaints(endpoint: Endpoint, row: ResultCode, body: dict[str, Any]) -> list[str]:
    """What is wrong with an answer's shape."""
    if is_no(endpoint, row) and endpoint.name in OWN_SHAPE and len(body) > 2:
        return endpoint.reply.complaints(body)
    more = endpoint.refusals.get(row.code, {})
    told = {key: value for key, value in body.items() if key not in more}
    return REFUSAL.complaints(told)


def check(asked: Asked, row: ResultCode) -> None:
    """Status, code, text and shape are the published ones."""
    status, body = asked.answer(row)
    wanted = result_code(row.key, asked.endpoint.domain)

    assert (wanted.http, wanted.code) == (status, body["resultCode"])
    assert not set("{}") & set(body["resultMsg"])
    if row.code != SUCCESS:
        assert [] == complaints(asked.endpoint, wanted, body), (row.key, body)


@pytest.mark.parametrize("key", KINDS)
@every_endpoint
def test_a_code_of_each_kind(endpoint: Endpoint, key: str) -> None:
    """At every call."""
    if endpoint.errand is None or key != SUCCESS:  # which calls somebody
        check(Asked(endpoint), result_codes()[key])


@pytest.mark.parametrize(
    "name",
    ["payments.approve", "payments.cancel", "payments.get", "receipt.issue", "subscribe.regist"],
)
def test_every_code_in_each_shape(name: str) -> None:
    """At a call of each kind: paying, cancelling, looking up, a receipt, a registration."""
    asked = Asked(next(endpoint for endpoint in ENDPOINTS if endpoint.name == name))
    for row in result_codes().values():
        check(asked, row)


@pytest.mark.slow
@every_endpoint
def test_every_code_at_every_call(endpoint: Endpoint) -> None:
    """The whole table."""
    asked = Asked(endpoint)
    for row in result_codes().values():
        if endpoint.errand is None or row.code != SUCCESS:
            check(asked, row)


@pytest.mark.parametrize(
    ("expected", "name", "key"),
    [
        ({"status": "failed", "balanceAmt": 0, "card": None}, "payments.approve", "3011"),
        ({"status": "failed"}, "payments.approve", "U504"),
        ({"status": "failed"}, "subscribe.pay", "3011"),
        ({"status": "failed"}, "keyin.pay", "3011"),
        ({"status": "failed"}, "keyin.pay", "U504"),
        ({"status": "failed"}, "epay.pay", "3011"),
        ({"status": "failed", "messageSource": "external"}, "subscribe.regist", "F201"),
        ({"approvedAt": "0", "approveNo": None}, "receipt.issue", "7012"),
        ({"cancelAmt": 0, "cancelledAt": "0", "balanceAmt": 1004}, "receipt.cancel", "7004"),
        ({"messageSource": "nicepay", "urls": []}, "webhook.get", "U111"),
        ({"messageSource": "nicepay", "status": "failed"}, "subscribe.regist", "U107"),
        ({"messageSource": "nicepay", "status": "failed"}, "subscribe.regist", "U317"),
        ({"authDate": "2023-03-24T16:46:42.000+0900"}, "subscribe.expire", "U309"),
        ({"authDate": "2023-03-24T16:46:42.000+0900"}, "subscribe.expire", "U313"),
    ],
)
def test_what_a_no_says(expected: dict[str, Any], name: str, key: str) -> None:
    """A failed payment, a failed receipt, a failed registration: what is not there says so."""
    asked = Asked(next(endpoint for endpoint in ENDPOINTS if endpoint.name == name))
    body = asked.answer(result_codes()[key])[1]

    assert expected == {key: body[key] for key in expected}
    assert "bid" not in body or name in {"subscribe.pay", "subscribe.expire"}


@pytest.mark.parametrize("key", ["U503", "U504"])
@pytest.mark.parametrize("name", PAYING)
def test_nicepays_own_failure_leaves_nothing_to_approve(name: str, key: str) -> None:
    """The payment has failed, its orderId is free, and the same call again is a new payment or refused."""
    asked = Asked(next(endpoint for endpoint in ENDPOINTS if endpoint.name == name))
    asked.answer(result_codes()[key])
    store, owner = asked.stage.sandbox.store, asked.stage.server.client_id
    payment = store.find(Payment, owner)[-1]

    assert FAILED == payment.status
    found = asked.stage.answer("payments.find", Sent({"orderId": payment.order_id}))
    assert "U107" == found["resultCode"]


@pytest.mark.parametrize(
    ("expected", "name", "key"),
    [
        ("필드 최대길이 초과[max:100, realLength:101]", "payments.cancel", "U105"),
        ("reason 필수입력항목이 누락되었습니다.", "payments.cancel", "U100"),
        ("encData 필수입력항목이 누락되었습니다.", "subscribe.regist", "U100"),
        ("[cancelAmt] 필드는 0이하의 값은 허용하지 않습니다.", "receipt.cancel", "U142"),
    ],
)
def test_the_text_is_about_the_call(expected: str, name: str, key: str) -> None:
    """Its fields, its limits."""
    asked = Asked(next(endpoint for endpoint in ENDPOINTS if endpoint.name == name))

    assert expected == asked.answer(result_codes()[key])[1]["resultMsg"]


def test_the_text_repeats_the_orderid() -> None:
    """P015 names the order that was sent."""
    asked = Asked(next(endpoint for endpoint in ENDPOINTS if endpoint.name == "payments.netcancel"))
    body = asked.answer(result_codes()["P015"])[1]

    assert f"orderid {asked.sent.fields['orderId']}가 이미 존재합니다." == body["resultMsg"]


# A magic value says the wire's four characters.
ON_THE_WIRE = [row for row in result_codes().values() if "/" not in row.key]


@pytest.mark.slow
@pytest.mark.parametrize("row", ON_THE_WIRE, ids=lambda row: str(row.key))
def test_a_magic_value_asks_for_it_as_well(row: ResultCode) -> None:
    """`mock:CODE` in the orderId of a payment: its approval is answered with that code."""
    stage = Stage(magic_values="yes")
    order = {"method": "card", "orderId": f"mock:{row.key}", "amount": 1004, "goodsName": "상품"}
    visit = stage.sandbox.window.pay(
        {**order, "returnUrl": "https://shop.example"}, merchant=stage.server
    )
    answer = stage.answer("payments.approve", Sent({"tid": visit.tid}, {"amount": 1004}))

    assert row.code == answer["resultCode"]
    assert not set("{}") & set(answer["resultMsg"])


@pytest.mark.parametrize("window", ["server", "client"])
@pytest.mark.parametrize("key", ["U100", "U105", "P007", "P008", "P012", "P014", "P015", "P047"])
def test_the_window_fills_its_texts(window: str, key: str) -> None:
    """What is posted to returnUrl names parameters of requestPay and the order itself."""
    stage = Stage()
    merchant = stage.server if window == "server" else stage.client
    rules = [{"call": "window.pay", "reply": {"code": key}}]
    stage.sandbox.choose_scenario({"version": 1, "name": "code", "rules": rules})
    order = {"method": "card", "orderId": "order-7", "amount": 1004, "goodsName": "상품"}
    visit = stage.sandbox.window.pay(
        {**order, "returnUrl": "https://shop.example"}, merchant=merchant
    )

    assert (key, False) == (visit.code, bool(set("{}") & set(visit.message)))
    assert "order-7" in visit.message or key != "P015"
