"""The fields of reconciliation: which days, numbers and limits are taken."""

from datetime import date
from typing import Any

import pytest

from mock_nicepay.contract.fields import Field
from mock_nicepay.contract.periods import AskedDay, Day, Limit, Sequence
from mock_nicepay.contract.refusal import Refusal


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (AskedDay(date(2023, 2, 28), False), "20230228"),
        (AskedDay(date(2024, 2, 29), False), "20240229"),
        (AskedDay(date(2023, 2, 28), True), "2023-02-28T00:00:00"),
        (AskedDay(date(2023, 2, 28), True), "2023-02-28T23:59:59"),
    ],
)
def test_a_day_is_read(expected: AskedDay, text: str) -> None:
    """As eight digits, or as the beta wrote it; the clock time of that does not count."""
    assert expected == Day().read(text, "date")
    assert text[:10] == str(expected)[:10]


@pytest.mark.parametrize(
    ("expected", "field", "value"),
    [
        ("U130", Day(), "20230229"),
        ("U130", Day(), "2023-02-28"),
        ("U130", Day(), "20231301"),
        ("U130", Day(), "28022023"),
        ("U130", Day(), "2023022"),
        ("U130", Day(), "２０２３"),
        ("U130", Day(), "2023-02-28T25:00:00"),
        ("U130", Day(), "0000-00-00T00:00:00"),
        ("U105", Day(), "2023-02-28T00:00:00Z"),
        ("U133", Day(), ["20230228"]),
        ("U329", Sequence(), "first"),
        ("U142", Sequence(), "-1"),
        ("U105", Sequence(), "9" * 31),
        ("U329", Limit(), "all"),
        ("U142", Limit(), "0"),
        ("U132", Limit(), "501"),
        ("U132", Limit(), "9" * 5000),
    ],
)
def test_what_is_not_taken(expected: str, field: Field, value: Any) -> None:
    """Each with a code of its kind, that the field declares, and a cause in both languages."""
    with pytest.raises(Refusal) as refused:
        field.read(value, "name")

    assert expected == refused.value.code
    assert expected in field.refuses_with
    assert refused.value.cause is not None
    assert refused.value.cause.en != refused.value.cause.ko


@pytest.mark.parametrize(
    ("expected", "field", "value"),
    [
        (0, Sequence(), "0"),
        (11, Sequence(), "11"),
        (10**30 - 1, Sequence(), "9" * 30),
        (1, Limit(), "1"),
        (500, Limit(), "500"),
    ],
)
def test_numbers_at_their_edges(expected: int, field: Field, value: str) -> None:
    """From 0, or from 1 to 500."""
    assert expected == field.read(value, "name")
