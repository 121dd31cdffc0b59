"""The command `health`."""

import pytest
from quiet import settings

from mock_nicepay.front.command.health import health, url_of
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:8090", "127.0.0.1"),
        ("http://127.0.0.1:8090", "0.0.0.0"),
        ("http://[::1]:8090", "::"),
        ("http://10.1.2.3:8090", "10.1.2.3"),
    ],
)
def test_where_it_asks(url: str, host: str) -> None:
    """At the server's own address; a server on all addresses is asked at the loopback address."""
    assert url == url_of(settings(host=host))


@pytest.mark.parametrize(
    ("status", "key", "said"),
    [(0, "right", "ok, edition union"), (1, "", "admin key"), (1, "wrong", "admin key")],
)
def test_a_server_answers(
    status: int, key: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It answers with its admin key; without the key the reason is printed."""
    with BackgroundServer(Sandbox(settings(admin_key="right"))) as server:
        assert status == health(server.url, settings(admin_key=key))
    assert said in "".join(capsys.readouterr())


@pytest.mark.parametrize("url", ["mock", "localhost:8090", "file:///etc/hosts", "http://"])
def test_what_is_no_address(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The message shows what an address looks like, and nothing is opened."""
    assert 1 == health(url, settings())
    assert f"{url!r} is not an address; write one such as http://" in capsys.readouterr().err


def test_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit status is 1, and the reason is printed."""
    assert 1 == health("", settings(port=9))
    assert "no mock-nicepay answers at http://127.0.0.1:9" in capsys.readouterr().err
