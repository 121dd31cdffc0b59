"""Conditions: what they mean, how their mistakes are told, and what a verdict says."""

import time
from dataclasses import replace
from typing import Any

import pytest

from mock_nicepay.core.scenarios.language import Condition, Match, ScenarioError
from mock_nicepay.core.scenarios.matching import Seen, find, glob_regex, text_form, verdict
from mock_nicepay.core.scenarios.reader import read_text, read_value

SEEN = Seen(
    name="payments.cancel",
    path="/v1/payments/nicuntct1/cancel",
    places={"tid": "nicuntct1"},
    query={"returnCharSet": "euc-kr", "empty": ""},
    headers={"x-test": "abc", "authorization": "Basic c2VjcmV0"},
    body={
        "amount": 1004,
        "orderId": "ord-1",
        "reason": None,
        "useEscrow": True,
        "card": {"cardNo": "4111", "quota": 0},
        "goods": [{"name": "pen"}, {"name": "ink"}],
        "amountText": "1004",
    },
    scheme="basic",
    client="S2_abc",
)


def match(value: object) -> Match:
    """The conditions of a rule's `match`, written as a Python value."""
    rules = [{"call": "payments.*", "match": value}]
    return read_value({"version": 1, "name": "x", "rules": rules}).rules[0].match


def condition(value: object) -> Condition:
    """One condition, written as a Python value."""
    return match({"body": {"field": value}}).conditions[0][1]


@pytest.mark.parametrize(
    ("holds", "written", "value"),
    [
        # Literal texts
        (True, "1004", 1004),
        (True, 1004, "1004"),
        (True, 1004, 1004),
        (False, "1004", 1004.0),
        (True, "true", True),
        (True, True, True),
        (True, None, "null"),
        (True, "", ""),
        (False, "", None),
        (False, "paid", "Paid"),
        (False, "paid", None),
        (True, '{"a":1}', {"a": 1}),
        (True, "0000", "0000"),
        (False, "0", "0000"),
        # Being there
        (True, "missing", None),
        (False, "missing", ""),
        (True, "present", ""),
        (False, "present", None),
        (True, {"is": "missing"}, "missing"),
        # Comparisons
        (True, ">= 50000", 50000),
        (False, ">= 50000", 49999),
        (True, ">=50000", "50000"),
        (True, "<= 5", "5"),
        (True, "> 1", 1.5),
        (False, "< 1", 1.5),
        (True, "< -1", "-2"),
        (False, ">= 5", "abc"),
        (False, ">= 5", ""),
        (False, ">= 5", None),
        (False, "> 5", True),
        (False, "> 5", [6]),
        (True, "== 1004", "1004.0"),
        (True, "== paid", "paid"),
        (False, "== paid", "Paid"),
        (False, "== paid", None),
        (True, "!= 1004", 1005),
        (False, "!= 1004", "1004"),
        (True, "!= paid", "ready"),
        (True, "!= paid", None),
        (True, "> 9007199254740992", 9007199254740993),
        # Regular expressions
        (True, "/^ord-[0-9]+$/", "ord-15"),
        (False, "/^ord-[0-9]+$/", "ord-x"),
        (True, "/0/", 1004),
        (True, "/(?i)ABC/", "xabcx"),
        (False, "/a/", None),
        (True, "/", "/"),
        (True, {"regex": "^/v1/$"}, "/v1/"),
        (False, "/b/", "a" * 10_000 + "b"),
        # Globs
        (True, "S2_*", "S2_abc"),
        (True, "*", ""),
        (False, "*", None),
        (True, "a?c", "abc"),
        (False, "a?c", "ac"),
        (False, "S2_*", "xS2_"),
        (True, "[a]*", "[a]b"),
        (False, "[a]*", "ab"),
        (True, "*b*d*", "abcde"),
        (True, "a*\n", "a\nb\n"),
        (False, "a.c*", "abc"),
        (True, {"glob": "1*"}, 1004),
        (True, {"glob": ">= *"}, ">= 5"),
        # Forms
        (True, {"is": "a*"}, "a*"),
        (False, {"is": "a*"}, "ab"),
        (True, {"is": ">= 5"}, ">= 5"),
        (False, {"not": "paid"}, "paid"),
        (True, {"not": "paid"}, "ready"),
        (True, {"not": "paid"}, None),
        (False, {"not": {"not": "a*"}}, "b"),
        (True, {"not": ["a", "b"]}, "c"),
        (True, ["a*", "> 5"], 6),
        (True, ["missing", "0"], None),
        (False, ["a*", "> 5"], 5),
    ],
)
def test_conditions(holds: bool, written: object, value: Any) -> None:
    """Each form of a condition holds for the values it describes and for no others."""
    assert holds is condition(written).holds(value)


@pytest.mark.parametrize("written", ["a*", ">= 5", "/a/", "missing", "x"])
def test_quotes_change_nothing(written: str) -> None:
    """A condition means the same with quotes and without."""
    texts = [
        f"version: 1\nname: x\nexpect:\n  - final:\n      tid: {sign}{written}{sign}\n"
        for sign in ("'", '"')
    ]
    quoted = [read_text(text).expect[0].fields[0][1] for text in texts]
    if written != ">= 5":
        quoted.append(read_text(texts[0].replace("'", "")).expect[0].fields[0][1])
    for value in (None, "a*", "ab", "x", 7, ">= 5"):
        assert 1 == len({each.holds(value) for each in quoted})


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (">= 50000", ">= 50000"),
        ("a*", "a*"),
        ('""', ""),
        ('" a"', " a"),
        ("1004", 1004),
        ("/a b/", "/a b/"),
        ("{is: a*}", {"is": "a*"}),
        ('"{is: x}"', "{is: x}"),
        ("[a, b*]", ["a", "b*"]),
        ('"a, b"', "a, b"),
        ("{not: [a, {is: b}]}", {"not": ["a", {"is": "b"}]}),
        ("{regex: a}", {"regex": "a"}),
        ("{glob: missing}", {"glob": "missing"}),
        ('"a\\nb"', "a\nb"),
    ],
)
def test_texts(text: str, written: object) -> None:
    """A condition is reported as it was written, and different ones look different."""
    assert text == condition(written).text


@pytest.mark.parametrize(
    ("message", "written"),
    [
        ("expected a condition, found an empty list", []),
        ("expected a condition: a text, a list of conditions, or a mapping with one of `is`, `not`, `regex`, `glob`; a nested field is written `outer.inner: ...`", {}),
        ("expected a condition: a text, a list of conditions, or a mapping with one of `is`, `not`, `regex`, `glob`; a nested field is written `outer.inner: ...`", {"cardCode": "01"}),
        ("expected a condition: a text, a list of conditions, or a mapping with one of `is`, `not`, `regex`, `glob`; a nested field is written `outer.inner: ...`", {"is": "a", "not": "b"}),
        ("expected a single text, found a list", {"is": ["a"]}),
        ("expected a single text, found a mapping", {"regex": {}}),
        ("`>` compares numbers, and `abc` is not a number; a literal text is `{is: ...}`", "> abc"),
        ("`<=` compares numbers, and nothing follows it; a literal text is `{is: ...}`", "<="),
        ("`=>` is not a comparison: did you mean `>=`?", "=> 5"),
        ("`=` is not a comparison: did you mean `==`?", "=5"),
        ("`<>` is not a comparison: did you mean `!=`?", "<> 5"),
        ("`(` is not a regular expression: missing ) at position 1", "/(/"),
        ("`a{99999}` is not a regular expression: it has too many repetitions within repetitions", "/a{99999}/"),
        ("expected a regular expression of 1 to 500 characters, found an empty one", "//"),
        ("expected a regular expression of 1 to 500 characters, found 501", f"/{'a' * 501}/"),
        ("expected a pattern of at most 500 characters, found 501", "*" * 501),
    ],
)  # fmt: skip
def test_mistakes(message: str, written: object) -> None:
    """Each mistake in a condition is told."""
    with pytest.raises(ScenarioError) as caught:
        condition(written)
    assert [message] == [each.message for each in caught.value.problems]


def test_every_mistake_of_a_list() -> None:
    """A list of conditions tells all its mistakes, each at its place."""
    text = "version: 1\nname: x\nexpect: [{final: {tid: [b, '> c', {not: '/(/'}]}}]\n"
    with pytest.raises(ScenarioError) as caught:
        read_text(text)
    assert [(3, 28), (3, 41)] == [(each.line, each.column) for each in caught.value.problems]


def test_nothing_is_no_condition() -> None:
    """A field without a value is a mistake that names both ways out."""
    with pytest.raises(ScenarioError) as caught:
        read_text("version: 1\nname: x\nexpect: [{final: {tid: }}]\n")
    message = 'expected a condition, found nothing: write `missing`, or `""` for an empty text'
    assert [message] == [each.message for each in caught.value.problems]


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        ((0, ""), {}),
        ((1, ""), {"path": "/v1/payments/*"}),
        ((1, ""), {"path": {"tid": "nic*"}}),
        ((0, "path.tid is nicuntct1, expected x"), {"path": {"tid": "x"}}),
        ((0, "path.orderId is missing, expected present"), {"path": {"orderId": "present"}}),
        ((1, ""), {"query": {"returnCharSet": "euc-kr"}}),
        ((1, ""), {"query": {"empty": ""}}),
        ((0, "query.empty is empty, expected missing"), {"query": {"empty": "missing"}}),
        ((1, ""), {"header": {"X-Test": "a*"}}),
        ((0, "header.x-other is missing, expected a*"), {"header": {"X-Other": "a*"}}),
        ((0, "header.authorization is (hidden), expected missing"), {"header": {"Authorization": "missing"}}),
        ((0, "body.amount is 1004, expected >= 50000"), {"body": {"amount": ">= 50000"}}),
        ((2, "body.amount is 1004, expected 5"), {"body": {"orderId": "ord-*", "useEscrow": True, "amount": 5}}),
        ((1, ""), {"body": {"reason": "null"}}),
        ((1, ""), {"body": {"reason": "present"}}),
        ((0, "body.reason is null, expected missing"), {"body": {"reason": "missing"}}),
        ((2, ""), {"body": {"card.quota": 0, "goods.1.name": "ink"}}),
        ((0, "body.goods.2.name is missing, expected ink"), {"body": {"goods.2.name": "ink"}}),
        ((0, "body.card.cardNo is (hidden), expected missing"), {"body": {"card.cardNo": "missing"}}),
        ((1, ""), {"credentials": "basic"}),
        ((2, ""), {"credentials": {"scheme": ["basic", "bearer"], "client": "S2_*"}}),
        ((0, "credentials.scheme is basic, expected none"), {"credentials": "none"}),
        ((0, "credentials.scheme is basic, expected {not: basic}"), {"credentials": {"not": "basic"}}),
    ],
)  # fmt: skip
def test_verdicts(expected: tuple[int, str], written: object) -> None:
    """A verdict counts the conditions that held and tells why the first other one failed."""
    assert expected == verdict(match(written), SEEN)


def test_long_and_odd_values_are_shown_short() -> None:
    """A reason stays one short line."""
    seen = replace(SEEN, body={"memo": "가\n" * 100})
    held, reason = verdict(match({"body": {"memo": "x"}}), seen)
    assert (0, True) == (held, reason.startswith("body.memo is 가\\n가\\n"))
    assert len(reason) < 160
    assert reason.isprintable()


@pytest.mark.parametrize("name", ["secretKey", "CARDNO", "cardPw", "accessToken", "encData"])
def test_secrets_are_not_shown(name: str) -> None:
    """What by its name is secret never reaches a report."""
    seen = replace(SEEN, body={name: "4111"}, query={name: "4111"})
    for where in ("body", "query"):
        assert (0, f"{where}.{name} is (hidden), expected x") == verdict(
            match({where: {name: "x"}}), seen
        )


@pytest.mark.parametrize("body", [None, [], "text", 5, True])
def test_bodies_that_are_no_objects(body: Any) -> None:
    """A call without a JSON object has no fields."""
    assert (0, "body.amount is missing, expected 5") == verdict(
        match({"body": {"amount": 5}}), replace(SEEN, body=body)
    )
    assert (1, "") == verdict(match({"body": {"amount": "missing"}}), replace(SEEN, body=body))


def test_nobody_called() -> None:
    """A call without credentials names no client."""
    seen = replace(SEEN, scheme="none", client="")
    assert (2, "") == verdict(match({"credentials": {"scheme": "none", "client": "missing"}}), seen)


@pytest.mark.parametrize(
    ("value", "path"), [(None, "x"), ("null", "reason"), (0, "card.quota"), ("pen", "goods.0.name"), (None, "goods.x"), (None, "goods.99999999999999999999")]
)  # fmt: skip
def test_find(value: Any, path: str) -> None:
    """A dotted path reaches into objects and lists; null is a value, absence is none."""
    assert value == find(SEEN.body, path)


@pytest.mark.parametrize(
    ("text", "value"), [("a", "a"), ("1", 1), ("1.5", 1.5), ("true", True), ('["가",1]', ["가", 1])]
)
def test_text_form(text: str, value: Any) -> None:
    """A JSON value as the text that conditions see."""
    assert text == text_form(value)


def test_hostile_globs_are_quick() -> None:
    """No pattern of stars takes long, however the value looks."""
    started = time.perf_counter()
    assert glob_regex("*a*a*a*a*a*a*a*a*b").fullmatch("a" * 50_000) is None
    assert time.perf_counter() - started < 2
