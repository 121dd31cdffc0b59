"""The pages of the API in the console, and the document the control plane serves."""

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.encdata.ciphers import CIPHERS
from mock_nicepay.contract.encdata.envelope import open_encdata
from mock_nicepay.contract.endpoint import Endpoint, Reply, Request, settled
from mock_nicepay.front.dispatch import respond
from mock_nicepay.front.openapi.document import document
from mock_nicepay.front.openapi.words import in_korean
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)


def sandbox_of(**options: str) -> Sandbox:
    """A sandbox that is asked for pages."""
    return Sandbox(Settings.read({"log": "quiet", **options}, environment={}))


def get(sandbox: Sandbox, path: str, language: str = "en", **arguments: str) -> Reply:
    """The answer to a GET below /_mock."""
    headers = {"accept-language": language, "host": "127.0.0.1:8090"}
    query = urlencode(arguments)
    return settled(respond(sandbox, Request("GET", f"/_mock{path}", query, headers)))


def page(sandbox: Sandbox, path: str, language: str = "en", **arguments: str) -> str:
    """A page's HTML."""
    reply = get(sandbox, f"/console{path}", language, **arguments)
    assert 200 == reply.status
    return reply.body.decode()


@pytest.mark.parametrize("path", ["/openapi", "/openapi/"])
def test_the_short_address_leads_there(path: str) -> None:
    """`/_mock/openapi` is the console's page, behind the same doors."""
    reply = get(sandbox_of(), path)

    assert (303, "/_mock/console/api") == (reply.status, reply.header("location"))


def test_the_document_is_served() -> None:
    """As the command prints it, for the edition of the sandbox."""
    reply = get(sandbox_of(edition="gateway"), "/openapi.json")

    assert (200, "application/json;charset=utf-8") == (reply.status, reply.header("content-type"))
    assert document(EDITIONS["gateway"]) == json.loads(reply.body)


def test_a_merchant_has_its_own_edition() -> None:
    """`?merchant=` asks for the document of what that merchant calls."""
    sandbox = sandbox_of()
    merchant = sandbox.add_merchant(edition="manual")
    made = json.loads(get(sandbox, "/openapi.json", merchant=merchant.client_id).body)

    assert "Edition manual" == made["info"]["summary"]
    assert "/v1/subscribe/{bid}/status" not in made["paths"]
    assert 404 == get(sandbox, "/console/api/subscribe.status", merchant=merchant.client_id).status


def test_the_document_is_behind_the_key() -> None:
    """As is everything below /_mock."""
    sandbox = sandbox_of(admin_key="secret")

    assert 401 == get(sandbox, "/openapi.json").status
    assert "/_mock/console/login" in str(get(sandbox, "/console/api").header("location"))


def test_the_list_has_every_call() -> None:
    """With path and summary, and a link to the document."""
    text = page(sandbox_of(), "/api")

    assert 'href="/_mock/openapi.json"' in text
    for endpoint in ENDPOINTS:
        assert f'href="/_mock/console/api/{endpoint.name}"' in text
        assert f"<code>{endpoint.method} {endpoint.path}</code>" in text


@pytest.mark.parametrize(
    ("expected", "q"),
    [
        (["payments.netcancel"], "netcancel"),
        (["subscribe.regist", "epay.pay", "keyin.pay"], "encData"),
        (["checkout.create"], "POST /v1/checkout fakeauth"),
        ([], "nothing like it"),
    ],
)
def test_the_list_is_searched(expected: list[str], q: str) -> None:
    """By name, path and field, in any case."""
    text = page(sandbox_of(), "/api", q=q)
    found = re.findall(r'href="/_mock/console/api/([a-z_.]+)"', text)

    assert set(expected) == set(found)
    assert expected or "Look for a name" in text


@pytest.mark.parametrize("language", ["en", "ko"])
@every_endpoint
def test_a_call_has_its_page(endpoint: Endpoint, language: str) -> None:
    """Its fields, formulas, codes and a line that makes it."""
    text = page(sandbox_of(), f"/api/{endpoint.name}", language)

    for name in (*endpoint.request.fields, *endpoint.reply.fields):
        assert f'<span class="main">{name}</span>' in text
    for formula in filter(None, (endpoint.sign, endpoint.signature)):
        assert f"<code>{formula}</code>" in text
    for code in endpoint.codes:
        assert f">{code}</span>" in text or f"/{code}</span>" in text
    assert f"curl -s -X {endpoint.method}" in text


def test_the_line_has_the_merchants_key() -> None:
    """Of the merchant that the page is about; of none the places of a key."""
    sandbox = sandbox_of()
    merchant = sandbox.add_merchant()
    whose = page(sandbox, "/api/payments.get", merchant=merchant.client_id)

    assert f"-u {merchant.client_id}:{merchant.secret_key}" in whose
    assert "-u CLIENT_ID:SECRET_KEY" in page(sandbox, "/api/payments.get")


def test_the_line_is_not_signed() -> None:
    """Who pastes it has another key."""
    text = page(sandbox_of(), "/api/payments.get")
    line = text.partition('<pre id="curl"')[2].partition("</pre>")[0]

    assert "signData" not in line
    assert "/v1/payments/UT" in line


def test_limits_have_their_unit() -> None:
    """Bytes, and at key-in characters."""
    sandbox = sandbox_of()

    assert "100바이트" in page(sandbox, "/api/payments.cancel", "ko")
    assert "64자" in page(sandbox, "/api/keyin.pay", "ko")
    assert "12 digits" in page(sandbox, "/api/payments.approve")


def test_an_unknown_call_has_none() -> None:
    """404, and it says so."""
    reply = get(sandbox_of(), "/console/api/payments.nope")

    assert 404 == reply.status
    assert b"this edition has no call" in reply.body


@pytest.mark.parametrize("name", ["subscribe.regist", "keyin.pay", "epay.pay"])
def test_a_curl_line_has_card_data_that_opens(name: str) -> None:
    """The card data of the example is encrypted with the key of the merchant the page is about."""
    sandbox = sandbox_of()
    merchant = sandbox.add_merchant()
    line = unescape(page(sandbox, f"/api/{name}", merchant=merchant.client_id))
    (sent,) = re.findall(r'"encData": ?"([0-9a-f]+)"', line.partition('<pre id="curl"')[2])

    assert "941" in open_encdata(sent, merchant.secret_key, tuple(CIPHERS)).values["cardNo"]


def test_every_call_says_in_korean_what_it_does() -> None:
    """The table has a row of each call, and of nothing else."""
    assert sorted(call.name for call in ENDPOINTS) == sorted(in_korean())
    assert in_korean()["terms.get"] in page(sandbox_of(), "/api/terms.get", "ko")
    assert in_korean()["terms.get"] in page(sandbox_of(), "/api", "ko", q="약관")
