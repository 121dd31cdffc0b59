"""Why an encData does not open: what its sender seems to have done instead, found by trying.

Tried are the other ciphers, every key a sender may have taken, no IV and IVs of other kinds, other
paddings, Base64, and plain text. No value from inside is ever told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5, sha256
from urllib.parse import unquote

from mock_nicepay.contract.encdata.ciphers import (
    BLOCK,
    CIPHERS,
    chained,
    decrypt,
    read_pairs,
    unpadded,
)
from mock_nicepay.contract.encdata.form import HEX, Clue, clue_of_form, holds_pairs
from mock_nicepay.contract.refusal import Cause

_MODES = {  # what a sender has to do for a cipher to be the one that is expected
    "AES-128-ECB": (
        "AES-128-ECB (key: the first 16 characters of the secret key; no IV)",
        "AES-128-ECB(키: 시크릿 키 앞 16자, IV 없음)",
    ),
    "AES-128-CBC": (
        "AES-128-CBC (key and IV: the first 16 characters of the secret key)",
        "AES-128-CBC(키와 IV: 시크릿 키 앞 16자)",
    ),
    "AES-256-CBC": (
        "AES-256-CBC with encMode A2 (key: the 32 characters of the secret key; IV: its first 16)",
        "encMode A2와 함께 보내는 AES-256-CBC(키: 시크릿 키 32자, IV: 앞 16자)",
    ),
}

_CONTROLS = "\r\n\t\0"  # that writers leave in a text
_WITHOUT_CONTROLS = str.maketrans(dict.fromkeys(_CONTROLS))
_PADDINGS = {  # by the last byte
    b"\0": ("padded with zero bytes instead of PKCS7", "PKCS7이 아니라 0 바이트로 채웠습니다"),
    b" ": ("padded with blanks instead of PKCS7", "PKCS7이 아니라 공백으로 채웠습니다"),
}
_NO_PADDING = (
    "without padding; PKCS7 adds some always",
    "패딩이 없습니다. PKCS7은 항상 패딩을 더합니다",
)


_NO_PAIRS = Clue(
    "it opens, and inside is not name=value&name=value",
    "복호화되지만 내용이 이름=값&이름=값 형식이 아닙니다",
)


@dataclass(frozen=True, slots=True)
class _Key:
    """A key that a sender may have encrypted with, and how to call it."""

    data: bytes
    en: str
    ko: str


def why_unreadable(
    text: str, secret_key: str, ciphers: Sequence[str], other_keys: Mapping[str, str]
) -> Cause:
    """What encData must be here, and what it seems to be. Neither a key nor a value is shown."""
    clue = (
        clue_of_form(text)
        or _clue_of_secret(secret_key, ciphers)
        or _clue_of_cipher(bytes.fromhex(text), secret_key, ciphers, other_keys)
    )
    wanted_en = " or ".join(_MODES[name][0] for name in ciphers)
    wanted_ko = " 또는 ".join(_MODES[name][1] for name in ciphers)
    return Cause(
        f"encData cannot be opened: {_ended(clue.en)} What is expected: hex of {wanted_en}; PKCS7 "
        "padding; the secret key taken as text",
        f"encData를 복호화할 수 없습니다. {_ended(clue.ko)} 필요한 형식: {wanted_ko}, PKCS7 패딩, 시크릿 키는 "
        "문자열 그대로 사용, 결과는 16진수",
    )


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."


def _clue_of_secret(secret_key: str, ciphers: Sequence[str]) -> Clue | None:
    """Whether the merchant's own key is too short for all of these ciphers."""
    needed = min(CIPHERS[name].key_bytes for name in ciphers)
    if secret_key.isascii() and len(secret_key) >= needed:
        return None
    return Clue(
        f"the secret key here has {len(secret_key)} characters, and the cipher needs {needed} of ASCII",
        f"시크릿 키가 {len(secret_key)}자입니다. 이 암호 방식에는 ASCII {needed}자가 필요합니다",
    )


# What can be seen by trying


def _clue_of_cipher(
    data: bytes, secret_key: str, ciphers: Sequence[str], other_keys: Mapping[str, str]
) -> Clue:
    inside = _in_plain_hex(data) or _clue_of_inside(data, secret_key, ciphers)
    if inside and inside is not _NO_PAIRS:
        return inside
    for key in _keys(secret_key, other_keys):
        clue = _clue_of_key(data, key, own=key.data == secret_key.encode()[: len(key.data)])
        if clue:
            return clue
    # A wrong IV, too, makes a text that can be read and is none: so it is asked for before.
    return inside or Clue(
        "no key, cipher, IV or padding that was tried opens it; was it made with another merchant's "
        "secret key, or changed on the way?",
        "시도한 키, 암호 방식, IV, 패딩으로는 복호화되지 않습니다. 다른 상점의 시크릿 키로 암호화했거나 "
        "전송 중에 바뀌지 않았나요?",
    )


def _in_plain_hex(data: bytes) -> Clue | None:
    if not read_pairs(data) and not read_pairs(unpadded(data)):
        return None
    return Clue(
        "it is the plain text in hex; encrypt it first",
        "평문을 16진수로만 바꾼 값입니다. 먼저 암호화해야 합니다",
    )


def _clue_of_inside(data: bytes, secret_key: str, ciphers: Sequence[str]) -> Clue | None:
    """Whether it was encrypted as it should be, and only what is inside is not as it should be."""
    for name in ciphers:
        how = CIPHERS[name]
        if len(secret_key) < how.key_bytes or not secret_key.isascii():
            continue
        key = how.key(secret_key)
        plain = unpadded(decrypt(data, key, how.iv(key)))
        if plain is not None and (clue := _clue_of_text(plain)):
            return clue
    return None


def _clue_of_text(plain: bytes) -> Clue | None:
    """What is wrong with a text that opened; None when it may as well be chance."""
    try:
        text = plain.decode().strip(_CONTROLS + " ")
    except UnicodeDecodeError:
        return None
    if not text:
        return Clue("it opens, and is empty", "복호화되지만 내용이 비어 있습니다")
    if not text.translate(_WITHOUT_CONTROLS).isprintable():
        return None
    if text.startswith("{"):
        return Clue(
            "it opens, and is JSON inside; write cardNo=...&expYear=... instead",
            "복호화되지만 내용이 JSON입니다. cardNo=...&expYear=... 형식이어야 합니다",
        )
    if holds_pairs(text.translate(_WITHOUT_CONTROLS)):
        return Clue(
            "it opens, and inside are line breaks, tabs or zero bytes besides name=value&name=value",
            "복호화되지만 이름=값&이름=값 외에 줄바꿈, 탭 또는 0 바이트가 들어 있습니다",
        )
    if holds_pairs(unquote(text)):
        return Clue(
            "it opens, and is URL-encoded inside; encrypt the text as it is",
            "복호화되지만 내용이 URL 인코딩되어 있습니다. 인코딩하지 않은 문자열을 암호화해야 합니다",
        )
    return _NO_PAIRS


def _keys(secret_key: str, other_keys: Mapping[str, str]) -> Iterator[_Key]:
    """Keys a sender may have encrypted with, the right ones first."""
    yield from _cuts(secret_key, "the secret key", "시크릿 키")
    if len(secret_key) >= 2 * BLOCK:
        yield _Key(
            secret_key[-BLOCK:].encode(),
            "the last 16 characters of the secret key, not the first",
            "앞 16자가 아닌 시크릿 키 뒤 16자",
        )
    if HEX.fullmatch(secret_key) and len(secret_key) == 2 * BLOCK:
        yield _Key(
            bytes.fromhex(secret_key),
            "the secret key decoded from hex, not taken as text",
            "문자열 그대로가 아니라 16진수로 디코딩한 시크릿 키",
        )
    yield from _cuts(secret_key.upper(), "the secret key in upper case", "대문자로 바꾼 시크릿 키")
    for name, digest in (("SHA-256", sha256), ("MD5", md5)):
        yield _Key(
            digest(secret_key.encode()).digest(),
            f"the {name} of the secret key, not the key itself",
            f"시크릿 키가 아니라 그 {name} 해시",
        )
    for name, other in other_keys.items():
        yield from _cuts(other, f"another key ({name})", f"다른 키({name})")


def _cuts(key: str, en: str, ko: str) -> Iterator[_Key]:
    if not key.isascii():
        return
    for size in (16, 24, 32):
        if len(key) >= size:
            yield _Key(
                key[:size].encode(), f"the first {size} characters of {en}", f"{ko} 앞 {size}자"
            )


def _clue_of_key(data: bytes, key: _Key, *, own: bool) -> Clue | None:
    """What this key shows of the data: its mode, its IV, its padding; None when nothing."""
    bits = len(key.data) * 8
    opened = decrypt(data, key.data, None)  # once: the chaining is undone by itself
    for iv, mode_en, mode_ko in _ivs(key.data):
        plain = opened if iv is None else chained(opened, data, iv)
        en = f"it is AES-{bits}-{mode_en} with {key.en}"
        ko = f"{key.ko}를 키로 한 AES-{bits}-{mode_ko}로 암호화되었"
        if read_pairs(unpadded(plain)):
            return Clue(en, f"{ko}습니다")
        if read_pairs(plain.rstrip(b"\0 ")):
            padding_en, padding_ko = _PADDINGS.get(plain[-1:], _NO_PADDING)
            return Clue(f"{en}, {padding_en}", f"{ko}으나 {padding_ko}")
    return _clue_of_iv(data, opened, key, bits, own=own)


def _ivs(key: bytes) -> Iterator[tuple[bytes | None, str, str]]:
    """None for ECB, and the IVs that senders take, each with its name."""
    yield None, "ECB", "ECB"
    yield key[:BLOCK], "CBC", "CBC"
    yield bytes(BLOCK), "CBC with an IV of zeros,", "CBC(0으로 채운 IV)"
    yield b"0" * BLOCK, "CBC with an IV of the digit 0,", "CBC(문자 0으로 채운 IV)"
    if key[-BLOCK:] != key[:BLOCK]:
        yield (
            key[-BLOCK:],
            "CBC with the last 16 characters of the key as IV,",
            "CBC(키 뒤 16자를 IV로 사용)",
        )


def _clue_of_iv(data: bytes, opened: bytes, key: _Key, bits: int, *, own: bool) -> Clue | None:
    """Whether all but the first block can be read: then the IV was another one, or went in front."""
    if len(data) < 3 * BLOCK:
        return None
    rest = unpadded(chained(opened[BLOCK:], data[BLOCK:], data[:BLOCK]))
    if rest is None or not _is_tail(rest):
        return None
    whose = "" if own else f" with {key.en}"
    if read_pairs(rest):
        return Clue(
            f"it is AES-{bits}-CBC{whose} with the IV put in front of it; the IV is not sent",
            f"IV를 앞에 붙인 AES-{bits}-CBC입니다. IV는 보내지 않습니다",
        )
    return Clue(
        f"it is AES-{bits}-CBC{whose} with another IV: the first block is broken, the rest can be read",
        f"AES-{bits}-CBC이지만 IV가 다릅니다. 첫 블록만 깨지고 나머지는 읽을 수 있습니다",
    )


def _is_tail(plain: bytes) -> bool:
    """Whether it can be the rest of `name=value&name=value`."""
    text = plain.decode("utf-8", "replace")
    return "=" in text and "&" in text and text.isascii() and text.isprintable()
