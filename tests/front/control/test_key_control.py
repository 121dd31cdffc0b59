"""The control plane's actions on key pairs and the IP allow list."""

import json
from typing import Any

import pytest
from till import Till

from mock_nicepay.front.handle import Nicepay, NicepayError, gateway_here
from mock_nicepay.front.testing.merchant import Key


@pytest.fixture
def till() -> Till:
    """A sandbox."""
    return Till()


@pytest.fixture
def own(till: Till) -> Nicepay:
    """A merchant of it, as a test holds one."""
    return gateway_here(till.sandbox, "http://mock").merchant()


def ask(own: Nicepay, method: str, path: str, body: Any = None) -> Any:
    """The control plane's answer about the merchant."""
    return own._ask(method, path, b"" if body is None else json.dumps(body).encode())


def test_a_pair_is_made_issued_anew_and_deleted(own: Nicepay) -> None:
    """By its client id; each answer shows the pair after the change."""
    made = ask(own, "POST", "/merchants/keys", {"window": "client", "authType": "basic"})
    path = f"/merchants/keys/{made['clientId']}"
    anew = ask(own, "POST", f"{path}/reissue")
    listed = ask(own, "GET", "/merchants/keys")["keys"]

    assert ("client", "basic", own.client_id) == (
        made["window"],
        made["authType"],
        made["merchant"],
    )
    assert {**made, "secretKey": anew["secretKey"]} == anew == listed[1]
    assert {"deleted": made["clientId"]} == ask(own, "DELETE", path)
    assert [own.client_id] == [
        key["clientId"] for key in ask(own, "GET", "/merchants/keys")["keys"]
    ]


@pytest.mark.parametrize(
    ("expected", "method", "path", "body"),
    [
        ("name the merchant with ?merchant=CLIENT_ID", "POST", "/merchants/keys", {}),
        ("name the merchant with ?merchant=CLIENT_ID", "PUT", "/merchants/allow", {"allow": []}),
        ("name the merchant with", "POST", "/merchants/allow/test", {"address": "10.0.0.1"}),
        ("there is no merchant with the client id 'x'", "DELETE", "/merchants/keys/x", None),
        ("this request takes none", "POST", "/merchants/keys/x/reissue", {"secretKey": "y"}),
    ],
)
def test_mistakes(till: Till, expected: str, method: str, path: str, body: Any) -> None:
    """With what would be right."""
    status, answer = till.control(method, path, body)

    assert status >= 400
    assert expected in answer["error"]


def test_another_merchants_pair_is_left_alone(till: Till, own: Nicepay) -> None:
    """An action with ?merchant= cannot change another merchant."""
    for method, ending in (("POST", "/reissue"), ("DELETE", "")):
        with pytest.raises(NicepayError, match="is not a key pair of"):
            ask(own, method, f"/merchants/keys/{till.merchant.client_id}{ending}")


@pytest.mark.parametrize(
    ("allowed", "rule", "rules", "address"),
    [
        (True, None, [], "203.0.113.9"),
        (True, "10.0.0.0/8", ["192.0.2.1", "10.0.0.0/8"], "10.1.2.3"),
        (True, "192.0.2.1/32", ["192.0.2.1", "10.0.0.0/8"], "::ffff:192.0.2.1"),
        (True, "2001:db8::/32", ["2001:db8::/32"], "2001:db8::1"),
        (False, None, ["192.0.2.1", "10.0.0.0/8"], "11.1.2.3"),
        (False, None, ["10.0.0.0/8"], "2001:db8::1"),
    ],
)
def test_the_allow_list_is_tried(
    own: Nicepay, allowed: bool, rule: str | None, rules: list[str], address: str
) -> None:
    """Whether a call from there is admitted, by which rule, or with which code it is refused."""
    ask(own, "PUT", "/merchants/allow", {"allow": rules})
    told = ask(own, "POST", "/merchants/allow/test", {"address": address})

    assert (allowed, rule) == (told["allowed"], told["rule"])
    assert (None if allowed else "U315") == told["code"]


@pytest.mark.parametrize("address", ["", "example.test", "10.0.0.0/8", 7])
def test_what_is_no_address(own: Nicepay, address: Any) -> None:
    """It must be one address, not a name or a rule."""
    with pytest.raises(NicepayError, match=r'say \{"address": "10.1.2.3"\}'):
        ask(own, "POST", "/merchants/allow/test", {"address": address})


def test_any_pair_names_its_merchant(till: Till, own: Nicepay) -> None:
    """In ?merchant=; at the window it also selects the pair."""
    key = own.add_key(window="client")
    order = {"method": "card", "orderId": "A", "amount": 1004, "goodsName": "책", "post": False}
    page = {"returnUrl": "http://127.0.0.1/"}

    def about(client_id: str, method: str, path: str, body: Any = None) -> Any:
        return own._control.ask(
            method, path, b"" if body is None else json.dumps(body).encode(), merchant=client_id
        )

    form = about(key.client_id, "POST", "/window/pay", {**order, **page})["form"]
    assert ("true", key.client_id) == (form["success"], form["clientId"])
    for path, name in (("/payments", "payments"), ("/journal", "entries"), ("/tokens", "tokens")):
        assert about(own.client_id, "GET", path)[name] == about(key.client_id, "GET", path)[name]
    assert own.client_id == about(key.client_id, "POST", "/reset")["reset"]
    assert [] == till.sandbox.ledger.payments(own.client_id)


class TestInTests:
    """The merchant that a test holds."""

    def test_a_further_pair(self, own: Nicepay) -> None:
        """It can be paid with at the window and on a checkout's page; its secret is in no repr."""
        key = own.add_key(window="client")
        visit = own.pay(client_id=key.client_id)
        session = own.checkout(key=key)

        assert (key.client_id, key.secret_key) == key.auth
        assert ("true", key.client_id) == (visit.form["success"], visit.form["clientId"])
        assert key.client_id == session["clientId"]
        assert "true" == own.pay_session(session).form["success"]
        assert key.secret_key not in repr(key)

    def test_a_sixth_is_an_error(self, own: Nicepay) -> None:
        """NICEPAY gives five."""
        pairs = [own.add_key(auth_type="token") for _ in range(4)]

        assert all(isinstance(pair, Key) for pair in pairs)
        with pytest.raises(NicepayError, match="has 5 key pairs"):
            own.add_key()
