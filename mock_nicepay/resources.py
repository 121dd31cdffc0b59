"""Where the files for people are: `fixtures/` and `scenarios/` of the checkout, or of the wheel."""

from importlib.resources import files
from pathlib import Path


def folder(name: str) -> Path:
    """The folder `fixtures` or `scenarios`: inside the package when installed, beside it in a checkout."""
    package = Path(str(files("mock_nicepay")))
    installed = package / name
    return installed if installed.is_dir() else package.parent / name
