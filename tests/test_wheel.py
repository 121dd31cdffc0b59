"""What is built: the wheel and the sdist hold what they must, and the wheel works by itself."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a freshly built sdist, and a wheel built from that sdist."""
    # From a copy: parallel test processes must not build in one folder.
    source, out = tmp_path_factory.mktemp("source") / "tree", tmp_path_factory.mktemp("dist")
    left_out = shutil.ignore_patterns(".git", ".venv", "*.egg-info", "build", "dist", ".*_cache")
    shutil.copytree(ROOT, source, ignore=left_out)
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(source)],
        check=True,
        capture_output=True,
    )
    return out


def test_the_wheel_holds_what_it_must(built: Path) -> None:
    """Every module, the tables, the seed merchants, the scenario library and the typing marker."""
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mock_nicepay").rglob("*.py")}
    scenarios = {
        f"mock_nicepay/scenarios/{path.name}" for path in (ROOT / "scenarios").glob("*.yaml")
    }

    front = ROOT / "mock_nicepay" / "front"
    pages = {
        path.relative_to(ROOT).as_posix()
        for folder in ("static", "templates")
        for path in (front / folder).rglob("*.*")
    }

    assert modules <= names
    assert scenarios <= names
    assert pages
    assert pages <= names
    assert {
        "mock_nicepay/py.typed",
        "mock_nicepay/contract/data/result_codes.csv",
        "mock_nicepay/contract/data/terms/CollectPersonalInfo.txt",
        "mock_nicepay/fixtures/merchants.yaml",
        "mock_nicepay/fixtures/plans.yaml",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "docs/"))]


def test_the_sdist_can_be_tested(built: Path) -> None:
    """Tests, fixtures, scenarios and documentation come along with the source."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {
        "Makefile",
        "README.md",
        "README.ko.md",
        "CHANGELOG.md",
        "LICENSE",
        "tests/test_wheel.py",
    } <= names
    assert {
        "fixtures/merchants.yaml",
        "scenarios/success.yaml",
        "docs/fidelity.md",
        "bench/run.py",
    } <= names


def test_the_wheel_works_away_from_the_checkout(built: Path, tmp_path: Path) -> None:
    """Unpacked into an empty place, the command lists the library and plays a scenario by name."""
    (wheel,) = built.glob("*.whl")
    place = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(place)
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r})\n"
        "import mock_nicepay, mock_nicepay.sandbox as s\n"
        f"assert mock_nicepay.__file__.startswith({str(place)!r}), mock_nicepay.__file__\n"
        "assert 'success' in s.library()\n"
        "print(len(s.Sandbox(scenario=('success',)).merchants()))"
    )
    # -S -I would hide the libraries too: only the checkout must not be found.
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ("5\n", "") == (done.stdout, done.stderr)
