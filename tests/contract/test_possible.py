"""Which codes a call may answer with, by its declaration."""

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.possible import common_codes, declines, may_answer, own_codes

CALLS = {endpoint.name: endpoint for endpoint in ENDPOINTS}

every_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)


@every_endpoint
def test_own_and_common_codes_part_the_table(endpoint: Endpoint) -> None:
    """Success stands first, nothing stands twice, and no code of the function is left out."""
    own = [row.key for row in own_codes(endpoint)]
    common = [row.key for row in common_codes(endpoint)]

    assert "0000" == own[0]
    assert len({*own, *common}) == len(own) + len(common)
    assert {row.code for row in own_codes(endpoint)} >= set(endpoint.codes)


@pytest.mark.parametrize(
    ("expected", "name", "code"),
    [
        (True, "token.issue", "U304"),
        (False, "payments.get", "U304"),
        (True, "payments.get", "U104"),
        (True, "payments.get", "U312"),
        (False, "terms.get", "U312"),
        (True, "payments.cancel", "U105"),
        (False, "checkout.get", "U105"),
        (True, "payments.cancel", "U100"),
        (False, "payments.get", "U100"),
        (True, "payments.approve", "U125"),
        (False, "payments.get", "U125"),
        (True, "payments.cancel", "U142"),
        (False, "payments.approve", "U142"),
        (True, "checkout.create", "U330"),
        (True, "payments.approve", "3011"),
        (False, "payments.get", "3011"),
        (True, "payments.approve", "U504"),
        (False, "payments.cancel", "U504"),
        (True, "terms.get", "U109"),
        (False, "payments.get", "U109"),
        (True, "webhook.create", "U335"),
        (True, "payments.cancel", "2011"),
        (False, "payments.get", "ZZZZ"),
    ],
)
def test_what_a_call_may_answer(expected: bool, name: str, code: str) -> None:
    """Its login's, its fields', its signature's and its function's; where the issuer decides, any no."""
    assert expected == may_answer(CALLS[name], code)


def test_declines_are_the_networks_nos() -> None:
    """No success is among them, and no code of the API alone."""
    assert {"3011", "2011", "9999", "F201"} <= declines()
    assert not {"0000", "3001", "U112", "P015"} & declines()
