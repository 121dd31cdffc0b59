"""What a test suite uses: fixtures, and transports that need no socket."""
