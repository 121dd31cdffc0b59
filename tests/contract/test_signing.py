"""Signatures against a published vector, and what a formula makes of odd values."""

import pytest

from mock_nicepay.contract.signing import Formula

KEY = "13e969a77a0545799242ccc3915243d3"
PUBLISHED = {
    "tid": "UT0000104m00012303241646422011",
    "ediDate": "2023-03-24T16:55:00.000+0900",
}
SIGNATURE = "c78d6b12b11036bc626a018d26320aa04ba0344e9c52fd0303ef23377ca3569b"


def test_the_published_vector_comes_out() -> None:
    """tid, ediDate and the key, hashed as one text, give the signature that was published."""
    assert SIGNATURE == Formula("tid + ediDate").sign(PUBLISHED, KEY)


@pytest.mark.parametrize(
    ("expected", "sent"),
    [
        (True, SIGNATURE),
        (False, SIGNATURE.upper()),
        (False, f" {SIGNATURE}"),
        (False, SIGNATURE[:-1]),
        (False, ""),
        (False, "서명"),
        (False, "\ud800"),
    ],
)
def test_only_lower_case_hex_verifies(expected: bool, sent: str) -> None:
    """Upper case, blanks, a cut signature and texts that are not hex are all refused."""
    assert expected is Formula("tid + ediDate").verify(sent, PUBLISHED, KEY)


@pytest.mark.parametrize(
    ("expected", "formula", "values"),
    [
        ("t1004dK", "tid + amount + ediDate", {"tid": "t", "amount": 1004, "ediDate": "d"}),
        ("dtK", "ediDate + tid", {"tid": "t", "ediDate": "d"}),
        ("tK", "tid + ediDate", {"tid": "t"}),
        ("tK", "tid + ediDate", {"tid": "t", "ediDate": None}),
        ("tK", "tid + ediDate", {"tid": "t", "ediDate": ""}),
        ("t0K", "tid + amount", {"tid": "t", "amount": 0}),
        ("t0K", "tid+amount", {"tid": "t", "amount": "0"}),
        ("주문K", "orderId", {"orderId": "주문"}),
        ("K", "tid", {}),
    ],
)
def test_the_parts_are_written_one_after_another(
    expected: str, formula: str, values: dict[str, object]
) -> None:
    """No separators, the key last; what is not there is empty, and a zero is there."""
    assert expected == Formula(formula).text(values, "K")


def test_a_formula_shows_itself() -> None:
    """The journal can say what should have been hashed."""
    assert "hex(sha256(tid + ediDate + SecretKey))" == str(Formula("tid+ediDate"))


def test_half_a_surrogate_pair_is_hashed_like_its_replacement() -> None:
    """A text no charset can hold gives a signature, never an error."""
    formula = Formula("orderId")
    assert formula.sign({"orderId": "?"}, KEY) == formula.sign({"orderId": "\ud800"}, KEY)
