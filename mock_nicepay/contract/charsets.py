"""The two character sets of the wire.

Assumed (charset.cp949): `euc-kr` is Windows-949 in practice, so that every Hangul syllable
survives in two bytes (Python's own `euc-kr` codec writes the rarer ones in eight, which few
clients read).
"""

from functools import cache

UTF_8 = "utf-8"
EUC_KR = "euc-kr"

_CODECS = {UTF_8: "utf-8", EUC_KR: "cp949"}


def encode(text: str, charset: str) -> bytes:
    """`text` in the wire's `charset`; what it cannot hold becomes `?`, never an error."""
    return text.encode(_CODECS[charset], "replace")


def decode(data: bytes, charset: str) -> str:
    """The text of `data`; what is not of that charset becomes U+FFFD, never an error."""
    return data.decode(_CODECS[charset], "replace")


@cache
def content_type(media: str, charset: str) -> str:
    """Recorded (charset.content-type): no space after the semicolon, charset in lower case."""
    return f"{media};charset={charset}"
