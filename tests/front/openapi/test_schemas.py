"""Fields and shapes as JSON Schema."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.bodies import PAYMENT, SESSION, TOKEN
from mock_nicepay.contract.checkout.fields import CardShow, Hours, Quotas, Switch, Unspaced
from mock_nicepay.contract.fields import (
    Amount,
    CancelAmount,
    Chars,
    Choice,
    Field,
    Flag,
    Integer,
    Months,
    Number,
    TaxFreeAmount,
    Text,
)
from mock_nicepay.contract.periods import Day, Limit, Sequence
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.target import Address
from mock_nicepay.contract.window.request import REQUEST_PAY
from mock_nicepay.contract.window.return_forms import AUTHENTICATION, CHECKOUT_RESULT, RESULT
from mock_nicepay.front.openapi.schemas import (
    field_schema,
    fields_schema,
    request_schema,
    shape_schema,
    told_schema,
)
from mock_nicepay.front.openapi.words import meanings


def fits(schema: dict[str, Any], value: Any) -> bool:
    """Whether a value keeps to a schema."""
    return bool(Draft202012Validator(schema).is_valid(value))


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (Text(4, required=True), ["abcd", "가"], ["", "abcde", None, 1]),
        (Text(4), ["", "abcd", None], ["abcde"]),
        (Text(), ["x" * 5000], [1]),
        (Chars(2, required=True), ["가나"], ["가나다"]),
        (Choice("a", "b", max_bytes=1, required=True), ["a"], ["c", None]),
        (Choice("a", "b", max_bytes=1), ["a", None], ["c"]),
        (
            Amount(required=True),
            [1, 10**12 - 1, "1004", "0001"],
            [0, 10**12, "0", "-1", "1.5", None],
        ),
        (CancelAmount(), [1, None], [0]),
        (TaxFreeAmount(), [0, "0"], [-1]),
        (Months(required=True), [0, 12, "03"], [100, "x"]),
        (Switch(required=True), [True, "false"], ["yes", 1]),
        (Hours(), [1, "24"], [0, 10_000]),
        (Unspaced(5, required=True), ["abc"], ["a b", "", "abcdef"]),
        (Quotas(100), ["00", "00,02,36"], ["01", "2", "00,", "37"]),
        (CardShow(50), ["08:3|02:1"], ["08:4", "08:3,02:1"]),
        (Day(required=True), ["20230228"], ["2023-02-28", "2023022"]),
        (Sequence(), [0, "7"], [-1]),
        (Limit(), [1, 500], [0, 501]),
        (Address(200, required=True), ["https://shop.example/"], ["", None]),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Field) else None,
)
def test_a_request_takes(field: Field, good: list[Any], bad: list[Any]) -> None:
    """Values that the field accepts, and none that it refuses for its type."""
    schema = field_schema("any", field)

    assert [] == [value for value in good if not fits(schema, value)]
    assert [] == [value for value in bad if fits(schema, value)]


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (Text(3), ["가나다", "abc"], ["abcd", None]),
        (Text(3, nullable=True), [None, "abc"], [1]),
        (Integer(2), [0, 99, -99], [100, "1", None]),
        (Number(), [1, 1.25], ["1"]),
        (Flag(), [True], ["true", None]),
        (Shape({"a": Text(1)}), [{"a": "x"}], [{}, {"a": "x", "b": 1}, None, []]),
        (Shape({"a": Text(1)}, nullable=True), [None, {"a": "x"}], [[]]),
        (Shape({"a": Text(1)}, many=True), [[], [{"a": "x"}]], [{"a": "x"}, [{}]]),
        (Shape({"a": Text(1)}, optional=frozenset({"a"})), [{}, {"a": "x"}], [{"b": 1}]),
    ],
)
def test_an_answer_tells(field: Field | Shape, good: list[Any], bad: list[Any]) -> None:
    """What its shape allows."""
    schema = told_schema("any", field)

    assert [] == [value for value in good if not fits(schema, value)]
    assert [] == [value for value in bad if fits(schema, value)]


@pytest.mark.parametrize("shape", [PAYMENT, SESSION, TOKEN])
def test_a_shape_keeps_its_order(shape: Shape) -> None:
    """All keys, in the recorded order; those that an edition leaves out are not required."""
    schema = shape_schema(shape)

    assert list(shape.fields) == schema["x-key-order"] == list(schema["properties"])
    assert set(schema["properties"]) - set(schema["required"]) == set(shape.optional)


def test_every_parameter_of_the_window_has_a_type() -> None:
    """The window's fields have types of their own."""
    properties = fields_schema(REQUEST_PAY.declared)["properties"]

    assert all("type" in schema for schema in properties.values())


def keys(shape: Shape) -> set[str]:
    """Every key of an answer, those of its objects included."""
    inner = (keys(field) for field in shape.fields.values() if isinstance(field, Shape))
    return set(shape.fields).union(*inner)


def test_every_name_is_explained() -> None:
    """In both languages, and there is no explanation for an unknown name."""
    used = set(REQUEST_PAY.fields)
    for endpoint in ENDPOINTS:
        used |= set(endpoint.request.fields) | keys(endpoint.reply)
    for form in (AUTHENTICATION, RESULT, CHECKOUT_RESULT):
        used |= set(form.fields)

    assert used == set(meanings())
    assert all(meaning.en and meaning.ko for meaning in meanings().values())


@pytest.mark.parametrize(
    ("expected", "parts"),
    [(True, {}), (False, {"cancelAmt": 50}), (False, {"cancelAmt": 50, "supplyAmt": 50})],
)
def test_what_needs_companions_says_so(expected: bool, parts: dict[str, int]) -> None:
    """The amount of a receipt's partial cancel comes with all four parts."""
    cancel = next(endpoint for endpoint in ENDPOINTS if endpoint.name == "receipt.cancel")
    schema = request_schema(cancel)
    body = {"orderId": "A", "reason": "변심", **parts}

    assert expected == fits(schema, body)
    assert fits(
        schema,
        {**body, "cancelAmt": 50, **dict.fromkeys(cancel.request.COMPANIONS["cancelAmt"], 0)},
    )
