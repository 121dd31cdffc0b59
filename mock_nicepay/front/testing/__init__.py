"""For a merchant's test suite: what the fixtures return, and transports without a socket."""
