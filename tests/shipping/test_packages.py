"""setup.cfg lists the packages by hand, for two of them stand elsewhere: it is held to the tree."""

from configparser import ConfigParser

import pytest
from playing import ROOT


@pytest.fixture
def options() -> ConfigParser:
    """setup.cfg."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", "utf-8")
    return parser


def test_every_package_is_listed(options: ConfigParser) -> None:
    """Each folder with modules, none twice, and the two folders that are packages when installed."""
    found = {
        ".".join(module.parent.relative_to(ROOT).parts)
        for module in (ROOT / "mock_nicepay").rglob("*.py")
    }
    listed = options["options"]["packages"].split()

    assert sorted(found | {"mock_nicepay.fixtures", "mock_nicepay.scenarios"}) == sorted(listed)


def test_every_file_of_data_is_taken_along(options: ConfigParser) -> None:
    """Whatever is not a module matches a pattern of package_data, or it is missing in the wheel."""
    patterns = {
        ROOT.joinpath(*package.split(".")): [each.strip() for each in given.split(",")]
        for package, given in options["options.package_data"].items()
    }
    taken = {
        file for folder, globs in patterns.items() for glob in globs for file in folder.glob(glob)
    }
    there = {
        file
        for file in (ROOT / "mock_nicepay").rglob("*")
        if file.is_file() and file.suffix not in {".py", ".pyc"}
    }

    assert [] == sorted(there - taken)
