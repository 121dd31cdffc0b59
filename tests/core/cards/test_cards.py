"""Cards of which only the number is known."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from till import Till

from mock_nicepay.contract.tables import cards
from mock_nicepay.core.cards.numbers import card_of, check_card, issuer_of

MARCH = datetime(2023, 3, 31, 23, 59, tzinfo=ZoneInfo("Asia/Seoul"))
GOOD = "9404123400000009"


@pytest.mark.parametrize(
    ("expected", "number"),
    [
        ("04", "9404123412341234"),
        ("06", "94060000"),
        ("01", "9401"),
        (issuer_of("531012"), "5310123412341234"),
        (issuer_of("123456"), "1234567890123456"),
        ("01", "no number"),
        ("01", ""),
        ("01", "١٢٣٤٥٦"),
    ],
)
def test_a_number_tells_its_issuer(expected: str, number: str) -> None:
    """94 and a code by that code, all others by their first six digits."""
    assert expected == issuer_of(number)


def test_every_issuer_is_a_korean_company() -> None:
    """No brand from abroad and no wallet comes out, and every company does."""
    found = {issuer_of(f"{number:06d}") for number in range(400_000, 401_000)}

    assert found <= set(cards())
    assert not found & {"25", "26", "27", "28", "29", "34", "31", "40", "41", "42", "46"}
    assert len(found) > 15


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (("04", "940412******0009", 3, True), {"quota": 3, "interest_free": True}),
        (("04", "940412******0009", 0, False), {"quota": 0, "interest_free": True}),
        (("07", "940412******0009", 0, False), {"quota": 0, "card_code": "07"}),
        (("04", "940412******0009", 0, False), {"quota": 0, "card_code": "99"}),
    ],
)
def test_a_card_is_kept_masked(expected: tuple[object, ...], given: dict[str, Any]) -> None:
    """Its issuer, its number without the middle, its months."""
    with Till().context() as context:
        card = card_of(context, GOOD, **given)

    assert expected == (card.code, card.number, card.quota, card.interest_free)


@pytest.mark.parametrize(
    ("expected", "number", "year", "month"),
    [
        (None, GOOD, "23", "03"),
        (None, GOOD, "30", "12"),
        ("3021", GOOD, "23", "02"),
        ("3021", GOOD, "22", "12"),
        ("3021", GOOD, "30", "13"),
        ("3021", GOOD, "30", "00"),
        ("3021", GOOD, "3", "012"),
        ("3021", GOOD, "", ""),
        ("3011", "9404123400000008", "30", "12"),
        ("3011", "9404-1234", "30", "12"),
        ("3011", "", "30", "12"),
    ],
)
def test_a_card_is_checked(expected: str | None, number: str, year: str, month: str) -> None:
    """Check digit first, then the month; good to the end of it."""
    flaw = check_card(number, year, month, MARCH)

    assert expected == (flaw and flaw.code)
    assert flaw is None or (flaw.cause.en and flaw.cause.ko)
