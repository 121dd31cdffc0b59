"""On which days banks and the tax office work."""

from datetime import date

import pytest

from mock_nicepay.contract.business_days import business_day_after, is_business_day


@pytest.mark.parametrize(
    ("expected", "day"),
    [
        (True, date(2023, 2, 28)),  # a Tuesday
        (False, date(2023, 3, 1)),  # Independence Movement Day
        (False, date(2023, 3, 4)),  # a Saturday
        (False, date(2023, 3, 5)),
        (False, date(2023, 1, 23)),  # the lunar New Year
        (False, date(2023, 1, 24)),  # its substitute
        (False, date(2023, 5, 29)),  # the substitute of Buddha's Birthday
        (False, date(2023, 9, 28)),  # Chuseok
        (True, date(2500, 1, 1)),  # a Friday that nobody has reckoned holidays for
        (False, date(2500, 1, 2)),
    ],
)
def test_weekends_and_holidays_are_none(expected: bool, day: date) -> None:
    """Those of the moon and the substitutes included."""
    assert expected == is_business_day(day)


@pytest.mark.parametrize(
    ("expected", "day", "count"),
    [
        (date(2023, 2, 28), date(2023, 2, 28), 0),
        (date(2023, 3, 2), date(2023, 2, 28), 1),
        (date(2023, 3, 3), date(2023, 2, 28), 2),
        (date(2023, 3, 6), date(2023, 3, 3), 1),
        (date(2023, 3, 7), date(2023, 3, 4), 2),
        (date(2023, 1, 26), date(2023, 1, 20), 2),
        (date(2024, 1, 3), date(2023, 12, 31), 2),
        (date(3000, 1, 2), date(2999, 12, 31), 2),
    ],
)
def test_days_are_counted_over_weekends_and_holidays(expected: date, day: date, count: int) -> None:
    """D+1 is the first business day after D, whatever day D itself is."""
    assert expected == business_day_after(day, count)
