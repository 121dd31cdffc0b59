"""The pages of the API: every call with its fields, formulas and codes, to be read without a network."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.encdata.ciphers import CIPHERS
from mock_nicepay.contract.encdata.envelope import make_encdata, open_encdata
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.fields import Field
from mock_nicepay.contract.possible import common_codes, own_codes
from mock_nicepay.contract.shape import Shape
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Merchant
from mock_nicepay.front.console.look import Look, Page
from mock_nicepay.front.console.pretty import curl_line
from mock_nicepay.front.openapi.document import served
from mock_nicepay.front.openapi.examples import Example, example_of
from mock_nicepay.front.openapi.operations import formulas, sources
from mock_nicepay.front.openapi.schemas import field_schema, told_schema
from mock_nicepay.front.openapi.words import in_korean, meanings


def calls(look: Look) -> Page:
    """Every call of the edition, family by family; those that fit what was typed."""
    q = look.arguments.get("q", "")
    found = [call for call in served(_edition(look)) if _fits(call, q)]
    values = {"calls": [(each, _does(look, each)) for each in found], "q": q}
    return Page("api_part.html" if look.is_part else "api.html", values)


def call(look: Look) -> Page:
    """One call: what it takes and answers, how it is signed, and a line that makes it."""
    endpoint = _endpoint(look)
    edition = _edition(look)
    example = example_of(endpoint, edition)
    return Page(
        "api_call.html",
        {
            "call": endpoint,
            "does": _does(look, endpoint),
            "places": re.findall(r"{(\w+)}", endpoint.path),
            "reads": " / ".join(sources(endpoint, edition)),
            "taken": [
                _taken(look, name, field) for name, field in endpoint.request.declared.items()
            ],
            "told": list(_told(look, endpoint.shape_in(edition))),
            "formulas": formulas(endpoint),
            "own": own_codes(endpoint),
            "common": common_codes(endpoint),
            "example": example,
            "curl": _curl(look, endpoint, example),
        },
    )


def _edition(look: Look) -> Edition:
    if look.merchant:
        return look.sandbox.tenants(look.merchant)[0].edition
    return look.sandbox.settings.switches()


def _does(look: Look, call: Endpoint) -> str:
    """What a call is for, in the language of the page."""
    return look.say(call.summary.replace("`", ""), in_korean()[call.name])


def _fits(call: Endpoint, text: str) -> bool:
    """Whether every word stands in its name, path, summary or fields."""
    summary = f"{call.summary} {in_korean()[call.name]}"
    known = f"{call.name} {call.method} {call.path} {summary} {' '.join(call.request.fields)}"
    return all(word in known.casefold() for word in text.casefold().split())


def _endpoint(look: Look) -> Endpoint:
    name = look.places["name"]
    found = next((call for call in served(_edition(look)) if call.name == name), None)
    if found is None:
        raise Misuse(
            look.say(
                f"this edition has no call {name[:40]!r}", f"{name[:40]!r}은(는) 없는 API입니다"
            ),
            404,
        )
    return found


def _taken(look: Look, name: str, field: Field) -> dict[str, Any]:
    """One field of the request, as a row."""
    return {"required": field.required, **_row(look, name, field_schema(name, field))}


def _told(look: Look, shape: Shape, before: str = "") -> list[dict[str, Any]]:
    """The keys of an answer, those of its objects below it."""
    rows = []
    for name, field in shape.fields.items():
        row = _row(look, name, told_schema(name, field))
        row["missing"] = name in shape.optional
        rows.append({**row, "name": f"{before}{name}"})
        if isinstance(field, Shape):
            mark = "[]." if field.many else "."
            rows += _told(look, field, f"{before}{name}{mark}")
    return rows


def _row(look: Look, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    kinds = schema.get("type", "")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    meaning = meanings().get(name)
    return {
        "name": name,
        "type": " / ".join(kind for kind in kinds if kind != "null"),
        "nullable": "null" in kinds,
        "limit": _limit(look, schema),
        "words": _words(schema),
        "meaning": look.say(meaning.en, meaning.ko) if meaning else "",
    }


def _words(schema: Mapping[str, Any]) -> list[str]:
    """The closed list of a field as JSON or query text has it: true and "true" are one word."""
    words = (word if isinstance(word, str) else json.dumps(word) for word in schema.get("enum", ()))
    return [word for word in dict.fromkeys(words) if word != "null"]


def _limit(look: Look, schema: Mapping[str, Any]) -> str:
    """A limit with its unit: the gateway counts bytes, but at key-in characters."""
    if "x-max-bytes" in schema:
        return look.say(f"{schema['x-max-bytes']} bytes", f"{schema['x-max-bytes']}바이트")
    if "maxLength" in schema:
        return look.say(f"{schema['maxLength']} characters", f"{schema['maxLength']}자")
    if "maximum" in schema:
        digits = len(str(schema["maximum"]))
        return look.say(f"{digits} digits", f"{digits}자리")
    return ""


def _curl(look: Look, endpoint: Endpoint, example: Example) -> str:
    """A line that makes this call with the key of the merchant that the page is about.

    It is not signed: signData is optional, and another key would sign otherwise.
    """
    query = urlencode(_unsigned(example.query))
    address = f"{look.base}{quote(example.path, safe='/')}{'?' if query else ''}{query}"
    options = [f"-u {_key(look.known)}"]
    if example.body is None:
        return curl_line(endpoint.method, address, options, None)
    options.append("-H 'Content-Type: application/json'")
    body = _unsigned(example.body)
    if look.known is not None and "encData" in body:
        body["encData"] = _encrypted_anew(
            body["encData"], example.secret_key, look.known.secret_key
        )
    return curl_line(endpoint.method, address, options, body)


def _encrypted_anew(text: str, secret_key: str, other_key: str) -> str:
    """The same encData as the holder of another key makes it; as it is, when that key is too short."""
    inside = open_encdata(text, secret_key, tuple(CIPHERS))
    try:
        return make_encdata(inside.values, other_key, inside.cipher)
    except ValueError:
        return text


def _unsigned(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in fields.items() if name not in {"ediDate", "signData"}}


def _key(merchant: Merchant | None) -> str:
    """The login as curl takes it; names in capitals where the page is about nobody."""
    if merchant is None:
        return "CLIENT_ID:SECRET_KEY"
    return f"{merchant.client_id}:{merchant.secret_key}"
