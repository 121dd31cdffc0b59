"""Keeps web pages away from the control plane: only programs, and pages of our own, may use it.

A developer's browser is let in wherever the developer is. So a page from elsewhere that has it send
a request here is told apart by what browsers say of themselves, and cannot lie about.
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
_FROM_OURSELVES = {"same-origin", "none"}  # none: the person typed it, or opened a bookmark
# Names that nobody can have lead to a developer's machine by a public DNS: of the loopback, of
# Docker's host, and NICEPAY's own, which people have their hosts file lead here.
_HARMLESS = ("localhost", "*.localhost", "host.docker.internal", "*.nicepay.co.kr")


def check_origin(request: Request) -> None:
    """Raise `Misuse` (403) for a request by a web page of another origin that would change something.

    Browsers say in `Sec-Fetch-Site` and `Origin` where a request comes from. Programs send neither
    and pass. Another port of the same machine is another origin.
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
    """Raise `Misuse` (403) when the name in the Host header is none of ours.

    A page of a name whose DNS answer changes to this machine's address (DNS rebinding) is of our
    origin to the browser, but cannot help naming itself. An address in place of a name is as good
    as any: nothing has been looked up for it.
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
    """`127.0.0.1:8090` of `http://127.0.0.1:8090`; of what is not an origin (`null`) nothing that fits."""
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


# What every page and answer of ours tells the browser. No `Access-Control-*`: nobody else may read.
PRIVATE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
