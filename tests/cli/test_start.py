"""How qbell starts: fast, in any environment; and how Ctrl-C ends it."""

import ast
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import qbell
from qbell.cli import ctrl_c
from qbell.cli.app import COMMANDS, Commands, app
from tests.conftest import Repeats
from tests.support.loopback.zygote import Zygote
from tests.support.paths import ROOT

HEAVY = ("matplotlib", "numba", "pandas", "qiskit", "scipy.special", "scipy.stats")
EXACT = ["exact", "graph", "-n", "4", "--shape", "ring", "--json"]  # with compiled kernels


def start(
    *words: str, folder: Path = ROOT, **environment: str
) -> "subprocess.CompletedProcess[str]":
    """The command line as a user starts it, in an environment that is a little different."""
    return subprocess.run(
        [sys.executable, "-m", "qbell.cli", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("what", ["import qbell", "the help"])
def test_what_is_not_used_is_not_loaded(what: str) -> None:
    code = "import qbell"
    if what == "the help":
        code = (
            "import sys; sys.argv = ['qbell', '--help']\n"
            "from qbell.cli import main\n"
            "try: main()\nexcept SystemExit as end: assert end.code == 0"
        )
    code += f"\nimport sys; print('loaded:', [name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == ["loaded: []"], done.stderr


def test_public_names_are_where_type_checkers_see_them() -> None:
    """The lazy table and the imports under TYPE_CHECKING say the same."""
    tree = ast.parse((ROOT / "qbell" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and node.body][:1]
    seen = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    rooms = {name for name, (module, _) in seen.items() if module == "qbell"}
    assert rooms == {"exact", "plots"}
    seen = {name: place for name, place in seen.items() if name not in rooms}
    assert seen == qbell._PLACES
    assert set(qbell.__all__) == {*seen, *rooms, "QbellError", "__version__"}
    for name, (module, original) in seen.items():
        assert getattr(qbell, name) is getattr(importlib.import_module(str(module)), original)
    assert set(qbell.__all__) <= set(dir(qbell))
    assert qbell.exact.qfi(qbell.ghz(3)) == pytest.approx(9)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = qbell.nonsense  # type: ignore[attr-defined]


@pytest.mark.slow
def test_lines_of_the_help_are_those_of_the_commands() -> None:
    group = Commands(name="qbell")
    for name, (_, line) in COMMANDS.items():
        command = group.get_command(None, name)
        shown = " ".join((command.help or "").split())
        assert shown.startswith(line.split(":")[0].rstrip(".").split(",")[0].split(";")[0]), name
    registered = {info.name or info.callback.__name__ for info in app.registered_commands}
    assert registered == set(COMMANDS)


ODD = {
    "MPLBACKEND": "nonsense",
    "NUMBA_NUM_THREADS": "0",
    "NUMBA_CACHE_DIR": "/proc/nowhere",
    "MPLCONFIGDIR": "/proc/nowhere",
    "HOME": "/nonexistent",
    "LC_ALL": "xx",
    "COLUMNS": "20",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@pytest.mark.slow
def test_odd_environment() -> None:
    done = start(*EXACT, **ODD)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["bound"] == 2.5


@pytest.mark.slow
def test_odd_number_of_threads(tmp_path: Path, repeats: Repeats) -> None:
    """In processes that have not loaded Numba yet."""
    with Zygote({}, tmp_path) as zygote:
        for threads in ("abc", "1000", "-3", "")[: repeats(1, 4)]:
            assert zygote.run(*EXACT, NUMBA_NUM_THREADS=threads) == 0, zygote.output
            assert json.loads(zygote.output)["bound"] == 2.5  # and no other word


@pytest.mark.slow
def test_a_picture_where_no_backend_is_known() -> None:
    code = (
        "from qbell.util.load_matplotlib import load_matplotlib\n"
        "load_matplotlib()\n"
        "import io, os; from matplotlib.figure import Figure\n"
        "Figure().savefig(io.BytesIO(), format='svg')\n"
        "assert os.environ['MPLBACKEND'] == 'nonsense'"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "nonsense"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_nothing_to_write_to(tmp_path: Path) -> None:
    """A package and a home that cannot be written to, as in a container: another user's."""
    without_cache = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "qbell", tmp_path / "qbell", ignore=without_cache)
    for folder in [tmp_path / "qbell", *(tmp_path / "qbell").rglob("*/")]:
        (folder / "__pycache__").touch()  # a file in the folder's place: holds for root, too
    nowhere = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere"}
    (tmp_path / "tmp").mkdir()
    done = start(
        *EXACT,
        folder=tmp_path,
        PYTHONPATH=str(tmp_path),
        TMPDIR=str(tmp_path / "tmp"),
        **nowhere,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bound"] == 2.5
    assert list((tmp_path / "tmp").rglob("*.nbi"))  # the cache went to the user's own folder there


@pytest.mark.slow
@pytest.mark.first_and_last
@pytest.mark.parametrize("how", [">&- 2>&- <&-", ">&-", "2>&-", "| head -0"])
def test_closed_streams(how: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m qbell.cli schedule -n 2 {how}', sys.executable],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""


def stopped_at(moment: float | str, folder: Path, *words: str) -> tuple[int, str]:
    """Exit code and stderr of a command that gets SIGINT so many seconds after it has
    begun, or when it comes to load a module of this name."""
    code = "import os, signal, sys; from qbell.cli import main\n"
    if isinstance(moment, str):
        code += (
            "class Finder:\n"
            "    def find_spec(self, name, path=None, target=None):\n"
            f"        if name == {moment!r}: os.kill(os.getpid(), signal.SIGINT)\n"
            "sys.meta_path.insert(0, Finder())\n"
        )
    # As main begins; on a busy machine the signal may come before it does.
    code += "from qbell.cli import ctrl_c; ctrl_c.at_once()\n"
    code += f"sys.argv = ['qbell', *{list(words)}]; print('here', flush=True); main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    if not isinstance(moment, str):
        time.sleep(0.002 + moment)
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    return process.returncode, err


def check_stopped(code: int, err: str, words: tuple[str, ...], goes_on: bool) -> None:
    line = "error: stopped" + (f"; to go on: qbell {' '.join(words)}" if goes_on else "")
    assert (code, err) == (130, line + "\n")


@pytest.mark.parametrize("seconds", [0.0, pytest.param(0.3, marks=pytest.mark.slow)])
def test_ctrl_c(tmp_path: Path, seconds: float) -> None:
    words = ("scan", "ising", "--n", "200:400:50", "--u=-3:0:61", "--out", "t.csv")
    check_stopped(*stopped_at(seconds, tmp_path, *words), words, goes_on=True)


def test_ctrl_c_adds_no_second_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`extend` may have registered its part already: the line asks before it is given again."""
    monkeypatch.setattr(sys, "argv", ["qbell", "extend", "--shots", "500", str(tmp_path)])
    assert ctrl_c.message().endswith(f"its jobs: qbell status {tmp_path}")


LOADED = ("qbell.cli.app", "typer", "numpy", "pandas", "qbell.campaigns.spec", "qiskit", "numba")
PLAN = ("plan", str(ROOT / "experiments" / "ghz_random_aer.toml"))


@pytest.mark.slow
@pytest.mark.first_and_last
@pytest.mark.parametrize("module", LOADED)
def test_ctrl_c_while_a_module_is_loaded(tmp_path: Path, module: str) -> None:
    check_stopped(*stopped_at(module, tmp_path, *PLAN), PLAN, goes_on=False)


@pytest.mark.slow
@pytest.mark.first_and_last
@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.5, 1.3, 3.0, 2.4])
def test_ctrl_c_at_any_moment(tmp_path: Path, seconds: float) -> None:
    code, err = stopped_at(seconds, tmp_path, *PLAN)
    if code != 0:  # it had ended before
        check_stopped(code, err, PLAN, goes_on=False)
