"""The command `snapshot`: from a server or a store into another, and its error messages."""

import json
import stat
from pathlib import Path

import pytest
from chain import Branch

from mock_nicepay.front.command.cli import main
from mock_nicepay.front.server.server import BackgroundServer


def test_from_a_server_into_a_store(
    live: BackgroundServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the owner can read the file, its content is reported, and the store then has all of it."""
    file, store = tmp_path / "s.json", f"sqlite:///{tmp_path}/a.db"
    assert 0 == main(["snapshot", "save", str(file), "--url", live.url])
    out = capsys.readouterr().out
    assert f"{file}: 5 merchants, 0 payments; it contains secret keys" in out
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert 0 == main(["snapshot", "load", str(file), "--store", store])
    assert "loaded into sqlite" in capsys.readouterr().out
    assert 0 == main(["snapshot", "load", str(file), "--url", live.url])


def test_a_look_at_a_store_changes_nothing_in_it(tmp_path: Path) -> None:
    """Its clock stands still meanwhile, and goes on from there."""
    store, file = f"sqlite:///{tmp_path}/a.db", tmp_path / "s.json"
    branch = Branch(store)
    branch.advance(minutes=31)
    branch.sandbox.end()
    assert 0 == main(["snapshot", "save", str(file), "--store", store])
    again = Branch(store, branch.merchant)
    assert "13:24" == again.now()
    again.sandbox.end()
    assert 2 == json.loads(file.read_text()).__len__() - 2


@pytest.mark.parametrize(
    ("expected", "arguments"),
    [
        ("no mock-nicepay answers at http://127.0.0.1:1", ["save", "x", "--url", "http://127.0.0.1:1"]),
        ("'localhost:8090' is not an address; write one such as", ["save", "x", "--url", "localhost:8090"]),
        ("a command is missing; there are save, load", []),
        ("a store in memory exists only inside its process", ["save", "x", "--store", "memory://"]),
        ("--url and --store exclude each other", ["save", "x", "--url", "http://a", "--store", "memory://"]),
        ("gone.json cannot be read: No such file", ["load", "gone.json", "--store", "sqlite:///x.db"]),
        ("gone/x cannot be written", ["save", "gone/x", "--store", "sqlite:///x.db"]),
        ("is not a snapshot: it is not JSON", ["load", "text", "--store", "sqlite:///x.db"]),
        ("is not a snapshot: it is not JSON", ["load", "deep", "--store", "sqlite:///x.db"]),
        ("this is not a snapshot", ["load", "other.json", "--store", "sqlite:///x.db"]),
    ],
)  # fmt: skip
def test_mistakes_are_told(
    expected: str,
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line, and status 2."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text").write_text("{")
    (tmp_path / "deep").write_text("[" * 100_000)
    (tmp_path / "other.json").write_text("{}")
    assert 2 == main(["snapshot", *arguments])
    err = capsys.readouterr().err
    assert expected in err
    assert 1 == err.count("\n")
