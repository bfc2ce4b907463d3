"""Ising models on chains and rings, and the XXZ chain, against matrices and closed forms."""

import json
import math
from typing import Any

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

import qbell
from qbell import QbellError, exact
from tests.conftest import Qbell
from tests.support import naive


def pauli_sum(n: int, letters: np.ndarray, pairs: dict[tuple[int, int], float]) -> np.ndarray:
    return sum(
        (s * naive.on_qubit(letters, j, n) @ naive.on_qubit(letters, k, n)
         for (j, k), s in pairs.items()),
        start=np.zeros((2**n, 2**n), dtype=complex),
    )  # fmt: skip


def on_each(n: int, letters: np.ndarray, strengths: Any) -> np.ndarray:
    values = np.broadcast_to(np.array(strengths, dtype=float), n)
    return sum(s * naive.on_qubit(letters, k, n) for k, s in enumerate(values))


@pytest.mark.parametrize(
    "parameters",
    [
        {"couplings": [-2, 0.5, 1, -0.3], "fields": [1, -0.4, 1, 2, -1]},
        {"couplings": [-1, -1.5, 0.5, -2, 1], "ends": "periodic"},
        {"couplings": 1.0, "ends": "periodic"},
        {"couplings": -0.7, "alpha": 1.5, "longitudinal": 0.2},
        {"couplings": 0.9, "alpha": 3, "ends": "periodic", "fields": 0.5},
        {"couplings": -1.2, "longitudinal": [0.1, -0.2, 0.3, 0, 1], "fields": -0.6},
        {"couplings": -0.9, "longitudinal": 0.3, "ends": "periodic"},
        {
            "couplings": [-1, 0.5, -2, 1, -0.7],
            "longitudinal": [0.2, 0, 0, -0.4, 0],
            "ends": "periodic",
        },
        {"couplings": -0.5, "alpha": 0.5, "ends": "periodic", "longitudinal": [0, 0.1, 0, 0, 0]},
    ],
)
def test_chain_against_the_matrix(parameters: dict[str, Any]) -> None:
    n = 5
    state = qbell.chain(n, **parameters)
    matrix = (
        pauli_sum(n, naive.Z, state.pairs)
        - on_each(n, naive.X, parameters.get("fields", 1.0))
        - on_each(n, naive.Z, parameters.get("longitudinal", 0.0))
    )
    energies, vectors = np.linalg.eigh(matrix)
    assert state.energy == pytest.approx(energies[0], abs=1e-12)
    vector = state.statevector()
    assert abs(np.vdot(vector, vectors[:, 0])) == pytest.approx(1, abs=1e-10)
    for axis in ("x", "y", "z", (1, -2, 0.5)):
        assert exact.qfi(state, axis) == pytest.approx(exact.qfi(vector, axis), rel=1e-9)
        assert exact.bound(state, axis) == pytest.approx(exact.bound(vector, axis), rel=1e-9)


def test_distances_on_a_ring_are_the_shorter_ones() -> None:
    pairs = qbell.chain(5, -2.0, alpha=2, ends="periodic").pairs
    assert pairs[0, 4] == -2.0
    assert pairs[0, 3] == pairs[1, 3] == -0.5
    assert qbell.chain(5, -2.0, alpha=1).pairs[0, 4] == -0.5


@pytest.mark.parametrize("parameters", [{"ends": "periodic"}, {"alpha": 2.0}])
def test_ordered_models_keep_their_symmetry(parameters: dict[str, Any]) -> None:
    """Even and odd ground state have one energy, but for rounding; a field along z breaks both."""
    n, strength = 10, -4.0
    cat = qbell.chain(n, strength, **parameters)
    assert exact.qfi(cat) > 0.97 * n**2
    assert exact.log_e_n(cat) > math.log(0.2)
    np.testing.assert_allclose(cat.statevector(), cat.statevector()[::-1], rtol=1e-12)
    broken = qbell.chain(n, strength, longitudinal=0.05, **parameters)
    assert exact.qfi(broken) < n
    p = np.abs(broken.statevector()) ** 2
    assert p[0] > 0.9
    assert p[-1] < 0.01
    assert exact.qfi(broken) == pytest.approx(exact.qfi(broken.statevector()), rel=1e-12)
    with pytest.raises(QbellError, match="two lowest"):
        exact.qfi(qbell.chain(n, strength, longitudinal=1e-9, **parameters))


@pytest.mark.slow
@pytest.mark.nightly
def test_sixteen_spins() -> None:
    """A ring against its free fermions, and couplings that fall fast against the open chain."""
    n, u = 16, -0.9
    momenta = (2 * np.arange(n) + 1) * np.pi / n
    expected = -np.sqrt(1 + u**2 + 2 * u * np.cos(momenta)).sum()
    ring = qbell.chain(n, u, ends="periodic")
    assert ring.energy == pytest.approx(expected, rel=1e-12)
    assert exact.bound(ring) < exact.qfi(ring) < n**2
    far = qbell.chain(n, u, alpha=60)
    assert exact.qfi(far) == pytest.approx(exact.qfi(qbell.ising(n, u)), rel=1e-9)


def test_closed_forms() -> None:
    """A ring of free fermions; two spins; neighbours only as alpha grows; the uniform chain."""
    momenta = (2 * np.arange(10) + 1) * np.pi / 10
    expected = -np.sqrt(1 + 0.6**2 - 2 * 0.6 * np.cos(momenta)).sum()
    assert qbell.chain(10, -0.6, ends="periodic").energy == pytest.approx(expected, rel=1e-12)
    assert qbell.chain(2, -1.5).energy == pytest.approx(-math.sqrt(1.5**2 + 4), rel=1e-12)
    far = qbell.chain(6, -1.3, alpha=90)
    np.testing.assert_allclose(
        far.statevector(), qbell.ising(6, -1.3).statevector(), rtol=0, atol=1e-9
    )
    assert exact.qfi(qbell.chain(300, -0.8)) == pytest.approx(
        exact.qfi(qbell.ising(300, -0.8)), rel=1e-9
    )


@pytest.mark.parametrize("n", [4, 5])
@pytest.mark.parametrize("parameters", [{}, {"ends": "periodic"}, {"alpha": 1.2}])
def test_xxz_against_the_matrix(n: int, parameters: dict[str, Any]) -> None:
    """The sum over sectors of an odd chain is even, and as low as any state."""
    u = 0.4
    state = qbell.xxz(n, u, **parameters)
    planar = pauli_sum(n, naive.X, state.pairs) + pauli_sum(n, naive.Y, state.pairs)
    matrix = -planar + u * pauli_sum(n, naive.Z, state.pairs)
    vector = state.statevector()
    energies = np.linalg.eigvalsh(matrix)
    assert state.energy == pytest.approx(energies[0], abs=1e-12)
    assert np.vdot(vector, matrix @ vector).real == pytest.approx(energies[0], abs=1e-10)
    np.testing.assert_allclose(vector, vector[::-1], atol=1e-10)


def test_xxz_is_a_dicke_state_near_minus_one() -> None:
    """All to all, U towards -1: total spin N / 2, and QFI along x N (N + 2) / 2."""
    state = qbell.xxz(6, -0.999, alpha=0)
    overlap = abs(np.vdot(state.statevector(), qbell.dicke(6, 3).statevector()))
    assert overlap == pytest.approx(1, abs=1e-9)
    assert exact.qfi(state, "x") == pytest.approx(24, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: qbell.chain(4, [-1, -1]), "couplings holds 2 numbers for 3 bonds of open ends"),
        (lambda: qbell.chain(4, [-1] * 3, ends="periodic"), "for 4 bonds of periodic ends"),
        (lambda: qbell.chain(4, -1, [1, 1]), "fields holds 2 numbers for 4 qubits"),
        (lambda: qbell.chain(4, -1, [1, 0, 1, 1]), r"fields\[1\] = 0"),
        (lambda: qbell.chain(4, [-1] * 3, alpha=2), "with alpha give one number"),
        (lambda: qbell.chain(4, "x"), "couplings = 'x'"),
        (lambda: qbell.chain(4, -1, ends="closed"), "open or periodic"),
        (lambda: qbell.chain(24, -1, alpha=2).energy, "n = 24"),
        (lambda: qbell.chain(11, -1).circuit(), "n = 11"),
        (lambda: qbell.chain(6, -8.0, 0.01, longitudinal=[1, 0, 0, 0, 0, -1]).energy, "two lowest"),
        (lambda: qbell.xxz(4, -1.0), "degenerate"),
        (lambda: qbell.xxz(4, math.nan), "u = nan"),
        (lambda: qbell.xxz(12, 0.5).circuit(), "n = 12"),
    ],
)
def test_what_is_refused(make: Any, message: str) -> None:
    with pytest.raises(QbellError, match=message):
        make()


@pytest.mark.slow
def test_from_the_command_line(qbell: Qbell) -> None:
    """Disorder of any sign, and a scan."""
    out, _ = qbell(
        "exact", "chain", "-n", "4", "--couplings=-2,-0.5,-2", "--fields=1,-1,1,1", "--json"
    )
    found = json.loads(out)
    assert found["qfi"] == pytest.approx(exact.qfi(exact.ising_chain([-2, -0.5, -2], [1] * 4)))
    out, _ = qbell("scan", "xxz", "-n", "4", "-u", "0,0.5", "--vary", "alpha=1,3", "--json")
    assert len(json.loads(out)["points"]) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "state", [qbell.chain(4, [-2, 0.5, 1], [1, -2, 1, 0.7], longitudinal=0.2), qbell.xxz(5, 0.3)]
)
def test_circuits_prepare_the_states(state: qbell.State) -> None:
    vector = Statevector(state.circuit()).data
    assert abs(np.vdot(vector, state.statevector())) == pytest.approx(1, abs=1e-10)
