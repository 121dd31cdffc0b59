"""The YAML files of merchants and card offers: only texts come out, and no file stops the program."""

from pathlib import Path
from typing import Any

import pytest

from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.seed_files import texts_in


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ({"card": "02"}, "card: 02"),
        (
            {"use": "yes", "until": "2026-12-31", "none": ""},
            "{use: yes, until: 2026-12-31, none: }",
        ),
        (["가", "가"], "[&one 가, *one]"),
        ({"a": [{"b": "1e3"}]}, '{"a": [{"b": "1e3"}]}'),
        ("", ""),
    ],
)
def test_every_value_stays_a_text(read: Any, text: str, tmp_path: Path) -> None:
    """Codes keep their zeros, and nothing becomes a number, a date or a boolean."""
    (tmp_path / "file.yaml").write_text(text, "utf-8")
    assert (read or None) == (texts_in(tmp_path / "file.yaml", "a file") or None)


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        ("node content", b"a: ["),
        ("codec can't decode", b"\xff\xfe"),
        ("line 2: nested more than 64 levels deep", b"a:\n " + b"[" * 200_000),
        ("line 1: nested more than 64 levels deep", b"{a: " * 65 + b"}" * 65),
    ],
    ids=["broken", "no utf-8", "very deep", "deep"],
)
def test_what_cannot_be_read_is_explained(reason: str, data: bytes, tmp_path: Path) -> None:
    """With the file and what it should have been, on one line."""
    path = tmp_path / "file.yaml"
    path.write_bytes(data)
    with pytest.raises(Misuse) as wrong:
        texts_in(path, "a file of card offers")

    assert wrong.value.message.startswith(f"{path}: cannot be read as a file of card offers: ")
    assert reason in wrong.value.message
    assert "\n" not in wrong.value.message
