"""The pages a payer's browser sees, and the script a shop's page loads: one table of method and path.

Every door reaches them through `dispatch`, before the API's own routes are asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mock_nicepay.contract.endpoint import Deferred, Reply, Request
from mock_nicepay.front.pages import checkout, files, handover, receipt, window
from mock_nicepay.front.paths import places_of
from mock_nicepay.sandbox import Sandbox

Act = Callable[[Sandbox, Request, Mapping[str, str]], Reply | Deferred]


@dataclass(frozen=True, slots=True)
class Page:
    """One row of the pages."""

    method: str
    path: str  # with {places}
    act: Act


PAGES = (
    Page("GET", "/v1/js", files.sdk),
    Page("GET", "/v1/js/codes", files.codes),
    Page("GET", "/v1/js/static/{name}", files.static),
    Page("POST", "/v1/js/open", window.open_window),
    Page("GET", "/v1/js/window/{id}", window.show_window),
    Page("POST", "/v1/js/window/{id}", window.finish_window),
    Page("GET", "/v1/js/handover/{id}", handover.show_handover),
    Page("GET", "/v1/checkout/pay/{token}/{sessionId}", checkout.show_checkout),
    Page("POST", "/v1/checkout/pay/{token}/{sessionId}", checkout.pay_checkout),
    Page("GET", "/v1/fake/pay/{sessionId}", checkout.show_checkout),
    Page("POST", "/v1/fake/pay/{sessionId}", checkout.pay_checkout),
    Page("GET", "/issue/IssueLoader.do", receipt.show_receipt),
)
# The first two segments of their paths: a quick no for everything else.
_PREFIXES = frozenset(tuple(row.path.split("/")[1:3]) for row in PAGES)


def page(sandbox: Sandbox, request: Request) -> Reply | Deferred | None:
    """The page that is asked for; None when it is none of them."""
    path = request.path.rstrip("/")
    if tuple(path.split("/")[1:3]) not in _PREFIXES:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    for row in PAGES:
        places = places_of(row.path, path) if row.method == method else None
        if places is not None:
            return row.act(sandbox, request, places)
    return None
