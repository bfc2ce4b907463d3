"""Quenches of |+>^N: against the exponential, one-axis twisting, and circuits."""

import math
from typing import Any

import numpy as np
import pytest
import scipy
from qiskit.quantum_info import Statevector

import qbell
from qbell import QbellError, exact
from tests.support import naive


@pytest.mark.parametrize(
    "parameters",
    [
        {"u": -0.8, "time": 1.3},
        {"u": 0.5, "time": -7.0, "exchange": 0.0, "field": 1.0},
        {"u": 1.5, "time": 20.0, "alpha": 2.0, "field": 0.3},
        {"u": -3.0, "time": 0.0, "ends": "periodic"},
        {"u": 0.0, "time": 2.0, "exchange": 0.0, "field": 0.0},
    ],
    ids=str,
)
def test_against_the_exponential(parameters: dict[str, Any]) -> None:
    n = 5
    state = qbell.quench(n, **parameters)
    h = np.zeros((2**n, 2**n), dtype=complex)
    for (j, k), strength in state.pairs.items():
        for letters, factor in (
            (naive.Z, state.u),
            (naive.X, -state.exchange),
            (naive.Y, -state.exchange),
        ):
            h += strength * factor * naive.on_qubit(letters, j, n) @ naive.on_qubit(letters, k, n)
    for k in range(n):
        h -= state.field * naive.on_qubit(naive.X, k, n)
    expected = scipy.linalg.expm(-1j * state.time * h) @ np.full(2**n, 2 ** (-n / 2))
    np.testing.assert_allclose(state.statevector(), expected, rtol=0, atol=1e-12)


def test_all_pairs_without_exchange_twist_about_one_axis() -> None:
    state = qbell.quench(6, 0.7, 0.4, exchange=0.0, alpha=0.0)
    twisted = qbell.twisting(6, 2 * 0.7 * 0.4).statevector()
    assert abs(np.vdot(state.statevector(), twisted)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n", [4, 6])
def test_a_ring_near_xxx_makes_a_ghz_state(n: int) -> None:
    """At the time of the docstring All but N^2, and nearer to it the nearer U is to -1."""
    last = 0.9
    for u in (-0.97, -0.99):
        time = math.pi * n * (n - 1) / (8 * abs(1 + u) * n)
        state = qbell.quench(n, u, time, ends="periodic")
        found = exact.qfi(state, "x") / n**2
        assert found > last
        assert exact.log_e_n(state, "x") / math.log(2) > math.log2(0.25 * last)
        last = found
    assert last > 0.99
    still = qbell.quench(n, -1.0, 5.0).statevector()
    assert abs(np.vdot(still, qbell.plus(n).statevector())) == pytest.approx(1, abs=1e-12)


def test_trotter_steps_approach_the_state() -> None:
    fidelities = []
    for steps in (2, 6, 18):
        prepared = qbell.quench(4, -0.5, 1.0, field=0.4, steps=steps).preparation()
        assert not any(gate.operation.name == "PauliEvolution" for gate in prepared.circuit.data)
        fidelities.append(prepared.fidelity)
    assert fidelities == sorted(fidelities)
    # Second order: the error of the amplitudes falls with the square of the step.
    assert (1 - fidelities[2]) / (1 - fidelities[1]) == pytest.approx(1 / 81, rel=0.1)
    general = qbell.quench(4, -0.5, 1.0, field=0.4)
    overlap = np.vdot(general.statevector(), Statevector(general.circuit()).data)
    assert abs(overlap) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"u": -0.5, "time": 1e4, "alpha": 0.0}, "give a time below"),
        ({"u": -0.5, "time": 1.0, "steps": 0}, "at least 1"),
        ({"u": -0.5}, "time"),
        ({"u": -0.5, "time": math.nan}, "finite"),
    ],
)
def test_refusals(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        qbell.states.named_state("quench", 16, parameters)
