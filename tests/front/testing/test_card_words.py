"""`nicepay.register_card()` of the fixtures."""

import pytest

from mock_nicepay.front.handle import Nicepay, NicepayError, gateway_here
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings


@pytest.fixture
def merchant() -> Nicepay:
    """A merchant of a gateway in this process that checks cards."""
    options = {"self_check": True, "card_checks": "yes", "log": "quiet"}
    return gateway_here(Sandbox(Settings.read(options, {})), "http://127.0.0.1:1").merchant()


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (("940412******0009", "2049-12"), {}),
        (("940412******0009", "2031-05"), {"expiry": "05/31", "birth": None, "password": None}),
        (("123456******3452", "2049-12"), {"number": "1234567890123452"}),
    ],
)
def test_a_card_is_registered(
    merchant: Nicepay, expected: tuple[str, str], words: dict[str, str]
) -> None:
    """By the API's own call, by default with a test card."""
    bid = merchant.register_card(**words, buyer_name="홍길동", order_id="mine")
    key = merchant._ask("GET", f"/billing-keys/{bid}")

    assert expected == (key["card"]["number"], key["goodUntil"])
    assert ("mine", "active") == (key["orderId"], key["status"])
    assert "subscribe.regist" == merchant.journal[0]["call"]


@pytest.mark.parametrize("edition", ["union", "manual", "gateway"])
def test_every_edition_gives_a_bid(merchant: Nicepay, edition: str) -> None:
    """Also the edition that spells it BID."""
    merchant.scenario({"version": 1, "name": "e", "edition": edition, "rules": []})

    assert 30 == len(merchant.register_card())


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("F112", {"number": "1234567890123456"}),
        ("U317", {"number": None}),
        ("write it as MM/YY", {"expiry": "0531"}),
        ("register_card has no 'card'; it takes number, birth, password, expiry", {"card": "1"}),
    ],
)
def test_what_is_wrong_is_told(merchant: Nicepay, expected: str, words: dict[str, str]) -> None:
    """A refusal with its code, an unknown keyword with the valid ones."""
    with pytest.raises(NicepayError, match=expected):
        merchant.register_card(**words)
