"""What holds for every published call, generated from its declaration.

A new endpoint gains all of these without a line of test code.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.bodies import REFUSAL
from mock_nicepay.contract.calls import CALL_NAMES, CALL_PLACES
from mock_nicepay.contract.charsets import EUC_KR
from mock_nicepay.contract.checkout.fields import Switch
from mock_nicepay.contract.encdata.card_data import CardCode
from mock_nicepay.contract.encdata.envelope import make_encdata
from mock_nicepay.contract.endpoint import Endpoint, Reply, Request
from mock_nicepay.contract.fields import Amount, Chars, Choice, Field, Months, Text
from mock_nicepay.contract.periods import Day
from mock_nicepay.contract.tables import result_codes
from mock_nicepay.contract.target import Address
from mock_nicepay.core.records import Merchant
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SAMPLE = "sample-of-30-bytes-000000000000"

SECRET_KEY = "0123456789abcdef0123456789abcdef"
_TYPED = "cardNo=9404123412341234&expYear=30&expMonth=12"
_BY_APP = "authFlag=2&cardNo=9404123412341234&track2Data=379404123412341234=0000&cardExpire=3012"
ENCDATA = {  # card data as each call takes it
    "subscribe.regist": make_encdata(_TYPED, SECRET_KEY, "AES-128-CBC"),
    "keyin.pay": make_encdata(_TYPED, SECRET_KEY, "AES-128-ECB"),
    "epay.pay": make_encdata(_BY_APP, SECRET_KEY, "AES-128-CBC"),
}

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)


def _pairs(wanted: type[Field] = Field) -> list[Any]:
    return [
        pytest.param(endpoint, name, field, id=f"{endpoint.name}-{name}")
        for endpoint in ENDPOINTS
        for name, field in endpoint.request.fields.items()
        if isinstance(field, wanted)
    ]


class Gateway:
    """A sandbox with one merchant, called endpoint by endpoint."""

    def __init__(self, **options: Any) -> None:
        self.sandbox = Sandbox(
            Settings.read(
                {"self_check": True, "clock": "2023-02-28T12:53:17.657+0900", **options}, {}
            )
        )
        self.merchant = self.sandbox.add_merchant(secretKey=SECRET_KEY)

    def call(
        self, endpoint: Endpoint, fields: Mapping[str, Any] | None = None, **changes: Any
    ) -> Reply:
        """A call with a good login and `fields` where the endpoint reads them; None is left out."""
        given = {**valid_fields(endpoint), **(fields or {})}
        sent = {name: value for name, value in given.items() if value is not None}
        sources = ("query",) if endpoint.reads in {"query", "edition"} else ("body",)
        request = {
            "method": endpoint.method,
            "path": path_of(endpoint),
            "query": urlencode(sent) if "query" in sources else "",
            "headers": {"authorization": basic(self.merchant)},
            "body": json.dumps(sent).encode() if "body" in sources and sent else b"",
            **changes,
        }
        return self.sandbox.handle(Request(**request))

    def token(self) -> str:
        """A live access token of the merchant."""
        token = next(e for e in ENDPOINTS if e.name == "token.issue")
        return str(code_of(self.call(token), "accessToken"))


@pytest.fixture
def gateway() -> Gateway:
    """A fresh gateway of the default edition."""
    return Gateway()


def path_of(endpoint: Endpoint) -> str:
    """The endpoint's path with sample values in its places."""
    return "/".join(SAMPLE if part.startswith("{") else part for part in endpoint.path.split("/"))


def valid_fields(endpoint: Endpoint) -> dict[str, Any]:
    """The least that the endpoint accepts: its required fields."""
    fields = endpoint.request.fields.items()
    return {
        name: ENCDATA[endpoint.name] if name == "encData" else _valid(field)
        for name, field in fields
        if field.required
    }


def _valid(field: Field) -> str:
    """A value that a field accepts; an amount as the sample clients send it."""
    if isinstance(field, Choice):
        return field.allowed[0]
    if isinstance(field, CardCode | Months | Switch):
        return {CardCode: "04", Months: "0", Switch: "false"}[type(field)]
    if isinstance(field, Day):
        return "20230228"
    if isinstance(field, Address):
        return "http://127.0.0.1:9/webhook"  # where nobody listens
    return "1004" if isinstance(field, Amount) else "x"


def basic(merchant: Merchant, secret_key: str | None = None) -> str:
    """A Basic header."""
    pair = f"{merchant.client_id}:{merchant.secret_key if secret_key is None else secret_key}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def code_of(reply: Reply, key: str = "resultCode") -> Any:
    """One key of a JSON answer."""
    return json.loads(reply.body)[key]


@pytest.mark.parametrize(
    ("named", "header"),
    [
        ("U304", None),
        ("U304", "Digest abc"),
        ("U101", "Basic %%%"),
        ("U304", f"Basic {b64encode(b'no-colon').decode()}"),
        ("U117", f"Basic {b64encode(b':secret').decode()}"),
        ("U116", f"Basic {b64encode(b'nobody:secret').decode()}"),
        ("U104", "Bearer 0000000000000000000000000000000000000000"),
    ],
)
@every_endpoint
def test_a_bad_login_is_refused(
    gateway: Gateway, endpoint: Endpoint, named: str, header: str | None
) -> None:
    """Only the access-token call names the cause; everything else says U104. Always 401."""
    reply = gateway.call(endpoint, headers={"authorization": header} if header else {})

    assert 401 == reply.status
    assert (named if endpoint.names_login_failure else "U104") == code_of(reply)
    assert [] == REFUSAL.complaints(json.loads(reply.body))


@every_endpoint
def test_a_wrong_secret_is_refused(gateway: Gateway, endpoint: Endpoint) -> None:
    """A known client with a wrong secret is U116 where the cause is named."""
    reply = gateway.call(endpoint, headers={"authorization": basic(gateway.merchant, "wrong")})

    assert (401, "U116" if endpoint.names_login_failure else "U104") == (
        reply.status,
        code_of(reply),
    )


@every_endpoint
def test_a_live_token_opens_and_a_dead_one_does_not(gateway: Gateway, endpoint: Endpoint) -> None:
    """A token is worth something for its 30 minutes, to the millisecond."""
    header = {"authorization": f"Bearer {gateway.token()}"}
    gateway.sandbox.advance(timedelta(minutes=30) - timedelta(milliseconds=1))

    assert 401 != gateway.call(endpoint, headers=header).status

    gateway.sandbox.advance(timedelta(milliseconds=1))

    assert (401, "U104") == (
        (reply := gateway.call(endpoint, headers=header)).status,
        code_of(reply),
    )


@every_endpoint
def test_a_caller_outside_the_allow_list_is_refused(gateway: Gateway, endpoint: Endpoint) -> None:
    """U315 for an address that no CIDR rule of the merchant covers."""
    gateway.merchant = gateway.sandbox.add_merchant(allow=["10.0.0.0/8"])

    assert "U315" == code_of(gateway.call(endpoint, peer="127.0.0.1"))
    assert "U315" != code_of(gateway.call(endpoint, peer="10.1.2.3"))


@pytest.mark.parametrize("method", METHODS)
@every_endpoint
def test_another_method_is_405(gateway: Gateway, endpoint: Endpoint, method: str) -> None:
    """A known path with a method nobody published is 405 with U308 and a JSON body."""
    if any(
        e.method == method and gateway.sandbox.routes.find(method, path_of(endpoint)).endpoint
        for e in ENDPOINTS
    ):
        assert 405 != gateway.call(endpoint, method=method).status
    else:
        reply = gateway.call(endpoint, method=method)

        assert (405, "U308") == (reply.status, code_of(reply))


@pytest.mark.parametrize(("endpoint", "name", "field"), _pairs())
def test_a_required_field_is_missed(
    gateway: Gateway, endpoint: Endpoint, name: str, field: Field
) -> None:
    """Missing and empty are U100 with the field's name for a required field, and nothing for another."""
    for value in ("", None):
        reply = gateway.call(endpoint, {name: value})

        assert field.required == (code_of(reply) == "U100" and name in code_of(reply, "resultMsg"))


@pytest.mark.parametrize(("endpoint", "name", "field"), _pairs(Text))
def test_a_byte_limit_counts_utf_8(
    gateway: Gateway, endpoint: Endpoint, name: str, field: Text
) -> None:
    """One over the limit is U105 with limit and length; a Hangul syllable counts three bytes.

    At a call whose limits are in characters it counts one.
    """
    if field.max_bytes is None:
        assert "U105" != code_of(gateway.call(endpoint, {name: "가" * 1000}))
        return
    syllables = field.max_bytes if isinstance(field, Chars) else field.max_bytes // 3
    for value in ("x" * (field.max_bytes + 1), "가" * (syllables + 1)):
        reply = gateway.call(endpoint, {name: value})

        assert "U105" == code_of(reply)
        assert f"[max:{field.max_bytes}, realLength:{field.length(value)}]" in code_of(
            reply, "resultMsg"
        )
    assert "U105" != code_of(gateway.call(endpoint, {name: "x" * field.max_bytes}))


@pytest.mark.parametrize(("endpoint", "name", "field"), _pairs(Choice))
def test_a_closed_list_is_closed(
    gateway: Gateway, endpoint: Endpoint, name: str, field: Choice
) -> None:
    """A value outside the list is U132 with the value in the brackets; those inside are not."""
    assert "[none]" in code_of(gateway.call(endpoint, {name: "none"}), "resultMsg")
    for value in field.allowed:
        assert (
            "U132"
            != json.loads(gateway.call(endpoint, {name: value}).body.decode("cp949", "replace"))[
                "resultCode"
            ]
        )


@every_endpoint
def test_a_wrong_signature_is_u312(gateway: Gateway, endpoint: Endpoint) -> None:
    """signData is checked when sent, in lower case; a call without a formula ignores it."""
    signed = {"ediDate": "2023-02-28T12:53:17.657+0900"}
    places = dict(gateway.sandbox.routes.find(endpoint.method, path_of(endpoint)).places)
    if endpoint.sign is None:
        assert "U312" != code_of(gateway.call(endpoint, {**signed, "signData": "0" * 64}))
        return
    right = endpoint.sign.sign(
        {**valid_fields(endpoint), **signed, **places}, gateway.merchant.secret_key
    )

    assert "U312" != code_of(gateway.call(endpoint, {**signed, "signData": right}))
    assert "U312" == code_of(gateway.call(endpoint, {**signed, "signData": right.upper()}))
    assert "U312" == code_of(gateway.call(endpoint, {"signData": right}))


@every_endpoint
def test_a_broken_body_is_never_a_crash(gateway: Gateway, endpoint: Endpoint) -> None:
    """Broken, foreign, deep and absurd bodies get U125 where a body is read, else no notice."""
    bodies = (
        b"{",
        b"\xff\xfe\x00",
        b"a=1&b=2",
        b"[" * 100_000,
        b'"text"',
        b"[1]",
        b'{"a":' + b"9" * 5000 + b"}",
        b"\x00",
    )
    for body in bodies:
        reply = gateway.call(endpoint, body=body)

        assert reply.status < 500
        assert (endpoint.reads == "body") == (code_of(reply) == "U125")


WRONG = ([], [1], {}, {"a": 1}, True, 1, 1.5, 10**400, "\ud800", "\x00", "a" * 70_000)


@pytest.fixture(
    scope="module",
    params=[
        "union",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("manual", "gateway")),
    ],
)
def of_edition(request: pytest.FixtureRequest) -> Gateway:
    """A gateway of each edition, for calls of which none may spoil another."""
    return Gateway(edition=request.param)


@pytest.mark.parametrize(("endpoint", "name", "field"), _pairs())
def test_a_wrong_type_is_never_a_crash(
    of_edition: Gateway, endpoint: Endpoint, name: str, field: Field
) -> None:
    """Any JSON value in any field of a body gets an answer of the gateway."""
    for value in WRONG:
        body = json.dumps({**valid_fields(endpoint), name: value}).encode()

        assert of_edition.call(endpoint, query="", body=body).status < 500, ascii(value)[:40]


@every_endpoint
def test_success_asked_for_by_its_code_is_the_true_answer(endpoint: Endpoint) -> None:
    """`{code: "0000"}` lets the call happen: its success, or why it cannot be one."""
    gateway = Gateway()
    true = json.loads(Gateway().call(endpoint).body)
    rule = {"call": endpoint.name, "reply": {"code": "0000"}}
    gateway.sandbox.choose_scenario({"version": 1, "name": "success", "rules": [rule]})
    asked = json.loads(gateway.call(endpoint).body)

    assert (true["resultCode"], list(true)) == (asked["resultCode"], list(asked))


@every_endpoint
def test_the_asked_charset_is_the_bytes_charset(gateway: Gateway, endpoint: Endpoint) -> None:
    """With returnCharSet=euc-kr label and bytes are EUC-KR, on a refusal too."""
    if "returnCharSet" not in endpoint.request.fields or endpoint.answers_in_utf_8:
        return
    for headers in ({"authorization": basic(gateway.merchant)}, {}):
        reply = gateway.call(endpoint, {"returnCharSet": "EUC-KR"}, headers=headers)

        assert f"application/json;charset={EUC_KR}" == reply.header("Content-Type")
        assert json.loads(reply.body.decode("cp949"))["resultMsg"]
        assert "�" in reply.body.decode("utf-8", "replace")


@every_endpoint
def test_the_declaration_is_complete(endpoint: Endpoint) -> None:
    """Each call has a known name, a summary, known codes and a documented shape."""
    assert endpoint.name in CALL_NAMES
    assert CALL_PLACES.get(endpoint.name, ()) == tuple(re.findall(r"{(\w+)}", endpoint.path))
    assert endpoint.summary.endswith(".")
    assert set(endpoint.codes) <= set(result_codes())
    assert ["resultCode", "resultMsg"] == list(endpoint.reply.fields)[:2]


def test_names_and_routes_are_unique() -> None:
    """No two calls share a name, or a method and path."""
    assert (
        len(ENDPOINTS)
        == len({e.name for e in ENDPOINTS})
        == len({(e.method, e.path) for e in ENDPOINTS})
    )
