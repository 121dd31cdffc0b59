"""The secret key that a command works with: an option, the environment, or stdin."""

import sys

from mock_nicepay.core.misuse import Misuse

STDIN = "-"


def secret_key_of(given: str) -> str:
    """The secret key, from the first line of stdin when that was asked for. Raises `Misuse`."""
    key = sys.stdin.readline().strip() if given == STDIN else given
    if not key:
        raise Misuse(
            "the secret key is missing: give --secret-key KEY, or NICEPAY_SECRET_KEY in the "
            "environment; `--secret-key -` reads it from stdin"
        )
    return key
