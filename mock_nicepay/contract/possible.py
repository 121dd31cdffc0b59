"""Which result codes a call may answer with, read from its declaration.

What its function refuses with is declared; everything else follows: the codes of the login, of the
fields' types, of the signature. A payment-network code at a call where the issuer decides may be any.
"""

from collections.abc import Iterator

from mock_nicepay.contract.calls import PAYING
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.fields import Field, Text
from mock_nicepay.contract.tables import SUCCESS, ResultCode, result_code, result_codes

# What a login may be refused with: by the access-token call, which says why, and by every other.
_NAMED_LOGIN = ("U304", "U101", "U117", "U116", "U103", "U104")
_LOGIN = ("U104",)
_EVERYWHERE = ("U315", "9999")
_NET_CANCELLED = ("U504", "U503")


def own_codes(endpoint: Endpoint) -> list[ResultCode]:
    """The codes that this call has for reasons of its own, success first, in declared order."""
    keys = dict.fromkeys((SUCCESS, *endpoint.codes, *_of_paying(endpoint), *endpoint.listed))
    return [result_code(key, endpoint.domain) for key in keys]


def common_codes(endpoint: Endpoint) -> list[ResultCode]:
    """The codes that come of what it shares with others: login, fields, signature."""
    own = {row.key for row in own_codes(endpoint)}
    keys = dict.fromkeys([*_of_login(endpoint), *_of_fields(endpoint), *_EVERYWHERE])
    rows = (result_code(key, endpoint.domain) for key in keys)
    return [row for row in rows if row.key not in own]


def may_answer(endpoint: Endpoint, code: str) -> bool:
    """Whether the call may answer with this code, as it stands on the wire."""
    if any(row.code == code for row in (*own_codes(endpoint), *common_codes(endpoint))):
        return True
    return endpoint.issuer_decides and code in declines()


def declines() -> frozenset[str]:
    """The codes that the payment network may say no with, as they stand on the wire."""
    return frozenset(row.code for row in result_codes().values() if row.is_decline)


def _of_paying(endpoint: Endpoint) -> tuple[str, ...]:
    return _NET_CANCELLED if endpoint.name in PAYING else ()


def _of_login(endpoint: Endpoint) -> Iterator[str]:
    yield from _NAMED_LOGIN if endpoint.names_login_failure else _LOGIN
    if not endpoint.in_sandbox:
        yield "U109"


def _of_fields(endpoint: Endpoint) -> Iterator[str]:
    fields = list(endpoint.request.declared.values())
    if endpoint.reads == "body":
        yield "U125"
    if any(field.required for field in fields):
        yield "U100"
    for field in fields:
        yield from _of_field(field)
    if endpoint.sign is not None:
        yield "U312"


def _of_field(field: Field) -> Iterator[str]:
    """Without a limit there is no U105: only its type's other codes."""
    unlimited = isinstance(field, Text) and field.max_bytes is None
    for code in field.refuses_with:
        if not (unlimited and code == "U105"):
            yield code
