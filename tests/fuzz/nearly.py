"""Nearly right: good calls, forms, snapshots and files in which one thing or two are not.

What is wrong everywhere is refused at the first look; these get further in.
"""

import copy
import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlencode

from hostile import CONSOLE_PAGES, FIELDS, KEYS, Target, scalars, texts, values
from hypothesis import strategies as st

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.encdata.envelope import make_encdata
from mock_nicepay.contract.endpoint import Request, settled
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.merchants.traits import merchants_in
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.front.console.session import OPEN, Sessions
from mock_nicepay.front.control.plane import ACTIONS
from mock_nicepay.front.dispatch import respond
from mock_nicepay.front.openapi.stage import CALLS, Stage, login_of
from mock_nicepay.front.pages import PAGES
from mock_nicepay.resources import folder

odd = st.one_of(scalars, values)
changes = st.dictionaries(st.sampled_from(FIELDS) | texts, odd, max_size=2)
_READ = (
    8000  # characters of a file: YAML takes its time, and whoever starts the server gives the file
)
_HOST = {"host": "localhost:8090"}
_FORM = {**_HOST, "content-type": "application/x-www-form-urlencoded"}


class Calls:
    """Every call of the API, as it would go well but for what is changed."""

    def __init__(self) -> None:
        self._stage = Stage(self_check="yes", webhook_timeout="1s", journal_size="20")

    def examples(self) -> Any:
        """A call, what of its own fields is changed and to what, further fields, another place."""
        return st.tuples(
            st.sampled_from([each.name for each in ENDPOINTS if each.errand is None]),
            st.lists(st.tuples(st.integers(0, 30), odd), max_size=2),
            changes,
            st.none() | texts,
        )

    def check(self, example: Any) -> None:
        """It is answered, and not with a 5xx."""
        name, own, others, place = example
        endpoint = CALLS[name]
        sent = self._stage.good_call(endpoint)
        fields = {**self._stage.signed(endpoint, sent), **others}
        for number, value in own:
            if fields:
                fields[sorted(fields)[number % len(fields)]] = value
        path = endpoint.path
        for where, what in sent.places.items():
            path = path.replace(f"{{{where}}}", what if place is None else place)
        self._send(endpoint, path, fields, login_of(sent.merchant or self._stage.server))

    def _send(self, endpoint: Any, path: str, fields: dict[str, Any], login: str) -> None:
        in_body = endpoint.reads == "body"
        query = "" if in_body else _encoded(fields)
        body = json.dumps(fields).encode() if in_body else b""
        headers = {"authorization": login, "content-type": "application/json"}
        request = Request(endpoint.method, path, query, headers, body)
        reply = settled(respond(self._stage.sandbox, request))
        assert reply.status < 500, (request, reply)


class CardData:
    """Calls whose encData opens, and holds whatever."""

    def __init__(self) -> None:
        self._calls = Calls()
        self._stage = self._calls._stage

    def examples(self) -> Any:
        """A call, what is inside of it, how it is encrypted, and where it is cut and altered."""
        fields = ("cardNo", "expYear", "expMonth", "idNo", "cardPw", "cardBillKey", "cardCertId")
        inside = st.dictionaries(st.sampled_from(fields) | texts, texts, max_size=7)
        return st.tuples(
            st.sampled_from(["subscribe.regist", "keyin.pay", "epay.pay"]),
            inside.map(_encoded) | texts,
            st.sampled_from(["AES-128-ECB", "AES-128-CBC", "AES-256-CBC"]),
            st.integers(0, 600) | st.none(),
            st.sampled_from(["", "0", "zz", "\0", "가"]),
        )

    def check(self, example: Any) -> None:
        """It is answered, and not with a 5xx."""
        name, inside, cipher, cut, more = example
        endpoint = CALLS[name]
        sent = self._stage.good_call(endpoint)
        secret = (sent.merchant or self._stage.server).secret_key
        try:
            made = make_encdata(inside.encode("utf-8", "replace").decode(), secret, cipher)
        except ValueError:
            made = inside
        fields = {**self._stage.signed(endpoint, sent), "encData": made[:cut] + more}
        mode = {"AES-128-CBC": "A1", "AES-256-CBC": "A2"}.get(cipher)
        fields |= {"encMode": mode} if mode else {}
        login = login_of(sent.merchant or self._stage.server)
        self._calls._send(endpoint, endpoint.path, fields, login)


class Forms:
    """What each action, page and form takes, by the right method and with the token it asks for."""

    def __init__(self) -> None:
        self._target = Target(merchant_limit=200)
        sessions = Sessions(self._target.sandbox.console_logins.secret, "")
        self._token = sessions.form_token(OPEN)

    def examples(self) -> Any:
        """A row of a table, two names for its places, and what is sent."""
        rows = [
            *((row.method, f"/_mock{row.path}", False) for row in ACTIONS),
            *((row.method, f"/_mock/console{row.path}", True) for row in CONSOLE_PAGES),
            *((row.method, row.path, True) for row in PAGES),
        ]
        place = st.one_of(st.sampled_from(self._target.names), texts)
        sent = st.dictionaries(st.sampled_from((*KEYS, *FIELDS)), odd, max_size=6)
        whose = st.sampled_from(["", self._target.till.merchant.client_id])
        return st.tuples(st.sampled_from(rows), place, sent, whose, st.booleans())

    def check(self, example: Any) -> None:
        """It is answered, and not with a 5xx."""
        (method, template, is_form), place, sent, whose, named = example
        path = "/".join(place if part.startswith("{") else part for part in template.split("/"))
        query = urlencode({"merchant": whose}) if named and whose else ""
        if is_form:
            body, headers = _encoded(sent).encode(), {**_FORM, "x-form-token": self._token}
        else:
            body, headers = json.dumps(sent).encode(), {**_HOST, **_JSON}
        if method == "GET":
            query, body = "&".join(filter(None, (query, _encoded(sent)))), b""
        self._target.check(Request(method, path, query, headers, body))


_JSON = {"content-type": "application/json"}


class Snapshots:
    """Snapshots of a gateway with something in it, altered in a place or two."""

    def __init__(self) -> None:
        self._target = Target(self_check=False)  # a text of ours may be as long as it likes there
        self._good = json.loads(json.dumps(self._target.sandbox.take_snapshot()))
        self._places = list(_places(self._good))

    def examples(self) -> Any:
        """Places, and what is put there; `None` as a deed: it is taken out."""
        deed = st.tuples(st.sampled_from(["put", "out", "twice", "swap"]), odd)
        return st.lists(st.tuples(st.sampled_from(self._places), deed), min_size=1, max_size=2)

    def check(self, example: Any) -> None:
        """It is refused in words and nothing has changed, or taken, and everything goes on."""
        snapshot = copy.deepcopy(self._good)
        for place, (deed, value) in example:
            _alter(snapshot, place, deed, value)
        sandbox = self._target.sandbox
        with suppress(Misuse):
            sandbox.load_snapshot(snapshot)
        for path in ("merchants", "journal", "tokens", "payments", "webhooks", "snapshot", "clock"):
            self._target.check(Request("GET", f"/_mock/{path}", headers=_HOST))
        self._target.check(Request("GET", "/_mock/console/payments", headers=_HOST))
        for name in self._target.names[:3]:
            self._target.check(
                Request("GET", f"/v1/payments/{name}", headers=self._target.till.login)
            )
        sandbox.load_snapshot(copy.deepcopy(self._good))


def _places(value: Any, place: tuple[Any, ...] = ()) -> Any:
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in rows:
        yield (*place, key)
        if isinstance(inner, dict | list):
            yield from _places(inner, (*place, key))


def _alter(snapshot: Any, place: tuple[Any, ...], deed: str, value: Any) -> None:
    """Do something at a place; nothing when an earlier deed has done away with it."""
    *outer, last = place
    for key in outer:
        try:
            snapshot = snapshot[key]
        except (KeyError, IndexError, TypeError):
            return
    if not isinstance(snapshot, dict | list) or last not in (
        snapshot if isinstance(snapshot, dict) else range(len(snapshot))
    ):
        return
    if deed == "out":
        del snapshot[last]
    elif deed == "twice" and isinstance(snapshot, list):
        snapshot.append(copy.deepcopy(snapshot[last]))
    else:
        snapshot[last] = value


class MerchantFiles:
    """Files of merchants: the seed file damaged, and whatever text."""

    def examples(self) -> Any:
        """Where it is cut, what is put there."""
        text = folder("fixtures").joinpath("merchants.yaml").read_text("utf-8")
        at = st.integers(0, len(text))
        damaged = st.tuples(at, st.integers(0, 60), texts).map(
            lambda cut: text[: cut[0]] + cut[2] + text[cut[0] + cut[1] :]
        )
        rows = st.lists(st.dictionaries(st.sampled_from(KEYS) | texts, odd, max_size=6), max_size=4)
        return damaged | texts | rows.map(lambda given: json.dumps({"merchants": given}))

    def check(self, text: str) -> None:
        """It is read, or refused in words."""
        with TemporaryDirectory() as folder_:
            path = Path(folder_) / "merchants.yaml"
            path.write_bytes(text[:_READ].encode("utf-8", "surrogatepass"))
            with suppress(Misuse):
                merchants_in(path, Identity(1, "fuzz"))


def _encoded(fields: dict[str, Any]) -> str:
    return "&".join(
        f"{quote(_text(k), safe='')}={quote(_text(v), safe='')}" for k, v in fields.items()
    )


def _text(value: Any) -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.encode("utf-8", "surrogatepass")


NEARLY = {
    "calls": Calls,
    "encData": CardData,
    "forms": Forms,
    "snapshots": Snapshots,
    "merchant files": MerchantFiles,
}
