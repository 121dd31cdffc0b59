"""The last page of a window: its form takes the result to the shop's returnUrl.

Documented (window.post): the payer's browser posts the form, NICEPAY's server does not (E26).
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.core.records import Handover
from mock_nicepay.front.pages.offer import Look
from mock_nicepay.front.pages.render import html
from mock_nicepay.front.pages.words import words
from mock_nicepay.sandbox import Sandbox

# The form may lead anywhere a web page is, and so may the redirects that answer it.
_ANYWHERE = "http: https:"


def show_handover(sandbox: Sandbox, request: Request, places: Mapping[str, str]) -> Reply:
    """Post a finished window's form to returnUrl, as often and as late as it is to come."""
    found = sandbox.openings.result(places["id"])
    if found is None:
        return gone(request)
    return _page(request, found)


def _page(request: Request, handover: Handover) -> Reply:
    postable = handover.form is not None and leads_to_a_page(handover.return_url)
    frames = _ANYWHERE if handover.posts > 1 else "'none'"
    return html(
        request,
        "window/handover.html",
        {
            "handover": handover,
            "fields": handover.form or (),
            "postable": postable,
            "milliseconds": round(handover.delay.total_seconds() * 1000),
            "look": Look(handover.language),
            "words": words(handover.language),
        },
        # Documented (form.page-charset): the page and its form are in returnCharSet (K25).
        charset=handover.charset if postable else UTF_8,
        policy={"form-action": _ANYWHERE, "frame-src": frames, "img-src": "'self'"},
    )


def gone(request: Request) -> Reply:
    """The answer to a window that nobody opened, or that was forgotten by a reset."""
    return html(request, "window/gone.html", {"words": words("KO")}, status=404)


def leads_to_a_page(url: str) -> bool:
    """Whether a browser can post a form there; `javascript:` and the like are no shop's address."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host a form goes to, empty when there is none."""
    return (urlsplit(url).hostname or "") if leads_to_a_page(url) else ""
