"""mock-nicepay: a high-fidelity offline stand-in for the NICEPAY payment gateway (API v1, Korea)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_nicepay.front.app import create_app
    from mock_nicepay.sandbox import Sandbox

__all__ = ["Sandbox", "create_app"]

_HOMES = {"Sandbox": "mock_nicepay.sandbox", "create_app": "mock_nicepay.front.app"}


def __getattr__(name: str) -> Any:
    """The public names, loaded when first used: the pytest plugin must cost next to nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
