"""What follows a payer's choice: the account to pay into, the way to the shop, or fnError's words.

The page tells whoever opened the window (`relay.js`); where nobody did, it goes there itself.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.core.records import READY, Handover, Payment
from mock_nicepay.front.pages.handover import host_of, leads_to_a_page
from mock_nicepay.front.pages.offer import Look
from mock_nicepay.front.pages.render import html
from mock_nicepay.front.templating import amount


def finished(
    request: Request, page: str, look: Look, handover: Handover, payment: Payment | None = None
) -> Reply:
    """The answer to a payer's choice. `page` is the shop's that opened the window, if one did.

    A payment whose account waits for its deposit is shown first.
    """
    if handover.form is None:
        return relay(request, page, error=handover.error, look=look)
    waits = payment is not None and payment.status == READY and payment.account is not None
    return relay(
        request,
        page,
        go=("go", f"v1/js/handover/{handover.id}"),
        return_host=host_of(handover.return_url),
        account=_account(payment, look) if payment and waits else None,
        look=look,
    )


def relay(
    request: Request,
    page: str,
    *,
    go: tuple[str, str] | None = None,
    return_host: str = "",
    error: tuple[str, str, str] | None = None,
    account: Mapping[str, str] | None = None,
    look: Look | None = None,
) -> Reply:
    """A page that tells the shop's page, or the browser itself, what comes next.

    `go` is a word for the SDK (page or go) and where it leads, from the server's first path on.
    """
    look = look or Look()
    values: dict[str, Any] = {
        "look": look,
        "words": look.words,
        "shop": whom_to_tell(page),
        "back": page if leads_to_a_page(page) else "",
        "go": go,
        "return_host": return_host,
        "error": error,
        "account": account,
    }
    return html(request, "window/relay.html", values)


def whom_to_tell(page: str) -> str:
    """The origin of the shop's page; anybody, when it is none that can be named (a local file).

    Nobody, as an empty text, when no page opened the window: a hosted checkout has no SDK to tell.
    """
    if not page:
        return ""
    if not leads_to_a_page(page):
        return "*"
    parts = urlsplit(page)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _account(payment: Payment, look: Look) -> dict[str, str]:
    """What the payer of a virtual account must know."""
    account = payment.account
    assert account is not None
    return {
        "bank": account.bank_name,
        "number": account.number,
        "holder": account.holder,
        "until": f"{account.expires:%Y-%m-%d %H:%M}",
        "amount": amount(payment.amount, payment.currency, look.language),
    }
