"""What a wrong signData seems to have been made of."""

import hashlib
import hmac
from base64 import b64encode

import pytest

from mock_nicepay.contract.signing import Formula
from mock_nicepay.core.login.missigned import why_missigned

TID = "UT0000104m00012303241646422011"
EDI = "2023-03-24T16:55:00.000+0900"
KEY = "13e969a77a0545799242ccc3915243d3"
CLIENT = "S1_ce1bb1ebebc44fe1a3f7cec976c83ea7"
OTHER = "0123456789abcdef0123456789abcdef"
TOKEN = "NICEUNTTB06096FF8F653AA366E7EEED1101AAAE"
VALUES = {"tid": TID, "orderId": "order-1", "amount": "1004", "ediDate": EDI, "authToken": TOKEN}
AMOUNTS = Formula("tid + amount + ediDate")
FORMULA = Formula("tid + ediDate")


def hexed(text: str) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def why(sign_data: str, **changes: str | None) -> str:
    """The English cause."""
    values, others = {**VALUES, **changes}, {"the second one": OTHER}
    cause = why_missigned(FORMULA, sign_data, values, KEY, CLIENT, others)
    assert KEY not in cause.en + cause.ko
    assert OTHER not in cause.en + cause.ko
    assert cause.ko
    return cause.en


@pytest.mark.parametrize(
    ("expected", "sign_data"),
    [
        ("made from tid + ediDate + SecretKey, in upper-case hex", hexed(TID + EDI + KEY).upper()),
        ("made from ediDate + tid + SecretKey", hexed(EDI + TID + KEY)),
        ("made from tid + SecretKey", hexed(TID + KEY)),
        ("made from ediDate + SecretKey", hexed(EDI + KEY)),
        ("made from tid + amount + ediDate + SecretKey", hexed(TID + "1004" + EDI + KEY)),
        ("made from orderId + ediDate + SecretKey", hexed("order-1" + EDI + KEY)),
        ("made from SecretKey + tid + ediDate", hexed(KEY + TID + EDI)),
        ("made from tid + ediDate", hexed(TID + EDI)),
        ("made from tid + ediDate + clientId", hexed(TID + EDI + CLIENT)),
        (
            "in Base64 instead of hex",
            b64encode(hashlib.sha256((TID + EDI + KEY).encode()).digest()).decode(),
        ),
        ("it is SHA1, not SHA-256", hashlib.sha1((TID + EDI + KEY).encode()).hexdigest()),
        ("it is MD5, not SHA-256", hashlib.md5((TID + EDI + KEY).encode()).hexdigest()),
        ("it is SHA512, not SHA-256", hashlib.sha512((TID + EDI + KEY).encode()).hexdigest()),
        ("made from authToken + clientId + amount", hexed(TOKEN + CLIENT + "1004" + KEY)),
        ("made with another secret key (the second one)", hexed(TID + EDI + OTHER)),
        ("it is an HMAC", hmac.digest(KEY.encode(), (TID + EDI).encode(), "sha256").hex()),
        ("there are blanks around it", f" {hexed(TID + EDI + KEY)}\n"),
        (
            "made with ediDate written as '2023-03-24T16%3A55%3A00.000%2B0900'",
            hexed(TID + "2023-03-24T16%3A55%3A00.000%2B0900" + KEY),
        ),
        ("made with '&' between the values", hexed(f"{TID}&{EDI}&{KEY}")),
        ("it has 3 characters, and a SHA-256 in hex has 64", "abc"),
        ("could not be found out", "0" * 64),
    ],
)
def test_a_wrong_signature_is_explained(expected: str, sign_data: str) -> None:
    """Order, choice, key, form and function of the hash: the likeliest mistake is named."""
    assert expected in why(sign_data)


@pytest.mark.parametrize("amount", ["1004.0", "1004.00", "1,004"])
def test_an_amount_written_otherwise_is_told(amount: str) -> None:
    """A float's text, cents, or a person's thousands: the hash is over plain digits."""
    cause = why_missigned(AMOUNTS, hexed(TID + amount + EDI + KEY), VALUES, KEY, CLIENT)

    assert f"made with amount written as {amount!r}" in cause.en


def test_a_plus_that_became_a_space_is_told() -> None:
    """The most frequent mistake of all: an unencoded + in a query."""
    assert "the + of ediDate arrived as a space: send it as %2B" in why(
        hexed(TID + EDI + KEY), ediDate=EDI.replace("+", " ")
    )


def test_a_missing_date_is_told() -> None:
    """signData without ediDate is checked over the empty text."""
    assert "no ediDate was sent with it" in why(hexed(TID + EDI + KEY), ediDate=None)


@pytest.mark.parametrize("wild", ["\ud800", "\0", "%", "\udfff+09:00"])
def test_no_text_is_too_wild(wild: str) -> None:
    """JSON can name half a character, which no character set has."""
    assert "could not be found out" in why(hexed("anything"), ediDate=wild)


def test_what_is_too_long_is_not_tried() -> None:
    """A megabyte of ediDate costs one hash, not thousands."""
    cause = why(hexed(TID + KEY), ediDate="2" * 1_000_000)

    assert "could not be found out" in cause
    assert len(cause) < 3_000


def test_the_right_text_is_shown_without_the_key() -> None:
    """What should have been hashed, with a name in the key's place."""
    assert f"the lower-case hex SHA-256 of '{TID}{EDI}<SecretKey>'" in why("0" * 64)
