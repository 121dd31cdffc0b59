"""The merchant that tests hold in their hands, in this process and on a server elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_nicepay.front.handle import (
    Gateway,
    Nicepay,
    NicepayError,
    broken_expectations,
    gateway_at,
    gateway_here,
    journal_text,
)
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.front.transports import intercept
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

HANG = "version: 1\nname: hang-once\nrules:\n  - {call: token.issue, times: 1, reply: hang}\n"
WANTS_TWO = """
version: 1
name: wants-two
rules:
  - {call: token.issue, match: {header: {X-Try: "2"}}, reply: {code: U104}}
  - {call: payments.get, reply: hang}
expect:
  - {called: token.issue, times: 2}
  - {never: payments.get}
"""
SMALL = {"version": 1, "name": "from-a-dict", "rules": [{"call": "token.issue", "reply": "empty"}]}


def quiet(**options: Any) -> Settings:
    """Settings that no environment touches."""
    return Settings.read({"self_check": True, "log": "quiet", **options}, environment={})


@pytest.fixture(scope="module")
def gateways() -> Iterator[dict[str, Gateway]]:
    """The same kind of gateway in this process and on a server elsewhere."""
    here = Sandbox(quiet())
    with BackgroundServer(Sandbox(quiet())) as server, intercept(here, ["here.test"]):
        yield {"here": gateway_here(here, "http://here.test"), "elsewhere": gateway_at(server.url)}


@pytest.fixture(params=["here", "elsewhere"])
def merchant(request: pytest.FixtureRequest, gateways: dict[str, Gateway]) -> Nicepay:
    """A fresh merchant; everything holds in this process and on a server elsewhere."""
    return gateways[request.param].merchant()


def token(merchant: Nicepay, **options: Any) -> requests.Response:
    """Ask for an access token."""
    return requests.post(f"{merchant.url}/v1/access-token", auth=merchant.auth, **options)


def test_a_merchant_gets_a_token(merchant: Nicepay) -> None:
    """Its key pair opens the gateway at its address."""
    assert "0000" == token(merchant).json()["resultCode"]
    assert (merchant.client_id, merchant.secret_key) == merchant.auth


def test_the_secret_is_not_shown(merchant: Nicepay) -> None:
    """What stands in a failing test's output names the merchant only."""
    assert merchant.secret_key not in repr(merchant)
    assert merchant.client_id in repr(merchant)


def test_time_moves(merchant: Nicepay) -> None:
    """After 31 minutes the token has expired; the clock stands where it was set."""
    merchant.clock("2023-02-28T12:00:00+0900")
    first = token(merchant).json()
    merchant.advance(minutes=30, seconds=60)
    assert ["expired"] == [each["state"] for each in merchant.tokens]
    second = token(merchant).json()
    assert "2023-02-28T12:31:00.000+0900" == second["now"]
    assert first["accessToken"] != second["accessToken"]


@pytest.mark.parametrize(
    ("spans", "moved_to"),
    [
        ({"days": 1, "hours": 2}, "2023-03-01T14:00:00.000+0900"),
        ({"minutes": 0.5, "milliseconds": 250}, "2023-02-28T12:00:30.250+0900"),
        ({"seconds": 0}, "2023-02-28T12:00:00.000+0900"),
    ],
)
def test_time_moves_by_any_unit(merchant: Nicepay, spans: dict[str, float], moved_to: str) -> None:
    """Units add up, parts of one count."""
    merchant.clock("2023-02-28T12:00:00+0900").advance(**spans)
    assert moved_to == token(merchant).json()["now"]


def test_the_journal_has_the_merchants_calls(merchant: Nicepay) -> None:
    """Newest first, and nobody else's."""
    token(merchant)
    requests.get(f"{merchant.url}/v1/payments/nothing", auth=merchant.auth)
    assert ["payments.get", "token.issue"] == [entry["call"] for entry in merchant.journal]


def test_reset_forgets(merchant: Nicepay) -> None:
    """Journal, tokens, scenario and clock are as at the beginning; the keys stay."""
    merchant.scenario(WANTS_TWO).clock("2023-02-28T12:00:00+0900")
    token(merchant)
    merchant.scenario(HANG).reset()
    assert ([], [], {"ok": True, "scenarios": []}) == (
        merchant.journal,
        merchant.tokens,
        merchant.report,
    )
    assert not token(merchant).json()["now"].startswith("2023")


@pytest.mark.parametrize("form", ["yaml", "json", "dict", "path", "path as text"])
def test_a_scenario_comes_in_many_forms(merchant: Nicepay, form: str, tmp_path: Path) -> None:
    """Text, a dict, and a file by its path all play."""
    file = tmp_path / "한글 이름.yaml"
    file.write_text(HANG, "utf-8")
    forms: dict[str, Any] = {
        "yaml": HANG,
        "json": '{"version": 1, "name": "x", "rules": []}',
        "dict": SMALL,
        "path": file,
        "path as text": str(file),
    }
    name = {"json": "x", "dict": "from-a-dict"}.get(form, "hang-once")
    merchant.scenario(forms[form])
    assert [name] == [row["scenario"] for row in merchant.report["scenarios"]]


def test_a_ready_made_scenario_plays_by_name(tmp_path: Path) -> None:
    """A name without more is one of the library, or one given at start."""
    file = tmp_path / "given.yaml"
    file.write_text(WANTS_TWO, "utf-8")
    gateway = gateway_here(Sandbox(quiet(scenario=[str(file)])), "http://x")
    report = gateway.merchant(scenario="wants-two").report
    assert ["wants-two", "wants-two"] == [row["scenario"] for row in report["scenarios"]]


def test_types_in_a_dict_are_kept(merchant: Nicepay) -> None:
    """None drops a key, and a bool or a number keeps its type, whatever it replaces."""
    rule = {"call": "token.issue", "patch": {"now": None, "tokenType": "bearer", "expiredAt": True}}
    merchant.scenario({"version": 1, "name": "patched", "rules": [rule]})
    answer = token(merchant).json()
    assert ("bearer", True, False) == (answer["tokenType"], answer["expiredAt"], "now" in answer)


BROKEN = "version: 1\nname: broken\nrules:\n  - {call: token.isue}\n  - {reply: hang}\n"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (BROKEN, ["<scenario>:4:12: ", "token.issue", "<scenario>:5:"]),
        (
            {"version": 1, "name": "x", "rules": [{"call": "token.isue"}]},
            [":6:15: ", "token.issue"],
        ),
        ({"version": 1, "name": {1, 2}}, ["set is not json serializable"]),
        ("no-such-scenario", ["there is no scenario 'no-such-scenario'"]),
        ("missing.yaml", ["missing.yaml: no such file or directory"]),
        (Path("."), [".: is a directory"]),
    ],
    ids=["text", "dict", "no JSON", "name", "file", "directory"],
)
def test_a_scenario_that_cannot_be_played_says_why(
    merchant: Nicepay, source: Any, told: list[str]
) -> None:
    """Every mistake, with its place and the nearest word."""
    with pytest.raises(NicepayError) as caught:
        merchant.scenario(source)
    assert [part for part in told if part in str(caught.value)] == told


def test_a_mistake_in_a_file_is_told_with_the_file(merchant: Nicepay, tmp_path: Path) -> None:
    """So that an editor can jump there."""
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN, "utf-8")
    with pytest.raises(NicepayError) as caught:
        merchant.scenario(file)
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{file}:4:12: ")
    assert second.startswith(f"{file}:5:")
    assert [4, 5] == [problem["line"] for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda m: m.advance(), "say how far"),
        (lambda m: m.advance(minutes=-1), "expected a number of 0 or more"),
        (lambda m: m.clock("tomorrow"), "'tomorrow' is not a clock setting"),
    ],
)
def test_a_wrong_time_says_what_would_be_right(merchant: Nicepay, ask: Any, told: str) -> None:
    """The control plane's own words."""
    with pytest.raises(NicepayError, match=told):
        ask(merchant)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"edition": "unoin"}, "edition is 'unoin'; expected one of union, manual, gateway"),
        ({"window": "browser"}, "window is 'browser'; expected one of server, client"),
        ({"auth_type": "bearer"}, "authType is 'bearer'; expected one of any, basic, token"),
        ({"clock": "noon"}, "'noon' is not a clock setting"),
        ({"scenarios": "x"}, "there is no 'scenarios'; did you mean scenario?"),
        ({"colour": 1}, "the words are scenario, edition, clock, window, auth_type"),
    ],
)
def test_an_impossible_merchant_says_why(
    gateways: dict[str, Gateway], words: dict[str, Any], told: str
) -> None:
    """Unknown words and impossible values, with what would be right."""
    with pytest.raises(NicepayError) as caught:
        gateways["here"].merchant(**words)
    assert told in str(caught.value)


def test_a_merchant_may_be_made_to_measure(gateways: dict[str, Gateway]) -> None:
    """Window, authorization type, edition, clock and scenario are there from the first call."""
    merchant = gateways["elsewhere"].merchant(
        window="client",
        auth_type="any",
        edition="gateway",
        clock="2023-02-28T12:00:00+0900",
        scenario={
            "version": 1,
            "name": "later",
            "timeline": [{"at": "+10m", "do": "token.expire"}],
        },
    )
    answer = token(merchant).json()
    assert merchant.client_id.startswith("S1_")
    assert "expiredAt" not in answer
    assert "2023-02-28T12:00:00.000+0900" == answer["now"]
    merchant.advance(minutes=10)
    assert ["expired"] == [each["state"] for each in merchant.tokens]


# What was expected


def test_a_report_tells_what_was_expected_and_seen(merchant: Nicepay) -> None:
    """The expectation as written, what came instead, and the rules that never fired."""
    merchant.scenario(WANTS_TWO)
    token(merchant)
    told = broken_expectations(merchant.report)
    assert told.startswith("mock-nicepay: 1 of 2 expectations failed\n")
    assert "scenario wants-two" in told
    assert "called once, expected 2" in told
    assert "never fired  line 5: token.issue" in told
    assert "closest call: token.issue /v1/access-token: " in told
    assert "never fired  line 6: payments.get" in told


def test_an_expectation_that_comes_true_is_not_told(merchant: Nicepay) -> None:
    """Nothing is said when all is well."""
    merchant.scenario(WANTS_TWO)
    token(merchant)
    token(merchant)
    assert "" == broken_expectations(merchant.report)
    assert merchant.report["ok"]


def test_the_expectations_of_a_replaced_scenario_count(merchant: Nicepay) -> None:
    """A second scenario does not hide what the first one waited for."""
    merchant.scenario(WANTS_TWO).scenario(HANG)
    report = merchant.report
    assert ["hang-once", "wants-two"] == [row["scenario"] for row in report["scenarios"]]
    assert not report["ok"]


def test_a_refused_scenario_leaves_the_first_in_play(merchant: Nicepay) -> None:
    """After a mistake the report is the same as before."""
    merchant.scenario(HANG)
    with pytest.raises(NicepayError):
        merchant.scenario(BROKEN)
    assert ["hang-once"] == [row["scenario"] for row in merchant.report["scenarios"]]


# The journal, for people


def test_a_journal_is_told_with_the_diagnosis(merchant: Nicepay) -> None:
    """Time, call, status, code, the rule that fired, and the cause."""
    merchant.clock("2023-02-28T12:53:17.657+0900").scenario(
        "version: 1\nname: no\nrules:\n  - {call: token.issue, times: 1, reply: {code: U104}}\n"
    )
    token(merchant)
    requests.post(f"{merchant.url}/v1/access-token?a=b", auth=(merchant.client_id, "wrong"))
    first, second, cause = journal_text(merchant.journal).splitlines()
    assert first.startswith("12:53:17.657 POST /v1/access-token 401 U104 [no, line 4: token.issue")
    assert second.startswith("12:53:17.657 POST /v1/access-token?a=b 401 U116")
    assert cause.startswith("    ")


def test_a_long_journal_is_cut(merchant: Nicepay) -> None:
    """The last ten calls, and how many there were before."""
    for _ in range(12):
        token(merchant)
    lines = journal_text(merchant.journal).splitlines()
    assert (11, "(2 earlier calls)") == (len(lines), lines[0])


def test_a_journal_cannot_steer_a_terminal(merchant: Nicepay) -> None:
    """Control characters of a path are written out."""
    requests.get(f"{merchant.url}/v1/payments/%1b%5B2J%0A", auth=merchant.auth)
    first = journal_text(merchant.journal).splitlines()[0]
    assert "GET /v1/payments/\\x1b[2J\\n 404 U107" in first


def test_no_call_is_said() -> None:
    """A test may fail before its first call."""
    assert "no call" == journal_text([])


# Servers elsewhere


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("localhost:8090", "is not an address; write one such as http://127.0.0.1:8090"),
        ("ftp://127.0.0.1", "is not an address"),
        ("http://", "is not an address"),
        ("http://127.0.0.1:1", "no mock-nicepay answers at http://127.0.0.1:1"),
    ],
)
def test_a_server_that_is_not_there_says_so(url: str, told: str) -> None:
    """With the address, and how to start one."""
    with pytest.raises(NicepayError, match=told):
        gateway_at(url)


def test_the_admin_key_is_sent(gateways: dict[str, Gateway]) -> None:
    """A server that asks for a key gets it; without it the refusal says what is missing."""
    with BackgroundServer(Sandbox(quiet(admin_key="open"))) as server:
        assert gateway_at(server.url + "/", "open").merchant().journal == []
        with pytest.raises(NicepayError, match="needs the admin key"):
            gateway_at(server.url)
    guarded = gateway_here(Sandbox(quiet(admin_key="열려라")), "http://x")
    assert guarded.merchant().journal == []


@pytest.mark.parametrize("path", ["/v1", "/v1/access-token?"])
def test_what_is_no_mock_is_recognised(live: BackgroundServer, path: str) -> None:
    """An address where something else answers: here, the gateway's own refusals."""
    with pytest.raises(NicepayError, match=r"the server is not mock-nicepay: .* gave HTTP 40"):
        gateway_at(live.url + path)
