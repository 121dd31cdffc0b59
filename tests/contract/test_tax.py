"""Tax parts: of an amount, and of what partial cancels take back."""

from fractions import Fraction
from math import floor

import pytest

from mock_nicepay.contract.tax import TaxParts, taken_back, tax_parts


@pytest.mark.parametrize(
    ("expected", "amount", "tax_free"),
    [
        ((913, 91, 0), 1004, 0),
        ((909, 91, 0), 1000, 0),
        ((1, 0, 0), 1, 0),
        ((5, 0, 0), 5, 0),
        ((5, 1, 0), 6, 0),
        ((10, 1, 0), 11, 0),
        ((0, 0, 1004), 1004, 1004),
        ((549, 55, 400), 1004, 400),
        ((909_090_909_090, 90_909_090_909, 0), 999_999_999_999, 0),
    ],
)
def test_an_amount_falls_into_three_parts(
    expected: tuple[int, int, int], amount: int, tax_free: int
) -> None:
    """Supply is the taxable part divided by 1.1, half up; VAT is the rest of it."""
    assert TaxParts(*expected) == tax_parts(amount, tax_free)


def test_halves_are_rounded_up() -> None:
    """The integers give what the exact division, rounded half up, gives."""
    for amount in range(1, 500):
        assert floor(Fraction(10 * amount, 11) + Fraction(1, 2)) == tax_parts(amount).supply


@pytest.mark.parametrize(
    ("expected", "left", "amount", "tax_free"),
    [
        # by the formula
        ((455, 45, 0), (913, 91, 0), 500, 0),
        ((182, 18, 100), (549, 55, 400), 300, 100),
        # all of the taxable rest: the rest of both parts, though the formula says 458 + 46
        ((457, 47, 0), (457, 47, 0), 504, 0),
        ((3, 91, 0), (3, 91, 0), 94, 0),
        ((549, 55, 0), (549, 55, 400), 604, 0),
        # a VAT above the VAT left is capped, the difference moved to supply
        ((496, 4, 0), (900, 4, 0), 500, 0),
        # and so is a supply above the supply left
        ((3, 2, 0), (3, 91, 0), 5, 0),
        # beyond the taxable rest it is tax-free
        ((549, 55, 96), (549, 55, 400), 700, 0),
        ((549, 55, 400), (549, 55, 400), 1004, 0),
    ],
)
def test_a_cancel_takes_parts_back(
    expected: tuple[int, int, int], left: tuple[int, int, int], amount: int, tax_free: int
) -> None:
    """Each part in its turn, and the three add up to the cancel."""
    taken = taken_back(TaxParts(*left), amount, tax_free)

    assert TaxParts(*expected) == taken
    assert amount == taken.taxable + taken.tax_free


@pytest.mark.parametrize("step", [1, 3, 5, 7, 11, 100, 333, 999])
@pytest.mark.parametrize(("amount", "tax_free"), [(1004, 0), (1004, 400), (1000, 1000), (7, 3)])
def test_many_small_cancels_end_at_nothing(step: int, amount: int, tax_free: int) -> None:
    """Whatever is taken in whatever steps: no part falls below 0, and in the end all are 0."""
    left, rest = tax_parts(amount, tax_free), amount
    while rest:
        take = min(step, rest)
        left = left.minus(taken_back(left, take, min(take, left.tax_free)))
        rest -= take

        assert min(left.supply, left.vat, left.tax_free) >= 0
        assert rest == left.taxable + left.tax_free
