"""The lists of the console: the rows from `?from=` on, or nothing when the browser already shows them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mock_nicepay.front.console.look import Look, Nothing, Page

T = TypeVar("T")
SIZE = 50  # rows on a page


def listed(
    look: Look,
    template: str,
    rows: str,
    found: Sequence[T],
    shown_as: Callable[[T], Any] = lambda each: each,
    **more: Any,
) -> Page | Nothing:
    """The page of `found` that begins at `?from=`, with its rows under the name `rows`.

    `template` is the page's; a part of it stands in `<template>_part.html`. Raises `Misuse`.
    """
    start = look.whole("from")
    start = start if start < len(found) else 0
    shown = [shown_as(each) for each in found[start : start + SIZE]]
    mark = look.mark_of(shown, len(found))
    if look.has_seen(mark):
        return Nothing()
    values = {"seen": mark, rows: shown, "total": len(found), "start": start, "size": SIZE}
    return Page(f"{template}{'_part' if look.is_part else ''}.html", {**values, **more})
