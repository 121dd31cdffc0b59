"""Hosts: the Host header of a request and the name in it; which names, addresses and networks fit."""

import re
from ipaddress import ip_network

# A name or an address, perhaps with a port; no user, path or blank, whatever a library would make of it.
_HOST = re.compile(r"(?:([a-z0-9._-]+)|\[([0-9a-f:.]+(?:%[a-z0-9._-]+)?)\])(?::\d{1,5})?", re.ASCII)


def host_in(header: str) -> str:
    """A Host header as it counts: in lower case, without blanks around it; empty when it is not a host."""
    host = header.strip(" \t").lower()
    return host if _HOST.fullmatch(host) else ""


def name_in(header: str) -> str:
    """The name or address in a Host header, without port and brackets; empty when it is not a host."""
    found = _HOST.fullmatch(host_in(header))
    return (found[1] or found[2]).rstrip(".") if found else ""


def is_network(text: str) -> bool:
    """Whether it is an address or a network of them."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
