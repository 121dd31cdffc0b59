"""The pages of hosted checkout without a browser: their addresses, their forms, who may do what."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest

from mock_nicepay.contract.endpoint import Reply, Request, decoded_path, settled
from mock_nicepay.core.records import Payment
from mock_nicepay.front.dispatch import respond
from mock_nicepay.sandbox import Sandbox

HOST = {"host": "127.0.0.1:8090"}


@pytest.fixture
def create(call: Any, published: Any) -> Any:
    """Make a session of these fields; what the gateway says of it."""

    def make(**fields: Any) -> dict[str, Any]:
        usual = {
            "method": "card",
            "sessionId": "s-1",
            "orderId": "o-1",
            "amount": 1004,
            "goodsName": "책",
            "returnUrl": "http://localhost:3000/return",
        }
        body = {**usual, **fields}
        answer: dict[str, Any] = call(
            "POST", "/v1/checkout", body=body, headers=HOST, auth=published.client
        ).json
        return answer

    return make


def ask(sandbox: Sandbox, method: str, url: str, fields: Any = None) -> Reply:
    """Ask as a browser does that was given this address."""
    parts = urlsplit(url)
    body = urlencode(fields).encode() if fields else b""
    path = decoded_path(parts.path)
    return settled(respond(sandbox, Request(method, path, parts.query, HOST, body)))


def form_of(sandbox: Sandbox, url: str, relay: Reply) -> dict[str, str]:
    """The form that a relay page leads to."""
    found = re.search(r'data-go="go" href="([^"]+)"', relay.body.decode())
    assert found, relay.body.decode()
    page = ask(sandbox, "GET", urljoin(url, unescape(found[1])))
    pairs = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.body.decode())
    return {name: unescape(value) for name, value in pairs}


@pytest.mark.parametrize(
    "session_id",
    ["주문/1", "a?b#c", "100%", "%2F", "%25", "a%20b", "<b>", '"x"', "a;b,c", "a+b&c"],
)
def test_any_id_has_its_page(sandbox: Sandbox, create: Any, session_id: str) -> None:
    """The address leads to the session, and so does the form in its page."""
    url = create(sessionId=session_id)["url"]

    page = ask(sandbox, "GET", url)
    action = re.search(r'<form id="window".* action="([^"]+)"', page.body.decode())

    assert 200 == page.status
    assert action
    target = urljoin(url, unescape(action[1]))
    relay = ask(sandbox, "POST", target, {"outcome": "approve"})
    assert session_id == form_of(sandbox, target, relay)["sessionId"]


@pytest.mark.parametrize(
    ("status", "code", "auto"),
    [
        ("paid", "0000", "approve"),
        ("failed", "3011", "decline:3011"),
        ("closed", "P091", "close"),
        ("failed", "A245", "timeout"),
    ],
)
def test_its_address_finishes_without_a_click(
    sandbox: Sandbox, create: Any, status: str, code: str, auto: str
) -> None:
    """`?auto=` behind the address, as behind the script's."""
    url = create()["url"]

    form = form_of(sandbox, url, ask(sandbox, "GET", f"{url}?auto={auto}"))

    assert (status, code) == (form["status"], form["resultCode"])


def test_a_word_that_auto_does_not_have_is_told(sandbox: Sandbox, create: Any) -> None:
    """The page is shown, and nothing is paid."""
    page = ask(sandbox, "GET", f"{create()['url']}?auto=aprove").body.decode()

    assert "did you mean approve?" in unescape(page)
    assert 'id="window"' in page


@pytest.mark.parametrize("fake", [False, True])
def test_who_asks_for_the_head_alone_pays_nothing(
    sandbox: Sandbox, create: Any, fake: bool
) -> None:
    """A link checker or a preview looks at an address and chooses nothing."""
    session = create(fakeAuth=fake)
    owner = sandbox.merchant(session["clientId"])

    assert 200 == ask(sandbox, "HEAD", f"{session['url']}?auto=approve").status

    assert "ready" == sandbox.checkout.state(sandbox.checkout.session("s-1")).status
    assert [] == sandbox.store.find(Payment, owner.client_id)


def test_a_hosted_page_tells_nobody(sandbox: Sandbox, create: Any) -> None:
    """No SDK listens to it: in a frame as well it goes to the shop by itself."""
    url = create()["url"]

    page = ask(sandbox, "GET", url).body.decode()
    relay = ask(sandbox, "POST", url, {"outcome": "approve"}).body.decode()

    assert 'data-page=""' in page
    assert 'data-shop=""' in relay
