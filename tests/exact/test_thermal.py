"""Thermal states of the families against all eigenvectors, limits in temperature, and refusals."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy
from numpy.typing import NDArray

import qbell
from qbell import QbellError, exact
from qbell.conventions.axes import parse_axis
from qbell.exact.engine import BelowRounding
from qbell.exact.family_hamiltonian import spin_hamiltonian
from qbell.states import Ising
from tests.conftest import Qbell
from tests.support import naive

Matrix = NDArray[np.complex128]
OBLIQUE = (1.0, -2.0, 0.5)
TEMPERATURES = (0.05, 0.6, pytest.param(2.0, marks=pytest.mark.nightly), 40.0)


def density_matrix(h: Matrix, temperature: float) -> Matrix:
    """exp(-H / T) / Z by the exponential of the matrix."""
    lowest = np.linalg.eigvalsh(h)[0]
    rho = scipy.linalg.expm(-(h - lowest * np.eye(len(h))) / temperature)
    return np.asarray(rho / np.trace(rho).real)


def e_n(rho: Matrix, axis: Any) -> float:
    """|<1...1|rho|0...0>| in the frame of the axis."""
    frame = parse_axis(axis).frame()
    n = naive.qubits_of(rho)
    up = naive.tensor([frame[:, :1]] * n)[:, 0]
    down = naive.tensor([frame[:, 1:]] * n)[:, 0]
    return float(abs(down.conj() @ rho @ up))


def is_that_of(thermal: Any, rho: Matrix, h: Matrix) -> None:
    """Energy, QFI, F0, bound and E_{N,0} on every kind of axis."""
    assert thermal.energy == pytest.approx(np.trace(rho @ h).real, abs=1e-11)
    for axis in ("x", "y", "z", OBLIQUE):
        xi = parse_axis(axis).xi
        assert exact.qfi(thermal, axis) == pytest.approx(naive.qfi(rho, xi), rel=1e-8)
        assert exact.f0(thermal, axis) == pytest.approx(naive.f0(rho, xi), rel=1e-8)
        assert exact.bound(thermal, axis) == pytest.approx(exact.bound(rho, axis), rel=1e-8)
        expected = e_n(rho, axis)
        if expected > 1e-7:
            found = math.exp(exact.log_e_n(thermal, axis) / 2)
            assert found == pytest.approx(expected, rel=1e-7)
    np.testing.assert_allclose(
        exact.qfi_matrix(thermal), naive.qfi_matrix(rho), rtol=1e-8, atol=1e-11
    )


@pytest.mark.parametrize(
    "state",
    [
        qbell.ising(3, -1.5),
        qbell.ising(4, -0.7),
        qbell.ising(4, -4.0),
        qbell.chain(4, [-1, 2, 0.3], fields=[1, -0.5, 0.2, 2]),
        qbell.chain(3, -0.8, longitudinal=0.2, alpha=2.0),
        qbell.chain(4, -1.1, ends="periodic"),
        qbell.xxz(4, 0.4),
        exact.ising_chain([0.4, -1.2], [0.3, 1.0, 0.8]),
    ],
    ids=str,
)
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_chains_against_the_exponential(state: Any, temperature: float) -> None:
    h = exact.hamiltonian_of(state).to_matrix()
    rho = density_matrix(h, temperature)
    thermal = exact.thermal_state(state, temperature)
    is_that_of(thermal, rho, h)
    if "fermions" in thermal.engine.method and temperature > 0.1:
        for k, axis in ((1, (0, 1, 0)), (2, (0, 0, 1))):
            assert thermal.engine.from_dynamics(k) == pytest.approx(naive.qfi(rho, axis), rel=1e-7)


@pytest.mark.nightly
@pytest.mark.parametrize("n", [5, 6, 7, 8])
@pytest.mark.parametrize("temperature", [0.02, 0.1, 0.5, 3.0])
def test_longer_chains(n: int, temperature: float) -> None:
    """Free fermions in time against all eigenvectors."""
    for u in (-0.6, -1.0, -2.5, 1.2):
        thermal = exact.thermal_state(qbell.ising(n, u), temperature)
        mixed = exact.thermal_state(exact.hamiltonian_of(qbell.ising(n, u)), temperature)
        for k, axis in enumerate("xyz"):
            expected = exact.qfi(mixed, axis)
            found = thermal.engine.from_dynamics(k) if k else exact.qfi(thermal, axis)
            assert found == pytest.approx(expected, rel=1e-7)
            assert exact.f0(thermal, axis) == pytest.approx(exact.f0(mixed, axis), rel=1e-8)
        assert exact.log_e_n(thermal) == pytest.approx(exact.log_e_n(mixed), abs=1e-5)


def test_f0_of_chains_beyond_their_eigenvectors() -> None:
    """Below the QFI; that of the ground state where it is cold, and lost where it is hot."""
    cold = exact.thermal_state(qbell.ising(20, -0.8), 0.02)
    for axis in ("y", "z", (1.0, 2.0, -0.5)):
        expected = exact.f0(qbell.ising(20, -0.8), axis)
        assert exact.f0(cold, axis) == pytest.approx(expected, rel=1e-6)
    warm = exact.thermal_state(qbell.ising(12, -1.0), 0.3)
    for axis in "yz":
        assert 0 < exact.f0(warm, axis) < exact.qfi(warm, axis)
    few, many = (exact.thermal_state(qbell.ising(n, -1.0), 1000.0) for n in (4, 12))
    assert exact.f0(few) == pytest.approx(exact.f0(few.vectors.T @ few.vectors.conj()), rel=1e-6)
    with pytest.raises(QbellError, match="F0 cancels to below rounding"):
        exact.f0(many)


@pytest.mark.parametrize("n", [2, 3, 4, pytest.param(8, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("u", [-3.0, -0.8, 1.5])
def test_double_wells_against_the_exponential(n: int, u: float) -> None:
    """All spins, in their multiplicities; and the symmetric states alone, as of bosons."""
    state = qbell.double_well(n, u)
    h = exact.hamiltonian_of(state).to_matrix()
    columns = np.stack([qbell.dicke(n, k).statevector() for k in range(1, n)], axis=1)
    ends = np.eye(2**n)[:, [0, -1]]
    dicke = np.concatenate([ends[:, :1], columns, ends[:, 1:]], axis=1)
    for temperature in (0.1, 1.0, 20.0):
        thermal = exact.thermal_state(state, temperature)
        if n < 8:
            is_that_of(thermal, density_matrix(h, temperature), h)
        else:
            mixed = exact.thermal_state(exact.hamiltonian_of(state), temperature)
            for axis in ("x", "y", "z", OBLIQUE):
                assert exact.qfi(thermal, axis) == pytest.approx(exact.qfi(mixed, axis), rel=1e-9)
                assert exact.f0(thermal, axis) == pytest.approx(exact.f0(mixed, axis), rel=1e-9)
        bosons = exact.thermal_state(state, temperature, symmetric=True)
        small = density_matrix(dicke.conj().T @ h @ dicke, temperature)
        rho = dicke @ small @ dicke.conj().T
        assert bosons.energy == pytest.approx(np.trace(rho @ h).real, abs=1e-11)
        for axis in ("x", "y", "z"):
            found = exact.qfi(bosons, axis)
            assert found == pytest.approx(exact.qfi(rho, axis), rel=1e-8, abs=1e-12)
            assert exact.f0(bosons, axis) == pytest.approx(exact.f0(rho, axis), rel=1e-8, abs=1e-12)
        assert math.exp(exact.log_e_n(bosons) / 2) == pytest.approx(e_n(rho, "z"), rel=1e-9)


def test_cold_states_are_ground_states() -> None:
    """Far below the gap; a thousand spins and a hundred atoms."""
    for ground in (qbell.ising(6, -1.2), qbell.ising(300, -0.7), qbell.double_well(100, -0.9)):
        cold = exact.thermal_state(ground, 0.002)
        axis = "x" if ground.num_qubits == 300 else "z"
        assert cold.energy == pytest.approx(ground.energy, rel=1e-10)
        assert exact.qfi(cold, axis) == pytest.approx(exact.qfi(ground, axis), rel=1e-7)
        assert exact.log_e_n(cold) == pytest.approx(exact.log_e_n(ground), abs=1e-6)


def test_between_the_splitting_and_the_gap_the_cat_is_a_mixture() -> None:
    """Even and odd state alike: no coherence of the two ends, and the QFI of a broken symmetry."""
    ground = qbell.ising(8, -8.0)
    thermal = exact.thermal_state(ground, 0.01)
    energies, vectors = np.linalg.eigh(exact.hamiltonian_of(ground).to_matrix())
    assert energies[1] - energies[0] < 1e-5
    assert energies[2] - energies[1] > 0.5
    broken = (vectors[:, 0] + vectors[:, 1]) / math.sqrt(2)
    variance = 4 * np.sum(np.abs(broken) ** 2 * zs(8) ** 2) / 4 - magnetisation(broken) ** 2
    assert exact.qfi(ground) > 60
    assert exact.qfi(thermal) == pytest.approx(variance, rel=1e-3)
    assert exact.log_e_n(thermal) / math.log(2) + 8 < -20


def zs(n: int) -> NDArray[np.float64]:
    """Sum of all Z of each basis state."""
    return np.array([n - 2.0 * index.bit_count() for index in range(2**n)])


def magnetisation(vector: NDArray[np.inexact]) -> float:
    return float(np.abs(vector) ** 2 @ zs(len(vector).bit_length() - 1))


def test_hot_states() -> None:
    """F_Q = |[H, h]|^2 / (2^N T^2) in the limit: N / T^2 along z, as only the field turns Z."""
    thermal = exact.thermal_state(qbell.ising(12, -1.3), 200.0)
    assert exact.qfi(thermal, "z") == pytest.approx(12 / 200**2, rel=1e-3)
    # Along x the bonds turn X: |[Z Z, (X + X') / 2]|^2 = 2, eleven times.
    assert exact.qfi(thermal, "x") == pytest.approx(22 * 1.3**2 / 200**2, rel=1e-3)
    well = exact.thermal_state(qbell.double_well(100, -1.3), 500.0)
    assert exact.qfi(well, "z") == pytest.approx(25 / 500**2, rel=1e-3)


def test_nonlocality_of_long_chains_melts() -> None:
    """Q of 100 spins at U = -1 falls with the temperature; all values within those of T = 0."""
    ground = qbell.ising(100, -1.0)
    last = exact.log_e_n(ground)
    for temperature in (0.01, 0.05, 0.1, 0.15):
        value = exact.log_e_n(exact.thermal_state(ground, temperature))
        assert value < last
        last = value
    with pytest.raises(BelowRounding) as hot:
        exact.log_e_n(exact.thermal_state(ground, 0.4))
    assert hot.value.most < -100 * math.log(2)


@pytest.mark.parametrize(
    "state",
    [
        qbell.ising(3, -1.5),
        qbell.chain(4, [-1, 2, 0.3, 1], fields=0.7, longitudinal=[0.1, 0, 0, 1], ends="periodic"),
        qbell.xxz(4, 0.4, alpha=3.0),
        qbell.double_well(5, -1.2),
        exact.ising_chain([0.4, -1.2], [0.3, 1.0, 0.8]),
    ],
    ids=str,
)
def test_hamiltonians_have_the_energy(state: Any) -> None:
    operator = exact.hamiltonian_of(state)
    matrix = operator.to_matrix()
    assert np.linalg.eigvalsh(matrix)[0] == pytest.approx(state.energy, abs=1e-12)
    np.testing.assert_allclose(spin_hamiltonian(state).matrix().toarray(), matrix, atol=1e-14)
    rho = np.outer(state.statevector(), state.statevector().conj())
    assert operator.num_qubits == state.num_qubits
    assert np.trace(rho @ matrix).real == pytest.approx(state.energy, abs=1e-11)


@pytest.mark.parametrize(
    ("n", "u", "temperature", "log_e_n"),
    [
        (8, -8.0, 0.01, -21.3525112319),
        (30, -1.0, 0.2, -17.5723041008),
        (30, -1.0, 0.5, -30.9921815877),
        (30, -1.3, 0.05, -16.4328576666),
        (40, -1.1, 0.1, -18.0062190598),
        (40, -1.0, 0.4, -35.3463259795),
    ],
)
def test_small_correlators_in_fifty_digits(
    n: int, u: float, temperature: float, log_e_n: float
) -> None:
    """Where even and odd states all but cancel: from mpmath, G = M V tanh(S / T) / S V^T."""
    found = exact.log_e_n(exact.thermal_state(Ising(n, u), temperature))
    assert found == pytest.approx(log_e_n, abs=2e-9)


def test_descriptions_say_what_is_left_out() -> None:
    thermal = exact.thermal_state(qbell.ising(30, -1.0), 2.0)
    found = exact.describe(thermal, "x")
    assert found["energy"] == thermal.energy
    assert found["qfi"] == exact.qfi(thermal, "x")
    assert found["qfi"] == pytest.approx(
        exact.qfi(exact.thermal_state(qbell.ising(30, -1.0), 2.0), "x")
    )
    assert found["f0"] is not None
    assert found["bound"] is None
    assert any(note.startswith("bound: n = 30") for note in found["notes"])
    assert found["method"] == "thermal free fermions"


def test_from_the_command_line(qbell: Qbell, tmp_path: Path) -> None:
    out, _ = qbell("exact", "ising", "-n", "5", "-u", "-1.2", "--temperature", "0.4", "--json")
    found = json.loads(out)
    thermal = exact.thermal_state(Ising(5, -1.2), 0.4)
    assert found["temperature"] == 0.4
    assert found["u"] == -1.2
    assert found["qfi"] == exact.qfi(thermal)
    assert found["bound"] == pytest.approx(exact.bound(thermal))
    assert found["energy"] == thermal.energy
    qbell("circuit", "ghz", "-n", "2", "-o", str(tmp_path / "pair.qasm"))
    for words, message in (
        (("ghz", "-n", "4", "--temperature", "1"), "without a Hamiltonian"),
        (("ising", "-n", "4", "-u", "-1", "--temperature=-1"), "above 0"),
        ((str(tmp_path / "pair.qasm"), "--temperature", "1"), "a circuit has none"),
    ):
        _, err = qbell("exact", *words, code=2)
        assert message in err


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exact.thermal_state(qbell.ising(4, -1), 0), "above 0"),
        (lambda: exact.thermal_state(qbell.ising(4, -1), math.inf), "finite"),
        (lambda: exact.thermal_state(qbell.ising(40, -2.0), 1e-9), "rounding of the energies"),
        (lambda: exact.thermal_state(qbell.ghz(4), 1), "without a Hamiltonian"),
        (lambda: exact.thermal_state(qbell.ising(4, -1), 1, symmetric=True), "double wells"),
        (lambda: exact.thermal_state(qbell.xxz(14, 0.5), 1), "up to n = 12"),
        (lambda: exact.qfi(exact.thermal_state(qbell.ising(65, -1.0), 1)), "up to n = 64"),
        (lambda: exact.qfi(exact.thermal_state(qbell.ising(12, -1.0), 0.001)), "above 0.0"),
        (lambda: exact.hamiltonian_of(qbell.w(4)), "without a Hamiltonian"),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    with pytest.raises(QbellError, match=message):
        call()
