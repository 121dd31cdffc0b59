"""Signatures: lower-case hex SHA-256 over values written one after another."""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest

SECRET = "SecretKey"  # noqa: S105 - the manual's word for the key's place in a formula


class Formula:
    """What is hashed: `Formula("tid + amount + ediDate")`; the secret key always comes last.

    Recorded (signature.form): lower-case hex of the UTF-8 text without separators; the
    signatures of the recorded answers verify by it.
    """

    def __init__(self, text: str) -> None:
        self.parts = tuple(part.strip() for part in text.split("+"))

    def __str__(self) -> str:
        return f"hex(sha256({' + '.join((*self.parts, SECRET))}))"

    def text(self, values: Mapping[str, object], secret_key: str) -> str:
        """The text to hash. A value that is not there counts as empty."""
        parts = (values.get(part) for part in self.parts)
        return "".join("" if part is None else str(part) for part in parts) + secret_key

    def sign(self, values: Mapping[str, object], secret_key: str) -> str:
        """The signature over `values`."""
        return sha256(self.text(values, secret_key).encode("utf-8", "replace")).hexdigest()

    def verify(self, sign_data: str, values: Mapping[str, object], secret_key: str) -> bool:
        """Whether `sign_data` is the signature over `values`; upper-case hex is not."""
        return compare_digest(
            self.sign(values, secret_key).encode(), sign_data.encode("utf-8", "replace")
        )
