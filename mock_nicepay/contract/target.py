"""Addresses that the gateway itself calls: what is one, and where it leads."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from mock_nicepay.contract.fields import Text
from mock_nicepay.contract.refusal import Cause, Refusal

_PORTS = {"http": 80, "https": 443}
_UNTOUCHED = "/:?#[]@!$&'()*+,;=%~"  # characters of an address that are not escaped


@dataclass(frozen=True, slots=True)
class Target:
    """An address as the wire wants it."""

    scheme: str
    host: str
    port: int
    path: str  # with its query

    @property
    def netloc(self) -> str:
        """Host and, where it is not the usual one, port: for the Host header and messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """Where an address leads. Raises `ValueError` saying what would be right."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        name = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError as error:  # UnicodeError, too
        raise ValueError(f"{url[:200]!r} is not an address: {error}") from None
    if parts.scheme not in _PORTS or not name or any(sign <= " " for sign in url):
        raise ValueError(f"{url[:200]!r} is not an address such as https://shop.example/webhook")
    if parts.username is not None:
        raise ValueError("the address must not contain a user and password")
    path = quote(parts.path or "/", safe=_UNTOUCHED)
    query = f"?{quote(parts.query, safe=_UNTOUCHED)}" if parts.query else ""
    usual = _PORTS[parts.scheme]
    return Target(parts.scheme, name, port if port is not None else usual, path + query)


def host_of(url: str) -> str:
    """The host of an address; empty of what is none."""
    try:
        return target_of(url).host
    except ValueError:
        return ""


class Address(Text):
    """The address of a web page, at most `max_bytes` long.

    Assumed (webhook.u133): what is not an http or https address is U133; the text fits.
    """

    def read(self, value: object, name: str) -> str:
        text = super().read(value, name)
        try:
            target_of(text)
        except ValueError as error:
            raise Refusal("U133", name, cause=_no_address(name, str(error))) from None
        return text


def _no_address(name: str, why: str) -> Cause:
    return Cause(
        f"{name}: {why}",
        f"{name} 값이 https://shop.example/webhook 같은 http(s) 주소가 아닙니다: {why}",
    )
