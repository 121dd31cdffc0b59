"""The days on which banks and the tax office work in Korea.

Assumed (business-days.holidays): weekends and public holidays, substitutes included, are not
business days; after 2100, where the lunar calendar is not worked out, only weekends are not.
"""

from datetime import date, timedelta
from functools import cache

_SATURDAY = 5
_DAY = timedelta(days=1)


def is_business_day(day: date) -> bool:
    """Whether that day is neither on a weekend nor a public holiday."""
    return day.weekday() < _SATURDAY and day not in _public_holidays(day.year)


def business_day_after(day: date, count: int) -> date:
    """The business day that is `count` business days later: D+1, D+2 ..., whatever day D is."""
    while count:
        day += _DAY
        count -= is_business_day(day)
    return day


@cache
def _public_holidays(year: int) -> frozenset[date]:
    # The calendars of a hundred countries come along with it, and few runs ask for a day.
    from holidays import country_holidays

    return frozenset(country_holidays("KR", years=year))
