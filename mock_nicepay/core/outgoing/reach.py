"""Where the gateway's own calls may go: this machine, hosts with a webhook, and allowed hosts.

A name is judged by the addresses it resolves to at the moment of the call, and the call goes to these
very addresses, so that changing the DNS answer later (DNS rebinding) gains nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from mock_nicepay.contract.hosts import is_network

Address = IPv4Address | IPv6Address
_OF_THIS_MACHINE = ("localhost", "*.localhost", "host.docker.internal")
# Metadata services of clouds, which give out keys, at addresses that look ordinary.
_METADATA = frozenset(
    map(
        ip_address,
        (
            *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),  # Amazon (machine, pod), Google
            *("100.100.100.200", "168.63.129.16", "192.0.0.192"),  # Alibaba, Azure, Oracle
        ),
    )
)
# IPv6 networks whose addresses end in an IPv4 address: those of translators, and deprecated ones.
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("::/96"))
_SHORT = frozenset((ip_address("::"), ip_address("::1")))  # in such a network, but plain IPv6


@dataclass(frozen=True, slots=True)
class Reach:
    """The rules for where the calls of one gateway may go.

    `allowed` are the hosts of `--allow-targets`: names, `*.example.test`, addresses, networks, or `*`.
    `public_port` is the port at which other machines reach a server of ours; None: there is none.
    Anybody with the published key pair can register a webhook on such a server, and must not be able
    to use it to reach a private network.
    """

    allowed: tuple[str, ...] = ()
    public_port: int | None = None

    def objection(self, host: str, port: int, addresses: Sequence[str], *, registered: bool) -> str:
        """Why nothing may be sent to `host`, which has these addresses; empty when it may.

        `registered` says that a merchant has a webhook at this host. The real gateway calls any
        public address; a mock on a developer's network calls only what it was told to.
        """
        found = [_address(each) for each in addresses]
        if fits(host, self.allowed) or self._in_networks(found):
            return ""
        if fits(host, _OF_THIS_MACHINE) or all(_is_here(each) for each in found):
            return self._objection_to_port(host, port)
        odd = next((each for each in found if _is_nobodys(each)), None)
        if odd is not None:
            return _REFUSED.format(
                f"{host} resolves to {odd}, which is not a receiver's address", host
            )
        if not registered:
            return _REFUSED.format(
                f"{host} is neither this machine nor the host of a registered webhook", host
            )
        return self._objection_to_private(host, found)

    def _objection_to_port(self, host: str, port: int) -> str:
        if port != self.public_port:
            return ""
        return _REFUSED.format(f"{host}:{port} is this server, which others can reach", host)

    def _objection_to_private(self, host: str, found: Sequence[Address]) -> str:
        near = next((each for each in found if not each.is_global), None)
        if self.public_port is None or near is None:
            return ""
        return _REFUSED.format(
            f"{host} resolves to {near} in a private network, and others can reach this server",
            host,
        )

    def _in_networks(self, found: Iterable[Address]) -> bool:
        networks = [ip_network(each, strict=False) for each in self.allowed if is_network(each)]
        return bool(networks) and all(
            any(each in network for network in networks) for each in found
        )


_REFUSED = "nothing was sent: {}; if it is to be called, start the server with --allow-targets {}"


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether a name matches one of these; `*.example.test` is any name below, `*` everything."""
    lower = name.lower().rstrip(".")
    return any(
        pattern in {"*", lower} or (pattern.startswith("*.") and lower.endswith(pattern[1:]))
        for pattern in (each.lower() for each in patterns)
    )


def _address(text: str) -> Address:
    """The address; for an IPv6 address that wraps an IPv4 one, the latter."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address) or address in _SHORT:
        return address
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_here(address: Address) -> bool:
    """Whether it is this machine: a loopback address, or the unspecified address."""
    return address.is_loopback or address.is_unspecified


def _is_nobodys(address: Address) -> bool:
    """Whether no shop can have it: a metadata service, a link-local, multicast or reserved address."""
    return (
        address in _METADATA or address.is_link_local or address.is_multicast or address.is_reserved
    )
