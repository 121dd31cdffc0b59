"""Explains a wrong signData: finds by trial what the caller seems to have hashed instead.

It tries every order and choice of the values at hand, other spellings of them, a `+` that became a
space, other merchants' keys, the key in another place or left out, upper-case hex, Base64, HMAC and
the other common hash functions.
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from types import MappingProxyType
from urllib.parse import quote

from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.signing import SECRET, Formula

_PARTS = (
    *("tid", "orderId", "bid", "amount", "cancelAmt", "ediDate", "clientId", "mallReserved"),
    "authToken",
)
_MOST_PARTS = 4
_MOST_TEXT = 2_000  # characters to hash some thousand times; no genuine request has more
_HASHES = ("sha1", "md5", "sha512")
# Other ways in which a value may have been written for the hash.
_SPELLINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("amount", lambda amount: f"{amount}.0"),
    ("amount", lambda amount: f"{amount}.00"),
    ("amount", lambda amount: f"{int(amount):,}" if amount.isdecimal() else amount),
    ("ediDate", lambda moment: quote(moment, safe="", errors="replace")),
)


def why_missigned(
    formula: Formula,
    sign_data: str,
    values: Mapping[str, object],
    secret_key: str,
    client_id: str,
    other_keys: Mapping[str, str] = MappingProxyType({}),
    what: str = "signData",
) -> Cause:
    """Say what signData must be for these values, and what it seems to be. Shows no secret key.

    `other_keys` are secret keys that may have been used by mistake, with their descriptions as keys;
    `what` is the signature's name.
    """
    known = {name: str(values[name]) for name in _PARTS if values.get(name)} | {
        "clientId": client_id
    }
    wanted = formula.text(values, f"<{SECRET}>")
    wanted = wanted if len(wanted) <= _MOST_TEXT else f"{wanted[:_MOST_TEXT]}…"
    short = sum(map(len, known.values())) <= _MOST_TEXT
    clue = _clue(formula, sign_data, known, secret_key, other_keys) if short else None
    seems_en, seems_ko = clue or (
        "what was hashed instead could not be found out",
        "어떤 문자열을 해시했는지 알아내지 못했습니다",
    )
    return Cause(
        f"{what} must be {formula}, the lower-case hex SHA-256 of {wanted!r}; {seems_en}",
        f"{what} 값은 {formula}이어야 합니다. 해시할 문자열: {wanted!r}. {seems_ko}",
    )


def _clue(
    formula: Formula,
    sign_data: str,
    known: Mapping[str, str],
    secret_key: str,
    other_keys: Mapping[str, str],
) -> tuple[str, str] | None:
    """What explains `sign_data`, in English and Korean; None when no trial fits."""
    sent = sign_data.strip()
    if "ediDate" in formula.parts and "ediDate" not in known:
        return "no ediDate was sent with it", "ediDate를 함께 보내지 않았습니다"
    if sent != sign_data and formula.verify(sent, known, secret_key):
        return (
            "there are blanks around it; send it alone",
            "앞뒤에 공백이 있습니다. 공백을 빼고 보내야 합니다",
        )
    for text, told_en, told_ko in _texts(formula, known, secret_key, other_keys):
        if form := _form_of(sent, text):
            return f"{told_en}{form[0]}", f"{told_ko}{form[1]}"
    return _other_hash(sent, formula.text(known, ""), secret_key)


def _form_of(sent: str, text: str) -> tuple[str, str] | None:
    """How `sent` writes the SHA-256 of a text, in English and Korean: "" if right, None if it is not it."""
    digest = hashlib.sha256(text.encode("utf-8", "replace"))
    if sent == digest.hexdigest():
        return "", ""
    if sent.lower() == digest.hexdigest():
        return ", in upper-case hex", " (대문자 16진수)"
    if sent == b64encode(digest.digest()).decode():
        return ", in Base64 instead of hex", " (16진수가 아닌 Base64)"
    return None


def _other_hash(sent: str, values: str, secret_key: str) -> tuple[str, str] | None:
    """The other hash of the right text that `sent` is, or seems to be by its length."""
    text, key = values.encode("utf-8", "replace"), secret_key.encode()
    if sent.lower() == hmac.new(key, text, hashlib.sha256).hexdigest():
        return (
            f"it is an HMAC; write {SECRET} at the end of the text and take its plain SHA-256",
            f"HMAC입니다. {SECRET}를 문자열 끝에 붙여 일반 SHA-256으로 해시해야 합니다",
        )
    for name in _HASHES:
        if sent.lower() == hashlib.new(name, text + key, usedforsecurity=False).hexdigest():
            return f"it is {name.upper()}, not SHA-256", f"SHA-256이 아니라 {name.upper()}입니다"
    if len(sent) != 64:
        return (
            f"it has {len(sent)} characters, and a SHA-256 in hex has 64",
            f"길이가 {len(sent)}자입니다. SHA-256 해시는 16진수로 64자여야 합니다",
        )
    return None


def _texts(
    formula: Formula, known: Mapping[str, str], secret_key: str, other_keys: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Each text a caller may have hashed, with its description; the likeliest first."""
    right = tuple(part for part in formula.parts if part in known)
    yield from _other_values(known, right, secret_key)
    yield from _other_secrets(formula, known, other_keys)
    yield from _other_spellings(formula, known, right, secret_key)
    yield from _separated(known, right, secret_key)


def _other_values(
    known: Mapping[str, str], right: tuple[str, ...], secret_key: str
) -> Iterator[tuple[str, str, str]]:
    """Other values, another order of them, or the secret key in another place."""
    for values, note_en, note_ko in _versions(known):
        for parts in (right, *_choices(known, right)):
            text = "".join(values[part] for part in parts)
            name = " + ".join(parts)
            for hashed, form in (
                (text + secret_key, f"{name} + {SECRET}"),
                (secret_key + text, f"{SECRET} + {name}"),
                (text, name),
                (text + known["clientId"], f"{name} + clientId"),
            ):
                yield (
                    hashed,
                    f"it seems to be made from {form}{note_en}",
                    f"{form}(으)로 만든 것 같습니다{note_ko}",
                )


def _other_secrets(
    formula: Formula, known: Mapping[str, str], other_keys: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """The right text with the secret key of another pair."""
    for name, key in other_keys.items():
        yield (
            formula.text(known, key),
            f"it seems to be made with another secret key ({name})",
            f"다른 시크릿 키({name})로 만든 것 같습니다",
        )


def _other_spellings(
    formula: Formula, known: Mapping[str, str], right: tuple[str, ...], secret_key: str
) -> Iterator[tuple[str, str, str]]:
    """The right text with one value written in another way."""
    for part, spell in _SPELLINGS:
        if part in right:
            spelt = spell(known[part])
            yield (
                formula.text({**known, part: spelt}, secret_key),
                f"it seems to be made with {part} written as {spelt!r}",
                f"{part} 값을 {spelt!r}(으)로 적어 만든 것 같습니다",
            )


def _separated(
    known: Mapping[str, str], right: tuple[str, ...], secret_key: str
) -> Iterator[tuple[str, str, str]]:
    """The right values with a separator between them."""
    for separator in ("&", "|", ":", ",", " "):
        yield (
            separator.join([*(known[part] for part in right), secret_key]),
            f"it seems to be made with {separator!r} between the values; there is nothing between them",
            f"값 사이에 {separator!r} 문자를 넣은 것 같습니다. 구분자 없이 이어 붙여야 합니다",
        )


def _versions(known: Mapping[str, str]) -> Iterator[tuple[Mapping[str, str], str, str]]:
    """The values as they arrived, and with the + in ediDate restored, which a query makes a space."""
    if " " in known.get("ediDate", ""):
        restored = {**known, "ediDate": known["ediDate"].replace(" ", "+")}
        yield (
            restored,
            " while the + of ediDate arrived as a space: send it as %2B",
            " (ediDate의 +가 공백으로 도착했습니다. %2B로 인코딩해야 합니다)",
        )
    yield known, "", ""


def _choices(known: Mapping[str, str], right: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Other orders and choices of the values, beginning with the values of the right formula."""
    for count in range(len(right), 0, -1):
        yield from permutations(right, count)
    for count in range(1, _MOST_PARTS + 1):
        yield from permutations(known, count)
