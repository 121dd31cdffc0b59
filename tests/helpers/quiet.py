"""Settings of a sandbox under test, for modules that need more than the fixture `sandbox`."""

from collections.abc import Callable
from typing import Any

from mock_nicepay.settings import Settings

NOW = "2023-02-28T12:53:17.657+0900"
Call = Callable[..., Any]  # the fixture `call`


def settings(**options: Any) -> Settings:
    """Nothing of them from the environment; the clock stands still, and answers are checked."""
    return Settings.read({"self_check": True, "log": "quiet", "clock": NOW, **options}, {})
