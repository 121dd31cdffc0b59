"""The address that browsers reach this gateway's pages at."""

import re

from mock_nicepay.settings import Settings

# Recorded (checkout.page-host): the hosts of the pages beside those of the API (2024, 2026). A call in
# this process that names no host is the sandbox's.
_PAGES = {
    "": "https://sandbox-pay.nicepay.co.kr",
    "sandbox-api.nicepay.co.kr": "https://sandbox-pay.nicepay.co.kr",
    "api.nicepay.co.kr": "https://pay.nicepay.co.kr",
}
_HOST = re.compile(r"[A-Za-z0-9._-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", re.ASCII)


def origin_of(settings: Settings, host: str) -> str:
    """Scheme and host of our pages, for a caller that sent this Host header (empty: none).

    The setting `public_url` wins. A header that is no host counts as none.
    """
    if settings.public_url:
        return settings.public_url
    named = host.strip().lower()
    if named in _PAGES or not _HOST.fullmatch(named):
        return _PAGES.get(named, _PAGES[""])
    return f"http://{named}"
