"""Circuits of symmetric states: exact, and with as few two-qubit gates as stated."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.quantum_info import Statevector

import qbell
from qbell.circuits.gates import MAX_GATES, Gates
from qbell.circuits.measurement import compile_for
from qbell.circuits.symmetric import symmetric_circuit
from qbell.errors import QbellError

SIZES = range(2, 9)


def embedded(coefficients: Any) -> NDArray[np.complex128]:
    """The 2^N amplitudes of sum_m c_m |D_m>, one basis state after the other."""
    n = len(coefficients) - 1
    return np.array(
        [coefficients[b.bit_count()] / math.sqrt(math.comb(n, b.bit_count())) for b in range(2**n)],
        dtype=complex,
    )


def normalised(values: Any) -> NDArray[np.complex128]:
    return np.asarray(values / np.linalg.norm(values), dtype=complex)


def check(coefficients: Any) -> Any:
    """Its circuit prepares it, phase included; in plain gates of one and two qubits."""
    coefficients = normalised(coefficients)
    circuit = symmetric_circuit(coefficients, "any")
    np.testing.assert_allclose(
        Statevector(circuit).data, embedded(coefficients), rtol=0, atol=1e-12
    )
    assert set(circuit.count_ops()) <= {"x", "h", "ry", "p", "cx", "cz"}
    return circuit


def two_qubit_gates(circuit: Any) -> int:
    """After compilation to plain gates, so that nothing is hidden in a definition."""
    return sum(len(item.qubits) == 2 for item in compile_for(circuit, None).data)


def two_qubit_depth(circuit: Any) -> int:
    return int(circuit.depth(lambda item: len(item.qubits) == 2))


@pytest.mark.slow
@pytest.mark.parametrize("n", SIZES)
def test_number_of_gates(n: int, rng: np.random.Generator) -> None:
    """The formulas of the module, for coefficients without a zero."""
    real, imaginary = rng.normal(size=(2, n + 1))
    expected = {
        "complex": 2 * n * n - 3 * n + 1,
        "real": 2 * n * n - 5 * n + 3,
        "even": max(2 * n * n - 8 * n + 9, 1),
        "odd": max(2 * n * n - 8 * n + 9, 1),
        "complex and even": min(2 * n * n - 6 * n + 5, 2 * n * n - 3 * n + 1),
    }
    given = {
        "complex": real + 1j * imaginary,
        "real": real * np.exp(0.7j),
        "even": real + real[::-1],
        "odd": real - real[::-1],
        "complex and even": (real + real[::-1]) + 1j * (imaginary + imaginary[::-1]),
    }
    for name, values in given.items():
        assert two_qubit_gates(check(values)) <= expected[name], name
        if n > 3 and name != "odd":  # odd ones have a zero in the middle
            assert two_qubit_gates(check(values)) == expected[name], name


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("n", [2, 3, 4, 5, pytest.param(6, marks=pytest.mark.nightly)])
def test_zeros_anywhere(n: int, rng: np.random.Generator) -> None:
    """Every set of coefficients that are not zero: complex, real, and real and even or odd."""
    for chosen in range(1, 2 ** (n + 1)):
        there = np.array([chosen >> m & 1 for m in range(n + 1)])
        real, imaginary = rng.normal(size=(2, n + 1))
        check(there * (real + 1j * imaginary))
        check(there * real)
        for sign in (1, -1):
            both = there * real + sign * (there * real)[::-1]
            if both.any():
                check(both)


@pytest.mark.slow
def test_fewer_ones_or_zeros_take_fewer_gates(rng: np.random.Generator) -> None:
    """With at most m ones, or at most m zeros: the more the number of ones is known, the fewer."""
    n = 8
    values = rng.normal(size=n + 1)
    for sign in (1, -1):
        counts = []
        for most in range(n + 1):
            cut = np.where(np.arange(n + 1) <= most, values, 0)[::sign]
            counts.append(check(cut).num_nonlocal_gates())
        assert counts == sorted(counts)
        assert counts[0] == 0
        assert counts[1] == 2 * n - 3
        assert counts[2] < counts[-1] / 2


@pytest.mark.parametrize("n", SIZES)
def test_dicke_states(n: int) -> None:
    """As cheap for N - m ones as for m, at most 4 gates for each one and zero, W linear."""
    counts = [check(np.eye(n + 1)[m]).num_nonlocal_gates() for m in range(n + 1)]
    assert counts == counts[::-1]
    assert counts[0] == 0
    assert counts[1] == 2 * n - 3
    assert all(count <= 4 * m * (n - m) for m, count in enumerate(counts))


@pytest.mark.parametrize("n", [2, 3, 7, 16, 33, 100])
def test_depth_of_w(n: int) -> None:
    """A one that is halved again and again: 2 gates a level, 1 on the first."""
    circuit = qbell.w(n).circuit()
    assert circuit.num_nonlocal_gates() == 2 * n - 3
    assert two_qubit_depth(circuit) == 2 * math.ceil(math.log2(n)) - 1


def test_ghz_is_found_by_itself() -> None:
    """c_0 and c_N alone: N - 1 gates."""
    for pair in ((0.6, 0.8), (1, 1), (1, -1), (1, 0.3j)):
        values = np.zeros(8, dtype=complex)
        values[[0, -1]] = pair
        assert check(values).num_nonlocal_gates() == 6


@pytest.mark.parametrize("u", [-3.0, -1.0, 0.5, 4.0])
def test_double_well(u: float) -> None:
    """Even, so 2 N^2 - 8 N + 9 gates, in a depth that grows with N."""
    for n in range(4, 11):
        circuit = qbell.double_well(n, u).circuit()
        assert two_qubit_gates(circuit) == 2 * n * n - 8 * n + 9
        assert two_qubit_depth(circuit) <= 11 * n
        assert abs(np.vdot(Statevector(circuit).data, qbell.double_well(n, u).statevector())) == (
            pytest.approx(1, abs=1e-12)
        )


@pytest.mark.parametrize("n", [5, 6])
def test_small_coefficients_keep_their_digits(n: int) -> None:
    """Down to 1e-6 of the largest, real or not, to rounding of the whole."""
    moduli = 10.0 ** -np.arange(n + 1)
    for values in (moduli, moduli * np.exp(1j * np.arange(n + 1.0) ** 2), moduli[::-1]):
        given = normalised(values)
        found = Statevector(symmetric_circuit(given, "any")).data
        np.testing.assert_allclose(found, embedded(given), rtol=0, atol=1e-14)


def test_circuits_are_the_same_every_time(rng: np.random.Generator) -> None:
    values = normalised(rng.normal(size=7))
    assert symmetric_circuit(values, "any") == symmetric_circuit(values, "any")


@pytest.mark.slow
def test_too_many_gates() -> None:
    """Refused before they are made; W is fine at that size."""
    with pytest.raises(QbellError, match=rf"gates; circuits are built up to {MAX_GATES}"):
        qbell.dicke(10_000).circuit()
    assert qbell.w(10_000).circuit().num_nonlocal_gates() == 19_997


def test_hadamards_cancel() -> None:
    """Two on one qubit with nothing between; not across a gate on it."""
    gates = Gates()
    gates.add("h", 0)
    gates.add("h", 1)
    gates.add("h", 0)
    gates.add("cz", 0, 1)
    gates.add("h", 1)
    gates.add("ry", 1, angle=0.0)
    assert gates.circuit(2, "any").count_ops() == {"h": 2, "cz": 1}
