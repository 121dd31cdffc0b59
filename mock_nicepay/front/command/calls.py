"""Looks up a call by the name that the user typed."""

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.core.misuse import Misuse


def call_named(name: str) -> Endpoint:
    """The call of that name. Raises `Misuse`, which suggests the nearest name, when there is none."""
    calls = {endpoint.name: endpoint for endpoint in ENDPOINTS}
    if name not in calls:
        hint = did_you_mean(name, calls, f"there are {', '.join(calls)}")
        raise Misuse(f"there is no call {name[:100]!r}; {hint}")
    return calls[name]
