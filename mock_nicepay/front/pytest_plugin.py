"""The pytest plugin: the fixtures `nicepay`, `nicepay_server`, `nicepay_offline` and the marker.

pytest loads it in every run where mock-nicepay is installed. So it imports only pytest until a
fixture is used.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mock_nicepay.front.handle import Gateway, Nicepay
    from mock_nicepay.settings import Settings

GATEWAY_URL = "https://api.nicepay.co.kr"


class _Watch:
    """The merchants of one test, and whether the test itself passed."""

    def __init__(self) -> None:
        self.merchants: list[Nicepay] = []
        self.passed = False


_WATCH = pytest.StashKey[_Watch]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--nicepay-url`."""
    parser.getgroup("mock-nicepay").addoption(
        "--nicepay-url",
        metavar="URL",
        default="",
        help="use the mock-nicepay server at URL instead of starting one (or MOCK_NICEPAY_URL)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "nicepay(scenario=..., edition=..., clock=..., window=..., auth_type=...): "
        "the merchant that the fixtures nicepay and nicepay_offline make for this test",
    )


@pytest.fixture(scope="session")
def nicepay_server(pytestconfig: pytest.Config) -> Iterator[Gateway]:
    """A mock gateway at `.url` for the whole run: started here, or the server given by --nicepay-url.

    `.sandbox` is None for a server elsewhere. `.merchant(...)` makes a further merchant; it takes
    the keywords of the marker.
    """
    from mock_nicepay.front.handle import gateway_at, gateway_here
    from mock_nicepay.settings import running_server_url

    with _said_plainly():
        settings = _settings()
        given = pytestconfig.getoption("nicepay_url")
        url = given or running_server_url()
    if url:
        with _said_plainly("--nicepay-url" if given else "MOCK_NICEPAY_URL"):
            gateway = gateway_at(url, settings.admin_key)
        yield gateway
        return
    from mock_nicepay.front.server.server import BackgroundServer
    from mock_nicepay.sandbox import Sandbox

    with _said_plainly():
        sandbox = Sandbox(settings)
        server = BackgroundServer(sandbox)
    with server:
        yield gateway_here(sandbox, server.url)


@pytest.fixture(scope="session")
def _nicepay_gateway_offline() -> Iterator[Gateway]:
    """The gateway behind `nicepay_offline`: no server, no socket."""
    from mock_nicepay.front.handle import gateway_here
    from mock_nicepay.sandbox import Sandbox

    with _said_plainly():
        sandbox = Sandbox(_settings())
    yield gateway_here(sandbox, GATEWAY_URL)
    sandbox.close()


@pytest.fixture
def nicepay(request: pytest.FixtureRequest, nicepay_server: Gateway) -> Iterator[Nicepay]:
    """A fresh merchant on a running mock gateway.

    `.url .client_id .secret_key .auth .scenario(...) .advance(minutes=31) .clock(...) .journal
    .unknown_calls .report .tokens .reset()`. The test fails at its end when a scenario's
    expectation was not met.
    """
    yield from _merchant(request, nicepay_server)


@pytest.fixture
def nicepay_offline(
    request: pytest.FixtureRequest, _nicepay_gateway_offline: Gateway
) -> Iterator[Nicepay]:
    """A fresh merchant like `nicepay`, without a server.

    Calls of requests and httpx to https://api.nicepay.co.kr and
    https://sandbox-api.nicepay.co.kr are answered in this process.
    """
    from mock_nicepay.front.transports import intercept

    assert _nicepay_gateway_offline.sandbox is not None
    with intercept(_nicepay_gateway_offline.sandbox):
        yield from _merchant(request, _nicepay_gateway_offline)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Add a failing test's last calls to its report."""
    outcome = yield
    watch = item.stash.get(_WATCH, None)
    if watch is None:
        return
    report: pytest.TestReport = outcome.get_result()
    if report.when == "call":
        watch.passed = report.passed
    if report.failed:
        report.sections.extend(_sections(watch))
    if report.when == "teardown":
        del item.stash[_WATCH]


def _merchant(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Nicepay]:
    """A fresh merchant as the test's marker says; checks its expectations when the test ends."""
    from mock_nicepay.front.handle import broken_expectations

    with _said_plainly("@pytest.mark.nicepay"):
        merchant = gateway.merchant(**_marked(request))
    watch = request.node.stash.setdefault(_WATCH, _Watch())
    watch.merchants.append(merchant)
    try:
        yield merchant
        if watch.passed:  # a test that failed early cannot meet the expectations
            broken = broken_expectations(merchant.report)
            if broken:
                pytest.fail(broken, pytrace=False)
    finally:
        merchant.close()


def _marked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The markers' keywords; a test's own take precedence over those of its class and module."""
    from mock_nicepay.front.handle import WORDS, NicepayError

    words: dict[str, Any] = {}
    for marker in request.node.iter_markers("nicepay"):
        if marker.args:
            raise NicepayError(
                f"{marker.args[0]!r} has no name; write {WORDS[0]}=... (or {', '.join(WORDS[1:])})"
            )
        words = {**marker.kwargs, **words}
    return words


def _settings() -> Settings:
    from mock_nicepay.settings import Settings

    return Settings.read({})


def _sections(watch: _Watch) -> list[tuple[str, str]]:
    """The report sections of a failed test, for each merchant. Never raises `NicepayError`."""
    from mock_nicepay.front.handle import NicepayError, journal_text

    sections = []
    for merchant in watch.merchants:
        try:
            sections.append(("nicepay journal", journal_text(merchant.journal)))
            unknown = merchant.unknown_calls
        except NicepayError as error:
            sections.append(("nicepay journal", f"it cannot be read: {error}"))
            continue
        if unknown:
            sections.append(("nicepay journal of unknown keys", journal_text(unknown)))
    return sections


@contextmanager
def _said_plainly(where: str = "mock-nicepay") -> Iterator[None]:
    """Turn a user's mistake into a test failure with one message, without a stack trace."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, _mistakes()):
            raise
        # As `pytest.fail`, without "during handling of the above exception".
        raise pytest.fail.Exception(f"{where}: {error}", pytrace=False) from None


def _mistakes() -> tuple[type[Exception], ...]:
    """The exceptions that report a user's mistake."""
    from mock_nicepay.core.scenarios.language import ScenarioError
    from mock_nicepay.front.handle import NicepayError
    from mock_nicepay.front.server.server import PortInUse
    from mock_nicepay.settings import SettingError

    return NicepayError, PortInUse, ScenarioError, SettingError
