"""What a browser loads: the SDK, the scripts and styles of our pages, the list of result codes."""

from collections.abc import Mapping
from functools import cache

from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.contract.tables import CARD_AUTHENTICATION, SUCCESS, result_code, result_codes
from mock_nicepay.front.pages.render import json_reply
from mock_nicepay.front.templating import ending_of, files
from mock_nicepay.sandbox import Sandbox

_MEDIA = {
    "js": "application/javascript;charset=utf-8",
    "css": "text/css;charset=utf-8",
    "svg": "image/svg+xml",
}


def sdk(_sandbox: Sandbox, _request: Request, _places: Mapping[str, str]) -> Reply:
    """The script of the shop's page, in the place of https://pay.nicepay.co.kr/v1/js/."""
    return _file("sdk.js")


def static(_sandbox: Sandbox, _request: Request, places: Mapping[str, str]) -> Reply:
    """A file of the pages."""
    if places["name"] not in _files():
        text = f"there is no file {places['name'][:100]!r}; there are {', '.join(sorted(_files()))}"
        return Reply(404, (("Content-Type", "text/plain;charset=utf-8"),), text.encode())
    return _file(places["name"])


def codes(_sandbox: Sandbox, _request: Request, _places: Mapping[str, str]) -> Reply:
    """The result codes a payer can be declined with, for the search in the window."""
    known = {
        row.code: result_code(row.code, CARD_AUTHENTICATION) for row in result_codes().values()
    }
    declines = [row for row in known.values() if not row.success and row.code != SUCCESS]
    return json_reply([{"code": row.code, "ko": row.ko, "en": row.en} for row in declines])


def _file(name: str) -> Reply:
    media = _MEDIA[ending_of(name)]
    # A script of this server may be shown to any page, also to one that isolates itself.
    headers = (
        ("Content-Type", media),
        ("Cache-Control", "no-cache"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Reply(200, headers, _files()[name])


@cache
def _files() -> Mapping[str, bytes]:
    return files("static/window", _MEDIA)
