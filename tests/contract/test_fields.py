"""Field types: bytes, missing values, closed lists, and what is wrong with an answer of ours."""

from typing import Any

import pytest

from mock_nicepay.contract.fields import (
    Body,
    Choice,
    Field,
    Flag,
    Integer,
    ReturnCharSet,
    Text,
    byte_length,
)
from mock_nicepay.contract.refusal import Cause, Refusal


class Order(Body):
    """A request with one field of each kind, the required ones in between."""

    goodsName = Text(12)
    orderId = Text(10, required=True)
    method = Choice("card", "bank", max_bytes=10)
    note = Text(required=True)
    returnCharSet = ReturnCharSet()


GOOD: dict[str, Any] = {"orderId": "A-1", "note": "n"}
ABSENT: Any = object()


def order(**changes: Any) -> dict[str, Any]:
    """A good request with some fields changed, or left out when `ABSENT`."""
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not ABSENT}


def refusal_of(body: Body, given: dict[str, Any]) -> Refusal:
    """What `body` refuses `given` with."""
    with pytest.raises(Refusal) as refused:
        body.load(given)
    return refused.value


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (0, ""),
        (3, "abc"),
        (3, "가"),
        (6, "나이"),
        (4, "😀"),
        (2, "é"),
        (1, "\ud800"),
        (5, "a\udfff가"),
    ],
)
def test_bytes_are_counted_in_utf_8(expected: int, text: str) -> None:
    """A Hangul syllable counts three, and half a surrogate pair one replaced character."""
    assert expected == byte_length(text)


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("text", "text"),
        ("1004", 1004),
        ("-5", -5),
        ("10.5", 10.5),
        ("true", True),
        ("false", False),
        ("0", 0),
        (" ", " "),
        ("null", "null"),
        ("한글", "한글"),
    ],
)
def test_a_scalar_is_taken_as_its_text(expected: str, given: object) -> None:
    """Numbers and booleans of JSON arrive as text; a blank is a text, too."""
    assert expected == Order().load(order(note=given))["note"]


@pytest.mark.parametrize(
    ("expected", "sent"),
    [
        ("orderId was not sent", ABSENT),
        ("orderId was sent, but empty or null", None),
        ("orderId was sent, but empty or null", ""),
    ],
)
def test_a_required_field_is_needed(expected: str, sent: object) -> None:
    """Missing, empty and null are U100 with the field's name, and the cause tells them apart."""
    refusal = refusal_of(Order(), order(orderId=sent))
    assert ("U100", ("orderId",), expected) == (
        refusal.code,
        refusal.values,
        refusal.cause and refusal.cause.en,
    )


@pytest.mark.parametrize("sent", [ABSENT, None, ""])
def test_an_optional_field_may_be_left_out(sent: object) -> None:
    """Missing, empty and null are the same: the call works with None."""
    assert None is Order().load(order(goodsName=sent))["goodsName"]


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ((12, 13), "a" * 13),
        ((12, 15), "가나다라마"),
        ((12, 13), "가나다라."),
        ((12, 16), "😀😀😀😀"),
        ((12, 4000), 10**3999),
    ],
)
def test_too_many_bytes_are_told_with_limit_and_length(
    expected: tuple[int, int], text: object
) -> None:
    """U105 carries the limit and the real length in UTF-8, never the number of characters."""
    refusal = refusal_of(Order(), order(goodsName=text))
    assert ("U105", expected) == (refusal.code, refusal.values)


@pytest.mark.parametrize("text", ["a" * 12, "가나다라", "😀😀😀"])
def test_a_field_may_be_filled_to_its_last_byte(text: str) -> None:
    """The limit itself is allowed."""
    assert text == Order().load(order(goodsName=text))["goodsName"]


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("note is a JSON object; send text", {}),
        ("note is a JSON object; send text", {"a": 1}),
        ("note is a JSON list; send text", []),
        ("note is a JSON list; send text", ["n"]),
    ],
)
def test_an_object_or_a_list_is_no_text(expected: str, value: object) -> None:
    """What is not a scalar is U133 with the field's name."""
    refusal = refusal_of(Order(), order(note=value))
    assert ("U133", ("note",), expected) == (
        refusal.code,
        refusal.values,
        refusal.cause and refusal.cause.en,
    )


@pytest.mark.parametrize("word", ["Card", "card ", "cash", "cards"])
def test_a_choice_knows_its_words_only(word: str) -> None:
    """Another word is U132 with that word; case and blanks count."""
    refusal = refusal_of(Order(), order(method=word))
    assert ("U132", (word,)) == (refusal.code, refusal.values)


def test_a_choice_that_is_too_long_is_too_long_first() -> None:
    """The byte limit is checked before the list."""
    assert "U105" == refusal_of(Order(), order(method="x" * 11)).code


@pytest.mark.parametrize(
    ("expected", "word"),
    [("utf-8", "utf-8"), ("utf-8", "UTF-8"), ("euc-kr", "euc-kr"), ("euc-kr", "EUC-KR")],
)
def test_a_charset_is_taken_in_either_case(expected: str, word: str) -> None:
    """Both names count in lower and in upper case, and arrive in lower case."""
    assert expected == Order().load(order(returnCharSet=word))["returnCharSet"]


@pytest.mark.parametrize(
    ("expected", "word"),
    [
        ("U132", "utf-7"),
        ("U132", "Euc-Kr"),
        ("U132", "utf8"),
        ("U132", "cp949"),
        ("U105", "ISO-8859-15"),
    ],
)
def test_other_charsets_are_refused(expected: str, word: str) -> None:
    """A mixed case, a misprint and an alias are not charsets of the gateway."""
    assert expected == refusal_of(Order(), order(returnCharSet=word)).code


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (("U105", (12, 13)), {"goodsName": "x" * 13}),
        (("U100", ("orderId",)), {"method": "cash", "note": ""}),
        (("U132", ("cash",)), {"orderId": "A", "method": "cash"}),
        (("U100", ("note",)), {"returnCharSet": "x" * 11, "orderId": "A"}),
    ],
)
def test_the_first_failing_field_in_declared_order_decides(
    expected: tuple[str, tuple[object, ...]], given: dict[str, Any]
) -> None:
    """The order of the request's keys plays no part."""
    refusals = [
        refusal_of(Order(), dict(pairs)) for pairs in (given.items(), reversed(given.items()))
    ]
    assert [expected, expected] == [(refusal.code, refusal.values) for refusal in refusals]


def test_unknown_keys_are_ignored() -> None:
    """A key that no page names changes nothing, whatever it holds."""
    assert {} == Body().load({"supplyAmt": [{}], "": None})


@pytest.mark.parametrize(
    "refusal",
    [
        refusal_of(Order(), order(orderId="")),
        refusal_of(Order(), order(goodsName="가나다라마")),
        refusal_of(Order(), order(note=[])),
        refusal_of(Order(), order(method="cash")),
    ],
    ids=lambda refusal: str(refusal.code),
)
def test_every_refusal_explains_itself_in_both_languages(refusal: Refusal) -> None:
    """A developer gets the field and the reason in English and in Korean."""
    cause = refusal.cause
    assert isinstance(cause, Cause)
    assert (True, False) == (cause.en.isascii(), cause.ko.isascii())


@pytest.mark.parametrize(
    ("expected", "field", "value"),
    [
        ("", Text(3), "abc"),
        ("", Text(3), ""),
        ("", Text(), "x" * 9999),
        ("takes 6 bytes of 3", Text(3), "가나"),
        ("is null", Text(3), None),
        ("", Text(3, nullable=True), None),
        ("is int, not text", Text(3), 5),
        ("", Integer(3), 999),
        ("", Integer(3), -999),
        ("has more than 3 digits", Integer(3), 1000),
        ("is bool, not a whole number", Integer(), True),
        ("is str, not a whole number", Integer(), "1"),
        ("is float, not a whole number", Integer(), 1.0),
        ("is null", Integer(), None),
        ("", Integer(nullable=True), None),
        ("", Flag(), False),
        ("is int, not true or false", Flag(), 0),
        ("is null", Flag(), None),
        ("", ReturnCharSet(), "utf-8"),
    ],
)
def test_an_answer_is_held_against_its_types(expected: str, field: Field, value: object) -> None:
    """Each type tells what is wrong with a value of ours, and nothing when it is right."""
    assert expected == field.complaint(value)
