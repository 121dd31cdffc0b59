"""Settings of a sandbox under test: the fixtures', and those of a sandbox that a module makes itself."""

from collections.abc import Callable
from typing import Any

from mock_nicepay.settings import Settings

NOW = "2023-02-28T12:53:17.657+0900"  # where the clock of a test's sandbox stands still
Call = Callable[..., Any]  # the fixture `call`


def settings(**options: Any) -> Settings:
    """Nothing of them from the environment; the clock stands still, and answers are checked."""
    return Settings.read({"self_check": True, "log": "quiet", "clock": NOW, **options}, {})
