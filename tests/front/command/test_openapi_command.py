"""`mock-nicepay openapi`: the document on stdout."""

import json

import pytest
import yaml

from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.front.command import cli
from mock_nicepay.front.openapi.document import document


@pytest.mark.parametrize(
    ("edition", "arguments"),
    [
        ("union", []),
        ("union", ["--format", "json", "--edition", "union"]),
        ("gateway", ["--edition", "gateway"]),
    ],
)
def test_prints_json(
    capsys: pytest.CaptureFixture[str], edition: str, arguments: list[str]
) -> None:
    """The document of the given edition; Korean is not escaped."""
    assert 0 == cli.main(["openapi", *arguments])
    out = capsys.readouterr().out

    assert document(EDITIONS[edition]) == json.loads(out)
    assert "정상 처리되었습니다." in out


def test_prints_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    """The same document, without anchors."""
    assert 0 == cli.main(["openapi", "--format", "yaml"])
    out = capsys.readouterr().out

    assert document(EDITIONS["union"]) == yaml.safe_load(out)
    assert "&id" not in out


def test_an_unknown_format_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    """One line on stderr, status 2."""
    assert 2 == cli.main(["openapi", "--format", "xml"])
    assert "'xml' is not one of 'json', 'yaml'" in capsys.readouterr().err
