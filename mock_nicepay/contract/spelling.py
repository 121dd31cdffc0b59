"""The valid word that is nearest to an unknown one."""

from collections.abc import Iterable
from difflib import get_close_matches

_READ = 100  # characters of the word that are looked at
_ALIKE = 0.6  # of 1: how much a word must be like another to be meant


def nearest(word: object, words: Iterable[str], *, alike: float = _ALIKE) -> str:
    """The one of `words` that is spelt most like `word`, in any case; empty when none is."""
    spelt = {known.lower(): known for known in words}
    near = get_close_matches(str(word).strip().lower()[:_READ], spelt, n=1, cutoff=alike)
    return spelt[near[0]] if near else ""


def did_you_mean(word: object, words: Iterable[str], otherwise: str = "") -> str:
    """`did you mean ...?`, or `otherwise` when nothing is near."""
    near = nearest(word, words)
    return f"did you mean {near}?" if near else otherwise
