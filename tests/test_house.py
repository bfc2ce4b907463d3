"""The rules of the house, read off the source."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from qbell.designs import DESIGNS
from tests.support.paths import ROOT

PACKAGE = ROOT / "qbell"
MODULES = sorted(PACKAGE.rglob("*.py"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """All of a module, parsed once for all tests."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def imports(path: Path) -> set[str]:
    """Full names of everything a module imports, also inside functions."""
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def reaches(start: str) -> set[str]:
    """Names that modules of qbell starting with ``start`` import, directly or through qbell."""
    names = {module_name(path): path for path in MODULES}
    todo = [name for name in names if name == start or name.startswith(start + ".")]
    seen, found = set(todo), set()
    while todo:
        for name in imports(names[todo.pop()]):
            found.add(name)
            if name in names and name not in seen:
                seen.add(name)
                todo.append(name)
    return found


@cache
def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def rooms() -> list[str]:
    """The rooms in the order of the README's map."""
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `qbell/(\w+)(?:/|\.py)` \|", readme, re.MULTILINE)


@cache
def module_imports(path: Path) -> set[str]:
    """Modules of qbell that a module imports: the one that holds a name, not its package."""
    names = {module_name(other) for other in MODULES}
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in names else node.module for name in whole}
    return found & names


def test_nothing_is_loose_at_the_top() -> None:
    top = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    files = {name for name in top if not (PACKAGE / name).is_dir()}
    assert files == {"__init__.py", "errors.py", "py.typed"}
    assert sorted(rooms()) == sorted({"errors"} | (top - files))
    for folder in PACKAGE.rglob("*/"):
        if folder.name != "__pycache__":
            assert (folder / "__init__.py").exists(), folder


def test_a_room_takes_from_itself_and_from_rooms_above_it() -> None:
    order = {room: place for place, room in enumerate(rooms())}
    for path in MODULES:
        name = module_name(path)
        if name == "qbell":
            continue
        room = name.split(".")[1]
        for other in module_imports(path):
            assert other != "qbell", f"{path}: imports the whole package"
            assert order[other.split(".")[1]] <= order[room], f"{name} imports {other}"


def test_no_circle() -> None:
    """Neither between modules nor between the rooms and sub-rooms they stand in."""
    arrows = {module_name(path): module_imports(path) for path in MODULES}
    tuple(TopologicalSorter(arrows).static_order())
    between: dict[str, set[str]] = {}
    for name, others in arrows.items():
        own = sub_room(name)
        between.setdefault(own, set()).update(sub_room(other) for other in others)
        between[own].discard(own)
    tuple(TopologicalSorter(between).static_order())


def sub_room(name: str) -> str:
    """``qbell.room.sub_room`` of a module in a sub-room; the module itself elsewhere."""
    return ".".join(name.split(".")[:3])


@pytest.mark.parametrize("start", ["qbell.estimator", "qbell.certificates"])
def test_analysis_never_imports_qiskit(start: str) -> None:
    assert not any(name.split(".")[0].startswith("qiskit") for name in reaches(start))


def test_exact_and_estimator_do_not_know_each_other() -> None:
    assert not any(name.startswith("qbell.estimator") for name in reaches("qbell.exact"))
    assert not any(name.startswith("qbell.exact") for name in reaches("qbell.estimator"))


def test_nothing_imports_the_command_line() -> None:
    for path in MODULES:
        if not module_name(path).startswith("qbell.cli"):
            assert not any(name.startswith("qbell.cli") for name in imports(path)), path


def test_no_global_randomness_and_no_eval() -> None:
    allowed = {"default_rng", "Generator", "SeedSequence"}
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "np.random":
                assert node.attr in allowed, f"{path}:{node.lineno}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec"), f"{path}:{node.lineno}"


def test_a_csv_is_analysed_without_qiskit() -> None:
    """In a process where importing Qiskit fails."""
    code = (
        "import sys; sys.modules['qiskit'] = sys.modules['qiskit_aer'] = None\n"
        "import qbell\n"
        "shots = qbell.read_shots('experiments/data/ghz_n=3.csv')\n"
        "print(qbell.estimate(shots).certificate.bell_qubits)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "3"


def test_only_designs_know_their_names() -> None:
    """Nothing compares with the name of a design. Families of states, and one that circuits start
    from, are called symmetric and ghz, too; the stars of a graph state are also a family, a number
    in the summary and a picture."""
    also_a_family = {
        "stars": (
            "qbell",
            "qbell.estimator.dispatch",
            "qbell.estimator.routes.stars",
            "qbell.noise_reference.read_out",
            "qbell.plots",
            "qbell.states.stars",
        ),
        "symmetric": ("qbell", "qbell.states.symmetric"),
        "ghz": (
            "qbell",
            "qbell.campaigns.template",
            "qbell.circuits.ghz",
            "qbell.circuits.ising",
            "qbell.circuits.twisted_layers",
            "qbell.cli.first_steps",
            "qbell.library.check",
            "qbell.library.contents",
            "qbell.states.free_fermions.gaussian",
            "qbell.states.free_fermions.tabulate",
            "qbell.states.free_fermions.training",
            "qbell.states.ghz",
        ),
    }
    for path in MODULES:
        name = module_name(path)
        if name.startswith("qbell.designs"):
            continue
        for node in nodes(path):
            if isinstance(node, ast.Constant) and node.value in DESIGNS:
                allowed = also_a_family.get(str(node.value), ())
                assert name in allowed, f"{path}:{node.lineno}"


def test_the_version_is_said_once() -> None:
    """In `qbell/__init__.py`, of which the package is built; citation and change log follow it."""
    version = re.search(r'^__version__ = "(.+)"$', (PACKAGE / "__init__.py").read_text(), re.M)
    assert version is not None
    assert f"\nversion: {version[1]}\n" in (ROOT / "CITATION.cff").read_text()
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert headings[0] == version[1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["dynamic"] == ["version"]
