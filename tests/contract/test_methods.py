"""The window's methods: what answers and ids make of each."""

import pytest

from mock_nicepay.contract.methods import FOREIGN_BRANDS, METHODS, WALLET_MONEY
from mock_nicepay.contract.tables import cards


@pytest.mark.parametrize(
    ("expected", "method"),
    [
        (("card", "01", False), "card"),
        (("card", "01", False), "directCard"),
        (("bank", "02", False), "bank"),
        (("vbank", "03", False), "vbank"),
        (("cellphone", "05", False), "cellphone"),
        (("naverpay", "01", True), "naverpayCard"),
        (("kakaopay", "01", True), "kakaopay"),
        (("kakaopay", "01", True), "kakaopayCard"),
        (("kakaopay", "01", True), "kakaopayMoney"),
        (("samsungpay", "01", True), "samsungpayCard"),
        (("payco", "01", True), "payco"),
        (("ssgpay", "01", True), "ssgpay"),
        (("", "01", False), "cardAndEasyPay"),
    ],
)
def test_what_a_method_becomes(expected: tuple[str, str, bool], method: str) -> None:
    """Its payMethod, its digits in a tid, whether it is a wallet."""
    row = METHODS[method]

    assert expected == (row.pay_method, row.service, row.is_wallet)


def test_the_codes_are_published_ones() -> None:
    """Wallet money and foreign brands stand in the table of cards."""
    assert set(WALLET_MONEY.values()) | set(FOREIGN_BRANDS) <= set(cards())
