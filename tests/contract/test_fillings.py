"""What fills a message's places when nobody earned it: real fields, real limits, never a bracket."""

from typing import Any

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.fields import Text
from mock_nicepay.contract.fillings import fill_values, subject_of
from mock_nicepay.contract.tables import ResultCode, result_code, result_codes
from mock_nicepay.contract.window.request import PARAMETERS, REQUEST_PAY

CALLS = {endpoint.name: endpoint for endpoint in ENDPOINTS}
WITH_PLACES = [row for row in result_codes().values() if row.places]


def told(
    code: str, call: str, given: tuple[str, ...] = (), known: dict[str, Any] | None = None
) -> str:
    """The message of a code as that call is told it."""
    row, endpoint = result_code(code), CALLS[call]
    places = tuple(part[1:-1] for part in endpoint.path.split("/") if part.startswith("{"))
    return row.message(*fill_values(row, subject_of(endpoint.request, places), given, known))


@pytest.mark.parametrize(
    ("expected", "code", "call"),
    [
        ("필드 최대길이 초과[max:10, realLength:11]", "U105", "token.issue"),
        ("필드 최대길이 초과[max:100, realLength:101]", "U105", "payments.cancel"),
        ("필드 최대길이 초과[max:256, realLength:257]", "U105", "payments.approve"),
        ("필드 최대길이 초과[max:64, realLength:65]", "U105", "checkout.get"),
        ("허용된 옵션 내용이 아닙니다.[unknown]", "U132", "token.issue"),
        ("returnCharSet 필수입력항목이 누락되었습니다.", "U100", "token.issue"),
        ("reason 필수입력항목이 누락되었습니다.", "U100", "payments.cancel"),
        ("tid 필수입력항목이 누락되었습니다.", "U100", "payments.get"),
        ("sessionId 필수입력항목이 누락되었습니다.", "U100", "checkout.get"),
        ("orderId 필수입력항목이 누락되었습니다.", "U100", "webhook.get"),
        ("[cancelAmt] 필드는 0이하의 값은 허용하지 않습니다.", "U142", "payments.cancel"),
        ("[amount] 필드는 0이하의 값은 허용하지 않습니다.", "U142", "payments.approve"),
        ("[cancelAmt] 필드는 0이하의 값은 허용하지 않습니다.", "U142", "webhook.get"),
        ("[vbankValidHours] 필드는 0이하의 값은 허용하지 않습니다.", "U339", "checkout.create"),
        ("정상 처리되었습니다.", "0000", "payments.get"),
    ],
)
def test_a_made_up_message_is_about_the_call(expected: str, code: str, call: str) -> None:
    """A field that must be there, a limit that there is, an amount that is paid or cancelled."""
    assert expected == told(code, call)


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ("필드 최대길이 초과[max:40, realLength:11]", ("40",)),
        ("필드 최대길이 초과[max:40, realLength:52]", ("40", "52")),
        ("필드 최대길이 초과[max:40, realLength:52]", ("40", "52", "too much")),
    ],
)
def test_what_is_given_comes_first(expected: str, given: tuple[str, ...]) -> None:
    """A scenario's own values stand from the left; the rest is made up."""
    assert expected == told("U105", "token.issue", given)


@pytest.mark.parametrize(
    ("expected", "code", "known"),
    [
        ("orderid A-1가 이미 존재합니다.", "P015", {"orderId": "A-1"}),
        ("orderid 7가 이미 존재합니다.", "P015", {"orderId": 7}),
        ("orderid order-1가 이미 존재합니다.", "P015", {"orderId": ["A"]}),
        ("orderid order-1가 이미 존재합니다.", "P015", {"orderId": ""}),
        (f"orderid {'x' * 100}가 이미 존재합니다.", "P015", {"orderId": "x" * 1000}),
        (
            "Mid [nictest04m]에 해당 하는 merchant key 정보가 없습니다.",
            "P014",
            {"mid": "nictest04m"},
        ),
    ],
)
def test_what_was_sent_is_repeated(expected: str, code: str, known: dict[str, Any]) -> None:
    """An orderId and a mid are the caller's own, shortened; anything odd is made up."""
    assert expected == told(code, "payments.cancel", known=known)


@pytest.mark.parametrize("row", WITH_PLACES, ids=lambda row: str(row.key))
def test_no_place_stays_empty(row: ResultCode) -> None:
    """At each call and in the window every place has a value of its own."""
    subjects = [subject_of(endpoint.request) for endpoint in ENDPOINTS]
    for subject in (*subjects, subject_of(REQUEST_PAY)):
        values = fill_values(row, subject)

        assert row.places == len(values)
        assert all(values)
        assert not set("{}") & set(row.message(*values))


def test_the_window_speaks_of_its_parameters() -> None:
    """What is missing there is a parameter of requestPay."""
    row = result_code("P007")

    assert fill_values(row, subject_of(REQUEST_PAY))[0] in PARAMETERS


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: str(endpoint.name))
def test_a_limit_is_one_of_the_call(endpoint: Endpoint) -> None:
    """U105 names the limit of a field, a required one's first."""
    fields = endpoint.request.fields.values()
    limits = {field.max_bytes for field in fields if isinstance(field, Text)} - {None}
    limit, length = fill_values(result_code("U105"), subject_of(endpoint.request))

    assert int(limit) in (limits or {64})
    assert int(length) == int(limit) + 1
