"""The address that browsers reach our pages at."""

import pytest

from mock_nicepay.core.window.origin import origin_of
from mock_nicepay.settings import SettingError, Settings

SANDBOX = "https://sandbox-pay.nicepay.co.kr"


@pytest.mark.parametrize(
    ("expected", "host"),
    [
        ("http://127.0.0.1:8090", "127.0.0.1:8090"),
        ("http://localhost", "LocalHost"),
        ("http://[::1]:8090", "[::1]:8090"),
        ("http://mock_nicepay:80", "mock_nicepay:80"),
        (SANDBOX, ""),
        (SANDBOX, "sandbox-api.nicepay.co.kr"),
        ("https://pay.nicepay.co.kr", "api.nicepay.co.kr"),
        (SANDBOX, 'evil"><script>'),
        (SANDBOX, "a/b"),
        (SANDBOX, "user@host"),
    ],
)
def test_it_is_where_the_caller_reached_us(expected: str, host: str) -> None:
    """That of the Host header; NICEPAY's API hosts have other hosts for pages, an invalid one is ignored."""
    assert expected == origin_of(Settings(), host)


def test_a_public_address_wins() -> None:
    """Behind a proxy the Host header says nothing of use."""
    settings = Settings.read({"public_url": "https://pay.shop.example:8443/mock/"}, {})

    assert "https://pay.shop.example:8443/mock" == origin_of(settings, "127.0.0.1:8090")


@pytest.mark.parametrize("text", ["pay.shop.example", "ftp://x", "https://x/?a=1", "https://a b"])
def test_a_public_address_is_one(text: str) -> None:
    """Anything else is refused at start, with an example."""
    with pytest.raises(SettingError, match=r"https://pay\.example"):
        Settings.read({"public_url": text}, {})
