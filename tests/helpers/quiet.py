"""Settings of a sandbox under test, for the fixtures and for tests that make one themselves."""

from collections.abc import Callable
from typing import Any

from mock_nicepay.settings import Settings

NOW = "2023-02-28T12:53:17.657+0900"  # at which the clock of a test's sandbox stands still
Call = Callable[..., Any]  # the fixture `call`


def settings(**options: Any) -> Settings:
    """Settings that ignore the environment: the clock stands still, and answers are checked."""
    return Settings.read({"self_check": True, "log": "quiet", "clock": NOW, **options}, {})
