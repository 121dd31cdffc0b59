"""Keeps foreign web pages out of the control plane: only programs and our own pages may use it.

A developer's browser can reach the server, so any page it shows could make it send a request here
(cross-site request forgery). Such requests are recognised by headers that pages cannot forge.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.contract.hosts import name_in
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.outgoing.reach import fits
from mock_nicepay.settings import Settings

_ONLY_READS = {"GET", "HEAD", "OPTIONS"}
_FROM_OURSELVES = {"same-origin", "none"}  # none: typed by the user, or a bookmark
# Names that no attacker can point at a developer's machine by public DNS: those of loopback, of
# Docker's host, and NICEPAY's own, which users redirect here in their hosts file.
_HARMLESS = ("localhost", "*.localhost", "host.docker.internal", "*.nicepay.co.kr")


def check_origin(request: Request) -> None:
    """Raise `Misuse` (403) when a web page of another origin sends a request that changes something.

    Browsers report a request's origin in `Sec-Fetch-Site` and `Origin`. Programs send neither and
    pass. Another port of the same machine is another origin.
    """
    if request.method in _ONLY_READS:
        return
    site = request.headers.get("sec-fetch-site", "").strip().lower()
    origin = request.headers.get("origin", "").strip()
    if site and site not in _FROM_OURSELVES:
        raise Misuse(_FOREIGN.format(origin or f"another site ({site[:20]})"), 403)
    if origin and _authority(origin) != request.headers.get("host", "").strip().lower():
        raise Misuse(_FOREIGN.format(origin[:200]), 403)


_FOREIGN = (
    "this request was sent by a web page of {}, and no page of another origin may drive the control "
    "plane: call it from a program (curl, your server, your tests), or from the console itself"
)


def check_host(settings: Settings, request: Request) -> None:
    """Raise `Misuse` (403) when the name in the Host header is not one of ours.

    Stops DNS rebinding: a page whose domain name is changed to resolve to this machine has our origin
    for the browser, but its requests carry that name in Host. An IP address passes, because no name
    was resolved.
    """
    header = request.headers.get("host", "")
    if not header:
        return
    name = name_in(header)
    if not name:
        raise Misuse(_NO_HOST.format(header[:100]), 403)
    if _is_address(name) or fits(name, (*_HARMLESS, settings.host, *settings.allowed_hosts)):
        return
    raise Misuse(
        f"the control plane may not be called by the name {name[:100]!r}; if it is yours, start the server "
        f"with --allowed-hosts {name[:100]} (or MOCK_NICEPAY_ALLOWED_HOSTS), or call it by its address",
        403,
    )


_NO_HOST = (
    "the Host header {!r} is not a host: send a name or an address, perhaps with a port, such as "
    "127.0.0.1:8090 or [::1]:8090"
)


def _authority(origin: str) -> str:
    """`127.0.0.1:8090` of `http://127.0.0.1:8090`; anything else (`null`) as it is, which never matches."""
    try:
        return urlsplit(origin).netloc.lower() or origin
    except ValueError:
        return origin


def _is_address(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


# Headers of all our pages and answers. No `Access-Control-*`: other origins may not read them.
PRIVATE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
