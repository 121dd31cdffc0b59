"""What `nicepay.register_card()` and `nicepay.encdata()` send: a card that passes all checks, or the test's
own.
"""

from collections.abc import Mapping
from typing import Any

from mock_nicepay.contract.encdata.card_data import CARD, EXPIRY, TYPED, usual_mode
from mock_nicepay.contract.encdata.ciphers import MODES
from mock_nicepay.contract.encdata.envelope import make_encdata

# By its number a Samsung card, as this gateway recognises issuers; its check digit is right.
TEST_CARD: Mapping[str, str] = {
    "cardNo": "9404123400000009",
    "expYear": "49",
    "expMonth": "12",
    "idNo": "800101",
    "cardPw": "12",
}
_WORDS = {"number": "cardNo", "birth": "idNo", "password": "cardPw"}
_EXPIRY = "expiry"  # MM/YY, as printed on the card
_CIPHER = "AES-256-CBC"
_MODE = "A2"


def registration_fields(order_id: str, secret_key: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a card registration.

    `given` has a test's keywords: number, expiry (MM/YY), birth, password, and orderId and the buyer's
    fields in the wire's spelling or in snake_case. Raises `ValueError` for an unknown keyword.
    """
    card = {**TEST_CARD, **_card_words(given)}
    inside = {name: card[name] for name in TYPED if card.get(name) is not None}
    rest = {_SPELT[name]: value for name, value in given.items() if name in _SPELT}
    for name in given:
        if name not in _SPELT and name not in (*_WORDS, _EXPIRY):
            words = ", ".join((*_WORDS, _EXPIRY, *_SPELT))
            raise ValueError(f"register_card has no {name!r}; it takes {words}")
    encdata = make_encdata(inside, secret_key, _CIPHER)
    return {"orderId": order_id, "encData": encdata, "encMode": _MODE, **rest}


def card_data(card: Mapping[str, str] | str | None, mode: str, secret_key: str) -> str:
    """The encData of `card` (None: the test card). Raises `ValueError` for an unknown mode."""
    inside = {name: TEST_CARD[name] for name in (*CARD, *EXPIRY)} if card is None else card
    names = inside.split("=")[:1] if isinstance(inside, str) else inside
    mode = mode or usual_mode(names)
    if mode not in MODES:
        raise ValueError(f"mode is {mode[:20]!r}; expected one of {', '.join(MODES)}")
    return make_encdata(inside, secret_key, MODES[mode])


_SPELT = {
    "order_id": "orderId",
    "orderId": "orderId",
    "buyer_name": "buyerName",
    "buyerName": "buyerName",
    "buyer_tel": "buyerTel",
    "buyerTel": "buyerTel",
    "buyer_email": "buyerEmail",
    "buyerEmail": "buyerEmail",
}


def _card_words(given: Mapping[str, Any]) -> dict[str, Any]:
    """The card's fields among the given keywords; a value of None leaves the field out."""
    card = {field: given[word] for word, field in _WORDS.items() if word in given}
    if _EXPIRY in given:
        month, slash, year = str(given[_EXPIRY]).partition("/")
        if not slash:
            raise ValueError(f"expiry is {str(given[_EXPIRY])[:20]!r}; write it as MM/YY")
        card |= {"expMonth": month, "expYear": year}
    return card
