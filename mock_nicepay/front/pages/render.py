"""From a template to an answer: escaped, in the right character set, under a strict policy.

Templates come from `front/templates`.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment

from mock_nicepay.contract import charsets
from mock_nicepay.contract.charsets import UTF_8
from mock_nicepay.contract.endpoint import Reply, Request
from mock_nicepay.front.templating import environment

# What a page of ours may do. Nothing is inline and nothing comes from elsewhere but the shop's logo.
# Who may show it in a frame is not said: the window stands in pages of any shop.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' http: https:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}


@cache
def _environment() -> Environment:
    return environment("templates")


def html(
    request: Request,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    charset: str = UTF_8,
    policy: Mapping[str, str] | None = None,
) -> Reply:
    """A page. `policy` replaces single directives of its Content-Security-Policy.

    The template has `root`, the way from here to the server's first path: pages work behind a proxy
    that puts them below a path of its own.
    """
    root = "../" * max(0, request.path.count("/") - 1) or "./"
    text = _environment().get_template(template).render(root=root, charset=charset, **values)
    directives = {**_POLICY, **(policy or {})}
    return Reply(
        status,
        (
            ("Content-Type", charsets.content_type("text/html", charset)),
            ("Content-Security-Policy", "; ".join(f"{k} {v}" for k, v in directives.items())),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ),
        charsets.encode(text, charset),
    )


def json_reply(value: Any, status: int = 200) -> Reply:
    """A JSON answer for a script of ours."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Reply(status, (("Content-Type", "application/json;charset=utf-8"),), text.encode())
