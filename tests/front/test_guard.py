"""What keeps web pages away from the control plane, and lets everybody else in."""

import pytest

from mock_nicepay.contract.endpoint import Request, settled
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.dispatch import respond
from mock_nicepay.front.guard import check_host, check_origin
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

HOST = "127.0.0.1:8090"
OURS, ELSEWHERE = f"http://{HOST}", "http://127.0.0.1:3000"


def settings(**options: object) -> Settings:
    """The settings of a server that is asked."""
    return Settings.read({"log": "quiet", **options}, environment={})


@pytest.mark.parametrize(
    ("passes", "method", "headers"),
    [
        (True, "POST", {}),
        (True, "POST", {"host": HOST}),
        (True, "POST", {"host": HOST, "origin": OURS}),
        (True, "POST", {"host": "Localhost:8090", "origin": "http://localhost:8090"}),
        (True, "POST", {"host": HOST, "origin": OURS, "sec-fetch-site": "same-origin"}),
        (True, "PUT", {"host": HOST, "sec-fetch-site": "none"}),
        (True, "GET", {"host": HOST, "origin": ELSEWHERE, "sec-fetch-site": "cross-site"}),
        (False, "POST", {"host": HOST, "origin": ELSEWHERE}),
        (False, "POST", {"host": HOST, "origin": "null"}),
        (False, "POST", {"host": HOST, "origin": "http://[bad"}),
        (False, "POST", {"host": HOST, "sec-fetch-site": "cross-site"}),
        (False, "POST", {"host": HOST, "origin": ELSEWHERE, "sec-fetch-site": "same-site"}),
        (False, "PUT", {"host": HOST, "origin": "https://evil.example"}),
        (False, "DELETE", {"origin": "https://evil.example"}),
        (False, "PATCH", {"host": "evil.example", "origin": "http://evil.example:80"}),
    ],
)
def test_where_a_request_may_come_from(passes: bool, method: str, headers: dict[str, str]) -> None:
    """From programs, and from our own origin; reading is no matter, nobody else sees the answer."""
    request = Request(method, "/_mock/reset", headers=headers)
    if passes:
        check_origin(request)
    else:
        with pytest.raises(Misuse, match="another origin may drive") as refused:
            check_origin(request)
        assert 403 == refused.value.status


@pytest.mark.parametrize(
    ("passes", "host", "options"),
    [
        (True, "", {}),
        (True, "127.0.0.1:8090", {}),
        (True, "[::1]:8090", {}),
        (True, "192.168.0.7", {}),
        (True, "localhost", {}),
        (True, "LOCALHOST.:8090", {}),
        (True, "shop.localhost:8090", {}),
        (True, "host.docker.internal:8090", {}),
        (True, "api.nicepay.co.kr", {}),
        (True, "devbox:8090", {"host": "devbox"}),
        (True, "nicepay:8090", {"allowed_hosts": "nicepay"}),
        (True, "mock.team.test", {"allowed_hosts": "*.team.test,other"}),
        (True, "anything.example", {"allowed_hosts": "*"}),
        (False, "evil.example:8090", {}),
        (False, "localhost.evil.example", {}),
        (False, "127.0.0.1.evil.example", {}),
        (False, "nicepay", {}),
        (False, "team.test", {"allowed_hosts": "*.team.test"}),
    ],
)
def test_the_names_we_answer_to(passes: bool, host: str, options: dict[str, str]) -> None:
    """Addresses, names nobody else can have, and those that were given."""
    request = Request("GET", "/_mock/journal", headers={"host": host} if host else {})
    if passes:
        check_host(settings(**options), request)
    else:
        with pytest.raises(Misuse, match="--allowed-hosts") as refused:
            check_host(settings(**options), request)
        assert 403 == refused.value.status


@pytest.mark.parametrize(
    "host",
    [
        *("evil@127.0.0.1", "a:b@localhost", "127.0.0.1@evil.example", "@localhost", "localhost@"),
        *("localhost/x", "localhost?x", "localhost#x", "localhost\\x", "http://localhost", "//localhost"),
        *("localhost evil.example", "localhost\tx", "localhost,evil.example", "localhost;x", "loc%61lhost"),
        *("localhost:", "localhost:x", "localhost:-1", "localhost:80:80", "localhost:123456", ":8090", "::1"),
        *("[bad", "[::1", "::1]", "[]", "[::1]x", "[::1]:", "[localhost]", "[::1]@evil", "[[::1]]", "[::1%]"),
        *("\0localhost", "localhost\0", "loc\xa0alhost", "ｌｏｃａｌｈｏｓｔ", "127.0.0.1:８０", " ", "*"),
    ],
)  # fmt: skip
def test_what_is_no_host(host: str) -> None:
    """A user, a path, blanks, other scripts, half a bracket: nobody's name, whoever is let in else."""
    request = Request("GET", "/_mock/journal", headers={"host": host})
    for options in ({}, {"allowed_hosts": "*"}):
        with pytest.raises(Misuse, match="is not a host: send a name or an address") as refused:
            check_host(settings(**options), request)
        assert 403 == refused.value.status


@pytest.mark.parametrize(
    ("expected", "options", "headers"),
    [
        (200, {}, {"host": HOST}),
        (403, {}, {"host": HOST, "origin": ELSEWHERE}),
        (403, {}, {"host": "evil.example"}),
        (200, {"admin_key": "key"}, {"host": "mock", "x-mock-nicepay-admin-key": "key"}),
        (401, {"admin_key": "key"}, {"host": "evil.example"}),
        (
            403,
            {"admin_key": "key"},
            {"host": HOST, "x-mock-nicepay-admin-key": "key", "sec-fetch-site": "cross-site"},
        ),
    ],
)
def test_the_control_plane_asks(
    expected: int, options: dict[str, str], headers: dict[str, str]
) -> None:
    """Who has the key may call it by any name, as containers do; no page from elsewhere may at all."""
    sandbox = Sandbox(settings(**options))
    reply = settled(respond(sandbox, Request("POST", "/_mock/reset", headers=headers)))

    assert expected == reply.status
    assert "no-store" == reply.header("cache-control")
    assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]
