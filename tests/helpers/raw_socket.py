"""A raw TCP connection to a server under test, for bytes that no HTTP client would send."""

import socket

WAITS = 20.0  # seconds until a test that waits for a byte fails


def connect(port: int, said: bytes = b"") -> socket.socket:
    """A connection to `port` on 127.0.0.1, on which `said` has been sent."""
    connection = socket.create_connection(("127.0.0.1", port), WAITS)
    connection.sendall(said)
    return connection


def until_end(connection: socket.socket) -> bytes:
    """Everything received until the connection ends, by a close or a reset."""
    data = b""
    try:
        while piece := connection.recv(65_536):
            data += piece
    except ConnectionResetError:
        pass
    return data
