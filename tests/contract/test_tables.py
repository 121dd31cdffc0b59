"""The table of published result codes: what a row says, how it is found, how it is filled."""

import pytest

from mock_nicepay.contract.tables import (
    ResultCode,
    nearest_codes,
    result_code,
    result_codes,
    search_codes,
)


@pytest.mark.parametrize(
    ("expected", "key", "domain"),
    [
        ("CINO미존재", "2011", ""),
        ("CINO미존재", "2011", "payments"),
        ("취소 금액 불일치", "2011", "cancel"),
        ("취소 금액 불일치", "cancel/2011", ""),
        ("정상 처리되었습니다.", "0000", "cancel"),
        ("취소금액이 취소가능금액보다 큼", "2032", "payments"),
    ],
)
def test_a_code_of_two_meanings_is_that_of_the_domain(expected: str, key: str, domain: str) -> None:
    """A domain picks its own meaning of a code, and nothing changes for the other codes."""
    assert expected == result_code(key, domain).ko


@pytest.mark.parametrize("unknown", ["", "U9999", "0000 ", "u101", "cancel/0000"])
def test_an_unknown_code_has_no_row(unknown: str) -> None:
    """A code that is not published is never made up."""
    with pytest.raises(KeyError):
        result_code(unknown)


@pytest.mark.parametrize(
    ("expected", "key", "values"),
    [
        ("필드 최대길이 초과[max:10, realLength:19]", "U105", (10, 19)),
        ("필드 최대길이 초과[max:10, realLength:{1}]", "U105", (10,)),
        ("허용된 옵션 내용이 아닙니다.[{0}]", "U132", ()),
        ("허용된 옵션 내용이 아닙니다.[{1} {0}]", "U132", ("{1} {0}",)),
        ("거래내역이 존재 하지 않습니다.", "U107", ("too", "many")),
    ],
)
def test_a_message_is_filled_from_left_to_right(
    expected: str, key: str, values: tuple[object, ...]
) -> None:
    """Each place takes one value, once; what has no value stays, what has no place is dropped."""
    assert expected == result_code(key).message(*values)


@pytest.mark.parametrize(("expected", "key"), [(2, "U105"), (1, "U132"), (0, "0000")])
def test_places_are_counted(expected: int, key: str) -> None:
    """A row knows how many values its message needs."""
    assert expected == result_code(key).places


@pytest.mark.parametrize(
    ("expected", "key"),
    [(401, "U104"), (403, "U103"), (404, "U107"), (404, "U320"), (405, "U308"), (200, "U105")],
)
def test_the_http_status_is_the_published_one(expected: int, key: str) -> None:
    """The few codes with a status of their own have it, the others come with 200."""
    assert expected == result_code(key).http


@pytest.mark.parametrize("row", result_codes().values(), ids=lambda row: str(row.key))
def test_every_row_can_go_over_the_wire(row: ResultCode) -> None:
    """Four characters of code, a trimmed text, and one of the five statuses the gateway uses."""
    assert (4, True, True) == (
        len(row.code),
        row.ko == row.ko.strip(),
        row.http in {200, 401, 403, 404, 405},
    )


def test_the_one_code_without_a_text_is_known() -> None:
    """U701 is named by the webhook pages, and no edition prints its text."""
    assert ["U701"] == [row.key for row in result_codes().values() if not row.ko]


def test_the_published_texts_that_are_too_long_are_known() -> None:
    """Seven published texts exceed the 100 bytes that resultMsg is documented with."""
    too_long = [row.key for row in result_codes().values() if len(row.ko.encode()) > 100]
    assert ["P013", "U151", "U328", "I003", "I004", "I006", "N003"] == too_long


def test_the_table_cannot_be_changed() -> None:
    """What every sandbox of a process shares is read only."""
    with pytest.raises(TypeError):
        result_codes()["U101"] = result_code("U102")  # type: ignore[index]


@pytest.mark.parametrize(
    ("expected", "text"),
    [("U101", "U1O1"), ("U101", "u101"), ("3011", "30111"), ("cancel/2011", "cancel/2001")],
)
def test_a_misspelt_code_finds_its_neighbour(expected: str, text: str) -> None:
    """The codes that come nearest are offered, whatever the case."""
    assert expected in nearest_codes(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("U105", "u105"),
        ("U105", "최대길이"),
        ("U105", "LENGTH maximum field"),
        ("0000", "결제성공"),
        ("cancel/2011", "취소 불일치"),
    ],
)
def test_a_search_finds_each_word_in_either_language(expected: str, text: str) -> None:
    """Code, Korean, English and older wording are searched, case and order of words ignored."""
    assert expected in {row.key for row in search_codes(text)}


@pytest.mark.parametrize("text", ["length nonsense", "최대길이 U106"])
def test_a_search_needs_every_word(text: str) -> None:
    """A row that lacks one of the words is not found."""
    assert [] == search_codes(text)
