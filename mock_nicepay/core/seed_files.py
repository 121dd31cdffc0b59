"""Reads the YAML files of merchants and card offers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from mock_nicepay.core.misuse import Misuse

_DEPTH = 64  # the files need four levels; libyaml's loader crashes at some ten thousand
# Base: no types are guessed, so that a code 02 and a secret key of digits stay texts.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def texts_in(path: Path, kind: str) -> Any:
    """The mappings, lists and texts of a file.

    Raises `Misuse`, which names the file, `kind` ("a file of card offers") and the reason.
    """
    try:
        text = path.read_text("utf-8")
        _check_depth(yaml.parse(text, Loader=_LOADER))
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - texts only
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:200]
        raise Misuse(f"{path}: cannot be read as {kind}: {reason}") from None


def _check_depth(events: Iterable[Any]) -> None:
    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEPTH:
            raise yaml.YAMLError(
                f"line {event.start_mark.line + 1}: nested more than {_DEPTH} levels deep"
            )
