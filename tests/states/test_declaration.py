"""What a family says of itself is all that help, command line, specs and messages need."""

import importlib.util
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from qbell import exact
from qbell.campaigns.run import run as run_campaign
from qbell.campaigns.spec import parse_spec, read_spec
from qbell.cli.circuits import circuit as circuit_command
from qbell.cli.exact_values import exact as exact_command
from qbell.cli.states import takes_a_state
from qbell.errors import QbellError
from qbell.scan import make_grid
from qbell.states import FAMILIES, State, named_state
from tests.support.paths import ROOT

Qbell = Callable[..., tuple[str, str]]
EVERY = pytest.mark.parametrize("kind", FAMILIES.values(), ids=FAMILIES)


# --- every family -------------------------------------------------------------------------------


@EVERY
def test_it_says_what_it_is(kind: type[State]) -> None:
    """In one short line each; an example of each parameter is one that it takes."""
    assert kind.example.startswith(f"{kind.family} -n ")
    assert len(kind.example + kind.summary) < 78
    for name, parameter in kind.parameters().items():
        assert parameter.help == parameter.help.strip().rstrip(".")
        assert "\n" not in parameter.description
        assert parameter.flag_of(name).startswith("-")
        parameter.checked(name, parameter.example, 6)


@EVERY
@pytest.mark.parametrize("command", ["exact", "circuit"])
def test_the_example_works(qbell: Qbell, kind: type[State], command: str) -> None:
    """What the help shows can be typed."""
    out, err = qbell(command, *kind.example.split(), "--json")
    record = json.loads(out)
    assert (err, record["family"]) == ("", kind.family)
    assert f"-n {record['n']}" in kind.example


@pytest.mark.parametrize("command", ["exact", "circuit"])
def test_help_shows_every_family(qbell: Qbell, command: str) -> None:
    """Each with its example on a line, and behind each flag the families that take it."""
    out, _ = qbell(command, "--help")
    words = " ".join(out.split())
    for family, kind in FAMILIES.items():
        assert re.search(rf"^ +{re.escape(kind.example)}  ", out, re.M)
        assert f"{kind.example} {kind.summary} " in words
        for name, parameter in kind.parameters().items():
            said = parameter.description
            shown = rf"{parameter.flag_of(name)} <\w+> [^<]*{re.escape(said[1:])} \([^)]*{family}\b"
            assert re.search(shown, words), (family, name)


@EVERY
def test_docs_have_it(kind: type[State]) -> None:
    """docs/formats.md lists the family with all its parameters, the README its name."""
    page = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| .*`{kind.family}`.*\| .*$", page.split("| family |")[1], re.M)
    assert set(kind.parameters()) <= set(re.findall(r"`(\w+)`", row))
    states = re.search(r"^States: .*?\n\n", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
    assert states is not None
    assert f"`{kind.family}`" in states[0]


# --- a family added by the recipe ---------------------------------------------------------------


@pytest.fixture(scope="module")
def cat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[State]]:
    """The class in CONTRIBUTING.md, registered; nothing else of qbell is touched."""
    recipe = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add a family")[1]
    code = re.search(r"```python\n(.*?)```", recipe, re.DOTALL)
    assert code is not None
    path = tmp_path_factory.mktemp("states") / "cat.py"
    path.write_text(textwrap.dedent(code[1]), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("cat_of_the_recipe", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        patch.setitem(FAMILIES, "cat", module.Cat)
        yield module.Cat


def typed(command: Callable[..., None], *words: str) -> str:
    """What a command prints, its options made anew."""
    app = typer.Typer(rich_markup_mode=None)
    app.command()(takes_a_state(inspect.unwrap(command)))
    done = CliRunner().invoke(app, words)
    if isinstance(done.exception, QbellError):
        raise done.exception
    return done.output


def test_the_state_of_the_recipe(cat: type[State]) -> None:
    for n in (2, 5):
        state = named_state("cat", n, {"t": 0.6})
        expected = np.zeros(2**n)
        expected[[0, -1]] = np.cos(0.6), np.sin(0.6)
        np.testing.assert_allclose(state.statevector(), expected, atol=1e-15)
        assert exact.qfi(state) == pytest.approx(n**2 * np.sin(1.2) ** 2, rel=1e-12)
    assert cat.required() == (("t",),)


@pytest.mark.usefixtures("cat")
def test_the_command_line_takes_it() -> None:
    """Its flag is in the help, reaches the state, and belongs to no other family."""
    for command in (exact_command, circuit_command):
        text = typed(command, "--help")
        assert re.search(r"--t <float> +Angle of the weights in radians \(cat\)", text)
        assert "cat -n 6 --t 0.6" in text
    record = json.loads(typed(exact_command, *["cat", "-n", "6", "--t", "0.6", "--json"]))
    assert record["qfi"] == pytest.approx(36 * np.sin(1.2) ** 2)
    record = json.loads(typed(circuit_command, *["cat", "-n", "6", "--t", "0.6", "--json"]))
    assert record["fidelity"] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("cat -n 4", "family cat needs t, the angle of the weights in radians, e.g. t = 0.6"),
        ("cat -n 4 --t 0.6 -u -1", "family cat takes no u, only n, t; leave it out"),
        (
            "ghz -n 4 --t 0.6",
            "family ghz takes no t, only n, layout, flags, flags_read; leave it out",
        ),
        ("cat -n 4 --t wide", "--t wide: expected a number, e.g. 0.6"),
        ("cat -n 4 --t inf", "t = inf; give a finite number"),
        ("cat -n 4 --t 1e9", "t = 1000000000.0; give a number between -1000 and 1000"),
    ],
)
@pytest.mark.usefixtures("cat")
def test_the_command_line_refuses(words: str, message: str) -> None:
    with pytest.raises(QbellError) as refused:
        typed(exact_command, *words.split())
    assert str(refused.value) == message


@pytest.mark.slow
@pytest.mark.usefixtures("cat")
def test_a_campaign_of_it(tmp_path: Path) -> None:
    path = tmp_path / "cat.toml"
    path.write_text("seed = 1\n[state]\nfamily = 'cat'\nn = 3\nt = 0.6\n", encoding="utf-8")
    spec = read_spec(path)
    assert spec.sampling()["state"] == {"family": "cat", "n": 3, "t": 0.6}
    summary = run_campaign(spec, tmp_path / "out").summary
    assert summary["exact"]["qfi"] == pytest.approx(9 * np.sin(1.2) ** 2)
    assert abs(summary["bound"]["value"] - summary["exact"]["bound"]) < 1


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"family": "cat"}, "[state] family cat needs t"),
        ({"family": "cat", "t": "wide"}, "[state] t = 'wide'; give a finite number"),
        ({"family": "cat", "t": 0.6, "ones": 1}, "[state] family cat takes no ones, only n, t"),
        ({"family": "ghz", "t": 0.6}, "[state] family ghz takes no t, only n, layout"),
        ({"family": "cat", "T": 0.6}, "unknown key 'T' in [state]; did you mean t?"),
    ],
)
@pytest.mark.usefixtures("cat")
def test_a_spec_is_refused(tmp_path: Path, state: dict[str, Any], message: str) -> None:
    with pytest.raises(QbellError) as refused:
        parse_spec({"state": {"n": 3, **state}}, "", name="cat.toml", folder=tmp_path)
    assert str(refused.value).startswith(f"cat.toml: {message}")
    assert "\n" not in str(refused.value)


@pytest.mark.usefixtures("cat")
def test_a_scan_asks_for_what_the_family_needs() -> None:
    with pytest.raises(QbellError, match="family cat needs t; give values"):
        make_grid("cat", [4])
