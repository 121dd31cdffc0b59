"""encData: card data in hex of AES, as the recurring, key-in and e-pay calls take it.

Whatever cannot be opened is `Unreadable`, and its cause says why; nothing of what is inside is in it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mock_nicepay.contract.encdata.causes import why_unreadable
from mock_nicepay.contract.encdata.ciphers import (
    BLOCK,
    CIPHERS,
    Cipher,
    decrypt,
    encrypt,
    padded,
    read_pairs,
    unpadded,
    write_pairs,
)
from mock_nicepay.contract.encdata.form import LONGEST
from mock_nicepay.contract.refusal import Cause

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)


class Unreadable(ValueError):
    """An encData that does not open; `cause` tells the developer why, and nothing of its content."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.en)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Opened:
    """What was inside an encData, in order, and the name of the cipher that opened it."""

    cipher: str
    values: Mapping[str, str]


def open_encdata(
    text: str,
    secret_key: str,
    ciphers: Sequence[str],
    other_keys: Mapping[str, str] = MappingProxyType({}),
) -> Opened:
    """What is inside an encData, and the cipher it was; of a repeated name the first counts.

    `ciphers` are names of `CIPHERS`, tried in that order. `other_keys` are keys that may have been
    taken by mistake, by what they are called: for the cause alone. Raises `Unreadable`.
    """
    found = if_open(text, secret_key, ciphers)
    if found is None:
        raise Unreadable(why_unreadable(text[: LONGEST + 1], secret_key, ciphers, other_keys))
    return found


def if_open(text: str, secret_key: str, ciphers: Sequence[str]) -> Opened | None:
    """The same for who has no need to know why one does not open: None then.

    Documented (encdata.hex): hex in lower or in upper case (K25, E26).
    """
    if len(text) <= LONGEST and _HEX.fullmatch(text) and not len(text) % (2 * BLOCK):
        data = bytes.fromhex(text)
        for name in ciphers:
            values = _read(data, secret_key, CIPHERS[name])
            if values is not None:
                return Opened(name, values)
    return None


def make_encdata(values: Mapping[str, str] | str, secret_key: str, cipher: str) -> str:
    """An encData in lower-case hex of these values, or of a text as it is.

    Raises `ValueError` for a secret key that is too short for the cipher, or a value that holds a &.
    """
    text = values if isinstance(values, str) else write_pairs(values)
    how = CIPHERS[cipher]
    key = how.key(secret_key)
    return encrypt(padded(text.encode("utf-8", "replace")), key, how.iv(key)).hex()


def _read(data: bytes, secret_key: str, cipher: Cipher) -> dict[str, str] | None:
    try:
        key = cipher.key(secret_key)
    except ValueError:
        return None
    return read_pairs(unpadded(decrypt(data, key, cipher.iv(key))))
