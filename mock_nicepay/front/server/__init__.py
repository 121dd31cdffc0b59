"""Our HTTP server: the ASGI application, what happens on the wire, and limits on clients."""
