"""Our HTTP server: the ASGI door, the wire, bounds on callers."""
