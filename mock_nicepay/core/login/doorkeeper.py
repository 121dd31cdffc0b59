"""Authentication: finds the merchant behind Basic and Bearer, and says why a login is not accepted.

`identify` never refuses; it says which merchant a call names and what is wrong with its login.
`admit` refuses, by the rules of the called endpoint.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Network, ip_address

from mock_nicepay.contract.credentials import Login, looks_live, read_login
from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.endpoint import Endpoint
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.times import iso
from mock_nicepay.core.journal.masking import mask_client_id
from mock_nicepay.core.login.tokens import Claims, Tokens
from mock_nicepay.core.merchants.pairs import near_key, through_key
from mock_nicepay.core.records import Merchant, Token
from mock_nicepay.core.store import Store


# Never changed after it is made; see `contract/endpoint.py`.
@dataclass(slots=True)
class Caller:
    """The merchant a call names, and what is wrong with its login (`code` is empty if nothing)."""

    login: Login
    merchant: Merchant | None = None
    token: Token | None = None
    claims: Claims | None = None
    code: str = ""  # as the access-token call names it
    cause: Cause | None = None


class Doorkeeper:
    """Checks logins against the merchants and their tokens."""

    def __init__(self, store: Store, tokens: Tokens) -> None:
        self._store = store
        self._tokens = tokens

    def identify(self, header: str | None) -> Caller:
        """The caller named by the Authorization header. `admit` checks whether a token is live."""
        login = read_login(header)
        if login.scheme == "bearer":
            return self._by_token(login)
        merchant = through_key(self._store, login.client_id) if login.client_id else None
        if login.code:
            return Caller(login, merchant, code=login.code, cause=login.cause)
        # Documented (login.u116): a wrong secret for a known client is U116, not U117.
        if merchant is None:
            return Caller(login, code="U116", cause=self._why_unknown(login))
        if merchant.key_deleted:
            return Caller(login, merchant, code="U116", cause=_KEY_DELETED)
        if not compare_digest(
            merchant.secret_key.encode(), login.secret_key.encode("utf-8", "replace")
        ):
            return Caller(login, merchant, code="U116", cause=_why_wrong_secret(login, merchant))
        return Caller(login, merchant)

    def _by_token(self, login: Login) -> Caller:
        token = self._store.get(Token, login.token)
        claims = self._tokens.claims(token) if token is not None else None
        if token is None or claims is None:
            return Caller(
                login, code="U104", cause=_why_unknown_token(login.token, forged=token is not None)
            )
        merchant = through_key(self._store, token.key_id or token.client_id)
        return Caller(login, merchant, token, claims)

    def admit(
        self, caller: Caller, endpoint: Endpoint, edition: Edition, now: datetime, peer: str
    ) -> Merchant:
        """The merchant, if its login is accepted at this endpoint. Raises `Refusal`.

        Documented (login.u104): everywhere but at the access-token call every failure is U104
        with 401; that call names the cause (E26 info-basic-token).
        """
        code, cause = self._objection(caller, endpoint, edition, now)
        if code or caller.merchant is None:
            named = code if code and endpoint.names_login_failure else "U104"
            raise Refusal(named, cause=cause)
        # Documented (token.basic-key): a key of type Basic may not issue tokens, U103 with 403.
        if endpoint.names_login_failure and caller.merchant.auth_type == "basic":
            raise Refusal("U103", cause=_BASIC_ONLY)
        self._check_address(caller.merchant, peer)
        return caller.merchant

    def _objection(
        self, caller: Caller, endpoint: Endpoint, edition: Edition, now: datetime
    ) -> tuple[str, Cause | None]:
        if (
            endpoint.names_login_failure
            and caller.login.scheme == "bearer"
            and not edition.bearer_for_token
        ):
            return "U304", _BEARER_NOT_HERE
        if caller.code:
            return caller.code, caller.cause
        if caller.token is not None and caller.claims is not None:
            # Assumed (token.dead-bearer): a dead token at the access-token call is U104 with 401,
            # as everywhere else; no page names the code.
            if caller.claims.revoked:
                deleted = caller.merchant is not None and caller.merchant.key_deleted
                return "U104", _KEY_DELETED if deleted else _REVOKED
            if not caller.claims.live(now):
                return "U104", _expired(caller.claims, now)
        elif (
            caller.merchant
            and caller.merchant.auth_type == "token"
            and not endpoint.names_login_failure
        ):
            # Assumed (login.token-key): a key of type `token` that sends Basic is U104 like any failure.
            return "U104", _TOKEN_ONLY
        return "", None

    def _check_address(self, merchant: Merchant, peer: str) -> None:
        """Documented (login.allow-list): CIDR rules; an empty list allows every caller.

        Assumed (login.u315): U315 fits by its text; no page names the code.
        """
        if not merchant.allow or rule_for(merchant, peer) is not None:
            return
        allowed = ", ".join(str(network) for network in merchant.allow)
        raise Refusal(
            "U315",
            cause=Cause(
                f"the caller's address {peer} is not in the merchant's allow list ({allowed})",
                f"호출한 IP {peer}이(가) 상점의 허용 목록({allowed})에 없습니다",
            ),
        )

    def _why_unknown(self, login: Login) -> Cause:
        if looks_live(login.client_id):
            return Cause(
                "A LIVE KEY WAS SENT TO A MOCK: use a sandbox key here, and re-issue the live key if this "
                "machine's log or traffic is not yours alone",
                "운영 키가 모의 서버로 전송되었습니다! 샌드박스 키를 사용하고, 키 노출 가능성이 있으면 재발급하세요",
            )
        if through_key(self._store, login.secret_key) is not None:
            return Cause(
                "the two halves are swapped: clientId comes first, then the colon, then secretKey",
                "순서가 바뀌었습니다. clientId:secretKey 순서여야 합니다",
            )
        if self._encoded_twice(login):
            return Cause(
                "the credentials were Base64-encoded twice",
                "인증 정보가 Base64로 두 번 인코딩되었습니다",
            )
        bare = login.client_id.strip(" \t\r\n\"'")
        if bare != login.client_id and through_key(self._store, bare) is not None:
            return Cause(
                "the client id has spaces or quotes around it",
                "clientId 앞뒤에 공백이나 따옴표가 있습니다",
            )
        near = near_key(self._store, login.client_id, alike=0.85)
        hint_en = f"; the nearest known is {near}" if near else ""
        hint_ko = f" (가장 비슷한 키: {near})" if near else ""
        shown = mask_client_id(login.client_id)
        return Cause(
            f"no merchant here has the client id {shown!r}{hint_en}; add one with POST /_mock/merchants",
            f"clientId {shown!r}인 상점이 없습니다{hint_ko}. POST /_mock/merchants 로 추가할 수 있습니다",
        )

    def _encoded_twice(self, login: Login) -> bool:
        try:
            inner = base64.b64decode(login.client_id, validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            return False
        return through_key(self._store, inner.partition(":")[0]) is not None


def rule_for(merchant: Merchant, peer: str) -> IPv4Network | IPv6Network | None:
    """The rule of the merchant's allow list that admits that address; None when none does."""
    try:
        address = ip_address(peer)
    except ValueError:
        return None
    address = getattr(address, "ipv4_mapped", None) or address
    return next((network for network in merchant.allow if address in network), None)


def _why_wrong_secret(login: Login, merchant: Merchant) -> Cause:
    sent, right = login.secret_key, merchant.secret_key
    if sent and sent == merchant.former_secret_key:
        return _FORMER_SECRET
    if sent.rstrip("\r\n") == right:
        return Cause(
            "the Base64 decodes to a text with a trailing line feed: was it made with echo without -n?",
            "Base64를 풀면 끝에 줄바꿈이 있습니다. echo를 -n 없이 사용하지 않았나요?",
        )
    if sent.strip(" \t\"'") == right:
        return Cause(
            "the secret key has spaces or quotes around it",
            "secretKey 앞뒤에 공백이나 따옴표가 있습니다",
        )
    if sent.lower() == right:
        return Cause("the secret key was sent in upper case", "secretKey가 대문자로 전송되었습니다")
    if sent and right.startswith(sent):
        return Cause(
            f"the secret key is cut off after {len(sent)} of {len(right)} characters",
            f"secretKey가 {len(right)}자 중 {len(sent)}자에서 잘렸습니다",
        )
    return Cause(
        f"{merchant.calling_id} is known, but this is not its secret key",
        f"{merchant.calling_id} 상점은 있지만 secretKey가 다릅니다",
    )


def _why_unknown_token(token: str, *, forged: bool) -> Cause:
    if forged:
        return Cause(
            "the claims behind this token do not verify: the store was altered, or another server with "
            "another --token-key wrote it",
            "토큰에 연결된 서명 정보(JWT)를 검증할 수 없습니다. 저장소가 변조되었거나 --token-key가 다른 서버가 기록했습니다",
        )
    if not token:
        return Cause("the Bearer token is empty", "Bearer 토큰이 비어 있습니다")
    if token.startswith(('"', "'")) or token.endswith(('"', "'")):
        return Cause("the token was sent with quotes around it", "토큰 앞뒤에 따옴표가 있습니다")
    if len(token) % 4 == 0 and (":" in token or token.endswith("=")):
        return Cause(
            "this looks like Basic credentials sent with the word Bearer",
            "Basic 인증 정보를 Bearer로 보낸 것 같습니다",
        )
    return Cause(
        "no such token was issued here: another server's, or one from before a reset",
        "이 서버가 발급한 토큰이 아닙니다. 다른 서버의 토큰이거나 초기화 이전에 발급된 토큰입니다",
    )


def _expired(claims: Claims, now: datetime) -> Cause:
    late = int((now - claims.expires).total_seconds())
    return Cause(
        f"the token expired at {iso(claims.expires)}, {late} s ago by the merchant's clock; ask for a new one",
        f"토큰이 {iso(claims.expires)}에 만료되었습니다(상점 시계로 {late}초 전). 새 토큰을 요청하세요",
    )


_BEARER_NOT_HERE = Cause(
    "a Bearer header cannot ask for a token in this edition; send Basic credentials",
    "이 에디션에서는 Bearer로 토큰을 요청할 수 없습니다. Basic 인증을 사용하세요",
)
_KEY_DELETED = Cause(
    "this key pair has been deleted; its merchant has others: GET /_mock/merchants/keys lists them",
    "삭제된 키입니다. 이 상점의 다른 키를 사용하세요. GET /_mock/merchants/keys 로 확인할 수 있습니다",
)
_FORMER_SECRET = Cause(
    "this is the secret key from before the last re-issue; use the new one",
    "재발급 이전의 secretKey입니다. 재발급된 secretKey를 사용하세요",
)
_REVOKED = Cause(
    "the token was withdrawn before its time; ask for a new one",
    "만료 전에 폐기된 토큰입니다. 새 토큰을 요청하세요",
)
_BASIC_ONLY = Cause(
    "this key's authorization type is `basic`: it sends Basic credentials with every call and needs no token",
    "이 키의 인증 방식은 `basic`입니다. 토큰 없이 모든 호출에 Basic 인증을 사용합니다",
)
_TOKEN_ONLY = Cause(
    "this key's authorization type is `token`: get an access token with it and send that as Bearer",
    "이 키의 인증 방식은 `token`입니다. 액세스 토큰을 발급받아 Bearer로 보내야 합니다",
)
