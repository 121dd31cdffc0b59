"""`nicepay.encdata()` of the fixtures: card data made with the merchant's key."""

from collections.abc import Mapping

import pytest

from mock_nicepay.contract.encdata.envelope import open_encdata
from mock_nicepay.front.handle import Nicepay, NicepayError, gateway_here
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

ALL = ("AES-128-ECB", "AES-128-CBC", "AES-256-CBC")
TYPED = {"cardNo": "9404123412341234", "expYear": "30", "expMonth": "12"}
BY_APP = {"authFlag": "2", "cardNo": "9404123412341234"}


@pytest.fixture
def merchant() -> Nicepay:
    """A merchant of a gateway in this process."""
    settings = Settings.read({"self_check": True, "log": "quiet"}, {})
    return gateway_here(Sandbox(settings), "http://127.0.0.1:1").merchant()


@pytest.mark.parametrize(
    ("cipher", "card", "mode"),
    [
        ("AES-128-ECB", TYPED, ""),
        ("AES-128-CBC", TYPED, "cbc"),
        ("AES-256-CBC", TYPED, "a2"),
        ("AES-128-CBC", BY_APP, ""),
        ("AES-128-ECB", BY_APP, "ecb"),
        ("AES-128-ECB", "cardNo=1&expYear=30", ""),
        ("AES-128-CBC", "authFlag=2&cardNo=1", ""),
    ],
)
def test_is_made_with_the_merchants_key(
    merchant: Nicepay, cipher: str, card: Mapping[str, str] | str, mode: str
) -> None:
    """In the given mode, or that of the first call that takes such fields."""
    found = open_encdata(merchant.encdata(card, mode=mode), merchant.secret_key, ALL)
    inside = card if isinstance(card, str) else "&".join(f"{k}={v}" for k, v in card.items())

    assert (cipher, inside) == (
        found.cipher,
        "&".join(f"{name}={value}" for name, value in found.values.items()),
    )


def test_has_a_card_of_its_own(merchant: Nicepay) -> None:
    """Number and expiry, which are enough for every merchant."""
    found = open_encdata(merchant.encdata(), merchant.secret_key, ALL)

    assert ["cardNo", "expYear", "expMonth"] == list(found.values)


def test_is_made_with_a_further_key(merchant: Nicepay) -> None:
    """A call with a further key pair needs data encrypted with its key."""
    key = merchant.add_key()

    assert TYPED == open_encdata(merchant.encdata(TYPED, key=key), key.secret_key, ALL).values


@pytest.mark.parametrize(
    ("said", "card", "mode"),
    [
        ("mode is 'gcm'; expected one of ecb, cbc, a2", TYPED, "gcm"),
        ("cannot be sent", {"cardNo": "1&2"}, ""),
    ],
)
def test_says_what_cannot_be_made(
    merchant: Nicepay, said: str, card: Mapping[str, str], mode: str
) -> None:
    """With `NicepayError`, as all methods of the fixtures do."""
    with pytest.raises(NicepayError, match=said):
        merchant.encdata(card, mode=mode)


@pytest.mark.parametrize("further", [False, True])
def test_is_taken_by_the_gateway(merchant: Nicepay, further: bool) -> None:
    """With the key pair it was made for; another pair of the same merchant cannot decrypt it."""
    key = merchant.add_key()
    mine, other = (key, None) if further else (None, key)
    order = {"amount": 1004, "goodsName": "책", "isInterestFree": False, "cardQuota": 0}
    fields = {**order, "encData": merchant.encdata(key=mine)}

    assert (
        "0000"
        == merchant._call("/v1/key-in/payments", {**fields, "orderId": "A"}, mine)["resultCode"]
    )
    assert (
        "U340"
        == merchant._call("/v1/key-in/payments", {**fields, "orderId": "B"}, other)["resultCode"]
    )
    assert (
        "it is AES-128-ECB with the first 16 characters of another key"
        in (merchant.journal[0]["diagnosis"]["en"])
    )
