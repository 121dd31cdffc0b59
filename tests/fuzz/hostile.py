"""What the fuzzers send: a corpus of hostile texts, and requests built from it and from the tables.

The tables of calls, actions and pages are read from the code, so that a new row is fuzzed at once.
"""

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st
from till import Till

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Reply, Request, settled
from mock_nicepay.core.scenarios.library import ready_made_files
from mock_nicepay.front.console.door import PAGES as CONSOLE_PAGES
from mock_nicepay.front.control.plane import ACTIONS
from mock_nicepay.front.control.window import WORDS
from mock_nicepay.front.dispatch import respond
from mock_nicepay.front.pages import PAGES

# Texts that have broken programs before, here or elsewhere.
CORPUS = (
    *("", " ", "\0", "\x7f", "\r\nX-Injected: 1", "\n", "\t", "\ufeff", "\u202e", "\ufffe", "\u0130", "ß"),
    *("0", "-0", "-1", "1e999", "NaN", "Infinity", "0x10", "1_000", "١٢٣", "１００", "00", "1.0", "+1", "1 "),
    *("9" * 20, "9" * 5000, str(2**63), str(-(2**63) - 1), "0." + "0" * 400 + "1", "True", "null", "none"),
    *("가", "가" * 300, "뷁똠", "🂡", "e\u0301" * 50, "\ud800", "\udfff", "a" * 70_000, "가" * 30_000),
    *("../../etc/passwd", "..%2f..%2f", "%00", "%", "%zz", "%25", "%ed%a0%80", "//", "/", "?", "#", "*", "{tid}"),
    *("' OR 1=1 --", "<script>alert(1)</script>", "${jndi:ldap://x}", "{{7*7}}", "{% raw %}", "$(id)", "`id`"),
    *("<!ENTITY x SYSTEM 'file:///etc/passwd'>", "javascript:alert(1)", "http://[::1", "http://a:99999/", "//a"),
    *("2023-02-30T25:61:61+9900", "0000-00-00", "9999-12-31T23:59:59.999+0900", "+9999999d", "-1s", "1h" * 99),
    *("euc-kr", "utf-16", "UTF-8", "rot13", "idna", "unicode_escape", "all", "union", "success", "unknown"),
    *("Basic ", "Basic %", "Bearer", "Bearer .", "Basic Og==", "Digest x", "basic dW5rbm93bjp4"),
    *("[" * 200, '{"a":' * 200, "[" * 200_000, '{"a":1,"a":2}', "[1,2", '"\\ud800"', '{"\\u0000":1}', "{}", "[]"),
)  # fmt: skip

texts = st.one_of(st.sampled_from(CORPUS), st.text(max_size=30))
scalars = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.sampled_from([1004, 500, "1004", "card", "vbank", "bank", "cellphone", "approve", "http://127.0.0.1:9/"]),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)

FIELDS = sorted({name for endpoint in ENDPOINTS for name in endpoint.request.fields})
KEYS = (
    *("clientId", "secretKey", "window", "authType", "allow", "edition", "name", "mid", "url", "method"),
    *("minutes", "days", "by", "clock", "now", "at", "offset", "amount", "reason", "stage", "clientId"),
    *("orderId", "goodsName", "returnUrl", "cardCode", "quota", "form_token", "key", "language", "theme"),
    *("scenario", "text", "params", "outcome", "ending", "receipt", "payer", "id", "merchant", "back", *WORDS),
)  # fmt: skip
QUERY = (
    *("merchant", "call", "code", "limit", "orderId", "tid", "method", "returnCharSet", "before", "after"),
    *("auto", "v", "type", "TID", "q", "page", "ediDate", "signData", "cancelAmt"),
)  # fmt: skip
HEADERS = (
    *("authorization", "content-type", "host", "origin", "sec-fetch-site", "cookie", "accept", "hx-request"),
    *("x-mock-nicepay-admin-key", "x-mock-nicepay-scenario", "x-form-token", "accept-language", "user-agent"),
    *("x-forwarded-for", "hx-current-url", "referer", "content-length", "transfer-encoding"),
)  # fmt: skip
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW", "")


def objects(names: Any) -> st.SearchStrategy[dict[str, Any]]:
    """JSON objects of these keys, some of their own, and whatever values."""
    return st.dictionaries(st.sampled_from(sorted(set(names))) | texts, values, max_size=8)


def written(value: Any) -> bytes:
    """A value as a client may write it: JSON whose texts are escaped, lone surrogates included."""
    return json.dumps(value).encode()


def bodies(names: Any) -> st.SearchStrategy[bytes]:
    """Mostly JSON objects; also forms, other JSON, hostile texts and bytes."""
    given = objects(names)
    return st.one_of(
        given.map(written),
        given.map(form),
        values.map(written),
        texts.map(_bytes),
        st.binary(max_size=200),
    )


def form(value: dict[str, Any]) -> bytes:
    """An object as a form."""
    pairs = [(_text(name), _text(each)) for name, each in value.items()]
    return urlencode(pairs, errors="replace").encode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _wire(text: str) -> str:
    """A text as the doors hand a header over: bytes as Latin-1."""
    return _bytes(text).decode("latin-1")


def headers(known: st.SearchStrategy[dict[str, str]]) -> st.SearchStrategy[dict[str, str]]:
    """Some that matter with hostile values, on top of the good ones."""
    odd = st.dictionaries(st.sampled_from(HEADERS) | st.text(max_size=5), texts.map(_wire), max_size=4)  # fmt: skip
    return st.tuples(known, odd).map(lambda both: {**both[0], **both[1]})


queries = st.one_of(
    st.just(""),
    st.dictionaries(st.sampled_from(QUERY) | texts, texts, max_size=4).map(
        lambda given: form(given).decode()
    ),
    texts.map(_wire),
)


class Target:
    """A gateway with something of everything in it, so that good guesses lead somewhere."""

    def __init__(self, **options: Any) -> None:
        self.till = Till(journal_size=20, journal_bytes=65_536, **options)
        self.sandbox = self.till.sandbox
        paid = self.till.pay()
        waiting = self.till.pay(method="vbank", order_id="account-1")
        authorised = self.till.authorise(order_id="authorised-1")
        self.names = [
            *(paid.tid, waiting.tid, authorised.tid),
            *(paid.order_id, waiting.order_id, "session-1", self.till.merchant.client_id),
        ]

    def headers(self) -> st.SearchStrategy[dict[str, str]]:
        """No login, or the merchant's."""
        json_ = {"content-type": "application/json"}
        form_ = {"content-type": "application/x-www-form-urlencoded"}
        host = {"host": "localhost:8090"}
        choices = [{}, host, {**self.till.login, **json_, **host}, {**form_, **host}]
        return headers(st.sampled_from(choices))

    def paths(self, templates: list[str]) -> st.SearchStrategy[str]:
        """Paths of these forms with names that are there, and hostile ones."""
        place = st.one_of(st.sampled_from(self.names), texts)
        return st.tuples(st.sampled_from(templates), place, place).map(_filled)

    def requests(self, methods: list[str], paths: list[str], names: Any) -> Any:
        """Requests to these paths."""
        return st.builds(
            Request,
            method=st.sampled_from(methods) | st.sampled_from(METHODS),
            path=self.paths(paths) | texts,
            query=queries,
            headers=self.headers(),
            body=bodies(names),
            peer=st.sampled_from(["127.0.0.1", "::1", "10.0.0.1", ""]),
        )

    def api(self) -> Any:
        """Requests to the gateway's calls."""
        return self.requests(
            [each.method for each in ENDPOINTS], [each.path for each in ENDPOINTS], FIELDS
        )

    def control(self) -> Any:
        """Requests to the control plane."""
        rows = [(row.method, f"/_mock{row.path}") for row in ACTIONS]
        return self.requests([m for m, _ in rows], [p for _, p in rows], (*KEYS, *FIELDS))

    def console(self) -> Any:
        """Requests to the console, and its forms."""
        rows = [(row.method, f"/_mock/console{row.path}") for row in CONSOLE_PAGES]
        return self.requests([m for m, _ in rows], [p for _, p in rows], (*KEYS, *FIELDS))

    def pages(self) -> Any:
        """Requests to the payer's pages, and their forms."""
        return self.requests(
            [row.method for row in PAGES], [row.path for row in PAGES], (*KEYS, *FIELDS)
        )

    def ask(self, request: Request) -> Reply:
        """The answer, by whichever part of the gateway it is."""
        return settled(respond(self.sandbox, request))

    def check(self, request: Request) -> None:
        """A request has an answer that can be sent, and none that is our fault."""
        reply = self.ask(request)
        asked = request.headers.get("x-mock-nicepay-scenario", "")
        assert reply.status < 500 or asked in ready_made_files(), reply
        for name, value in reply.headers:
            assert not {"\r", "\n", "\0"} & set(name + value), reply.headers
        if (reply.header("content-type") or "").startswith("application/json"):
            charset = (reply.header("content-type") or "").partition("charset=")[2] or "utf-8"
            if reply.body and asked not in ready_made_files():
                json.loads(reply.body.decode(charset))

    def records(self) -> int:
        """How many records the store holds."""
        return sum(map(len, self.sandbox.store.snapshot().values()))


def _filled(parts: tuple[str, str, str]) -> str:
    template, first, second = parts
    pieces = []
    for piece in template.split("/"):
        if piece.startswith("{"):
            piece, first = first, second
        pieces.append(piece)
    return "/".join(pieces)


# Scenario files: what the language knows, in right and wrong places.

_WORDS = (
    *("version", "name", "description", "rules", "timeline", "expect", "call", "match", "reply", "effect"),
    *("times", "after", "every", "delay", "charset", "patch", "headers", "body", "query", "header", "path"),
    *("credentials", "regex", "glob", "is", "not", "code", "http", "message", "values", "drip", "at", "do"),
    *("edition", "clock", "seed", "select", "webhooks", "called", "final", "client", "window", "authType"),
)  # fmt: skip
_SAID = (
    *("1", "x", "token.issue", "payments.*", "*", "hang", "reset", "ok", "commit", "none", "late", "decline"),
    *("3011", "U104", "0000", ">= 2", "== 1", "/a+/", "/(a+)+$/", "+31m", "2s", "token.expire", "gateway"),
    *("euc-kr", "!!python/object:os.system", "&a", "*a", "<<", "~", "|", ">", "'", '"', "- -", "? ", ": ", "%"),
)  # fmt: skip
words = st.sampled_from(_WORDS) | texts
scenario_values = st.recursive(
    st.sampled_from(_SAID) | scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5),
    max_leaves=12,
)
rules = st.dictionaries(words, scenario_values, max_size=5)
sections = st.one_of(scenario_values, st.lists(rules, max_size=3))
scenarios = st.dictionaries(st.sampled_from(_WORDS), sections, max_size=8).map(
    lambda given: {"version": 1, "name": "x", **given}
)


@st.composite
def damaged(draw: Any) -> str:
    """A ready-made scenario with a piece cut out, repeated or put in."""
    text = ready_made_files()[draw(st.sampled_from(sorted(ready_made_files())))].read_text("utf-8")
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        put = draw(st.sampled_from(_SAID) | texts | st.just(text[start:end] * 2))
        text = text[:start] + put + text[end:]
    return text
