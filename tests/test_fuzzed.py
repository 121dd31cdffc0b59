"""The document against the gateway: whatever fits it, and whatever does not, is answered as it says.

Schemathesis makes the calls out of the document; the seed is fixed, so that each run makes the same.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from mock_nicepay import create_app
from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.possible import may_answer
from mock_nicepay.front.openapi.document import document
from mock_nicepay.front.openapi.stage import CALLS, Sent, Stage, login_of

pytestmark = pytest.mark.slow

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
DOCUMENT = document(EDITIONS["union"])
EACH = 40  # calls of an operation, in each mode


@pytest.fixture(scope="module")
def operations() -> Mapping[str, Any]:
    """The operations of the document by their names."""
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    found = (result.ok() for result in schema.get_all_operations())
    return {operation.definition.raw["operationId"]: operation for operation in found}


def repeated(strategy: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Calls a function with as many cases as we have time for, the same in each run."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        fixed = hypothesis_settings(
            derandomize=True,
            database=None,
            deadline=None,
            max_examples=EACH,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        run: Callable[..., None] = fixed(given(case=strategy, grounded=st.booleans())(test))
        return run

    return decorate


def ground(case: Any, stage: Stage, sent: Sent) -> None:
    """Let a case be about what there is: a true tid, bid or session, and good fields below its own."""
    case.path_parameters = {**(case.path_parameters or {}), **sent.places}
    if isinstance(case.body, dict):
        case.body = {
            **sent.fields,
            **case.body,
            **{k: v for k, v in sent.fields.items() if k == "encData"},
        }


def complaints(operation: Any, response: Any) -> list[str]:
    """What is wrong with the body by its status's schema; read in the character set it names."""
    charset = response.headers["content-type"][0].partition("charset=")[2]
    body = json.loads(response.content.decode("cp949" if charset == "euc-kr" else charset))
    described = operation.definition.raw["responses"][str(response.status_code)]
    schema = described["content"]["application/json"]["schema"]
    validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    return [f"{error.message}: {body}" for error in validator.iter_errors(body)]


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda m: m.value
)
@pytest.mark.parametrize("name", CALLS)
def test_every_answer_is_in_the_document(
    operations: Mapping[str, Any], name: str, mode: GenerationMode
) -> None:
    """No 5xx, a status, a media type and keys that are described, and a code that the call has."""
    operation, endpoint = operations[name], CALLS[name]
    stage = Stage(self_check="yes", webhook_timeout="1s")
    app = create_app(stage.sandbox)

    @repeated(operation.as_strategy(generation_mode=mode))
    def call(case: Any, grounded: bool) -> None:
        sent = stage.good_call(endpoint)
        if grounded:
            ground(case, stage, sent)
        case.headers = {"Authorization": login_of(sent.merchant or stage.server)}
        response = case.call(app=app, base_url="http://localhost")
        case.validate_response(response, checks=CHECKS)

        assert [] == complaints(operation, response)
        assert may_answer(
            endpoint, json.loads(response.content.decode("cp949", "replace"))["resultCode"]
        )

    call()
