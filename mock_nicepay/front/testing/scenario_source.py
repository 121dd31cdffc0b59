"""What `nicepay.scenario(...)` takes: the name of a ready-made one, a file, YAML text or a dict."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mock_nicepay.front.testing.control_client import NicepayError, as_json


def scenario_text(source: str | Path | Mapping[str, Any]) -> tuple[str, bytes]:
    """The scenario's file (empty when there is none) and the body to send. Raises `NicepayError`."""
    if isinstance(source, Mapping):
        return "", _dict_text(source)
    if not isinstance(source, str | Path):
        raise NicepayError(
            f"a scenario is a name, a file, YAML text or a dict; this is {type(source).__name__}"
        )
    if isinstance(source, Path) or _is_file_name(source):
        try:
            return str(source), Path(source).read_bytes()
        except OSError as error:
            raise NicepayError(f"{source}: {(error.strerror or str(error)).lower()}") from None
    if "\n" in source or ":" in source:
        return "", source.encode()
    return "", as_json({"name": source.strip()})


def _is_file_name(text: str) -> bool:
    return "\n" not in text and text.endswith((".yaml", ".yml", ".json"))


def _dict_text(source: Mapping[str, Any]) -> bytes:
    """A dict as JSON, indented by two: reported mistakes have lines and columns of this text."""
    try:
        text = json.dumps(_with_types(source), ensure_ascii=False, indent=2)
    except (TypeError, ValueError) as error:
        raise NicepayError(
            f"a scenario is made of texts, numbers, lists and mappings: {str(error).lower()}"
        ) from None
    return text.encode()


def _with_types(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same scenario, with the bools and numbers of a `patch` wrapped in `{"set": ...}`.

    Without that, as in YAML, they would take the type of the value that they replace.
    """
    rules = source.get("rules")
    if not isinstance(rules, list | tuple):
        return source
    return {**source, "rules": [_rule_with_types(rule) for rule in rules]}


def _rule_with_types(rule: Any) -> Any:
    patch = rule.get("patch") if isinstance(rule, Mapping) else None
    if not isinstance(patch, Mapping):
        return rule
    typed = {
        key: {"set": value} if isinstance(value, bool | int | float) else value
        for key, value in patch.items()
    }
    return {**rule, "patch": typed}


def told_with_file(error: NicepayError, file: str) -> NicepayError:
    """The same error, with the file's name before each mistake."""
    if not file or not error.problems:
        return error
    lines = [f"{file}:{p['line']}:{p['column']}: {p['message']}" for p in error.problems]
    return NicepayError("\n".join(lines), error.problems)
