"""Pages into bytes: templates, files and the headers that keep other sites out."""

from collections.abc import Mapping
from functools import cache, partial
from hashlib import sha256
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from mock_nicepay.contract.endpoint import Reply
from mock_nicepay.contract.tables import result_codes
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.console import pretty
from mock_nicepay.front.console.look import LANGUAGES, THEMES, Go, Look, Page
from mock_nicepay.front.console.search import is_problem, order_for
from mock_nicepay.front.console.session import cookie, packed, unpacked
from mock_nicepay.front.dispatch import CONSOLE
from mock_nicepay.front.guard import PRIVATE
from mock_nicepay.front.templating import amount, ending_of, environment, files

_TYPES = {
    "css": "text/css;charset=utf-8",
    "js": "text/javascript;charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain;charset=utf-8",
}
_SECTIONS = (
    *("/calls", "/payments", "/checkout", "/billing-keys", "/receipts", "/webhooks"),
    *("/scenario", "/clock", "/keys", "/codes", "/api", "/reset"),
)
SAID = "mock_nicepay_said"
# Nothing from elsewhere, no script or style within a page, and no page around ours.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Mapping[str, str] = {
    **PRIVATE,
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


def page_reply(page: Page, look: Look) -> Reply:
    """A page, or the part of one that was asked for, as an answer."""
    headers = [("Content-Type", "text/html;charset=utf-8"), *_HEADERS.items()]
    said = None
    if not look.is_part and SAID in look.cookies:
        said = unpacked(look.cookies[SAID])
        headers.append(cookie(SAID, "", CONSOLE, age=0))
    text = _environment().get_template(page.template).render(_values(page, look), said=said)
    return Reply(page.status, tuple(headers), text.encode("utf-8", "replace"))


def go_reply(go: Go, look: Look) -> Reply:
    """On to another page, which says what has been done."""
    cookies = [*go.cookies]
    if go.said:
        cookies.append(cookie(SAID, packed(go.kind, go.said), CONSOLE, age=60))
    target = go.to if go.to.isascii() else look.url()
    return Reply(303, (("Location", target), *_HEADERS.items(), *cookies), b"")


def file_reply(name: str, look: Look) -> Reply:
    """A file of the console's. Its address names its version, so that it may be kept. Raises `Misuse`."""
    if name not in _files():
        raise Misuse(f"the console has no file {name[:100]!r}", 404)
    kept = {**_HEADERS, "Cache-Control": "private, max-age=31536000, immutable"}
    if look.arguments.get("v") != _version(name):
        kept["Cache-Control"] = "no-cache"
    content_type = _TYPES[ending_of(name)]
    return Reply(200, (("Content-Type", content_type), *kept.items()), _files()[name])


@cache
def _files() -> Mapping[str, bytes]:
    return files("static/console", _TYPES)


@cache
def _version(name: str) -> str:
    return sha256(_files()[name]).hexdigest()[:12]


def _file_url(name: str) -> str:
    return f"{CONSOLE}/static/{name}?v={_version(name)}"


@cache
def _environment() -> Environment:
    """The console's templates, with what they call."""
    made = environment("templates/console")
    made.filters |= {
        "pretty": pretty.json_html,
        "amount": amount,
        "clock_time": pretty.clock_time,
        "day": pretty.day,
        "span": pretty.span,
    }
    made.globals |= {
        "file": _file_url,
        "console": CONSOLE,
        "languages": LANGUAGES,
        "themes": THEMES,
        "is_problem": is_problem,
        "english": _english,
    }
    return made


def _values(page: Page, look: Look) -> dict[str, Any]:
    def hidden() -> Markup:
        """What each form carries: its token."""
        return Markup('<input type="hidden" name="form_token" value="{}">').format(look.form_token)

    return {
        "look": look,
        "say": look.say,
        "url": look.url,
        "hidden": hidden,
        "here": _here(look),
        "order_of": partial(order_for, look.sandbox.store),
        "today": pretty.day(look.now),
        "section": _section(look),
        "switch": f"{CONSOLE}{_section(look)}",
        "locked": bool(look.sandbox.settings.admin_key),
        **page.values,
    }


def _here(look: Look) -> str:
    """The address of the page itself, for a form that is to come back to it."""
    query = look.request.query if look.request.method == "GET" else ""
    path = look.request.path if look.request.path.isascii() else CONSOLE
    return f"{path}{'?' if query else ''}{query}"


def _section(look: Look) -> str:
    """The first part of the page's path, which stands in the menu; of an order the payments."""
    first = "/" + look.request.path.removeprefix(CONSOLE).strip("/").split("/")[0]
    known = {"/order": "/payments"}.get(first, first)
    return known if known in _SECTIONS else "/calls"


def _english(code: str) -> str:
    """What a result code means in English; empty for what is none."""
    row = result_codes().get(code)
    return row.en if row else ""
