"""What a Host header is, and the name in it. What is none: tests/front/test_guard.py."""

import pytest

from mock_nicepay.contract.hosts import host_in, name_in


@pytest.mark.parametrize(
    ("host", "name", "header"),
    [
        ("localhost", "localhost", "LocalHost"),
        ("localhost.:80", "localhost", " localhost.:80\t"),
        ("127.0.0.1:8090", "127.0.0.1", "127.0.0.1:8090"),
        ("[::1]:8090", "::1", "[::1]:8090"),
        ("[fe80::1%eth0]", "fe80::1%eth0", "[FE80::1%eth0]"),
        ("mock_nicepay", "mock_nicepay", "mock_nicepay"),
        ("", "", "user@host"),
        ("", "", ""),
    ],
)
def test_the_name_in_a_header(host: str, name: str, header: str) -> None:
    """In lower case; a port, brackets and the last dot are none of it."""
    assert (host, name) == (host_in(header), name_in(header))
