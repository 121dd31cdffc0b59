"""What can be seen of an encData that does not open without any key: its form."""

import re
from base64 import b64decode
from binascii import Error as NoBase64
from dataclasses import dataclass
from urllib.parse import unquote

from mock_nicepay.contract.encdata.ciphers import BLOCK, read_pairs

LONGEST = 4096  # characters that are looked at; no published field allows more than 512
HEX = re.compile(r"[0-9A-Fa-f]+", re.ASCII)
_BLANKS = re.compile(r"\s")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Clue:
    """What explains an encData, in English and Korean."""

    en: str
    ko: str


def clue_of_form(text: str) -> Clue | None:
    """What is wrong with the text as it stands; None for whole blocks in hex."""
    if len(text) > LONGEST:
        return Clue(
            f"it is longer than {LONGEST} characters, and no card data is",
            f"길이가 {LONGEST}자를 넘습니다. 카드 정보가 이렇게 길 수 없습니다",
        )
    if not text.strip():
        return Clue("it is blank", "공백만 있습니다")
    if HEX.fullmatch(text):
        return _clue_of_length(text)
    if HEX.fullmatch(_BLANKS.sub("", text)):
        return Clue(
            "there are blanks or line breaks in the hex",
            "16진수 문자열에 공백이나 줄바꿈이 들어 있습니다",
        )
    if holds_pairs(text) or holds_pairs(unquote(text)):
        return Clue(
            "it is the plain text itself; encrypt it first",
            "암호화하지 않은 평문입니다. 먼저 암호화해야 합니다",
        )
    if HEX.fullmatch(text.removeprefix("0x").removeprefix("0X")):
        return Clue("it begins with 0x; send the digits alone", "앞의 0x를 빼고 보내야 합니다")
    return _clue_of_base64(text)


def _clue_of_length(text: str) -> Clue | None:
    count = len(text)
    if count % 2:
        return Clue(
            f"it has {count} hex digits, an odd number: one is missing, or it was cut off",
            f"16진수 자릿수가 {count}자로 홀수입니다. 한 글자가 빠졌거나 잘렸습니다",
        )
    if not count % (2 * BLOCK):
        return None
    return Clue(
        f"it has {count // 2} bytes, and AES makes whole blocks of {BLOCK}: it was cut off, the padding "
        "was left out, or it is another cipher or mode (GCM, CTR)",
        f"{count // 2}바이트입니다. AES 결과는 {BLOCK}바이트의 배수여야 합니다. 문자열이 잘렸거나, 패딩이 "
        "없거나, 다른 모드(GCM, CTR 등)입니다",
    )


def _clue_of_base64(text: str) -> Clue:
    """What is not hex: Base64 when it can be that, else its first strange character by its place."""
    joined = _BLANKS.sub("", unquote(text))
    if _BASE64.fullmatch(joined):
        try:
            data = b64decode(joined.replace("-", "+").replace("_", "/") + "=" * (-len(joined) % 4))
        except (NoBase64, ValueError):
            data = b""
        if data and not len(data) % BLOCK:
            return Clue(
                "it is Base64 instead of hex; send the same bytes as hex",
                "16진수가 아니라 Base64입니다. 같은 바이트를 16진수로 보내야 합니다",
            )
    place = next(n for n, sign in enumerate(text, 1) if not HEX.fullmatch(sign))
    return Clue(
        f"it is not hex: character {place} of {len(text)} is none of 0-9, a-f and A-F",
        f"16진수가 아닙니다. {len(text)}자 중 {place}번째 문자가 0-9, a-f, A-F가 아닙니다",
    )


def holds_pairs(text: str) -> bool:
    """Whether it is `name=value&name=value`, whatever blanks are around it."""
    pairs = read_pairs(text.strip().encode("utf-8", "replace"))
    return bool(pairs) and len(text) > 3
