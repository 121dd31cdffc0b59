"""Hosted checkout through the control plane and the fixtures: a payer without a browser."""

from collections.abc import Iterator
from typing import Any

import pytest

from mock_nicepay.contract.signing import Formula
from mock_nicepay.front.handle import Gateway, Nicepay, NicepayError, gateway_at, gateway_here
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings


def quiet() -> Sandbox:
    """A sandbox that no environment touches."""
    return Sandbox(Settings.read({"self_check": True, "log": "quiet"}, environment={}))


@pytest.fixture(scope="module")
def gateways() -> Iterator[dict[str, Gateway]]:
    """The same kind of gateway in this process and on a server elsewhere."""
    with BackgroundServer(quiet()) as server:
        here = gateway_here(quiet(), "http://here.test")
        yield {"here": here, "elsewhere": gateway_at(server.url)}


@pytest.fixture(params=["here", "elsewhere"])
def merchant(request: pytest.FixtureRequest, gateways: dict[str, Gateway]) -> Nicepay:
    """A fresh merchant with a Client-approval key."""
    return gateways[request.param].merchant(window="client")


def test_a_checkout_is_made_and_paid(merchant: Nicepay) -> None:
    """As the merchant's server and the payer's browser do it; the form's signature is right."""
    session = merchant.checkout(50_000, goods_name="책", method="card", cardQuota="00,03")
    visit = merchant.pay_session(session, payer={"cardCode": "04", "cardQuota": 3})

    assert ("0000", 50_000, session.order_id) == (visit.code, visit.amount, visit.order_id)
    assert ("04", "3", "책") == (
        visit.form["cardCode"],
        visit.form["cardQuota"],
        visit.form["goodsName"],
    )
    right = Formula("tid + amount + ediDate").sign(visit.form, merchant.secret_key)
    assert right == visit.signature


def test_its_page_is_at_the_gateways_address(merchant: Nicepay) -> None:
    """So that a browser finds it."""
    session = merchant.checkout()

    assert session.url.startswith(f"{merchant.url}/v1/checkout/pay/")
    assert session.url.endswith(f"/{session.session_id}")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        ("paid", "0000", {}),
        ("failed", "3011", {"code": "3011"}),
        ("failed", "C002", {"outcome": "decline"}),
        ("closed", "P091", {"outcome": "close"}),
        ("failed", "A245", {"outcome": "timeout"}),
    ],
)
def test_what_a_payer_may_do(
    merchant: Nicepay, status: str, code: str, words: dict[str, Any]
) -> None:
    """Every outcome is a form for returnUrl; the session says the same."""
    session = merchant.checkout()
    visit = merchant.pay_session(session.session_id, post=False, **words)
    shown = merchant._ask("GET", f"/checkout/{session.session_id}")

    assert (code, None) == (visit.code, visit.fn_error)
    assert (status, True) == (shown["status"], shown["isExpire"])
    assert "P0" in merchant.pay_session(session).code


def test_an_id_with_strange_signs(merchant: Nicepay) -> None:
    """A sessionId may have a slash, a question mark and Korean letters."""
    session = merchant.checkout(session_id="주문/1?a=b&c#%41")

    assert "0000" == session.code
    assert "0000" == merchant.pay_session(session).code


def test_a_refused_checkout_says_so(merchant: Nicepay) -> None:
    """The answer is the gateway's own."""
    first = merchant.checkout()

    assert "U324" == merchant.checkout(session_id=first.session_id).code
    assert "" == merchant.checkout(goods_name=None).url


def test_the_sessions_are_listed(merchant: Nicepay) -> None:
    """The newest first, of one merchant."""
    made = [merchant.checkout().session_id for _ in range(2)]
    listed = merchant._ask("GET", "/checkout")["sessions"]

    assert made[::-1] == [each["sessionId"] for each in listed]
    assert {merchant.client_id} == {each["merchant"] for each in listed}


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("did you mean goods_name", {"good_name": "x"}),
        ("no field 'colour'", {"colour": "red"}),
    ],
)
def test_a_misspelt_field_is_told(merchant: Nicepay, message: str, wrong: dict[str, Any]) -> None:
    """With the nearest one, or with all there are."""
    with pytest.raises(NicepayError, match=message):
        merchant.checkout(**wrong)


@pytest.mark.parametrize(
    ("message", "wrong"),
    [
        ("no checkout session 'nowhere'", {}),
        ("did you mean close", {"outcome": "clse"}),
    ],
)
def test_a_mistake_is_told(merchant: Nicepay, message: str, wrong: dict[str, Any]) -> None:
    """An unknown session, an outcome that there is not."""
    session = merchant.checkout().session_id if wrong else "nowhere"
    with pytest.raises(NicepayError, match=message):
        merchant.pay_session(session, **wrong)


def test_a_wrong_key_of_the_body_is_told(merchant: Nicepay) -> None:
    """The order is the session's; nothing of it can be changed here."""
    session = merchant.checkout()
    with pytest.raises(NicepayError, match="a key 'amount'"):
        merchant._ask("POST", f"/checkout/{session.session_id}/pay", b'{"amount": 1}')
