"""Everything at once, for states of every kind and size, as plain JSON."""

import json
import math
import re
from typing import Any

import numpy as np
import pytest

import qbell
from qbell import exact
from qbell.states.symmetric import Symmetric
from tests.support import naive
from tests.support.cases import DESCRIBED

STATES: dict[str, Any] = {
    "ghz": qbell.ghz(5),
    "ghz 1000": qbell.ghz(1000),
    "w": qbell.w(4),
    "dicke 30": qbell.dicke(30, 7),
    "plus 800": qbell.plus(800),
    "ising": qbell.ising(6, -1.2),
    "ising afm": qbell.ising(6, 3.0),
    "ising 0": qbell.ising(6, 0),
    "double well": qbell.double_well(7, -1.5),
    "double well 300": qbell.double_well(300, -1.0),
    "symmetric": Symmetric([0.6, 0, 0.8j]),
    "vector": naive.random_vector(3, np.random.default_rng(3)),
    "real vector": np.full(4, 0.5),
    "list": [0.6, 0.8],
    "matrix": naive.random_matrix(3, 4, np.random.default_rng(4)),
    "mixed": np.eye(4) / 4,
}


def depth(n: int, log_e_n: float, cost: Any) -> int:
    """The largest k such that fewer than k do not suffice: E > 2^-cost(k - 1)."""
    found = 1
    for k in range(1, n):
        if log_e_n > -cost(k) * math.log(2) + 1e-9:
            found = k + 1
    return found


def genuine(n: int, k: int) -> int:
    """Groups of at most k qubits, physics note (ii)."""
    q, r = divmod(n, k)
    return n if k <= 2 else 2 * q + min(r, 2)


@pytest.mark.parametrize("axis", ["z", "x", (0.3, -1.2, 0.5)], ids=str)
@pytest.mark.parametrize("name", STATES)
def test_plain_json_with_a_reason_for_every_gap(name: str, axis: Any) -> None:
    """All keys in order, no NumPy types, nothing infinite; a note names each missing value."""
    state = STATES[name]
    with_bound = name not in {"ghz 1000", "plus 800"}
    found = exact.describe(state, axis, with_bound=with_bound)
    assert list(found) == DESCRIBED
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    notes = " | ".join(found["notes"])
    for key in DESCRIBED:
        value = found[key]
        if value is not None:
            continue
        group = {
            "f0": "qfi",
            "bound_by_order": "bound",
            "log_e_n": "e_n",
            "q": "e_n",
            "bell_qubits": "e_n",
            "nonlocality_depth": "e_n",
            "no_signalling_depth": "e_n",
            "entanglement_depth": "e_n",
        }
        assert group.get(key, key) in notes, key
    assert all(isinstance(note, str) and "\n" not in note for note in found["notes"])
    assert isinstance(found["n"], int)
    assert (found["bound"] is None) == (not with_bound)
    if found["qfi"] is not None:
        assert found["f0"] <= found["qfi"] * (1 + 1e-12) + 1e-12
        if found["bound"] is not None:
            assert found["bound"] <= found["f0"] + 1e-9 * found["n"] ** 2
            assert found["bound"] == pytest.approx(sum(found["bound_by_order"]), rel=1e-12)


def test_depths_from_logarithms() -> None:
    """By the limits of the note, also where E_{N,0} underflows."""
    for state in (
        qbell.ghz(40),
        qbell.plus(12),
        qbell.double_well(200, -1.5),
        qbell.double_well(200, -3.0),
        qbell.double_well(1000, -1.3),
        qbell.double_well(1000, -30.0),
        qbell.ising(50, -1.2),
        qbell.ising(50, -3.0),
        qbell.ising(200, -2.0),
    ):
        found = exact.describe(state, with_bound=False)
        n, log_e_n = found["n"], found["log_e_n"]
        paper = depth(n, log_e_n, lambda k, n=n: n if k == 1 else n - k + 2)
        assert found["bell_qubits"] == (paper if paper > 1 else 0)
        assert found["nonlocality_depth"] == depth(n, log_e_n, lambda k, n=n: genuine(n, k))
        assert found["no_signalling_depth"] == depth(n, log_e_n, lambda k, n=n: -(-n // k))
        assert found["entanglement_depth"] == depth(n, log_e_n, lambda k, n=n: 2 * -(-n // k))
        assert found["q"] == pytest.approx(n + log_e_n / math.log(2), rel=1e-12)


def test_values_that_underflow() -> None:
    """E_{N,0} = exp(-1093): no double, so None with a note, and its logarithm stands."""
    for state in (qbell.double_well(1000, -0.5), qbell.plus(1000)):
        found = exact.describe(state, with_bound=False)
        assert found["e_n"] is None
        assert found["log_e_n"] == exact.log_e_n(state)
        assert found["log_e_n"] < -1000
        assert math.isfinite(found["q"])
        assert [n for n in found["notes"] if n.startswith("e_n") and "log_e_n" in n]
        assert (found["bell_qubits"], found["nonlocality_depth"]) == (0, 1)
        # 4^-N is what a product state has; the well's ground state has more.
        assert found["entanglement_depth"] == (1 if state.family == "plus" else 2)
    found = exact.describe(qbell.double_well(1000, -1.2), with_bound=False)
    assert found["e_n"] == pytest.approx(math.exp(found["log_e_n"]), rel=1e-9)


@pytest.mark.parametrize(
    ("n", "u", "log_e_n"),
    # 50-digit arithmetic on the well's tridiagonal matrix.
    [(8, -0.1, -36.687), (4, -0.001, -36.52), (6, -0.001, -55.10), (10, -0.01, -69.2)],
)
def test_small_is_not_zero(n: int, u: float, log_e_n: float) -> None:
    """What cancels to below rounding is unknown, with an upper limit that holds."""
    state = qbell.double_well(n, u)
    for given in (state, state.statevector()):
        found = exact.describe(given, "x", with_bound=False)
        assert found["e_n"] is None
        (note,) = (note for note in found["notes"] if note.startswith("e_n"))
        (limit,) = re.findall(r"at most exp\((.*)\)", note)
        assert log_e_n - 0.1 < float(limit) < -30
        assert (found["bell_qubits"], found["nonlocality_depth"]) == (0, 1)


def test_zero_is_not_an_underflow() -> None:
    """W on axis z: E_{N,0} is 0, of a thousand qubits too."""
    found = exact.describe(qbell.w(1000), with_bound=False)
    assert found["e_n"] == 0
    assert found["log_e_n"] is None
    assert found["q"] is None
    assert (found["bell_qubits"], found["nonlocality_depth"]) == (0, 1)


def test_without_the_bound() -> None:
    """Everything else is the same, and a note says that it was not asked for."""
    for name in ("ising", "double well", "matrix", "vector"):
        full, short = exact.describe(STATES[name]), exact.describe(STATES[name], with_bound=False)
        assert short["bound"] is None
        assert short["bound_by_order"] is None
        assert [note for note in short["notes"] if note == "bound: not asked for"]
        for key in set(DESCRIBED) - {"bound", "bound_by_order", "notes", "method"}:
            assert short[key] == full[key], key


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("ghz", "symmetric subspace"),
        ("double well 300", "symmetric subspace"),
        ("symmetric", "symmetric subspace"),
        ("ising", "free fermions; bound: state vector"),
        ("vector", "state vector"),
        ("matrix", "density matrix"),
    ],
)
def test_method(name: str, method: str) -> None:
    """How the numbers were found, the bound's way apart where it has another."""
    found = exact.describe(STATES[name])
    assert found["method"] == method
    assert exact.describe(STATES[name], with_bound=False)["method"] == method.partition(";")[0]


def test_energy_or_the_reason_why_not() -> None:
    """With a Hamiltonian its ground-state energy, and otherwise a note."""
    for state in (qbell.ising(60, -2.0), qbell.double_well(400, 1.0)):
        found = exact.describe(state, with_bound=False)
        assert found["energy"] == state.energy
        assert not [note for note in found["notes"] if note.startswith("energy")]
    for state in (qbell.ghz(4), STATES["vector"], STATES["matrix"]):
        found = exact.describe(state)
        assert found["energy"] is None
        assert [note for note in found["notes"] if note.startswith("energy")]


def test_refused_values_are_notes_not_errors() -> None:
    """A QFI that cancels, and an E_{N,0} that does, leave the other values standing."""
    found = exact.describe(qbell.ising(30, 1e6), with_bound=False)
    assert found["qfi"] is None
    assert [note for note in found["notes"] if note.startswith("qfi") and "cancels" in note]
    assert found["energy"] == pytest.approx(-29e6, rel=1e-6)
    found = exact.describe(qbell.double_well(300, -0.5), "x", with_bound=False)
    assert found["e_n"] is None
    assert found["log_e_n"] is None
    assert found["bell_qubits"] is None
    assert [note for note in found["notes"] if note.startswith("e_n") and "at most" in note]
    assert found["qfi"] == pytest.approx(exact.qfi(qbell.double_well(300, -0.5), "x"), rel=1e-12)


@pytest.mark.parametrize("u", [0.0, 1e-30, -1e-16, 1e-9])
@pytest.mark.parametrize("n", [6, 40])
def test_chains_almost_without_interaction(n: int, u: float) -> None:
    """|+>^N to rounding: shot noise on z, whatever N."""
    found = exact.describe(qbell.ising(n, u), with_bound=False)
    assert found["qfi"] == pytest.approx(n, rel=1e-6)
    assert found["log_e_n"] == pytest.approx(-2 * n * math.log(2), rel=1e-6)
    assert found["energy"] == pytest.approx(-n, rel=1e-12)


@pytest.mark.slow
def test_the_bound_of_a_long_chain_is_foreseen() -> None:
    """Left out where it takes long, unless it is asked for; the moment bound in its place."""
    found = exact.describe(qbell.ising(200, -1.0), with_bound=None)
    assert found["bound"] is None
    assert 1.9 * 200 < found["moment_bound"] < found["qfi"]
    assert any(re.match(r"bound: would take about \d+ min", note) for note in found["notes"])
    quick = exact.describe(qbell.ising(24, -3.0), with_bound=None)
    assert quick["bound"] > 24
    assert "moment_bound" not in quick
