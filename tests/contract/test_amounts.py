"""Amounts in requests: what is taken for a number, and the code for what is none."""

from typing import Any

import pytest

from mock_nicepay.contract.fields import Amount, Body, CancelAmount, TaxFreeAmount
from mock_nicepay.contract.refusal import Refusal


class Request(Body):
    """One amount of each kind."""

    amount = Amount()
    cancelAmt = CancelAmount()
    taxFreeAmt = TaxFreeAmount()


@pytest.mark.parametrize("name", ["amount", "cancelAmt", "taxFreeAmt"])
@pytest.mark.parametrize(
    ("expected", "sent"),
    [
        (1004, 1004),
        (1004, "1004"),
        (1004, " 1004 "),
        (1004, "0001004"),
        (1004, "+1004"),
        (10, 10.50),
        (10, "10.50"),
        (10, "10."),
        (1000, 1e3),
        (999_999_999_999, 999_999_999_999),
        (999_999_999_999, "999999999999"),
        (None, None),
        (None, ""),
    ],
)
def test_a_number_is_a_number(expected: int | None, sent: Any, name: str) -> None:
    """As JSON or as text; a fraction is dropped, an empty text was not sent."""
    assert expected == Request().read({name: sent})[name]


@pytest.mark.parametrize(
    ("expected", "name", "sent"),
    [
        *(("U127", "amount", sent) for sent in (0, -1, "0", "-1004", 0.5, "0.5")),
        *(("U142", "cancelAmt", sent) for sent in (0, -1, "0", "-1004", 0.5, "-0.5")),
        ("U127", "taxFreeAmt", -1),
        ("U127", "taxFreeAmt", "-1"),
        *(
            (code, name, sent)
            for name, code in (("amount", "U127"), ("cancelAmt", "U329"), ("taxFreeAmt", "U329"))
            for sent in ("x", "1,004", "1e3", "١٠", "10 04", True, False, [1], {"a": 1}, "천원")
        ),
        *(
            (code, name, sent)
            for name, code in (("amount", "U127"), ("cancelAmt", "U329"), ("taxFreeAmt", "U329"))
            for sent in (float("nan"), float("inf"), float("-inf"))
        ),
        *(
            ("U127", name, sent)
            for name in ("amount", "cancelAmt", "taxFreeAmt")
            for sent in (10**12, "1" + "0" * 12, 10**400, 1e300, "9" * 70_000)
        ),
    ],
)
def test_what_is_no_amount(expected: str, name: str, sent: Any) -> None:
    """Each has its code, and a cause that names the field."""
    with pytest.raises(Refusal) as refused:
        Request().read({name: sent})

    assert expected == refused.value.code
    assert refused.value.cause is not None
    assert name in refused.value.cause.en
    assert name in refused.value.cause.ko
    assert len(refused.value.cause.en) < 200


def test_nothing_may_be_tax_free() -> None:
    """taxFreeAmt alone may be 0."""
    assert 0 == Request().read({"taxFreeAmt": "0"})["taxFreeAmt"]


def test_u142_names_its_field() -> None:
    """The message has a place for it."""
    with pytest.raises(Refusal) as refused:
        Request().read({"cancelAmt": 0})

    assert ("cancelAmt",) == refused.value.values
