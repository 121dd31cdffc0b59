"""Who is calling: logins, tokens, signatures, and why one of them is not accepted."""
