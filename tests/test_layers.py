"""The architecture's rules, read from the imports: who may import whom, and who may touch what."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mock_nicepay

PACKAGE = Path(mock_nicepay.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# A row imports from itself and the rows before it.
ROWS = ("settings setting_forms contract resources", "core", "api", "sandbox", "front")
OUTSIDE = {  # library: the parts of the package that may import it
    "flask": ("front/app.py",),
    "jinja2": ("front/",),
    "markupsafe": ("front/",),
    "werkzeug": ("front/app.py",),
    "uvicorn": ("front/server/protocol.py", "front/server/server.py"),
    "httptools": ("front/server/protocol.py", "front/server/upgrade.py"),
    "click": ("front/",),
    "rich": ("front/",),
    "requests": ("front/",),
    "httpx": ("front/",),
    "holidays": ("contract/business_days.py",),
    "httpcore": ("core/outgoing/posting.py",),
    "anyio": ("front/testing/httpx_transport.py",),
    "pytest": ("front/pytest_plugin.py",),
    "jwt": ("core/login/tokens.py", "front/console/session.py"),
    "faker": ("core/identity.py",),
    "random": ("core/identity.py",),
    "regex": ("core/scenarios/patterns.py",),
    "prometheus_client": ("front/control/metrics.py",),
    "secrets": ("core/identity.py",),
    "uuid": ("core/identity.py",),
    "time": ("core/clock.py",),
    "cryptography": ("contract/encdata/ciphers.py",),
    "sqlalchemy": ("core/stores/",),
    "alembic": ("core/stores/",),
    "marshmallow": ("contract/fields.py",),
    "yaml": (
        *("core/seed_files.py", "core/scenarios/"),
        "front/command/openapi.py",
    ),
}
LAZY = {  # modules that may import inside a function: optional or slow libraries, lazily
    "__init__.py",
    "contract/encdata/ciphers.py",
    "contract/business_days.py",
    "core/outgoing/courier.py",
    "core/identity.py",
    "core/scenarios/patterns.py",
    "core/stores/__init__.py",
    "core/stores/schema.py",
    "front/",
}


def _name(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def _row(part: str) -> int:
    head = part.removesuffix(".py").split("/")[0]
    return next((n for n, row in enumerate(ROWS) if head in row.split()), len(ROWS))


def _imports(module: Path) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node


def _allowed(name: str, places: tuple[str, ...] | set[str]) -> bool:
    return any(
        name == place or (place.endswith("/") and name.startswith(place)) for place in places
    )


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_imports_go_upwards(module: Path) -> None:
    """contract < core < api < sandbox < front; nothing imports from below."""
    own = _row(_name(module))
    for imported, node in _imports(module):
        if imported.startswith("mock_nicepay."):
            part = imported.removeprefix("mock_nicepay.").replace(".", "/")

            assert _row(part) <= own, f"{_name(module)}:{node.lineno} imports {imported}"


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_libraries_stay_in_their_rooms(module: Path) -> None:
    """Only the clock knows time, only identity knows chance, only the doors know their frameworks."""
    for imported, node in _imports(module):
        places = OUTSIDE.get(imported.split(".")[0])
        if places is not None:
            assert _allowed(_name(module), places), (
                f"{_name(module)}:{node.lineno} imports {imported}"
            )


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_imports_stand_at_the_top(module: Path) -> None:
    """No import inside a function, but for optional and slow libraries where they are used."""
    tree = ast.parse(module.read_text("utf-8"))
    inner = [
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert not inner or _allowed(_name(module), LAZY), f"{_name(module)}:{inner[0].lineno}"


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_time_and_environment_are_read_in_one_place(module: Path) -> None:
    """`datetime.now` is the clock's, `os.environ` is the settings'."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            if node.attr in {"now", "utcnow", "today"} and isinstance(node.value, ast.Name):
                assert node.value.id not in {"datetime", "date"} or _name(module) == "core/clock.py"
            if (
                node.attr in {"environ", "getenv"}
                and isinstance(node.value, ast.Name)
                and node.value.id == "os"
            ):
                assert _name(module) == "settings.py", f"{_name(module)}:{node.lineno}"


@pytest.mark.parametrize("module", [m for m in MODULES if "/core/" in m.as_posix()], ids=_name)
def test_the_core_names_no_endpoint(module: Path) -> None:
    """An endpoint carries its own function; the core knows none by name or path."""
    text = module.read_text("utf-8")

    assert "/v1/payments" not in text
    assert '"token.issue"' not in text


MAP = (PACKAGE.parent / "docs" / "architecture.md").read_text("utf-8")
ROOMS = [
    each
    for room in ("", "contract", "core", "api", "front")
    for each in sorted((PACKAGE / room).iterdir())
    if each.name[0].islower() and (each.suffix == ".py" or (each / "__init__.py").exists())
]


@pytest.mark.parametrize("room", ROOMS, ids=_name)
def test_the_map_has_every_room(room: Path) -> None:
    """The architecture's page names each module and folder of the rows."""
    name = room.name if room.suffix else f"{room.name}/"
    assert re.search(rf"(?<![\w/]){re.escape(name)}", MAP)


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`((?:\w+/)+(?:\w+\.\w+)?)`", MAP))))
def test_what_the_map_names_is_there(named: str) -> None:
    """Each path on the page, from the checkout, its tests, the package, its core or its front."""
    checkout = PACKAGE.parent
    bases = (checkout, checkout / "tests", PACKAGE, PACKAGE / "core", PACKAGE / "front")
    assert any((base / named).exists() for base in bases)
