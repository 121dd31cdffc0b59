"""The pytest plugin, by running pytest inside pytest."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# A run in this process forgets the modules it was first to import, and a library must not be
# loaded twice: all that the runs use is loaded here.
import mock_nicepay.front.testing.httpx_transport
import mock_nicepay.front.testing.requests_transport  # noqa: F401
from mock_nicepay.front.handle import WORDS, Nicepay, gateway_at
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

Result = pytest.RunResult
Run = Callable[..., Result]  # takes the tests' source and options

CALLS = """
import pytest
import requests

def token(nicepay, **options):
    return requests.post(nicepay.url + "/v1/access-token", auth=nicepay.auth, **options)

WANTS_TWO = '''
version: 1
name: wants-two
rules:
  - {call: token.issue, match: {header: {X-Try: "2"}}, reply: hang}
expect:
  - {called: token.issue, times: 2}
'''
"""


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    """A server that runs of pytest are pointed at."""
    settings = Settings.read({"self_check": True, "log": "quiet"}, environment={})
    with BackgroundServer(Sandbox(settings)) as running:
        yield running


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run tests, given as source, in this process."""
    monkeypatch.delenv("MOCK_NICEPAY_URL", raising=False)

    def run(source: str, *options: str) -> Result:
        pytester.makepyfile(source if "import requests" in source else CALLS + source)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)

    return run


def lines(result: Result) -> str:
    """What the run printed."""
    return "\n".join(result.outlines)


# What it costs


def test_loading_the_plugin_imports_nothing_else() -> None:
    """A run that uses no fixture of ours pays for this one small module."""
    code = (
        "import pytest, sys; before = set(sys.modules); "
        "import mock_nicepay.front.pytest_plugin; print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = ["mock_nicepay", "mock_nicepay.front", "mock_nicepay.front.pytest_plugin"]
    assert expected == done.stdout.split()


def test_a_run_without_the_fixtures_loads_nothing(pytester: pytest.Pytester) -> None:
    """Neither sandbox nor server is imported by a run that does not use them."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            ours = sorted(name for name in sys.modules if name.startswith("mock_nicepay"))
            assert ours == ["mock_nicepay", "mock_nicepay.front", "mock_nicepay.front.pytest_plugin"]
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


# The fixtures


def test_a_test_gets_a_merchant_on_a_server(run: Run) -> None:
    """The server answers over a socket; each test has a merchant of its own."""
    result = run(
        """
ids = set()

@pytest.mark.parametrize("turn", [1, 2])
def test_token(nicepay, nicepay_server, turn):
    assert nicepay.url == nicepay_server.url and nicepay.url.startswith("http://127.0.0.1:")
    assert nicepay_server.sandbox is not None
    assert token(nicepay).json()["resultCode"] == "0000"
    assert len(nicepay.journal) == 1
    ids.add(nicepay.client_id)
    assert len(ids) == turn

def test_more_merchants(nicepay, nicepay_server):
    other = nicepay_server.merchant(window="client")
    assert token(other).ok and other.client_id != nicepay.client_id
"""
    )
    result.assert_outcomes(passed=3)


def test_the_offline_merchant_needs_no_socket(run: Run) -> None:
    """Both hosts are answered in process, by requests and httpx, while sockets are forbidden."""
    result = run(
        """
import asyncio
import socket
import httpx

def test_offline(nicepay_offline, monkeypatch):
    def refuse(*args):
        raise AssertionError("a socket was used")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert nicepay_offline.url == "https://api.nicepay.co.kr"
    assert token(nicepay_offline).ok
    other = "https://sandbox-api.nicepay.co.kr/v1/access-token"
    assert httpx.post(other, auth=nicepay_offline.auth).is_success

    async def call():
        async with httpx.AsyncClient() as client:
            return await client.post(other, auth=nicepay_offline.auth)
    assert asyncio.run(call()).is_success
    assert len(nicepay_offline.journal) == 3

def test_lost(nicepay_offline):
    nicepay_offline.scenario({"version": 1, "name": "x",
        "rules": [{"call": "token.issue", "reply": "hang"}]})
    with pytest.raises(requests.ReadTimeout):
        token(nicepay_offline, timeout=60)

def test_afterwards(monkeypatch):
    from requests.adapters import HTTPAdapter
    assert not hasattr(HTTPAdapter.send, "turning")
"""
    )
    result.assert_outcomes(passed=3)


def test_the_fixtures_explain_themselves(run: Run) -> None:
    """`pytest --fixtures` and `--markers` show them; what is private is not shown."""
    shown = lines(run("", "--fixtures"))
    for name in ("nicepay --", "nicepay_offline --", "nicepay_server [session scope] --"):
        assert name in shown
    assert "_nicepay_gateway" not in shown
    marker = "@pytest.mark.nicepay(scenario=..., edition=..., clock=..., window=..., auth_type=...)"
    assert marker in lines(run("", "--markers"))


# Expectations


def test_a_broken_expectation_fails_the_test_at_its_end(run: Run, server: BackgroundServer) -> None:
    """With the expectation, what was seen, and the rule that never fired; no stack trace."""
    result = run(
        """
def test_once(nicepay):
    nicepay.scenario(WANTS_TWO)
    token(nicepay)
""",
        f"--nicepay-url={server.url}",
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_once*",
            "mock-nicepay: 1 of 1 expectation failed",
            "scenario wants-two (*), merchant S2_*",
            "  expected  called: token.issue, times: 2",
            "  seen      called once, expected 2*",
            "  never fired  line 5: token.issue*hang",
            "*closest call: token.issue /v1/access-token: header.x-try is missing, expected 2",
            "*nicepay journal*",
            "*POST /v1/access-token 200 0000",
        ]
    )
    assert "Traceback" not in lines(result)


def test_an_expectation_that_comes_true_says_nothing(run: Run, server: BackgroundServer) -> None:
    """Also when the scenario is the marker's, and another has taken its place since."""
    result = run(
        """
@pytest.mark.nicepay(scenario=WANTS_TWO)
def test_twice(nicepay):
    token(nicepay), token(nicepay)
    nicepay.scenario("success")
""",
        f"--nicepay-url={server.url}",
    )
    result.assert_outcomes(passed=1)


def test_a_test_that_does_not_pass_is_not_judged(run: Run, server: BackgroundServer) -> None:
    """What a failed, skipped or expectedly failing test did not come to do says nothing."""
    result = run(
        """
pytestmark = pytest.mark.nicepay(scenario=WANTS_TWO)

def test_fails(nicepay):
    assert False

def test_skips(nicepay):
    raise pytest.skip.Exception("not today")

def test_is_expected_to_fail(nicepay):
    raise pytest.xfail.Exception("not yet")
""",
        f"--nicepay-url={server.url}",
    )
    result.assert_outcomes(failed=1, skipped=1, xfailed=1)


# The journal of a failing test


def test_a_failing_test_shows_its_last_calls(run: Run, server: BackgroundServer) -> None:
    """Ten of twelve, with the diagnosis; a passing test shows nothing."""
    result = run(
        """
def test_fails(nicepay):
    for _ in range(11):
        token(nicepay)
    requests.post(nicepay.url + "/v1/access-token", auth=(nicepay.client_id, "wrong"))
    assert False, "on purpose"

def test_passes(nicepay):
    token(nicepay)
""",
        f"--nicepay-url={server.url}",
    )
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*- nicepay journal -*", "(2 earlier calls)", "*POST /v1/access-token 401 U116", "    *"]
    )
    printed = lines(result)
    assert (1, 9) == (printed.count("nicepay journal"), printed.count("/v1/access-token 200 0000"))


def test_a_failing_test_shows_calls_that_belong_to_nobody(run: Run) -> None:
    """A forgotten login is the commonest mistake; calls of other tests are not shown."""
    result = run(
        """
def test_before(nicepay_offline):
    requests.post(nicepay_offline.url + "/v1/access-token")

def test_fails(nicepay_offline):
    requests.get(nicepay_offline.url + "/v1/payments/x")
    assert False, "on purpose"
"""
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*- nicepay journal -*", "no call", "*of unknown keys*", "*GET /v1/payments/x 401 U104"]
    )
    assert "POST /v1/access-token 401" not in lines(result)


def test_a_failure_of_another_fixture_shows_the_calls_too(
    run: Run, server: BackgroundServer
) -> None:
    """A set-up that talks to the gateway and fails is a failing test like any other."""
    result = run(
        """
@pytest.fixture
def shop(nicepay):
    token(nicepay)
    raise RuntimeError("no shop today")

def test_shop(shop):
    pass
""",
        f"--nicepay-url={server.url}",
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*nicepay journal*", "*POST /v1/access-token 200 0000"])


def test_a_journal_that_cannot_be_read_is_no_second_failure(run: Run) -> None:
    """The server may be gone by then: the report says so and stays what it was."""
    result = run(
        """
def test_fails(nicepay, monkeypatch):
    from mock_nicepay.front import handle
    def gone(*args, **options):
        raise handle.NicepayError("the server is gone")
    monkeypatch.setattr(handle.ControlPlane, "ask", gone)
    nicepay_gone = nicepay
    pytest.fail("on purpose")
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*nicepay journal*", "it cannot be read: the server is gone"])


# The marker


def test_the_marker_makes_the_merchant(run: Run, server: BackgroundServer) -> None:
    """A test's own words win over those of its class, and both over the module's."""
    result = run(
        """
pytestmark = pytest.mark.nicepay(clock="2023-02-28T12:00:00+0900", edition="manual")

@pytest.mark.nicepay(window="client", edition="gateway")
class TestShop:
    def test_class(self, nicepay):
        answer = token(nicepay).json()
        assert nicepay.client_id.startswith("S1_")
        assert answer["now"] == "2023-02-28T12:00:00.000+0900"
        assert "expireAt" in answer and "expiredAt" not in answer

    @pytest.mark.nicepay(edition="manual", auth_type="basic")
    def test_own(self, nicepay):
        assert nicepay.client_id.startswith("S1_")
        assert token(nicepay).json()["resultCode"] == "U103"

@pytest.mark.nicepay(scenario={"version": 1, "name": "x",
    "rules": [{"call": "token.issue", "reply": {"code": "U104"}}]})
def test_scenario(nicepay, nicepay_offline):
    assert token(nicepay).json()["resultCode"] == "U104"
    assert token(nicepay_offline).json()["resultCode"] == "U104"
""",
        f"--nicepay-url={server.url}",
        "--strict-markers",
    )
    result.assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("scenaro='x'", "there is no 'scenaro'; did you mean scenario?"),
        ("'success'", "'success' has no name; write scenario=... (or edition, clock, window, *)"),
        ("edition='unoin'", "edition is 'unoin'; expected one of union, manual, gateway"),
        ("clock='noon'", "'noon' is not a clock setting: write `real`, *"),
        ("scenario='sucess'", "there is no scenario 'sucess'; did you mean success? *"),
        ("scenario='rules: [{cal: x}]'", "<scenario>:1:1: `version` is missing in a scenario"),
    ],
)
def test_a_wrong_marker_is_told_in_one_line(
    run: Run, server: BackgroundServer, marker: str, told: str
) -> None:
    """What was wrong, where, and what would be right; without a stack trace."""
    source = f"\n@pytest.mark.nicepay({marker})\ndef test_marked(nicepay):\n    pass\n"
    result = run(source, f"--nicepay-url={server.url}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"@pytest.mark.nicepay: {told}"])
    assert "pytest_plugin.py" not in lines(result)
    assert "During handling" not in lines(result)


# Another server


USES_SERVER = (
    "\ndef test_server(nicepay, nicepay_server):\n    print(nicepay_server)\n    token(nicepay)\n"
)


def test_the_environment_names_a_server(
    run: Run, server: BackgroundServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MOCK_NICEPAY_URL does what --nicepay-url does."""
    monkeypatch.setenv("MOCK_NICEPAY_URL", f"{server.url}/")
    result = run(USES_SERVER, "-rP")
    result.assert_outcomes(passed=1)
    assert f"Gateway(url='{server.url}', sandbox=None)" in lines(result)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("localhost:1", "'localhost:1' is not an address; write one such as http://127.0.0.1:8090"),
        ("http://127.0.0.1:1", "no mock-nicepay answers at http://127.0.0.1:1 (*serve`"),
    ],
)
def test_a_server_that_is_not_there_is_told_in_one_line(run: Run, url: str, told: str) -> None:
    """The option is named, and how to start a server."""
    result = run(USES_SERVER, f"--nicepay-url={url}")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"--nicepay-url: {told}"])
    assert "pytest_plugin.py" not in lines(result)


@pytest.mark.parametrize("fixture", ["nicepay", "nicepay_offline"])
def test_a_wrong_setting_is_told_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, fixture: str
) -> None:
    """Settings come from the environment; a wrong one is named as it was given."""
    monkeypatch.setenv("MOCK_NICEPAY_EDITION", "unoin")
    result = run(f"\ndef test_setting({fixture}):\n    pass\n")
    result.assert_outcomes(errors=1)
    told = "mock-nicepay: MOCK_NICEPAY_EDITION: 'unoin' is none of union, manual, gateway*"
    result.stdout.fnmatch_lines([told])


def test_the_admin_key_comes_from_the_environment(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server elsewhere that asks for one is satisfied."""
    monkeypatch.setenv("MOCK_NICEPAY_ADMIN_KEY", "open-sesame")
    settings = Settings.read({"admin_key": "open-sesame", "log": "quiet"}, environment={})
    with BackgroundServer(Sandbox(settings)) as server:
        run(USES_SERVER, f"--nicepay-url={server.url}").assert_outcomes(passed=1)
    source = "\ndef test_offline(nicepay_offline):\n    assert nicepay_offline.journal == []\n"
    run(source).assert_outcomes(passed=1)


@pytest.mark.slow
def test_twelve_processes_share_a_server_and_never_meet(
    pytester: pytest.Pytester, server: BackgroundServer
) -> None:
    """Each test sees its own calls, its own time and its own scenario, whatever the others do."""
    pytester.makepyfile(
        CALLS
        + """
@pytest.mark.parametrize("turn", range(48))
def test_alone(nicepay, turn, worker_id, tmp_path_factory):
    assert nicepay.journal == []
    moment = f"2023-02-28T12:{turn:02}:00.000+0900"
    nicepay.clock(moment)
    if turn % 3 == 0:
        nicepay.scenario("version: 1\\nname: t%d\\nrules: "
                         "[{call: token.issue, reply: {code: U104}}]" % turn)
    for _ in range(turn % 5 + 1):
        answer = token(nicepay).json()
        assert answer["resultCode"] == ("U104" if turn % 3 == 0 else "0000")
        assert answer.get("now", moment) == moment
    assert len(nicepay.journal) == turn % 5 + 1
    nicepay.advance(minutes=31)
    assert len(nicepay.report["scenarios"]) == (turn % 3 == 0)
    nicepay.reset()
    assert nicepay.journal == []
    (tmp_path_factory.getbasetemp().parent / f"key-{nicepay.client_id}").write_text(worker_id)
"""
    )
    before = len(_merchants(server))
    result = pytester.runpytest_subprocess(
        "-n12", "-p", "no:cacheprovider", "-p", "no:faker", f"--nicepay-url={server.url}"
    )
    result.assert_outcomes(passed=48)
    left = [path.read_text() for path in Path(pytester.path).parent.rglob("key-*")]
    assert (48, 12) == (len(left), len(set(left)))
    assert 48 == len(_merchants(server)) - before


def _merchants(server: BackgroundServer) -> list[object]:
    """The merchants of a server."""
    found: list[object] = gateway_at(server.url).control.ask("GET", "/merchants")["merchants"]
    return found


# The documentation


PAGE = Path(__file__).parents[2] / "docs" / "pytest.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_documentation_passes(
    run: Run, server: BackgroundServer, number: int
) -> None:
    """Each block of Python is a file of tests, as it stands."""
    result = run(EXAMPLES[number], f"--nicepay-url={server.url}", "--strict-markers")
    outcomes = result.parseoutcomes()
    assert {"passed": EXAMPLES[number].count("def test_")} == outcomes


def test_the_documentation_names_everything() -> None:
    """Each name of the merchant, each word of the marker, each fixture and transport."""
    page = PAGE.read_text("utf-8")
    public = [name for name in vars(Nicepay) if not name.startswith("_")]
    slots = [name for name in Nicepay.__slots__ if not name.startswith("_")]
    doors = ["requests_session", "requests_adapter", "httpx_transport", "httpx_async_transport"]
    for name in {*public, *slots, *WORDS, *doors, "intercept", "nicepay_server", "nicepay_offline"}:
        assert re.search(rf"`{name}\b", page), name
