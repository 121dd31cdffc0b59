"""A call by the name that somebody typed."""

from difflib import get_close_matches

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.core.misuse import Misuse


def call_named(name: str) -> Endpoint:
    """The call of that name. Raises `Misuse` naming the nearest when there is none."""
    calls = {endpoint.name: endpoint for endpoint in ENDPOINTS}
    if name not in calls:
        near = get_close_matches(name, calls, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(calls)}"
        raise Misuse(f"there is no call {name[:100]!r}; {hint}")
    return calls[name]
