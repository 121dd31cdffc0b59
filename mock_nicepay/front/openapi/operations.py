"""One call as an OpenAPI operation: parameters, body, answers by HTTP status, codes, formulas, example."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mock_nicepay.contract import bodies
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.possible import common_codes, own_codes
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.tables import ResultCode
from mock_nicepay.front.openapi.examples import Example, example_of
from mock_nicepay.front.openapi.schemas import field_schema, request_schema
from mock_nicepay.front.openapi.words import about

# The shapes with their names among the document's schemas: PAYMENT is Payment.
SHAPES: Mapping[str, Shape] = {
    "".join(part.capitalize() for part in name.split("_")): shape
    for name, shape in vars(bodies).items()
    if isinstance(shape, Shape) and not name.startswith("_")
}
JSON = "application/json"


def operation(endpoint: Endpoint, edition: Edition) -> dict[str, Any]:
    """The operation of one call in that edition."""
    example = example_of(endpoint, edition)
    body = _body(endpoint, edition, example)
    return {
        "operationId": endpoint.name,
        "tags": [endpoint.name.partition(".")[0]],
        "summary": endpoint.summary.rstrip("."),
        "description": _description(endpoint),
        "security": _security(endpoint, edition),
        "parameters": [*_places(endpoint, example), *_query(endpoint, edition, example)],
        **({"requestBody": body} if body else {}),
        "responses": _responses(endpoint, edition, example),
        **({"x-sign-data": str(endpoint.sign)} if endpoint.sign else {}),
        **({"x-signature": str(endpoint.signature)} if endpoint.signature else {}),
        "x-result-codes": _codes(endpoint),
        "x-in-nicepay-sandbox": endpoint.in_sandbox,
    }


def formulas(endpoint: Endpoint) -> list[tuple[str, str]]:
    """The signatures of this call, with their formulas."""
    formed = (("signData", endpoint.sign), ("signature", endpoint.signature))
    return [(name, str(formula)) for name, formula in formed if formula is not None]


def ref(shape: Shape) -> dict[str, str]:
    """The reference to a shape among the document's schemas."""
    name = next(name for name, each in SHAPES.items() if each is shape)
    return {"$ref": f"#/components/schemas/{name}"}


def _description(endpoint: Endpoint) -> str:
    lines = [f"{name}: `{formula}`" for name, formula in formulas(endpoint)]
    if endpoint.sign is not None:
        lines.append("signData is optional, and is checked when it is sent.")
    if not endpoint.in_sandbox:
        lines.append("NICEPAY's own sandbox does not have this call.")
    if endpoint.issuer_decides:
        lines.append("Any code of the payment network may come as well: a decline by the issuer.")
    lines += [
        "",
        "Result codes:",
        "",
        *(f"- `{row.code}` {row.en or row.ko}" for row in own_codes(endpoint)),
    ]
    return "\n".join(lines).strip()


def _security(endpoint: Endpoint, edition: Edition) -> list[dict[str, list[str]]]:
    basic: list[dict[str, list[str]]] = [{"basic": []}]
    takes_token = edition.bearer_for_token or not endpoint.names_login_failure
    return [*basic, {"bearer": []}] if takes_token else basic


def _places(endpoint: Endpoint, example: Example) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", endpoint.path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": about(name),
            "schema": {"type": "string", "minLength": 1},
            "example": example.places[name],
        }


def _query(endpoint: Endpoint, edition: Edition, example: Example) -> Iterable[dict[str, Any]]:
    if "query" not in sources(endpoint, edition):
        return
    for name, field in endpoint.request.declared.items():
        schema = field_schema(name, field)
        yield {
            "name": name,
            "in": "query",
            "required": field.required,
            "description": schema.pop("description", ""),
            "schema": schema,
            **({"example": example.query[name]} if name in example.query else {}),
        }


def _body(endpoint: Endpoint, edition: Edition, example: Example) -> dict[str, Any]:
    if "body" not in sources(endpoint, edition) or not endpoint.request.fields:
        return {}
    media = {"schema": request_schema(endpoint), "example": example.body}
    return {
        "required": any(field.required for field in endpoint.request.fields.values()),
        "content": {JSON: {k: v for k, v in media.items() if v is not None}},
    }


def sources(endpoint: Endpoint, edition: Edition) -> tuple[str, ...]:
    """Where the call reads its fields from: query, body or both."""
    return edition.charset_sources if endpoint.reads == "edition" else (endpoint.reads,)


def _responses(endpoint: Endpoint, edition: Edition, example: Example) -> dict[str, Any]:
    """The answers by HTTP status: success and most refusals have 200, a few codes another one."""
    rows = [*own_codes(endpoint), *common_codes(endpoint)]
    responses = {}
    for status in sorted({row.http for row in rows}):
        codes = ", ".join(dict.fromkeys(row.code for row in rows if row.http == status))
        schema: dict[str, Any] = ref(bodies.REFUSAL)
        if status == 200 or any(
            row.code in endpoint.own_shape for row in rows if row.http == status
        ):
            schema = {"anyOf": [ref(endpoint.shape_in(edition)), schema]}
        media: dict[str, Any] = {"schema": schema}
        if status == 200:
            media["example"] = example.answer
        responses[str(status)] = {"description": codes, "content": {JSON: media}}
    return responses


def _codes(endpoint: Endpoint) -> list[dict[str, Any]]:
    own = [_code(endpoint, row, own=True) for row in own_codes(endpoint)]
    return [*own, *(_code(endpoint, row, own=False) for row in common_codes(endpoint))]


def _code(endpoint: Endpoint, row: ResultCode, *, own: bool) -> dict[str, Any]:
    """A code; `scenarioOnly`: the manual lists it, but here only a scenario makes it happen."""
    return {
        "code": row.code,
        "http": row.http,
        "ko": row.ko,
        "en": row.en,
        "own": own,
        **({"scenarioOnly": True} if row.key in endpoint.listed else {}),
    }
