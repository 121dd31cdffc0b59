"""Reads the secret key for a command: from an option, the environment, or stdin."""

import sys

from mock_nicepay.core.misuse import Misuse

STDIN = "-"


def secret_key_of(given: str) -> str:
    """The secret key; `-` reads the first line of stdin. Raises `Misuse` when it is missing."""
    key = sys.stdin.readline().strip() if given == STDIN else given
    if not key:
        raise Misuse(
            "the secret key is missing: give --secret-key KEY, or NICEPAY_SECRET_KEY in the "
            "environment; `--secret-key -` reads it from stdin"
        )
    return key
