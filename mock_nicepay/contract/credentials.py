"""The `Authorization` header: what login it carries, or exactly what is wrong with it.

Documented (login.causes): which failure has which code (E26 info-basic-token).
Assumed (login.order): scheme, Base64, colon, empty half, then the look-up, then the key's type; no
page gives the order.
"""

import string
from binascii import a2b_base64
from dataclasses import dataclass, field

from mock_nicepay.contract.refusal import Cause

LIVE_PREFIXES = ("R1_", "R2_")
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/=")


# Nobody changes one; see `contract/endpoint.py`.
@dataclass(slots=True)
class Login:
    """What one header says. With a `code` it cannot be used, and `cause` tells why."""

    scheme: str  # basic, bearer, other or none
    client_id: str = ""
    secret_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    code: str = ""  # as the access-token call names the failure
    cause: Cause | None = None


def read_login(header: str | None) -> Login:
    """The login in an Authorization header. Scheme names are case-insensitive."""
    if header is None or not header.strip():
        return _NO_HEADER
    scheme, _, payload = header.strip().partition(" ")
    payload = payload.strip()
    if scheme.lower() == "bearer":
        return Login("bearer", token=payload)
    if scheme.lower() != "basic":
        shown = f"{scheme[:20]}" if payload else "(no scheme)"
        return Login(
            "other",
            code="U304",
            cause=Cause(
                f"the Authorization scheme is {shown}; send `Basic` and base64(clientId:secretKey)",
                f"Authorization 방식이 {shown}입니다. `Basic` + base64(clientId:secretKey)로 보내야 합니다",
            ),
        )
    return _read_basic(payload)


def _read_basic(payload: str) -> Login:
    try:
        decoded = a2b_base64(payload, strict_mode=True)
    except ValueError:
        return Login("basic", code="U101", cause=_why_no_base64(payload))
    # Assumed (login.not-utf-8): bytes that are not UTF-8 are replaced, and so name no client.
    text = decoded.decode("utf-8", "replace")
    client_id, colon, secret_key = text.partition(":")
    if not colon:
        return Login("basic", text, code="U304", cause=_why_no_colon(text))
    if not client_id or not secret_key:
        half = "clientId" if not client_id else "secretKey"
        side_en, side_ko = ("before", "앞") if not client_id else ("after", "뒤")
        return Login(
            "basic",
            client_id,
            secret_key,
            code="U117",
            cause=Cause(
                f"the {half} {side_en} the colon is empty: is the environment variable set?",
                f"콜론 {side_ko}의 {half} 값이 비어 있습니다. 환경 변수가 설정되어 있는지 확인하세요",
            ),
        )
    return Login("basic", client_id, secret_key)


def _why_no_base64(payload: str) -> Cause:
    """Assumed (login.padding): Base64 without its `=` is not Base64 here, U101."""
    strangers = sorted(set(payload) - _BASE64)
    if "-" in strangers or "_" in strangers:
        if ":" in payload:
            return Cause(
                "the credentials were sent as they are; send base64(clientId:secretKey)",
                "인증 정보가 인코딩되지 않았습니다. base64(clientId:secretKey)로 보내야 합니다",
            )
        return Cause(
            "the credentials are URL-safe Base64 (with - or _); send standard Base64 (with + and /)",
            "URL-safe Base64(-, _)입니다. 표준 Base64(+, /)로 보내야 합니다",
        )
    if strangers:
        shown = " ".join(repr(c) for c in strangers[:5])
        return Cause(
            f"the credentials contain characters that are not Base64: {shown}",
            f"Base64가 아닌 문자가 포함되어 있습니다: {shown}",
        )
    if len(payload) % 4 and "=" not in payload:
        return Cause(
            "the Base64 lacks its padding: its length must be a multiple of 4, filled up with =",
            "Base64 패딩(=)이 없습니다. 길이가 4의 배수가 되도록 =로 채워야 합니다",
        )
    return Cause("the credentials are not Base64", "인증 정보가 Base64 형식이 아닙니다")


def _why_no_colon(text: str) -> Cause:
    if not text:
        return Cause("the credentials are empty", "인증 정보가 비어 있습니다")
    if _is_login(text):
        return Cause(
            "the credentials were Base64-encoded twice",
            "인증 정보가 Base64로 두 번 인코딩되었습니다",
        )
    return Cause(
        "the Base64 decodes to a text without a colon; encode clientId:secretKey as one text",
        "Base64를 풀면 콜론이 없습니다. clientId:secretKey 전체를 하나로 인코딩해야 합니다",
    )


_NO_HEADER = Login(
    "none",
    code="U304",
    cause=Cause("there is no Authorization header", "Authorization 헤더가 없습니다"),
)


def _is_login(text: str) -> bool:
    try:
        return b":" in a2b_base64(text, strict_mode=True)
    except ValueError:
        return False


def looks_live(client_id: str) -> bool:
    """Whether a key has the form of a live key, which must never be sent to a mock."""
    return client_id.strip(" \t\r\n\"'\ufeff").upper().startswith(LIVE_PREFIXES)
