"""The three ciphers that card data is sent in, and the pairs that it is made of. Pure bytes and texts.

Documented (encdata.key): the secret key is used as text, never hex-decoded: its first 16 characters
for AES-128, 32 for AES-256; the IV is its first 16 (K25, E24, E26; four published examples open).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

BLOCK = 16  # bytes of an AES block, and of the IV
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Cipher:
    """One way to encrypt: AES with a key of so many bytes, chained (CBC) or block by block (ECB)."""

    name: str
    key_bytes: int
    chained: bool

    def key(self, secret_key: str) -> bytes:
        """The key that a secret key makes. Raises `ValueError` when that is too short, or no ASCII."""
        if not secret_key.isascii():
            raise ValueError("a secret key has only ASCII characters")
        if len(secret_key) < self.key_bytes:
            raise ValueError(
                f"the secret key has {len(secret_key)} characters; {self.name} needs {self.key_bytes}"
            )
        return secret_key[: self.key_bytes].encode()

    def iv(self, key: bytes) -> bytes | None:
        """The IV that goes with a key; None without chaining."""
        return key[:BLOCK] if self.chained else None


CIPHERS: Mapping[str, Cipher] = {
    cipher.name: cipher
    for cipher in (
        Cipher("AES-128-ECB", 16, chained=False),
        Cipher("AES-128-CBC", 16, chained=True),
        Cipher("AES-256-CBC", 32, chained=True),
    )
}

# Their short names, for people.
MODES: Mapping[str, str] = {"ecb": "AES-128-ECB", "cbc": "AES-128-CBC", "a2": "AES-256-CBC"}

# Which of them a call takes, in the order in which they are tried: without encMode, and with A2.
# Documented (encdata.default): AES-128 in ECB (K25, and the key-in page of E26) or in CBC (E24, and
# the billing page of E26): both are tried. A2 is AES-256 in CBC.
RECURRING: Mapping[str | None, tuple[str, ...]] = {
    None: ("AES-128-ECB", "AES-128-CBC"),
    "A2": ("AES-256-CBC",),
}
# Documented (keyin.cipher): ECB, and there is no encMode (E26).
KEY_IN: Mapping[str | None, tuple[str, ...]] = {None: ("AES-128-ECB",)}
# Documented (epay.cipher): CBC, and AES-256 with encMode A2 (K25; its example opens).
EPAY: Mapping[str | None, tuple[str, ...]] = {None: ("AES-128-CBC",), "A2": ("AES-256-CBC",)}


def encrypt(plain: bytes, key: bytes, iv: bytes | None) -> bytes:
    """AES over whole blocks; the padding, if any, is the caller's."""
    return _crypt(plain, key, iv, reverse=False)


def decrypt(data: bytes, key: bytes, iv: bytes | None) -> bytes:
    """The bytes behind whole blocks of AES, padding and all. Without an IV it is ECB."""
    return _crypt(data, key, iv, reverse=True)


def _crypt(data: bytes, key: bytes, iv: bytes | None, *, reverse: bool) -> bytes:
    # Imported here: it takes a tenth of what a start takes, and most runs encrypt nothing.
    from cryptography.hazmat.primitives.ciphers import Cipher as Aes
    from cryptography.hazmat.primitives.ciphers import algorithms, modes

    mode = modes.CBC(iv) if iv is not None else modes.ECB()  # noqa: S305 - the gateway's choice
    aes = Aes(algorithms.AES(key), mode)
    worker = aes.decryptor() if reverse else aes.encryptor()
    return worker.update(data) + worker.finalize()


def chained(opened: bytes, data: bytes, iv: bytes) -> bytes:
    """What CBC makes of blocks that were decrypted one by one: `decrypt(data, key, iv)` of `opened`."""
    before = int.from_bytes(iv + data[:-BLOCK], "big")
    return (int.from_bytes(opened, "big") ^ before).to_bytes(len(opened), "big")


def padded(plain: bytes) -> bytes:
    """The bytes filled up to whole blocks (PKCS7)."""
    missing = BLOCK - len(plain) % BLOCK
    return plain + bytes([missing]) * missing


def unpadded(plain: bytes) -> bytes | None:
    """The bytes without their PKCS7 padding; None when there is none."""
    count = plain[-1] if plain else 0
    if not 1 <= count <= BLOCK or plain[-count:] != bytes([count]) * count:
        return None
    return plain[:-count]


def read_pairs(plain: bytes | None) -> dict[str, str] | None:
    """The values of `name=value&name=value`, in order; of a repeated name the first counts.

    None for what is no such text: not UTF-8, a control character, a name that cannot be one.
    """
    try:
        text = plain.decode() if plain else ""
    except UnicodeDecodeError:
        return None
    if not text.isprintable():
        return None
    found: dict[str, str] = {}
    for part in filter(None, text.split("&")):
        name, equals, value = part.partition("=")
        if not equals or not _NAME.fullmatch(name):
            return None
        found.setdefault(name, value)
    return found or None


def write_pairs(values: Mapping[str, str]) -> str:
    """`name=value&name=value`. Raises `ValueError` for a value with a & in it."""
    for name, value in values.items():
        if "&" in f"{name}{value}" or "=" in name:
            raise ValueError(
                f"{name[:40]!r} cannot be sent: a value must not contain &, a name neither & nor ="
            )
    return "&".join(f"{name}={value}" for name, value in values.items())
