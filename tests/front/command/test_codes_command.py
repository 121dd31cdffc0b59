"""`mock-nicepay codes`: by code, by its beginning, by words in both languages, by call."""

from collections.abc import Callable

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.possible import common_codes, own_codes
from mock_nicepay.front.command import cli

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run `codes` in this process: status, stdout, stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["codes", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def keys(out: str) -> list[str]:
    """The first column."""
    return [line.split("\t")[0] for line in out.splitlines()]


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (["3011"], ["3011"]),
        (["F110", "F111", "F112"], ["f11"]),
        (["2011", "cancel/2011"], ["2011"]),
        (["cancel/2011", "cancel/2012"], ["cancel/"]),
        (["3011"], ["카드번호"]),
        (["3011"], ["CARD", "number", "error"]),
    ],
)
def test_the_likeliest_comes_first(ask: Ask, expected: list[str], words: list[str]) -> None:
    """An exact code, then codes that begin with the text, then codes whose text has the words."""
    status, out, _ = ask(*words)

    assert (0, expected) == (status, keys(out)[: len(expected)])


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: str(each.name))
def test_the_codes_of_a_call(ask: Ask, endpoint: Endpoint) -> None:
    """Its own first, then those that all such calls may answer."""
    rows = [*own_codes(endpoint), *common_codes(endpoint)]
    status, out, _ = ask("--call", endpoint.name)

    assert (0, [row.key for row in rows]) == (status, keys(out))


def test_words_narrow_a_calls_codes(ask: Ask) -> None:
    """TEXT and --call can be combined."""
    found = ["U319"]

    assert found == keys(ask("--call", "payments.cancel", "면세금액이", "취소가능한")[1])


@pytest.mark.parametrize(
    ("status", "expected", "arguments"),
    [
        (1, "no result code has 'U1O4'; the nearest codes are U104", ["U1O4"]),
        (1, "no result code at payments.get has '3011'", ["--call", "payments.get", "3011"]),
        (
            2,
            "there is no call 'payment.get'; did you mean payments.get?",
            ["--call", "payment.get"],
        ),
        (2, "there is no call 'zzz'; there are token.issue, ", ["--call", "zzz"]),
    ],
)
def test_nothing_found_is_told(ask: Ask, status: int, expected: str, arguments: list[str]) -> None:
    """With the nearest codes."""
    found, out, err = ask(*arguments)

    assert (status, "") == (found, out)
    assert expected in err
