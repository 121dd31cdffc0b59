"""The address at which browsers reach this gateway's pages."""

from mock_nicepay.contract.hosts import host_in
from mock_nicepay.settings import Settings

# Recorded (checkout.page-host): the hosts of the pages beside those of the API (2024, 2026). A call in
# this process that names no host is the sandbox's.
_PAGES = {
    "": "https://sandbox-pay.nicepay.co.kr",
    "sandbox-api.nicepay.co.kr": "https://sandbox-pay.nicepay.co.kr",
    "api.nicepay.co.kr": "https://pay.nicepay.co.kr",
}


def origin_of(settings: Settings, host: str) -> str:
    """Scheme and host of our pages, for a caller that sent this Host header (empty: none).

    The setting `public_url` wins. A header that is not a valid host counts as empty.
    """
    if settings.public_url:
        return settings.public_url
    named = host_in(host)
    return _PAGES.get(named) or f"http://{named}"
