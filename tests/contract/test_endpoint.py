"""The values every layer hands on, and how a path finds its endpoint."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mock_nicepay.contract.bodies import REFUSAL
from mock_nicepay.contract.endpoint import (
    Answer,
    Endpoint,
    Family,
    Reply,
    Request,
    Routes,
    decoded_path,
)
from mock_nicepay.contract.fields import Body


def act(context: Any, data: dict[str, Any]) -> Answer:
    """Answer nothing.

    More about it.
    """
    return Answer()


def endpoint(method: str, path: str) -> Endpoint:
    """An endpoint that is named by its method and path."""
    return Endpoint(f"{method} {path}", method, path, act, Body(), REFUSAL)


# The places come first, so that a literal path has to win by its own right.
ROUTES = Routes(
    (
        endpoint("GET", "/v1/payments/{tid}"),
        endpoint("POST", "/v1/payments/{tid}"),
        endpoint("GET", "/v1/payments/{tid}/cancel"),
        endpoint("POST", "/v1/payments/{tid}/cancel"),
        endpoint("GET", "/v1/payments/find/{orderId}"),
        endpoint("POST", "/v1/payments/netcancel"),
        endpoint("POST", "/v1/access-token"),
    )
)


@pytest.mark.parametrize(
    ("expected", "places", "method", "path"),
    [
        ("POST /v1/access-token", {}, "POST", "/v1/access-token"),
        ("POST /v1/access-token", {}, "POST", "/v1/access-token/"),
        ("GET /v1/payments/{tid}", {"tid": "T1"}, "GET", "/v1/payments/T1"),
        ("GET /v1/payments/{tid}", {"tid": "find"}, "GET", "/v1/payments/find"),
        ("GET /v1/payments/{tid}", {"tid": "find"}, "GET", "/v1/payments/find/"),
        ("GET /v1/payments/{tid}", {"tid": "한 글?"}, "GET", "/v1/payments/한 글?"),
        ("GET /v1/payments/find/{orderId}", {"orderId": "A"}, "GET", "/v1/payments/find/A"),
        ("GET /v1/payments/find/{orderId}", {"orderId": "a/b"}, "GET", "/v1/payments/find/a%2Fb"),
        (
            "GET /v1/payments/find/{orderId}",
            {"orderId": "a%2Fb%"},
            "GET",
            "/v1/payments/find/a%252Fb%25",
        ),
        (
            "GET /v1/payments/find/{orderId}",
            {"orderId": "cancel"},
            "GET",
            "/v1/payments/find/cancel",
        ),
        ("POST /v1/payments/netcancel", {}, "POST", "/v1/payments/netcancel"),
        ("GET /v1/payments/{tid}", {"tid": "netcancel"}, "GET", "/v1/payments/netcancel"),
    ],
)
def test_a_path_finds_its_endpoint(
    expected: str, places: dict[str, str], method: str, path: str
) -> None:
    """Literal segments win over places, and a last slash is optional."""
    route = ROUTES.find(method, path)
    assert (expected, places) == (route.endpoint and route.endpoint.name, route.places)


@pytest.mark.parametrize(
    ("leads", "empty_place"), [(True, True), (False, False)], ids=["allowed", "not-allowed"]
)
def test_a_place_may_be_empty_where_its_call_says_so(leads: bool, empty_place: bool) -> None:
    """Then the call itself says what is wrong with nothing."""
    keyed = endpoint("POST", "/v1/subscribe/{bid}/expire")
    route = Routes((replace(keyed, empty_place=empty_place),)).find("POST", "/v1/subscribe//expire")
    assert (leads, {"bid": ""} if leads else {}) == (route.endpoint is not None, route.places)


@pytest.mark.parametrize(
    ("expected", "method", "path"),
    [
        (("POST",), "GET", "/v1/access-token"),
        (("POST",), "BREW", "/v1/access-token"),
        (("POST",), "post", "/v1/access-token"),
        (("GET", "POST"), "DELETE", "/v1/payments/T1"),
        (("GET", "POST"), "PUT", "/v1/payments/T1/cancel"),
        ((), "GET", "/v1/unknown"),
        ((), "GET", "/"),
        ((), "GET", ""),
        ((), "POST", "/V1/access-token"),
        ((), "POST", "//v1/access-token"),
        ((), "GET", "/v1/payments//cancel"),
        ((), "GET", "/v1/payments/"),
        ((), "GET", "/v1/payments/T1/cancel/x"),
    ],
)
def test_a_path_that_leads_nowhere_tells_the_methods_it_takes(
    expected: tuple[str, ...], method: str, path: str
) -> None:
    """A known path names each of its methods once; an empty place fits nothing."""
    route = ROUTES.find(method, path)
    assert (None, expected) == (route.endpoint, route.allowed)


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        ({}, ""),
        ({"a": "1", "b": ""}, "a=1&b="),
        ({"a": "first"}, "a=first&a=second"),
        ({"ediDate": "2023-03-24T16:55:00.000 0900"}, "ediDate=2023-03-24T16:55:00.000+0900"),
        ({"ediDate": "2023-03-24T16:55:00.000+0900"}, "ediDate=2023-03-24T16:55:00.000%2B0900"),
        ({"a": "가"}, "a=%EA%B0%80"),
        ({"a": "\ufffd"}, "a=%B0"),
        ({"a": "%zz"}, "a=%zz"),
        ({"a": ""}, "a"),
        ({}, "&&&"),
        ({f"k{n}": str(n) for n in range(500)}, "&".join(f"k{n}={n}" for n in range(500))),
    ],
)
def test_the_query_is_read_as_the_gateway_does(expected: dict[str, str], query: str) -> None:
    """The first of a repeated parameter counts, a bare plus is a blank, nothing is an error."""
    assert expected == Request("GET", "/", query).arguments()


@pytest.mark.parametrize(
    ("expected", "raw"),
    [
        ("/v1/payments/T1", "/v1/payments/T1"),
        ("/v1/가", "/v1/%EA%B0%80"),
        ("/v1/a%2Fb", "/v1/a%2fb"),
        ("/v1/a%252Fb", "/v1/a%252Fb"),
        ("/v1/100%25", "/v1/100%25"),
        ("/v1/\ufffd", "/v1/%B0"),
        ("/v1/%zz%", "/v1/%zz%"),
        ("/v1/a+b", "/v1/a+b"),
        ("/v1/\0", "/v1/%00"),
    ],
)
def test_a_path_is_decoded_once(expected: str, raw: str) -> None:
    """Escapes are UTF-8; broken ones stay, and a plus is a plus."""
    assert expected == decoded_path(raw)


@pytest.mark.parametrize(
    ("expected", "name"), [("a", "X-One"), ("a", "x-one"), ("b", "X-TWO"), (None, "x-three")]
)
def test_a_reply_finds_its_headers_in_any_case(expected: str | None, name: str) -> None:
    """Names of headers have no case, and the first of a repeated one counts."""
    reply = Reply(200, (("X-One", "a"), ("X-Two", "b"), ("x-two", "c")), b"")
    assert expected == reply.header(name)


def test_a_family_declares_its_endpoints_in_order() -> None:
    """A decorated function becomes an endpoint and stays the function it was."""
    family = Family("receipt")
    traits: Mapping[str, Any] = {"request": Body, "reply": REFUSAL}
    issue = family.endpoint("POST", "/v1/receipt", name="issue", sign="amount", **traits)(act)
    family.endpoint("GET", "/v1/receipt/{tid}", name="get", signature="tid + ediDate", **traits)(
        act
    )
    declared = [
        (e.name, e.method, e.summary, e.sign and e.sign.parts, e.signature and e.signature.parts)
        for e in family.endpoints
    ]
    assert [
        ("receipt.issue", "POST", "Answer nothing.", ("amount",), None),
        ("receipt.get", "GET", "Answer nothing.", None, ("tid", "ediDate")),
    ] == declared
    assert act is issue
