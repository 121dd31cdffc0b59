"""What NICEPAY publishes, as facts of ours in `fixtures/published/`, held against what is declared.

`calls.csv` has every call with its path, answer and formulas; `fields.csv` what it takes; `answers.csv`
the keys of each answer in their order; `codes.csv` the codes: documented ones are said by an edition,
inferred ones fit by their text. Where the mock does otherwise on purpose, a table here says why.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.checkout.fields import Hours, Switch
from mock_nicepay.contract.fields import Amount, Choice, Field, Flag, Integer, Months, Number, Text
from mock_nicepay.contract.periods import Limit, Sequence
from mock_nicepay.contract.possible import may_answer
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.tables import result_codes

Row = dict[str, str]
FOLDER = Path(__file__).parent.parent / "fixtures" / "published"
SERVED = {endpoint.name: endpoint for endpoint in ENDPOINTS}


def rows(name: str) -> list[Row]:
    """The facts of one file."""
    return list(csv.DictReader((FOLDER / f"{name}.csv").read_text("utf-8").splitlines()))


CALLS = {row["call"]: row for row in rows("calls")}

every_call = pytest.mark.parametrize("row", CALLS.values(), ids=lambda row: str(row["call"]))
every_field = pytest.mark.parametrize(
    "row", rows("fields"), ids=lambda row: f"{row['call']}-{row['field']}"
)


def formula(endpoint_formula: object) -> str:
    """The parts of a formula as the facts have them; empty for none."""
    parts = getattr(endpoint_formula, "parts", ())
    return " ".join(parts)


@every_call
def test_the_call_is_served(row: Row) -> None:
    """By its method, at its path, signed by its formulas, in the sandbox or not."""
    endpoint = SERVED[row["call"]]

    assert (row["method"], row["path"]) == (endpoint.method, endpoint.path)
    assert (row["signData"], row["signature"]) == (
        formula(endpoint.sign),
        formula(endpoint.signature),
    )
    assert (row["in_sandbox"] == "yes") == endpoint.in_sandbox


def test_nothing_else_is_served() -> None:
    """Every call has facts."""
    assert set(CALLS) == set(SERVED)


# Published, and not read: what is said of it is that it changes nothing.
IGNORED = {
    ("payments.find", "orderDate"),
    *(
        (call, name)
        for call in ("subscribe.pay", "keyin.pay")
        for name in ("supplyAmt", "goodsVat", "serviceAmt")
    ),
}
# Required unless the method forbids it: the request's class says so.
SOMETIMES = {("subscribe.pay", "cardQuota"), ("subscribe.pay", "useShopInterest")}
OLDER = {"startDate", "endDate"}
# Words and small numbers: a wrong one is refused for what it is, however long.
WORDS = (Choice, Switch, Limit)


@every_field
def test_the_field_is_read(row: Row) -> None:
    """With its type, required or not, with its limit."""
    known = (row["call"], row["field"])
    fields = SERVED[row["call"]].request.fields
    if known in IGNORED:
        assert row["field"] not in fields
        return
    field = fields[row["field"]]

    assert field.required == (row["required"] == "yes" or known in SOMETIMES)
    assert fits(field, row["type"])
    if row["limit"] and not isinstance(field, WORDS):
        assert int(row["limit"]) == limit_of(field)


def fits(field: Field, kind: str) -> bool:
    """Whether a field is of that published type."""
    kinds = {
        "text": (Text, Months, Sequence),  # numbers that a page types as texts
        "number": (Amount, Months, Hours, Integer, Number),
        "flag": (Switch, Flag),
    }
    return isinstance(field, kinds[kind])


def limit_of(field: Field) -> int | None:
    """Its limit: bytes of a text, digits of a number."""
    for name in ("max_bytes", "digits", "DIGITS"):
        limit = getattr(field, name, None)
        if limit is not None:
            return int(limit)
    return None


@every_call
def test_no_other_field_is_read(row: Row) -> None:
    """What no page names is ignored; the beta of 2023 had two names that the newest page lacks."""
    published = {each["field"] for each in rows("fields") if each["call"] == row["call"]}

    assert set(SERVED[row["call"]].request.fields) - OLDER <= published


# Published otherwise than answered, each with its reason in docs/fidelity.md.
OTHERWISE = {
    *(
        (answer, "goodsName") for answer in ("payment", "approval", "charge")
    ),  # a checkout's has 100
    ("deletion", "bid"),  # of a failure, as it was sent
    ("session", "url"),  # checkout.url-length
    ("payment", "vbank.vbankName"),  # bank.name-length, here and below
    ("approval", "vbank.vbankName"),
    ("payment", "bank.bankName"),
}


def keys(shape: Shape, before: str = "") -> Iterator[tuple[str, Field | Shape]]:
    """Every key of an answer, those of its objects behind a dot."""
    for name, field in shape.fields.items():
        yield f"{before}{name}", field
        if isinstance(field, Shape):
            yield from keys(field, f"{before}{name}.")


@every_call
def test_the_answer_has_its_keys(row: Row) -> None:
    """All that are published, in their order, with their types and limits."""
    told = dict(keys(SERVED[row["call"]].reply))
    published = [each for each in rows("answers") if each["answer"] == row["answer"]]
    names = [each["key"] for each in published]

    assert names == [name for name in told if name in names]
    for each in published:
        field = told[each["key"]]
        if isinstance(field, Shape):
            assert ("list" if field.many else "object") == each["type"]
        else:
            assert fits(field, each["type"]), each
            if each["limit"] and (row["answer"], each["key"]) not in OTHERWISE:
                assert int(each["limit"]) == limit_of(field), each


# Codes that fit a call by their text alone, where another answers: which, or why there is no such case.
INSTEAD = {
    ("payments.approve", "U502"): "A123, which E26 says",
    ("payments.approve", "U120"): "U121: a malformed tid is an unknown one",
    ("payments.find", "U126"): "without an orderId it is the look-up of the tid `find`: U107",
    ("payments.cancel", "U318"): "U123, U319 and U321 say which amount",
    ("checkout.payment_cancel", "U318"): "the same",
    ("card.event", "A119"): "A118, which is said of both kinds of offers",
    ("checkout.create", "U151"): "U330, which E26 says",
    ("checkout.create", "U328"): "a checkout has taxFreeAmt alone: U327",
    ("checkout.create", "U344"): "every method leads somewhere",
    ("checkout.expire", "U323"): "the store does not fail",
}


@pytest.mark.parametrize("row", rows("codes"), ids=lambda row: f"{row['call']}-{row['code']}")
def test_the_code_can_come(row: Row) -> None:
    """Each code of a call is in the table, and is one that the call may answer with."""
    assert row["code"] in result_codes()
    elsewhere = row["standing"] == "inferred" and (row["call"], row["code"]) in INSTEAD

    assert may_answer(SERVED[row["call"]], row["code"]) != elsewhere


def test_the_places_of_a_path_are_named_as_published() -> None:
    """`{tid}` is tid in every formula, too."""
    for row in CALLS.values():
        places = re.findall(r"{(\w+)}", row["path"])

        assert places == re.findall(r"{(\w+)}", SERVED[row["call"]].path)
