"""What is built: the wheel and the sdist hold what they must, and the wheel works by itself."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parent.parent

# What an sdist has; beside them, what setuptools writes.
FOLDERS = {
    *("bench", "docs", "examples", "fixtures", "mock_nicepay", "scenarios", "tests", "tools"),
    "mock_nicepay.egg-info",
}
FILES = {
    *("CHANGELOG.md", "Dockerfile", "LICENSE", "MANIFEST.in", "Makefile", "README.ko.md", "README.md"),
    *(".dockerignore", "compose.yaml", "pyproject.toml", "setup.cfg", "PKG-INFO"),
}  # fmt: skip

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
        "Dockerfile",
        "compose.yaml",
        "tests/test_wheel.py",
    } <= names
    assert {
        "fixtures/merchants.yaml",
        "scenarios/success.yaml",
        "docs/fidelity.md",
        "examples/shop/shop.py",
        "tools/licences.py",
        "bench/run.py",
    } <= names


def test_nothing_else_is_in_them(built: Path) -> None:
    """No caches, no results, no secrets: these folders and files, and none besides."""
    (sdist,), (wheel,) = built.glob("*.tar.gz"), built.glob("*.whl")
    with tarfile.open(sdist) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    packed = {*files, *zipfile.ZipFile(wheel).namelist()}

    assert FOLDERS >= {name.partition("/")[0] for name in files if "/" in name}
    assert FILES >= {name for name in files if name and "/" not in name} - FOLDERS
    odd = ("__pycache__", ".pyc", ".hypothesis", "bench/results", ".env", ".pem", ".sqlite")
    assert [] == [name for name in packed if any(part in name for part in odd)]


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs are of an environment that has the wheel, what it needs, and no extra."""
    (wheel,) = built.glob("*.whl")
    place = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", place], check=True, capture_output=True)
    pip = [place / "bin" / "pip", "--quiet", "--disable-pip-version-check", "install", wheel]
    subprocess.run(pip, check=True, capture_output=True)
    return place / "bin"


@pytest.mark.parametrize(
    ("status", "said", "command"),
    [
        (0, "mock-nicepay 0.", ["--version"]),
        (0, "unauthorized-once", ["scenarios"]),
        (0, "U104", ["codes", "U104"]),
        (0, "Usage: mock-nicepay serve", ["serve", "--help"]),
        (1, "", ["health", "http://127.0.0.1:9"]),
        (2, "", ["serve", "--host", "0.0.0.0"]),
        (7, "", ["run", "--", sys.executable, "-c", "raise SystemExit(7)"]),
    ],
)
def test_the_installed_command_runs(
    installed: Path, tmp_path: Path, status: int, said: str, command: list[str]
) -> None:
    """In an environment without extras, away from the checkout."""
    done = subprocess.run(
        [installed / "mock-nicepay", *command],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (status, True) == (done.returncode, said in done.stdout), done.stderr


def test_the_installed_command_serves(installed: Path, tmp_path: Path) -> None:
    """It answers calls, pages, console and metrics, and SIGTERM ends it with status 0."""
    command = [installed / "mock-nicepay", "serve", "--port", "0", "--log", "quiet"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        for path in ("/_mock/health", "/_mock/console/calls", "/_mock/metrics", "/v1/js/"):
            with urlopen(f"{url}{path}", timeout=30) as answer:
                assert 200 == answer.status
        server.terminate()
        assert 0 == server.wait(30)


def test_the_wheel_works_away_from_the_checkout(built: Path, tmp_path: Path) -> None:
    """Unpacked into an empty place, the command lists the library and plays a scenario by name."""
    (wheel,) = built.glob("*.whl")
    place = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(place)
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r})\n"
        "import mock_nicepay, mock_nicepay.sandbox as s\n"
        f"assert mock_nicepay.__file__.startswith({str(place)!r}), mock_nicepay.__file__\n"
        "print(len(s.Sandbox(scenario=('success',)).merchants()))"
    )
    # -S -I would hide the libraries too: only the checkout must not be found.
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ("5\n", "") == (done.stdout, done.stderr)
