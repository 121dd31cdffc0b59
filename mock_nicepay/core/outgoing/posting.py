"""Sends one POST request on a new connection. Only `courier.py` imports this, when it first sends.

A request goes to the given address only: no redirect is followed, no proxy is used, no environment
variable is read. It uses httpcore below its clients and pools, because merchants' tests replace those
(and httpx), and a replaced one would swallow the gateway's calls.
"""

import asyncio
import os
import socket
import ssl
from functools import cache

import httpcore

from mock_nicepay.contract.target import Target
from mock_nicepay.core.outgoing.parcel import KEPT, Parcel, Sent

_NETWORK = httpcore.AnyIOBackend()
_NEXT = 1.0  # seconds to connect to one of several addresses before the next one is tried
_ALWAYS = {"Accept": "*/*", "Connection": "close", "User-Agent": "mock-nicepay"}


async def post(parcel: Parcel) -> Sent:
    """Send a request and read its answer. `problem` describes a failure."""
    try:
        stream = await _connected(parcel)
    except Unreachable as no:
        return _none(str(no))
    except TimeoutError:
        return _none(f"{parcel.target.netloc} accepted no connection in {parcel.connect:g} s")
    except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
        return _none(f"cannot connect to {parcel.target.netloc}: {_reason(error)}")
    try:
        async with asyncio.timeout(parcel.answer):
            return await _answered(stream, parcel)
    except TimeoutError:
        return _none(f"{parcel.target.netloc} had not answered after {parcel.answer:g} s")
    except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
        return _none(f"the connection broke before an answer was complete: {_reason(error)}")
    except httpcore.RemoteProtocolError as error:
        return _none(f"the answer is not complete HTTP: {str(error).rstrip('.')}")
    except httpcore.LocalProtocolError as error:
        return _none(f"the request cannot be sent over HTTP: {error}")
    finally:
        await stream.aclose()


class Unreachable(Exception):
    """A host to which nothing may be sent; the message says why."""


async def _connected(parcel: Parcel) -> httpcore.AsyncNetworkStream:
    target = parcel.target
    async with asyncio.timeout(parcel.connect):
        addresses = await _addresses(target)
        no = parcel.reach.objection(
            target.host, target.port, addresses, registered=parcel.registered
        )
        if no:
            raise Unreachable(no)
        stream = await _first_open(addresses, target.port)
        if target.scheme == "http":
            return stream
        try:
            return await stream.start_tls(_trusted(), server_hostname=target.host)
        except BaseException:
            await stream.aclose()
            raise


async def _addresses(target: Target) -> list[str]:
    """Resolve the host once. The connection goes to these addresses, without another look-up."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


async def _first_open(addresses: list[str], port: int) -> httpcore.AsyncNetworkStream:
    """A connection to the first address that accepts one."""
    *others, last = addresses
    for address in others:
        try:
            async with asyncio.timeout(_NEXT):
                return await _NETWORK.connect_tcp(address, port)
        except (httpcore.NetworkError, OSError):  # a TimeoutError is one
            continue
    return await _NETWORK.connect_tcp(last, port)


@cache
def _trusted() -> ssl.SSLContext:
    """The trusted certificates: the system's, and those of Mozilla's list."""
    return httpcore.default_ssl_context()


async def _answered(stream: httpcore.AsyncNetworkStream, parcel: Parcel) -> Sent:
    target = parcel.target
    url = httpcore.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.path.encode(),
    )
    headers = [*{"Host": target.netloc, **_ALWAYS, **parcel.headers}.items()]
    connection = httpcore.AsyncHTTP11Connection(url.origin, stream)
    async with connection.stream("POST", url, headers=headers, content=parcel.body) as response:
        told = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        body = bytearray()
        async for part in response.aiter_stream():
            body += part
            if len(body) >= KEPT:
                break
        return Sent(
            response.status,
            bytes(body[:KEPT]),
            location=told.get(b"location", "")[:2000],
            media=told.get(b"content-type", "").partition(";")[0].strip().lower()[:100],
        )


def _none(problem: str) -> Sent:
    return Sent(None, problem=problem)


def _reason(error: BaseException) -> str:
    """The operating system's message, which the libraries wrap into their own."""
    while inner := error.__cause__ or error.__context__:
        error = inner.exceptions[0] if isinstance(inner, BaseExceptionGroup) else inner
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"the TLS handshake failed: {error.reason.lower().replace('_', ' ')}"
    if isinstance(error, ConnectionError) and error.errno:
        return os.strerror(error.errno).lower()
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(told).rstrip(".").lower()
