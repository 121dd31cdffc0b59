"""How values are shown: JSON with its parts marked, a call as a curl line, times."""

import json
from datetime import datetime
from shlex import quote as shell_quote
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from mock_nicepay.core.journal.entries import Entry
from mock_nicepay.core.records import Merchant

_STEP = "  "
_DEEPEST = 60
# Headers that curl makes by itself, or that say how one client spoke.
_LEFT_OUT = {
    *("host", "content-length", "accept-encoding", "connection", "authorization", "user-agent"),
    *("accept", "accept-language", "transfer-encoding", "sec-fetch-site", "sec-fetch-mode"),
}
_WITH_BODY = {"POST", "PUT", "PATCH"}


def json_html(value: Any) -> Markup:
    """A JSON value over several lines, its keys, texts, numbers and words marked for the style."""
    return _shown(value, "", 0)


def _shown(value: Any, indent: str, depth: int) -> Markup:
    if isinstance(value, dict) and value and depth < _DEEPEST:
        inner = indent + _STEP
        rows = [
            Markup('{}<span class="k">{}</span>: {}').format(
                inner, _text(str(key)), _shown(each, inner, depth + 1)
            )
            for key, each in value.items()
        ]
        return Markup("{{\n{}\n{}}}").format(Markup(",\n").join(rows), indent)
    if isinstance(value, list) and value and depth < _DEEPEST:
        inner = indent + _STEP
        rows = [escape(inner) + _shown(each, inner, depth + 1) for each in value]
        return Markup("[\n{}\n{}]").format(Markup(",\n").join(rows), indent)
    return Markup('<span class="{}">{}</span>').format(_kind(value), _text(value))


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "s"
    return "n" if isinstance(value, int | float) and not isinstance(value, bool) else "w"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def curl(entry: Entry, base: str, merchant: Merchant | None) -> str:
    """A line that makes the same call again when pasted, with the merchant's own key.

    What the journal has masked (card numbers, somebody else's login) stays masked in it. Empty for
    what nobody can call.
    """
    if entry.call == "webhook.deliver":
        return curl_line("POST", entry.path, ["-H 'Content-Type: application/json'"], entry.body)
    if entry.call.startswith("window."):
        return curl_line("POST", f"{base}/_mock/window/pay", [], entry.body)
    if not entry.path.startswith("/"):
        return ""
    query = f"?{entry.query}" if entry.query else ""
    address = f"{base}{quote(entry.path, safe='/%:@!$,;=~*()+')}{query}"
    options = (
        [f"-u {shell_quote(f'{merchant.calling_id}:{merchant.secret_key}')}"] if merchant else []
    )
    options += [
        f"-H {shell_quote(f'{name}: {value}')}"
        for name, value in entry.headers.items()
        if name not in _LEFT_OUT
    ]
    return curl_line(entry.method, address, options, entry.body)


def curl_line(method: str, address: str, options: list[str], body: Any) -> str:
    """A call as curl makes it; `body` is a text, or a value to be sent as JSON, None for none."""
    parts = [f"curl -s -X {shell_quote(method)} {shell_quote(address)}", *options]
    if body is not None:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        parts.append(f"-d {shell_quote(text)}")
    elif method in _WITH_BODY:
        parts.append("-d ''")
    return " \\\n  ".join(parts)


def clock_time(moment: datetime) -> str:
    """`12:53:17.657`."""
    return moment.strftime("%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def day(moment: datetime) -> str:
    """`2023-02-28`."""
    return moment.strftime("%Y-%m-%d")


def span(seconds: int) -> str:
    """`29m 41s`, `6d 3h`: the two largest parts."""
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"
