"""Regular expressions of scenarios, searched so that no pattern and no value hangs the gateway.

Python's `re` has no time limit, and a pattern such as `(a+)+$` never ends. The library used here has
one; a pattern that it would expand to a great length when compiling is refused first.
"""

import re
from collections.abc import Callable

_TIME = 0.1  # seconds that one search may take
_LONGEST_VALUE = 10_000  # characters of a value that are searched
_LARGEST = 20_000  # characters of an expanded pattern; `(ab){3}` expands to six
_PART = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?[^:()]{0,40}:)?|\)|\{(\d{1,500})?(,(\d{1,500})?)?\}|[*+?]|.",
    re.DOTALL,
)


def pattern_search(pattern: str) -> Callable[[str], bool]:
    """A function that searches a text for the pattern; a search that takes too long finds nothing.

    Raises `ValueError`, which says why, when it is not a regular expression.
    """
    if _written_out(pattern) > _LARGEST:
        raise ValueError("it has too many repetitions within repetitions")
    import regex

    try:
        search = regex.compile(pattern).search
    except (regex.error, OverflowError, RecursionError, MemoryError, Warning) as error:
        raise ValueError(str(error)) from None

    def found(text: str) -> bool:
        try:
            return search(text[:_LONGEST_VALUE], timeout=_TIME) is not None
        except (TimeoutError, MemoryError):
            return False

    return found


def _written_out(pattern: str) -> int:
    """The length of a pattern with all its repetitions expanded."""
    sums, last = [0], 0
    for part in _PART.finditer(pattern):
        text = part[0]
        if text.startswith("("):
            sums.append(0)
            last = 0
        elif text == ")" and len(sums) > 1:
            last = sums.pop() + 1
            sums[-1] += last
        elif text in {"*", "+", "?"} or (text.startswith("{") and len(text) > 1):
            more = last * (_times(part) - 1)
            last += more
            sums[-1] += more
        else:
            last = 1
            sums[-1] += 1
    return sum(sums)


def _times(part: "re.Match[str]") -> int:
    """How many copies a repetition expands to."""
    if part[0] in {"*", "?"}:
        return 1
    if part[0] == "+":
        return 2
    return max(1, int(part[1] or 0), int(part[3] or 0)) + 1
