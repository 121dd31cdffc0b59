"""The references on the server that mock-nicepay uses: python bench/asgi_bare.py app|function PORT

`app` is the bare Flask route, `function` the bare WSGI function of `bare.py`. WSGI is called directly on
the event loop, without a thread: the fastest way to run Flask there.
"""

import io
import sys
from typing import Any

import uvicorn
from bare import WSGI

application = WSGI[sys.argv[1]]


async def edge(scope: Any, receive: Any, send: Any) -> None:
    """One WSGI call for one ASGI request."""
    message = await receive()
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"],
        "QUERY_STRING": scope["query_string"].decode(),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "0",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(message.get("body", b"")),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{
            f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode()
            for name, value in scope["headers"]
        },
    }
    started: list[Any] = []
    body = b"".join(
        application(environ, lambda status, headers, exc=None: started.append((status, headers)))
    )
    status, headers = started[0]
    await send(
        {
            "type": "http.response.start",
            "status": int(status[:3]),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
        }
    )
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(
        edge,
        port=int(sys.argv[2]),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",
    )
