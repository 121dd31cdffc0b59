"""The numbers and parts of cash receipts."""

import pytest

from mock_nicepay.contract.receipts import Parts, masked, number_flaw


@pytest.mark.parametrize(
    ("expected", "kind", "number"),
    [
        (True, "individual", "01012341234"),
        (True, "individual", "0101234123"),
        (True, "company", "1234567890"),
        (False, "individual", "010123412"),
        (False, "individual", "010123412345"),
        (False, "individual", "010-1234-1234"),
        (False, "individual", "٠١٠١٢٣٤١٢٣٤"),
        (False, "individual", "01012341234\n"),
        (False, "company", "12345678901"),
        (False, "company", "123-45-6789"),
    ],
)
def test_the_form_of_a_number(expected: bool, kind: str, number: str) -> None:
    """10 or 11 digits of a mobile number, 10 of a business number, and nothing else."""
    assert expected == (number_flaw(kind, number) is None)


def test_a_wrong_number_is_explained_without_being_repeated() -> None:
    """It is somebody's telephone number."""
    flaw = number_flaw("individual", "010-1234-1234")

    assert flaw is not None
    assert (
        "receiptNo has 13 characters, 11 of them digits; receiptType individual needs a mobile "
        "number of 10 or 11 digits, digits only"
    ) == flaw.en
    assert "휴대폰 번호 10~11자리" in flaw.ko


@pytest.mark.parametrize(
    ("expected", "number"),
    [("010****1234", "01012341234"), ("123***7890", "1234567890"), ("*", "1234567"), ("*", "")],
)
def test_only_the_ends_of_a_number_are_kept(expected: str, number: str) -> None:
    """Three in front, four behind."""
    assert expected == masked(number)


def test_parts_add_up_and_are_taken_away() -> None:
    """Part by part."""
    left = Parts(4, 3, 2, 1).minus(Parts(1, 1, 1, 1))

    assert (Parts(3, 2, 1, 0), 6) == (left, left.total)
