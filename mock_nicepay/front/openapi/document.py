"""The OpenAPI 3.1 document: the calls of an edition, and the forms and events that NICEPAY sends."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.bodies import PAYMENT
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.fields import Text
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.window import return_forms
from mock_nicepay.contract.window.return_forms import Form
from mock_nicepay.front.openapi.operations import JSON, SHAPES, operation
from mock_nicepay.front.openapi.schemas import Schema, shape_schema
from mock_nicepay.front.openapi.words import about

_ABOUT = """\
The NICEPAY payment gateway, API v1 (Korea), as mock-nicepay serves it. Made from the declarations that
also serve the calls; every example was answered by them.

Most refusals come with HTTP 200 and a `resultCode` other than 0000. Limits are bytes in UTF-8: a Hangul
syllable has three, while `maxLength` counts characters; `x-max-bytes` is the limit itself. A key that a
request has and no table names is ignored. Answers keep the order of `x-key-order`.
"""
_TAGS = {
    "token": "Access token",
    "payments": "Payments: approve, look up, cancel",
    "subscribe": "Recurring payments",
    "receipt": "Cash receipts",
    "terms": "Terms a payer agrees to",
    "card": "Card events and installments without interest",
    "epay": "E-pay",
    "keyin": "Key-in",
    "checkout": "Hosted checkout",
    "webhook": "Webhook addresses",
    "transactions": "Reconciliation: transactions",
    "settlements": "Reconciliation: settlements",
}
_SENT_BY_BROWSER = {
    "returnUrl.authentication": (
        return_forms.AUTHENTICATION,
        "The payer's browser posts the result of a window with a Server-approval key",
    ),
    "returnUrl.result": (
        return_forms.RESULT,
        "The payer's browser posts the result of a window with a Client-approval key",
    ),
    "returnUrl.checkout": (
        return_forms.CHECKOUT_RESULT,
        "The payer's browser posts the result of a hosted checkout",
    ),
}
_EVENT_SIGNATURE = "hex(sha256(tid + amount + ediDate + SecretKey))"


@cache
def document(edition: Edition) -> dict[str, Any]:
    """The document of one edition as a JSON value. It is cached and shared: do not change it."""
    calls = served(edition)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "NICEPAY API v1, as mock-nicepay serves it",
            "version": _version(),
            "summary": f"Edition {edition.name}",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [
            {"url": "/", "description": "the server that this document comes from"},
            {"url": "http://127.0.0.1:8090", "description": "mock-nicepay serve"},
            {"url": "https://sandbox-api.nicepay.co.kr", "description": "NICEPAY's own sandbox"},
            {"url": "https://api.nicepay.co.kr", "description": "NICEPAY, live"},
        ],
        "tags": _tags(calls),
        "paths": _paths(calls, edition),
        "webhooks": {"webhook.deliver": _event(), **_forms()},
        "components": {"securitySchemes": _SECURITY, "schemas": _schemas()},
    }


def served(edition: Edition) -> list[Endpoint]:
    """The calls of an edition."""
    return [each for each in ENDPOINTS if not each.switch or getattr(edition, each.switch)]


_SECURITY = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "Client id and secret key of the key pair: Basic base64(clientId:secretKey).",
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token of POST /v1/access-token.",
    },
}


def _version() -> str:
    try:
        return version("mock-nicepay")
    except PackageNotFoundError:
        return "0"


def _tags(calls: Iterable[Endpoint]) -> list[dict[str, str]]:
    names = dict.fromkeys(call.name.partition(".")[0] for call in calls)
    return [{"name": name, "description": _TAGS.get(name, name)} for name in names]


def _paths(calls: Iterable[Endpoint], edition: Edition) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = operation(call, edition)
    checkout = paths.get("/v1/checkout", {}).get("post")
    if checkout is not None:
        posted = {"{$request.body#/returnUrl}": _forms()["returnUrl.checkout"]}
        checkout["callbacks"] = {"returnUrl": posted}
    return paths


def _schemas() -> dict[str, Schema]:
    schemas = {name: shape_schema(shape) for name, shape in SHAPES.items()}
    return {**schemas, "Event": _event_schema()}


def _event_schema() -> Schema:
    """A payment, with the bid of the billing key if one was charged."""
    keys = list(PAYMENT.fields.items())
    after = list(PAYMENT.fields).index("approveNo") + 1
    shape = Shape(
        {**dict(keys[:after]), "bid": Text(30), **dict(keys[after:])},
        optional=PAYMENT.optional | {"bid"},
    )
    return shape_schema(shape)


def _event() -> dict[str, Any]:
    """The event that NICEPAY sends to a registered address."""
    told = {"anyOf": [{"$ref": "#/components/schemas/Event"}, _KEYED_IN]}
    return {
        "post": {
            "operationId": "webhook.deliver",
            "summary": "NICEPAY tells a registered address what happened to a payment",
            "description": f"signature: `{_EVENT_SIGNATURE}`\n\nAnswer HTTP 200 with the body OK; "
            "otherwise it is sent again every minute, ten times in all.",
            "requestBody": {"required": True, "content": {JSON: {"schema": told}}},
            "responses": {"200": _SAYS_OK},
        }
    }


_KEYED_IN = {"$ref": "#/components/schemas/KeyedIn"}
_SAYS_OK = {
    "description": "The event was accepted.",
    "content": {"text/html": {"schema": {"type": "string", "pattern": r"^\s*[Oo][Kk]\s*$"}}},
}


def _forms() -> dict[str, Any]:
    return {name: _form(name, form, text) for name, (form, text) in _SENT_BY_BROWSER.items()}


def _form(name: str, form: Form, summary: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            field: {"type": "string", "description": about(field)} for field in form.fields
        },
        "required": [field for field in form.fields if field not in form.optional],
        "x-key-order": list(form.fields),
    }
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "description": f"signature: `{form.signature}`",
            "requestBody": {"required": True, "content": {return_forms.MEDIA: {"schema": schema}}},
            "responses": {"200": {"description": "A page for the payer."}},
        }
    }
