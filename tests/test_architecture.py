"""Do imports still point down? Read from the sources, so that a lazy import counts like any other."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "accelsim"
# From the top down: a room imports only from lines below its own; names on one line do not know each other.
LINES = (
    {"cli"},
    {"commands"},
    {"studies"},
    {"pipeline", "reports", "exporters"},
    {"results"},
    {"engine"},
    {"mapping", "functional", "importers"},
    {"operators", "hardware"},
    {"graph", "kernels"},
    {"base"},
)
LEVEL = {room: -depth for depth, rooms in enumerate(LINES) for room in rooms}
ONLY_IN = {"numba": {"kernels"}, "simpy": {"engine", "studies"}, "matplotlib": {"reports"}}
LONGEST_FILE = 300
FORBIDDEN_NAMES = ("util", "helper", "common", "manager", "handler", "misc")
# The package's own front door: a few names for users, and its version.
FRONT = {"__init__", "__main__"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "accelsim" else {node.module or ""}
    return found


def rooms_imported(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path) if name.startswith("accelsim.")} - {room_of(path), "__version__"}


def label(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_every_room_has_its_line():
    rooms = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file()} | {p.stem for p in PACKAGE.glob("*.py")}
    assert rooms - FRONT <= set(LEVEL)


def test_rooms_import_only_from_lines_below_their_own():
    upward = [
        f"{label(path)} imports {other}"
        for path in MODULES
        if room_of(path) not in FRONT
        for other in rooms_imported(path)
        if LEVEL[other] >= LEVEL[room_of(path)]
    ]
    assert upward == []


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_a_heavy_library_stays_in_its_room(library):
    homes = {room_of(path) for path in MODULES if any(name.split(".")[0] == library for name in imported(path))}
    assert homes <= ONLY_IN[library]


def test_files_that_outgrow_their_subject_are_split():
    long = {label(path): length for path in MODULES if (length := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE}
    assert long == {}


def test_no_module_is_called_after_nothing_in_particular():
    assert [label(path) for path in MODULES if any(word in part for part in path.relative_to(PACKAGE).parts for word in FORBIDDEN_NAMES)] == []


def test_no_function_takes_a_bag_of_keywords_from_another_room():
    """``**kwargs`` that reach through a stage hide what it needs; named collectors of a room's own are seen here."""
    bags = [
        f"{label(path)}: {node.name}(**{node.args.kwarg.arg})"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.args.kwarg is not None and node.args.kwarg.arg in ("kwargs", "kw", "options")
    ]
    assert bags == []


def test_the_rule_sees_an_import_that_points_up(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    module = tmp_path / "base" / "new.py"
    module.parent.mkdir()
    module.write_text("def late():\n    from accelsim.engine.trace import Trace\n    return Trace\n")
    assert room_of(module) == "base"
    assert [LEVEL[other] >= LEVEL["base"] for other in rooms_imported(module)] == [True]


def test_importing_the_package_imports_none_of_the_heavy_libraries():
    code = "import sys, accelsim; print([m for m in ('numba', 'pandas', 'matplotlib', 'simpy', 'sklearn', 'pydantic') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
