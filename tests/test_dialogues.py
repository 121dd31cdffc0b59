"""The published dialogues of `fixtures/dialogues/`, replayed key by key as they stand."""

import json
import re
from base64 import b64encode
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.contract.times import parse_clock, parse_moment
from mock_nicepay.core.checkout.sessions import key_of
from mock_nicepay.core.records import BillingKey, Card, Movement, Payment, Session
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

DIALOGUES = sorted((Path(__file__).parent.parent / "fixtures" / "dialogues").glob("*.json"))


def _values(
    kind: type[Payment | Session | Movement | BillingKey], row: dict[str, Any]
) -> dict[str, Any]:
    times = {f.name for f in fields(kind) if f.type in (datetime, datetime | None)}
    return {name: parse_moment(value) if name in times else value for name, value in row.items()}


def _payment(row: dict[str, Any], client_id: str) -> Payment:
    values = {**_values(Payment, row), "client_id": client_id, "card": Card(**row["card"])}
    return Payment(**values)


def _movement(row: dict[str, Any], client_id: str) -> Movement:
    return Movement(**{**_values(Movement, row), "client_id": client_id, "key": row["tid"]})


def _billing_key(row: dict[str, Any], client_id: str) -> BillingKey:
    values = {**_values(BillingKey, row), "client_id": client_id, "card": Card(**row["card"])}
    return BillingKey(**values)


def _with_more(rows: list[dict[str, Any]], more: int) -> list[dict[str, Any]]:
    """The rows, and as many like the last one as the manual left out."""
    tid_names = ("tid", "payment_tid")
    copies = [
        {**rows[-1], **{name: f"unprinted-{n}" for name in tid_names if name in rows[-1]}}
        for n in range(more)
    ]
    return [*rows, *copies]


def _session(row: dict[str, Any], client_id: str) -> Session:
    key = key_of(client_id, row["session_id"])
    return Session(**{**_values(Session, row), "client_id": client_id, "key": key})


def _request(row: dict[str, Any], login: str) -> Request:
    body = row.get("body")
    return Request(
        row["method"],
        row["path"],
        row.get("query", ""),
        {"authorization": f"Basic {login}"},
        b"" if body is None else json.dumps(body, ensure_ascii=False).encode(),
    )


@pytest.mark.parametrize("path", DIALOGUES, ids=lambda path: path.stem)
def test_replays(path: Path) -> None:
    """Status, Content-Type, key order, types, nulls and signature come back as printed."""
    dialogue = json.loads(path.read_text("utf-8"))
    sandbox = Sandbox(Settings.read({**dialogue["settings"], "self_check": True}, environment={}))
    if "merchant" in dialogue:  # one whose key pair is printed beside it
        sandbox.add_merchant(**dialogue["merchant"])
    merchant = sandbox.merchant(dialogue["client"])
    more = dialogue.get("unprinted", 0)
    for row in _with_more(dialogue.get("payments", []), more):
        sandbox.store.put(_payment(row, merchant.client_id))
    for row in _with_more(dialogue.get("movements", []), more):
        sandbox.store.put(_movement(row, merchant.client_id))
    for row in dialogue.get("sessions", []):
        sandbox.store.put(_session(row, merchant.client_id))
    for row in dialogue.get("billingKeys", []):
        sandbox.store.put(_billing_key(row, merchant.client_id))
    login = b64encode(f"{merchant.client_id}:{merchant.secret_key}".encode()).decode()

    for step in dialogue["steps"]:
        sandbox.set_clock(parse_clock(step["clock"]))
        reply = sandbox.handle(_request(step["request"], login))
        body = json.loads(reply.body)

        assert step["answer"]["status"] == reply.status
        assert step["answer"]["contentType"] == reply.header("Content-Type")
        for key in dialogue.get("unprintedKeys", []):
            del body[key]
        expected = dict(step["answer"]["body"])
        for key in dialogue["patterns"]:
            assert re.fullmatch(expected.pop(key), body[key])
        for key in dialogue.get("shortened", []):  # lists that the manual prints the beginning of
            body[key] = body[key][: len(expected[key])]
            assert [list(row) for row in expected[key]] == [list(row) for row in body[key]]
        assert list(step["answer"]["body"]) == list(body)
        assert expected == {
            key: value for key, value in body.items() if key not in dialogue["patterns"]
        }


def test_every_dialogue_says_what_it_is() -> None:
    """Each file tells where it was printed and how it stands."""
    assert len(DIALOGUES) >= 8
    for path in DIALOGUES:
        dialogue = json.loads(path.read_text("utf-8"))

        assert dialogue["standing"] in {"recorded", "documented"}
        assert len(dialogue["about"]) > 40
