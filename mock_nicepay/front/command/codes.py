"""The command `codes`: finds result codes by text, and by the call that answers with them."""

from mock_nicepay.contract.tables import ResultCode, nearest_codes, search_codes
from mock_nicepay.front.terminal import complain, print_table

NOTHING_FOUND = 1


def codes(text: str, call: str = "") -> int:
    """Print the matching codes, the best match first. Raises `Misuse` for an unknown call."""
    found = search_codes(text)
    if call:
        found = _of_call(call, found)
    if not found:
        _complain(text, call)
        return NOTHING_FOUND
    rows = [(row.key, str(row.http), row.ko, row.en, row.origin) for row in found]
    print_table(("Code", "HTTP", "Korean", "English", "Origin"), rows, piped=4)
    return 0


def _of_call(name: str, found: list[ResultCode]) -> list[ResultCode]:
    """Those that the call may answer with, its own before the common ones."""
    # Imported here, so that looking up a code does not load all calls.
    from mock_nicepay.contract.possible import common_codes, own_codes
    from mock_nicepay.front.command.calls import call_named

    endpoint = call_named(name)
    keys = {row.key for row in found}
    return [row for row in (*own_codes(endpoint), *common_codes(endpoint)) if row.key in keys]


def _complain(text: str, call: str) -> None:
    at = f" at {call}" if call else ""
    near = nearest_codes(text)
    hint = f"; the nearest codes are {', '.join(near)}" if near else ""
    complain(f"no result code{at} has {text[:100]!r}{hint}")
