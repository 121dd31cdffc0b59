"""What the documentation shows is true: its scenarios are valid, its tests run, its tables are whole."""

import re
from pathlib import Path

import pytest

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.merchants.traits import KEYS
from mock_nicepay.core.scenarios.library import ready_made_files
from mock_nicepay.core.scenarios.reader import read_text
from mock_nicepay.front.control.plane import ACTIONS, ROOT
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

ROOT_FOLDER = Path(__file__).parent.parent
PAGES = [ROOT_FOLDER / name for name in ("README.md", "README.ko.md")] + sorted(
    (ROOT_FOLDER / "docs").glob("*.md")
)
READMES = PAGES[:2]

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
every_readme = pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


@every_page
def test_scenarios_are_valid(page: Path) -> None:
    """Every whole scenario on a page can be played."""
    for block in blocks(page, "yaml"):
        if block.startswith("version:"):
            assert read_text(block, page.name).name


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file that is there."""
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@every_page
def test_anchors_lead_somewhere(page: Path) -> None:
    """Every link to a part of a page names a heading that is there."""
    for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text("utf-8")):
        text = (page.parent / target if target else page).read_text("utf-8")
        headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)

        assert anchor in {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    """What code hosts make of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-")


@pytest.mark.parametrize("page", PAGES[2:], ids=lambda page: page.name)
def test_every_page_is_in_the_index(page: Path) -> None:
    """Whoever opens docs/ finds each of its pages, and whoever reads a README finds docs/."""
    index = ROOT_FOLDER / "docs" / "README.md"

    assert page == index or f"({page.name})" in index.read_text("utf-8")
    assert all("(docs/README.md)" in readme.read_text("utf-8") for readme in READMES)


@every_readme
def test_scenario_names_are_ready_made(page: Path) -> None:
    """Every scenario named in a command is in the library."""
    names = re.findall(
        r"--scenario ([a-z0-9-]+)(?![\w./-])|Scenario: ([a-z0-9-]+)", page.read_text("utf-8")
    )

    assert names
    for name in (a or b for a, b in names):
        assert name in ready_made_files()


def test_the_changelog_has_its_form() -> None:
    """Versions with the headings of "Keep a Changelog", and whole sentences under each."""
    text = (ROOT_FOLDER / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    rows = re.findall(r"^- (.+)$", text, re.MULTILINE)

    assert "Unreleased" == versions[0]
    assert [] == [
        each for each in versions[1:] if not re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", each)
    ]
    assert set(headings) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert [] == [row for row in rows if not row.endswith(".")]


@every_readme
def test_the_two_commands_are_there(page: Path) -> None:
    """A newcomer needs two commands, and both files say them."""
    assert "$ make serve" in page.read_text("utf-8")
    assert "$ make test" in page.read_text("utf-8")


def test_every_control_action_is_documented() -> None:
    """The control plane's table and its page name the same requests."""
    page = (ROOT_FOLDER / "docs" / "control-plane.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z]+) (/_mock[A-Za-z/{}.-]*)` \|", page, re.MULTILINE)

    assert rows == [(action.method, f"{ROOT}{action.path}") for action in ACTIONS]


def test_every_key_of_a_merchant_is_documented() -> None:
    """The page of the control plane lists what POST /_mock/merchants takes."""
    page = (ROOT_FOLDER / "docs" / "control-plane.md").read_text("utf-8")

    assert set(KEYS) <= set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))


def test_a_journal_entry_is_documented() -> None:
    """The page lists an entry's keys in their order."""
    sandbox = Sandbox(Settings.read({}, environment={}))
    sandbox.handle(Request("GET", "/"))
    page = (ROOT_FOLDER / "docs" / "control-plane.md").read_text("utf-8")

    assert f"`{' '.join(sandbox.journal()[0].to_json())}`" in page


@pytest.mark.slow
@every_readme
def test_the_pytest_examples_run(page: Path, pytester: pytest.Pytester) -> None:
    """The tests shown to newcomers pass as they stand."""
    tests = [block for block in blocks(page, "python") if "def test_" in block]
    assert tests
    source = "\n".join(tests)
    (pytester.path / "test_readme.py").write_text(source, "utf-8")

    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=source.count("def test_"))
