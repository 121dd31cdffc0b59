"""The scenario language: read, matched, played, judged."""
