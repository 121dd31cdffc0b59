"""The texts payers agree to, over the API."""

import pytest
from till import Till

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.contract.terms import TITLES

KINDS = tuple(TITLES)


@pytest.fixture(scope="module")
def till() -> Till:
    """A merchant that only asks."""
    return Till()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_text(kind: str, till: Till) -> None:
    """In Korean, within 30,000 bytes, in several lines, and it says what it is."""
    status, answer = till.ask("GET", "/v1/terms", query=f"termsType={kind}")

    assert (200, "0000", TITLES[kind]) == (status, answer["resultCode"], answer["termsTitle"])
    assert 1_500 < len(answer["content"].encode()) <= 30_000
    assert answer["content"].startswith(f"[견본] {TITLES[kind]}\n")
    assert "실제 약관이 아니며 법적 효력이 없습니다" in answer["content"]
    assert 15 < answer["content"].count("\n")


def test_one_of_them_fills_the_limit(till: Till) -> None:
    """So that a layout meets the longest there can be."""
    answers = [till.ask("GET", "/v1/terms", query=f"termsType={kind}")[1] for kind in KINDS]

    assert 29_000 < max(len(each["content"].encode()) for each in answers)
    assert len(KINDS) == len({each["content"] for each in answers})


@pytest.mark.parametrize("kind", KINDS)
def test_they_survive_euc_kr(kind: str, till: Till) -> None:
    """No character is lost."""
    query = f"termsType={kind}&returnCharSet=euc-kr"
    reply = till.sandbox.handle(Request("GET", "/v1/terms", query, till.login))
    plain = till.ask("GET", "/v1/terms", query=f"termsType={kind}")[1]["content"]

    assert "application/json;charset=euc-kr" == reply.header("content-type")
    assert plain.replace("\n", "\\n") in reply.body.decode("cp949")


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        ("U100", ""),
        ("U100", "termsType="),
        ("U132", "termsType=Privacy"),
        ("U132", "termsType=collectpersonalinfo"),
        ("U105", "termsType=" + "x" * 51),
    ],
)
def test_another_kind_there_is_not(expected: str, query: str, till: Till) -> None:
    """The four words are all."""
    assert expected == till.ask("GET", "/v1/terms", query=query)[1]["resultCode"]


@pytest.mark.parametrize(
    ("expected", "query"),
    [("was not sent", ""), ("was sent, but empty or null", "termsType=")],
)
def test_an_empty_kind_is_told_from_none(expected: str, query: str, till: Till) -> None:
    """In the journal; the answer is the same."""
    till.ask("GET", "/v1/terms", query=query)
    entry = till.sandbox.journal(till.merchant.client_id)[0].to_json()

    assert f"termsType {expected}" == entry["diagnosis"]["en"]


def test_nicepays_sandbox_has_none() -> None:
    """403."""
    status, answer = Till(sandbox_limits="yes").ask("GET", "/v1/terms", query="termsType=x")

    assert (403, "U109") == (status, answer["resultCode"])
