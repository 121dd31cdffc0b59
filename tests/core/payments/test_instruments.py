"""What a payment is made with: picked by the payer or drawn, and never what the window does not offer."""

from typing import Any

import pytest
from till import Till

from mock_nicepay.contract.methods import FOREIGN_BRANDS, METHODS, WALLET_MONEY
from mock_nicepay.contract.tables import banks, cards
from mock_nicepay.contract.times import parse_moment
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.instruments import cards_offered
from mock_nicepay.core.payments.wish import Payer, Wish, masked_number
from mock_nicepay.core.records import Card

WITH_CARDS = [name for name, method in METHODS.items() if method.takes_cards]


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till()


def card_of(till: Till, **wish: Any) -> Card:
    """The card of an authorised payment."""
    card = till.authorise(**wish).card
    assert card is not None
    return card


@pytest.mark.parametrize("method", WITH_CARDS)
def test_a_drawn_card_is_a_whole_one(till: Till, method: str) -> None:
    """Issuer and acquirer of the table, a masked number, a lump sum; for a wallet one it accepts."""
    for _ in range(30):
        card = card_of(till, method=method)
        issuer = cards()[card.code]
        pay_method = METHODS[method].pay_method

        assert (issuer.ko, cards()[card.acquirer_code].ko) == (card.name, card.acquirer_name)
        if card.code == WALLET_MONEY.get(pay_method):
            assert METHODS[method].takes_money
            assert (None, 0, "") == (card.number, card.quota, card.kind)
            continue
        assert (True, 0, False) == (card.can_part_cancel, card.quota, card.interest_free)
        assert card.kind in {"credit", "check"}
        assert card.number is not None
        assert (16, "94" + card.code) == (len(card.number), card.number[:4])
        assert "******" == card.number[6:12]
        if METHODS[method].is_wallet:
            assert pay_method in issuer.wallets


@pytest.mark.parametrize(
    ("expected", "method"),
    [
        (("40",), "kakaopayMoney"),
        (FOREIGN_BRANDS, "card"),
    ],
)
def test_what_is_offered(expected: tuple[str, ...], method: str) -> None:
    """Wallet money alone, or the brands that pay in dollars."""
    wish = Wish("A", 10, "goods", method=method, currency="USD")

    assert expected == cards_offered(wish, METHODS[method])


@pytest.mark.parametrize(
    ("number", "code"), [("4", "25"), ("5", "26"), ("36", "27"), ("37", "28"), ("35", "29")]
)
def test_a_foreign_card_begins_as_its_brand_does(till: Till, number: str, code: str) -> None:
    """And is acquired in Korea."""
    card = card_of(till, currency="USD", payer=Payer(card_code=code))

    assert card.number is not None
    assert card.number.startswith(number)
    assert "01" == card.acquirer_code


@pytest.mark.parametrize(
    ("expected", "payer", "wish"),
    [
        (("04", 0, "credit", False, True), Payer("04", card_type="credit"), {}),
        (("04", 0, "check", False, True), Payer("04", card_type="check"), {}),
        (("06", 3, "credit", True, True), Payer("06", quota=3), {"amount": 50_000}),
        (("06", 4, "credit", False, True), Payer("06", quota=4), {"amount": 50_000}),
        (("06", 3, "credit", False, True), Payer("06", 3, interest_free=False), {"amount": 50_000}),
        (("06", 3, "credit", True, True), Payer("06", 3, interest_free=True), {"amount": 50_000}),
        (("06", 0, "credit", False, True), Payer("06", 0, "credit", interest_free=True), {}),
        (
            ("06", 0, "credit", False, False),
            Payer("06", card_type="credit", can_part_cancel=False),
            {},
        ),
        (("02", 2, "credit", True, True), Payer("02"), {"amount": 50_000, "quotas": (3, 2)}),
    ],
)
def test_the_payer_picks(
    till: Till, expected: tuple[str, int, str, bool, bool], payer: Payer, wish: dict[str, Any]
) -> None:
    """Code, months, type, interest and whether a part can be cancelled."""
    card = card_of(till, payer=payer, **wish)

    assert expected == (
        card.code,
        card.quota,
        card.kind,
        card.interest_free,
        card.can_part_cancel,
    )


@pytest.mark.parametrize(
    ("expected", "wish"),
    [
        ("offered are 02", {"card_codes": ("02",), "payer": Payer("04")}),
        ("cannot pick the card '25' here", {"payer": Payer("25")}),
        ("cannot pick the card '40' here", {"payer": Payer("40")}),
        ("cannot pick the card '99' here", {"payer": Payer("99")}),
        ("cannot pick the card '13' here", {"method": "samsungpayCard", "payer": Payer("13")}),
        ("offered are 25, 26", {"currency": "USD", "payer": Payer("04")}),
        ("the shop offers 0, 2", {"quotas": (0, 2), "payer": Payer(quota=3), "amount": 50_000}),
        ("they begin at 50000 won", {"payer": Payer(quota=2), "amount": 49_999}),
        ("0 for a lump sum, or 2 to 36", {"payer": Payer(quota=1), "amount": 50_000}),
        ("0 for a lump sum, or 2 to 36", {"payer": Payer(quota=37), "amount": 50_000}),
        ("'999' is not a bank", {"method": "bank", "payer": Payer(bank_code="999")}),
        ("'001' issues no virtual", {"method": "vbank", "payer": Payer(bank_code="001")}),
        ("'999' is not a bank", {"method": "vbank", "payer": Payer(bank_code="999")}),
        ("wallet is 'paypal'", {"method": "cardAndEasyPay", "payer": Payer(wallet="paypal")}),
    ],
)
def test_what_the_payer_cannot_pick(till: Till, expected: str, wish: dict[str, Any]) -> None:
    """Each mistake says what would be right."""
    with pytest.raises(Misuse) as misuse:
        till.authorise(**wish)

    assert expected in misuse.value.message


@pytest.mark.parametrize(
    ("expected", "payer"),
    [
        (("card", "04"), Payer("04")),
        (("naverpay", "04"), Payer("04", wallet="naverpay")),
        (("kakaopay", "40"), Payer("40", wallet="kakaopay")),
    ],
)
def test_card_and_easy_pay_leaves_the_wallet_to_the_payer(
    till: Till, expected: tuple[str, str], payer: Payer
) -> None:
    """A card when nothing is picked."""
    payment = till.authorise(method="cardAndEasyPay", payer=payer)

    assert payment.card is not None
    assert expected == (payment.pay_method, payment.card.code)


def test_banks_are_published_ones(till: Till) -> None:
    """Drawn ones, and those that are picked."""
    drawn = till.authorise(method="bank").bank
    picked = till.authorise(method="bank", payer=Payer(bank_code="001")).bank

    assert drawn is not None
    assert picked is not None
    assert banks()[drawn.code].ko == drawn.name
    assert "한국은행" == picked.name


@pytest.mark.parametrize(
    ("expected", "wish"),
    [
        (("예금주", "2023-03-07T12:53:17+0900"), {}),
        (("홍길동", "2023-03-07T12:53:17+0900"), {"vbank_holder": "홍길동"}),
        (
            ("예금주", "2023-03-01T23:59:59+0900"),
            {"vbank_expires": parse_moment("2023-03-01T23:59:59.999+0900")},
        ),
    ],
)
def test_an_account_is_at_a_bank_that_issues_some(
    till: Till, expected: tuple[str, str], wish: dict[str, Any]
) -> None:
    """With a holder, fourteen digits and an end, seven days away when none was asked for."""
    account = till.authorise(method="vbank", **wish).account

    assert account is not None
    assert expected == (account.holder, account.expires.strftime("%Y-%m-%dT%H:%M:%S%z"))
    assert (True, 14) == (banks()[account.bank_code].issues_accounts, len(account.number))


@pytest.mark.parametrize(
    ("expected", "number"),
    [
        ("123412******1234", "1234123412341234"),
        ("123412******1234", "1234-1234-1234-1234"),
        ("123412******1234", "1234 1234 1234 1234"),
        ("123412******1234", "123412******1234"),
        ("371234*****1234", "371234567891234"),
        ("", "1234"),
        ("", "number"),
        ("", "1" * 20),
    ],
)
def test_a_card_number_is_masked_at_once(expected: str, number: str) -> None:
    """The payer's pick never holds it whole."""
    assert expected == Payer(card_number=number).card_number == masked_number(number)


def test_a_picked_number_is_the_cards(till: Till) -> None:
    """Masked."""
    assert "123412******1234" == card_of(till, payer=Payer(card_number="1234123412341234")).number


def test_the_clock_says_when_an_account_ends(till: Till) -> None:
    """Seven days from its issue by the merchant's clock."""
    till.advance(days=1)
    account = till.authorise(method="vbank").account

    assert account is not None
    assert parse_moment("2023-03-08T12:53:17+0900") == account.expires
