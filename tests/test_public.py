"""The public names are what the documentation says, and they are typed."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import mock_nicepay

ROOT = Path(__file__).parent.parent


def test_the_public_names() -> None:
    """Two names and no more; each stands in the README."""
    readme = (ROOT / "README.md").read_text("utf-8")

    assert ["Sandbox", "create_app"] == mock_nicepay.__all__
    for name in mock_nicepay.__all__:
        assert name in readme
        assert callable(getattr(mock_nicepay, name))


def test_the_typed_uses_run() -> None:
    """The file of typed examples is not fiction."""
    spec = spec_from_file_location("api_uses", ROOT / "tests" / "typing" / "api.py")
    assert spec is not None
    assert spec.loader is not None
    uses = module_from_spec(spec)
    spec.loader.exec_module(uses)

    assert 401 == uses.drive().status
    assert 405 == uses.embed().test_client().get("/v1/access-token").status_code


def test_importing_the_package_loads_nothing() -> None:
    """`import mock_nicepay` brings in none of the libraries."""
    heavy = "flask marshmallow jwt yaml uvicorn click rich faker requests httpx"
    code = f"import sys, mock_nicepay; print([m for m in {heavy.split()!r} if m in sys.modules])"

    assert (
        "[]"
        == subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
