"""The forms that settings are written in: each reads a text, or raises `ValueError` with what would be right."""

import re
from collections.abc import Callable
from datetime import timedelta

from mock_nicepay.contract.hosts import is_network
from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.contract.times import parse_duration

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?")
_ENDING = re.compile(r"approve|decline(:[A-Za-z0-9]{4})?|close|timeout")
_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,19}\s*")
_HOST = re.compile(r"\*|(?:\*\.)?[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*")


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number in a range."""

    def read(text: str) -> int:
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            raise ValueError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """One word of a closed list."""

    def read(text: str) -> str:
        if text not in words:
            hint = did_you_mean(text, words)
            raise ValueError(f"{text!r} is none of {', '.join(words)}{hint and f'; {hint}'}")
        return text

    return read


def yes_no(text: str) -> bool:
    """A switch."""
    word = text.strip().lower()
    if word not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise ValueError(f"{text!r} is neither yes nor no")
    return word in {"1", "true", "yes", "on"}


def names(text: str) -> tuple[str, ...]:
    """Names, separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def hosts(text: str) -> tuple[str, ...]:
    """Names of hosts, also with a star for what stands before."""
    given = names(text)
    for name in given:
        if not _HOST.fullmatch(name):
            raise ValueError(
                f"{name!r} is not a name; write it alone, such as mock or *.example.test"
            )
    return given


def targets(text: str) -> tuple[str, ...]:
    """Hosts by name, address or network."""
    given = names(text)
    for name in given:
        if not _HOST.fullmatch(name) and not is_network(name):
            raise ValueError(
                f"{name!r} is not a host; write its name alone, such as shop or *.example.test, "
                "or an address or network such as 10.0.0.0/8"
            )
    return given


def store_url(text: str) -> str:
    """The address of a store."""
    scheme, colon, rest = text.partition("://")
    if scheme == "sqlite" and (not rest.strip("/") or rest.strip("/").startswith(":memory:")):
        raise ValueError(
            "sqlite:// needs the name of a file, as in sqlite:///nicepay.db; "
            "without a file use memory://"
        )
    right = {
        "memory": colon and not rest,
        "sqlite": rest[:1] == "/" and len(rest) > 1,
        "postgresql": rest,
    }
    if not right.get(scheme):
        # An address may hold a password, so that only its scheme is told.
        raise ValueError(
            f"{scheme[:40]!r} is not a store, or its address is incomplete: write "
            "memory://, sqlite:///FILE or postgresql://USER@HOST/DATABASE"
        )
    return text


def lifetime(text: str) -> timedelta:
    """A span from a second to ten years."""
    span = parse_duration(text)
    if not timedelta(seconds=1) <= span <= timedelta(days=3650):
        raise ValueError(f"{text!r} is out of range: from 1s to 3650d")
    return span


def within(longest: str) -> Callable[[str], timedelta]:
    """A span that is not longer than another."""

    def read(text: str) -> timedelta:
        span = parse_duration(text)
        if span > parse_duration(longest):
            raise ValueError(f"{text!r} is out of range: at most {longest}")
        return span

    return read


def one_number(*words: str) -> Callable[[str], int]:
    """One of a few whole numbers."""
    return lambda text: int(one_of(*words)(text))


def header_key(text: str) -> str:
    """A key that a header can carry as it is."""
    if text != text.strip() or not text.isprintable():
        raise ValueError("the key has blanks around it or control characters; leave them out")
    return text


def address(text: str) -> str:
    """A scheme, a host and perhaps a port and a path, without the last slash; or nothing."""
    url = text.strip().rstrip("/")
    if url and not _ADDRESS.fullmatch(url):
        raise ValueError(f"{text[:100]!r} is not an address; write one such as https://pay.example")
    return url


def ending(text: str) -> str:
    """How a payment window ends by itself; empty: it does not."""
    if text and not _ENDING.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is none of approve, decline, decline:3011, close, timeout")
    return text
