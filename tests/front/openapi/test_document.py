"""The OpenAPI document: valid, complete, and consistent with the gateway's answers."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.calls import CALL_NAMES
from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.possible import common_codes, own_codes
from mock_nicepay.contract.window.return_forms import AUTHENTICATION
from mock_nicepay.core.records import Payment
from mock_nicepay.core.webhooks.notices import event_values
from mock_nicepay.front.openapi.document import document, served
from mock_nicepay.front.openapi.stage import CALLS, Stage

UNION = document(EDITIONS["union"])
Operation = dict[str, Any]

every_edition = pytest.mark.parametrize("edition", EDITIONS)
every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)


def operations(made: dict[str, Any]) -> dict[str, Operation]:
    """Every operation by its name."""
    return {
        operation["operationId"]: operation
        for path in made["paths"].values()
        for operation in path.values()
    }


def errors(schema: dict[str, Any], value: Any) -> list[str]:
    """What is wrong with a value, by a schema of the document."""
    whole = {**schema, "components": UNION["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def names_in(value: Any) -> Iterator[str]:
    """Every `$ref` within a JSON value."""
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
        for each in value.values():
            yield from names_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from names_in(each)


@every_edition
def test_it_is_valid(edition: str) -> None:
    """OpenAPI 3.1, as its own validator sees it; and JSON."""
    made = document(EDITIONS[edition])

    assert [] == [error.message for error in OpenAPIV31SpecValidator(made).iter_errors()]
    assert made == json.loads(json.dumps(made, ensure_ascii=False))


@every_edition
def test_it_has_every_call_of_the_edition(edition: str) -> None:
    """By the names of the calls, and in their order."""
    names = [endpoint.name for endpoint in served(EDITIONS[edition])]

    assert sorted(names) == sorted(operations(document(EDITIONS[edition])))
    assert set(names) <= set(CALL_NAMES)


def test_the_editions_differ() -> None:
    """A call that an edition does not have is not in its document."""
    assert "subscribe.status" in operations(UNION)
    assert "subscribe.status" not in operations(document(EDITIONS["manual"]))


@every_edition
@every_endpoint
def test_its_examples_are_true(edition: str, endpoint: Endpoint) -> None:
    """Request and answer match the schemas, and the answer is a success."""
    operation = operations(document(EDITIONS[edition])).get(endpoint.name)
    if operation is None:
        assert endpoint not in served(EDITIONS[edition])
        return
    told = operation["responses"]["200"]["content"]["application/json"]

    assert [] == errors(told["schema"], told["example"])
    assert "0000" == next(iter(told["example"].values()))
    for media in operation.get("requestBody", {}).get("content", {}).values():
        assert [] == errors(media["schema"], media.get("example", {}))


@every_endpoint
def test_an_operation_says_all_there_is(endpoint: Endpoint) -> None:
    """Fields, limits, formulas, codes, answers by status."""
    operation = operations(UNION)[endpoint.name]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    properties = body.get("schema", {}).get("properties", {})
    parameters = {each["name"]: each for each in operation["parameters"]}
    described = {**{name: each["schema"] for name, each in parameters.items()}, **properties}
    rows = [*own_codes(endpoint), *common_codes(endpoint)]

    assert set(re.findall(r"{(\w+)}", endpoint.path)) <= set(parameters)
    assert set(endpoint.request.fields) <= set(described)
    assert all("type" in schema for schema in described.values())
    for name, field in endpoint.request.declared.items():
        required = name in body.get("schema", {}).get("required", [])
        assert field.required == (required or parameters.get(name, {}).get("required", False))
    assert {str(row.http) for row in rows} == set(operation["responses"])
    assert [row.code for row in rows] == [each["code"] for each in operation["x-result-codes"]]
    for formula in filter(None, (endpoint.sign, endpoint.signature)):
        assert f"`{formula}`" in operation["description"]


def test_a_limit_says_that_bytes_count() -> None:
    """And at key-in characters."""
    calls = operations(UNION)
    cancel = calls["payments.cancel"]["requestBody"]["content"]["application/json"]["schema"]
    keyed = calls["keyin.pay"]["requestBody"]["content"]["application/json"]["schema"]
    reason, goods = cancel["properties"]["reason"], keyed["properties"]["goodsName"]

    assert (100, 100) == (reason["maxLength"], reason["x-max-bytes"])
    assert "100 bytes in UTF-8" in reason["description"]
    assert (40, False) == (goods["maxLength"], "x-max-bytes" in goods)
    assert "40 characters" in goods["description"]


def test_every_reference_leads_somewhere() -> None:
    """Every referenced schema exists."""
    known = {f"#/components/schemas/{name}" for name in UNION["components"]["schemas"]}

    assert set(names_in(UNION)) <= known


def test_the_login_is_described() -> None:
    """Basic everywhere, a token as well; for a token of the newest edition Basic alone."""
    gateway = operations(document(EDITIONS["gateway"]))

    assert [{"basic": []}, {"bearer": []}] == operations(UNION)["token.issue"]["security"]
    assert [{"basic": []}] == gateway["token.issue"]["security"]
    assert [{"basic": []}, {"bearer": []}] == gateway["payments.get"]["security"]


def test_what_nicepay_sends_is_described() -> None:
    """The event of a webhook, and the three forms with their fields in order."""
    sent = UNION["webhooks"]
    form = sent["returnUrl.authentication"]["post"]["requestBody"]["content"]
    schema = form["application/x-www-form-urlencoded"]["schema"]

    assert {"webhook.deliver", *(n for n in sent if n.startswith("returnUrl."))} == set(sent)
    assert list(AUTHENTICATION.fields) == schema["x-key-order"]
    assert "signature" not in schema["required"]
    assert (
        "authToken + clientId + amount" in sent["returnUrl.authentication"]["post"]["description"]
    )
    assert (
        "{$request.body#/returnUrl}"
        in operations(UNION)["checkout.create"]["callbacks"]["returnUrl"]
    )


def test_where_fields_are_read_depends_on_the_edition() -> None:
    """returnCharSet of the access token: in the query today, in the body of K25."""
    newest = operations(document(EDITIONS["gateway"]))["token.issue"]
    oldest = operations(document(EDITIONS["manual"]))["token.issue"]

    assert (["returnCharSet"], False) == (
        [each["name"] for each in newest["parameters"]],
        "requestBody" in newest,
    )
    assert ([], True) == (oldest["parameters"], "requestBody" in oldest)


def test_a_code_that_only_a_scenario_brings_is_marked() -> None:
    """U335 is in the list of the webhook pages, but nothing here fails to be stored."""
    codes = {each["code"]: each for each in operations(UNION)["webhook.create"]["x-result-codes"]}

    assert codes["U335"]["scenarioOnly"]
    assert "scenarioOnly" not in codes["U333"]


@pytest.mark.parametrize("name", ["payments.approve", "subscribe.pay", "keyin.pay", "epay.pay"])
def test_an_event_is_as_described(name: str) -> None:
    """Of a window's payment, a charge with its bid, a key-in; keys in their order."""
    stage = Stage()
    sent = stage.good_call(CALLS[name])
    stage.play(CALLS[name], sent)
    payment = stage.sandbox.store.find(Payment, stage.server.client_id)[-1]
    event = event_values(payment, stage.now, stage.server.secret_key)
    body = UNION["webhooks"]["webhook.deliver"]["post"]["requestBody"]["content"]
    schemas = UNION["components"]["schemas"]
    order = schemas["KeyedIn" if name == "keyin.pay" else "Event"]["x-key-order"]

    assert [] == errors(body["application/json"]["schema"], event)
    assert list(event) == [key for key in order if key in event]
    assert ("bid" in event) == (name == "subscribe.pay")
