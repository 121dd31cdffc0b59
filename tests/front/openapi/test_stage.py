"""The stage: every call succeeds on it, each time, and examples are the same in each run."""

import json

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.front.openapi.examples import example_of
from mock_nicepay.front.openapi.stage import CALLS, Stage

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)


@every_endpoint
def test_every_call_succeeds_twice(endpoint: Endpoint) -> None:
    """A good call is good whatever else has happened on the stage."""
    stage = Stage(self_check="yes")
    for _ in range(2):
        answer = json.loads(stage.play(endpoint, stage.good_call(endpoint)).body)

        assert "0000" == answer["resultCode"], answer


@every_endpoint
def test_an_example_is_the_same_in_each_run(endpoint: Endpoint) -> None:
    """Clock and seed are fixed."""
    stage = Stage(edition="union")
    played = stage.play(endpoint, stage.good_call(endpoint))

    assert json.loads(played.body) == example_of(endpoint, EDITIONS["union"]).answer


def test_an_example_is_signed() -> None:
    """With signData that the call takes."""
    example = example_of(CALLS["payments.cancel"], EDITIONS["union"])

    assert {"ediDate", "signData", "reason", "orderId"} == set(example.body)
    assert example.path.startswith("/v1/payments/UT")
