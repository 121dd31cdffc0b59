"""Addresses that the gateway calls."""

import pytest

from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.target import Address, Target, target_of


@pytest.mark.parametrize(
    ("target", "netloc", "url"),
    [
        (Target("http", "a.kr", 80, "/"), "a.kr", "http://a.kr"),
        (Target("https", "a.kr", 443, "/x?y=1"), "a.kr", "https://A.kr:443/x?y=1#z"),
        (Target("http", "a.kr", 8080, "/"), "a.kr:8080", "http://a.kr:8080/"),
        (Target("http", "::1", 80, "/w"), "[::1]", "http://[::1]/w"),
        (Target("http", "xn--hg4bs7k.kr", 80, "/"), "xn--hg4bs7k.kr", "http://상점.kr/"),
        (Target("http", "a", 80, "/%EC%9B%B9?q=%EA%B0%80&b=%20"), "a", "http://a/웹?q=가&b=%20"),
    ],
)
def test_where_an_address_leads(target: Target, netloc: str, url: str) -> None:
    """Host and port as the wire wants them; what is escaped stays so."""
    assert (target, netloc) == (target_of(url), target_of(url).netloc)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "/hook",
        "a.kr/hook",
        "ftp://a.kr",
        "javascript:alert(1)",
        "http:///hook",
        "http://a b",
        "http://a.kr\n",
        "http://a:0x50/",
        "http://a:99999/",
        "http://[::1",
        "http://u:p@a.kr/",
        "http://" + "가" * 100 + "/",
    ],
)
def test_what_is_no_address(url: str) -> None:
    """It is U133 with the field's name, and the cause says what would be right."""
    with pytest.raises(ValueError, match="address"):
        target_of(url)
    if url:
        with pytest.raises(Refusal) as refused:
            Address(500).deserialize(url, "url")
        assert ("U133", ("url",)) == (refused.value.code, refused.value.values)
        assert refused.value.cause is not None
        assert "주소가 아닙니다" in refused.value.cause.ko
