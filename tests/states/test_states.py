"""Families of states: amplitudes, energies, reference numbers and preparation circuits."""

import json
import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from qiskit.quantum_info import Statevector
from scipy.special import comb

import qbell
from qbell import exact
from qbell.errors import QbellError
from qbell.states import FAMILIES, named_state
from tests.support import naive
from tests.support.cases import NEEDED
from tests.support.paths import DATA

ISING = json.loads((DATA / "ising.json").read_text())
DOUBLE_WELL = json.loads((DATA / "double_well.json").read_text())
STRENGTHS = [-10.0, -3.0, -1.0, -0.3, 0.0, 0.4, 1.0, 2.5, 10.0]


def e_n_of(state: qbell.State) -> float:
    """E_{N,0} on axis z."""
    return abs(exact.correlator_of_all(state)) ** 2


def overlap_with_circuit(state: qbell.State) -> float:
    """|<statevector|circuit>|^2, the circuit run by Qiskit from |0...0>."""
    circuit = state.circuit()
    assert circuit.num_qubits == state.num_qubits
    assert circuit.num_clbits == 0
    return float(abs(np.vdot(state.statevector(), Statevector(circuit).data)) ** 2)


# Amplitudes in closed form.


@pytest.mark.parametrize("n", [2, 3, 8, 16])
def test_ghz_amplitudes(n: int) -> None:
    """Eq. (28)."""
    expected = np.zeros(2**n)
    expected[[0, -1]] = math.sqrt(0.5)
    np.testing.assert_allclose(qbell.ghz(n).statevector(), expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("n", [2, 3, 8, 16])
def test_plus_amplitudes(n: int) -> None:
    """Eq. (25)."""
    expected = np.full(2**n, 2.0 ** (-n / 2))
    np.testing.assert_allclose(qbell.plus(n).statevector(), expected, rtol=1e-14)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_dicke_amplitudes(n: int) -> None:
    """The sum over all sets of qubits that are 1, set by set; W is the one with a single one."""
    for ones in range(n + 1):
        expected = np.zeros(2**n)
        for qubits in combinations(range(n), ones):
            expected[sum(1 << qubit for qubit in qubits)] = 1 / math.sqrt(math.comb(n, ones))
        found = qbell.dicke(n, ones).statevector()
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)
        if ones == 1:
            np.testing.assert_array_equal(qbell.w(n).statevector(), found)
        if ones == n // 2:
            np.testing.assert_array_equal(qbell.dicke(n).statevector(), found)


@pytest.mark.parametrize("n", [2, 5, 6, 7])
def test_dicke_qfi_on_axis_x(n: int) -> None:
    """4 Var(J_x) = N/2 + ones (N - ones), the same on axis y, and 0 on axis z."""
    for ones in range(n + 1):
        state = qbell.dicke(n, ones)
        expected = n + 2 * ones * (n - ones)
        assert exact.qfi(state, "x") == pytest.approx(expected, rel=1e-12)
        assert exact.qfi(state, "y") == pytest.approx(expected, rel=1e-12)
        assert exact.qfi(state, "z") == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_statevector_is_a_normalised_copy(family: str) -> None:
    """A caller may write into it: the next call gives the state again."""
    parameters = NEEDED.get(family, {})
    state = named_state(family, 5, parameters)
    assert state.family == family
    assert state.num_qubits == 5
    vector = state.statevector()
    assert vector.dtype == np.complex128
    assert vector.shape == (32,)
    assert np.vdot(vector, vector).real == pytest.approx(1, rel=1e-13)
    before = vector.copy()
    vector[:] = 0
    np.testing.assert_array_equal(state.statevector(), before)
    np.testing.assert_array_equal(named_state(family, 5, parameters).statevector(), before)


# Ground states against dense diagonalisation.


@pytest.mark.parametrize("u", STRENGTHS)
@pytest.mark.parametrize("n", range(2, 7))
@pytest.mark.parametrize(
    ("family", "hamiltonian"),
    [
        (qbell.ising, naive.ising_hamiltonian),
        (qbell.double_well, naive.double_well_hamiltonian),
    ],
    ids=["ising", "double-well"],
)
def test_ground_state_of_the_dense_hamiltonian(
    family: Callable[[int, float], Any],
    hamiltonian: Callable[[int, float], naive.Matrix],
    n: int,
    u: float,
) -> None:
    """Lowest energy of all 2^N states, the eigenvector, and even under flipping all qubits."""
    state = family(n, u)
    vector = state.statevector()
    h = hamiltonian(n, u)
    energies, vectors = np.linalg.eigh(h)
    assert state.energy == pytest.approx(energies[0], rel=1e-12, abs=1e-12)
    np.testing.assert_allclose(h @ vector, state.energy * vector, rtol=0, atol=1e-11)
    np.testing.assert_allclose(vector, vector[::-1], rtol=0, atol=1e-15)
    assert (vector.real > 0).all()  # off-diagonal elements <= 0: no node in the ground state
    # Where the gap to the odd state is far above rounding, it is the solver's eigenvector.
    if energies[1] - energies[0] > 1e-3:
        assert abs(np.vdot(vectors[:, 0], vector)) ** 2 == pytest.approx(1, abs=1e-11)


@pytest.mark.parametrize("n", [2, 7, 8])
@pytest.mark.parametrize("family", [qbell.ising, qbell.double_well])
def test_without_interaction_it_is_the_product_state(
    family: Callable[[int, float], Any], n: int
) -> None:
    """U = 0: |+>^N, energy -N in units of the field (Ising) or -N/2 (J_x)."""
    state = family(n, 0)
    np.testing.assert_allclose(state.statevector(), qbell.plus(n).statevector(), rtol=0, atol=1e-12)
    expected = {"ising": -n, "double-well": -n / 2}[state.family]
    assert state.energy == pytest.approx(expected, rel=1e-12)
    assert exact.qfi(state) == pytest.approx(n, rel=1e-10)
    assert exact.bound(state) == pytest.approx(n, rel=1e-10)


@pytest.mark.parametrize("n", [4, 5, 9])
def test_antiferromagnet_is_the_ferromagnet_with_every_other_spin_flipped(n: int) -> None:
    """Qubits 1, 3, 5, ... flipped: same energy, amplitudes moved."""
    flips = sum(1 << qubit for qubit in range(1, n, 2))
    index = np.arange(2**n) ^ flips
    below, above = qbell.ising(n, -1.7), qbell.ising(n, 1.7)
    np.testing.assert_allclose(above.statevector(), below.statevector()[index], rtol=0, atol=1e-13)
    assert above.energy == pytest.approx(below.energy, rel=1e-13)


@pytest.mark.parametrize("n", [7, 8, 12])
def test_repulsive_double_well_is_squeezed(n: int) -> None:
    """U > 0 against the tridiagonal problem on all N + 1 Dicke states."""
    u = 5.0
    j_z = n / 2 - np.arange(n + 1)
    m = np.arange(n)
    hopping = -0.5 * np.sqrt((m + 1) * (n - m))
    h = np.diag(u / n * j_z**2) + np.diag(hopping, 1) + np.diag(hopping, -1)
    energies, vectors = np.linalg.eigh(h)
    state = qbell.double_well(n, u)
    assert state.energy == pytest.approx(energies[0], rel=1e-12)
    assert exact.qfi(state) == pytest.approx(4 * (vectors[:, 0] ** 2 @ j_z**2), rel=1e-11)
    assert exact.qfi(state) < n  # below shot noise: the number difference is squeezed
    ones = np.array([int(b).bit_count() for b in range(2**n)])
    amplitudes = np.abs(vectors[:, 0]) / np.sqrt(comb(n, np.arange(n + 1)))
    np.testing.assert_allclose(state.statevector(), amplitudes[ones], rtol=0, atol=1e-13)


# Deep in the ordered phase, where an odd state comes exponentially close.


@pytest.mark.parametrize(
    ("n", "u"), [(12, -10.0), (12, -3.0), (12, -1.0), (12, -0.2), (16, -10.0), (16, -1.0)]
)
def test_ising_against_free_fermions(n: int, u: float) -> None:
    """Energy, QFI and E_{N,0} from an N x N matrix; the state is even to rounding."""
    energy, qfi, e_n = naive.ising_free_fermions(n, u)
    state = qbell.ising(n, u)
    vector = state.statevector()
    np.testing.assert_allclose(vector, vector[::-1], rtol=0, atol=1e-15)
    assert state.energy == pytest.approx(energy, rel=1e-12)
    assert exact.qfi(state) == pytest.approx(qfi, rel=1e-10)
    assert e_n_of(state) == pytest.approx(e_n, rel=1e-9)


@pytest.mark.parametrize("n", [12, 15, 16])
def test_double_well_deep_in_the_ordered_phase(n: int) -> None:
    """U = -10: even, and against the even block of the (N + 1)-dimensional Hamiltonian."""
    u = -10.0
    state = qbell.double_well(n, u)
    vector = state.statevector()
    np.testing.assert_allclose(vector, vector[::-1], rtol=0, atol=1e-15)
    j_z = n / 2 - np.arange(n + 1)
    m = np.arange(n)
    hopping = -0.5 * np.sqrt((m + 1) * (n - m))
    h = np.diag(u / n * j_z**2) + np.diag(hopping, 1) + np.diag(hopping, -1)
    mirror = np.eye(n + 1)[::-1]
    # The odd states are lifted far away; the even ones stay.
    energies, vectors = np.linalg.eigh(h + 1e4 * (np.eye(n + 1) - mirror) / 2)
    ground = vectors[:, 0]
    assert state.energy == pytest.approx(energies[0], rel=1e-10)
    assert exact.qfi(state) == pytest.approx(4 * (ground**2 @ j_z**2), rel=1e-10)
    assert e_n_of(state) == pytest.approx((ground[0] * ground[-1]) ** 2, rel=1e-9)
    assert 0.2 < e_n_of(state) < 0.25


@pytest.mark.parametrize("family", [qbell.ising, qbell.double_well])
@pytest.mark.parametrize("n", [3, 8, 13])
def test_strong_attraction_gives_ghz(family: Callable[[int, float], Any], n: int) -> None:
    """U -> -infinity: E_{N,0} -> 1/4 and QFI -> N^2 up to order 1 / U^2."""
    state = family(n, -1e5)
    assert e_n_of(state) == pytest.approx(0.25, rel=1e-6)
    assert exact.qfi(state) == pytest.approx(n**2, rel=1e-6)


# Reference numbers.


@pytest.mark.parametrize("row", ISING["rows"], ids=lambda row: f"{row['N']} {row['U']}")
def test_ising_reference(row: dict[str, Any]) -> None:
    """Eq. (29), N = 6 and 10."""
    check_reference(qbell.ising(row["N"], row["U"]), row)


@pytest.mark.parametrize("row", DOUBLE_WELL["rows"], ids=lambda row: f"{row['N']} {row['U']}")
def test_double_well_reference(row: dict[str, Any]) -> None:
    """Eq. (30), N = 12."""
    check_reference(qbell.double_well(row["N"], row["U"]), row)


def check_reference(state: Any, row: dict[str, Any]) -> None:
    """Every number of a row to nine digits."""
    assert state.energy == pytest.approx(row["energy"], rel=1e-9)
    assert exact.qfi(state) == pytest.approx(row["QFI"], rel=1e-9)
    assert exact.bound(state) == pytest.approx(row["eq24"], rel=1e-9)
    assert e_n_of(state) == pytest.approx(row["E_N0"], rel=1e-9)


@pytest.mark.parametrize("row", ISING["bound_at_u_minus_1"], ids=lambda row: str(row["N"]))
def test_ising_bound_of_a_longer_chain(row: dict[str, Any]) -> None:
    """All 3^N correlators at the critical point."""
    assert exact.bound(qbell.ising(row["N"], -1)) == pytest.approx(row["eq24"], rel=1e-9)


@pytest.mark.parametrize("row", ISING["thresholds"], ids=lambda row: f"{row['N']} {row['level']}")
def test_ising_thresholds(row: dict[str, Any]) -> None:
    """The strengths U at which E_{N,0} crosses a power of two."""
    state = qbell.ising(row["N"], row["U_star"])
    assert math.log2(e_n_of(state)) == pytest.approx(int(row["level"].removeprefix("2^")), rel=1e-9)
    assert exact.qfi(state) / row["N"] ** 2 == pytest.approx(row["QFI_over_N2"], rel=1e-9)


# Circuits.


@pytest.mark.parametrize("n", range(2, 9))
@pytest.mark.parametrize(
    "state_of",
    [
        qbell.ghz,
        qbell.plus,
        qbell.w,
        qbell.dicke,
        *(lambda n, u=u: qbell.double_well(n, u) for u in (-20.0, -1.5, 0.0, 2.0, 50.0)),
    ],
    ids=["ghz", "plus", "w", "dicke", *(f"double-well {u}" for u in (-20, -1.5, 0, 2, 50))],
)
def test_circuit_prepares_the_state(state_of: Callable[[int], qbell.State], n: int) -> None:
    """Exactly, for every family whose circuit is exact."""
    assert overlap_with_circuit(state_of(n)) == pytest.approx(1, rel=0, abs=1e-10)


@pytest.mark.parametrize("n", [2, 4, 5])
def test_circuit_of_every_dicke_state(n: int) -> None:
    """Also without ones and with nothing but ones."""
    for ones in range(n + 1):
        state = qbell.dicke(n, ones)
        assert overlap_with_circuit(state) == pytest.approx(1, rel=0, abs=1e-10)


@pytest.mark.parametrize(("n", "u"), [(4, 1e4), (6, 300.0), (6, 1500.0), (8, 50.0), (8, 1e3)])
def test_circuit_keeps_small_coefficients(n: int, u: float) -> None:
    """Strong repulsion leaves amplitudes down to 1e-11; none is rounded away.

    Amplitudes, not a fidelity: that one hides an error of 1e-5 in an amplitude.
    """
    state = qbell.double_well(n, u)
    expected = state.statevector()
    found = Statevector(state.circuit()).data
    overlap = np.vdot(found, expected)
    np.testing.assert_allclose(found * overlap / abs(overlap), expected, rtol=0, atol=1e-12)


def test_two_qubit_depth_of_ghz() -> None:
    """From the middle outwards: about N / 2, not N - 1."""
    for n in range(2, 12):
        circuit = qbell.ghz(n).circuit()
        assert circuit.count_ops()["cx"] == n - 1
        depth = circuit.depth(lambda instruction: len(instruction.qubits) == 2)
        assert depth <= n // 2 + 1


# Errors.


@pytest.mark.parametrize("n", [0, 1, -2, 2.0, 2.5, True, "3", None])
@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_number_of_qubits(family: str, n: Any) -> None:
    """A whole number from 2 on."""
    parameters = NEEDED.get(family, {})
    with pytest.raises(QbellError, match=r"^n = .*whole number from 2"):
        named_state(family, n, parameters)


def test_numpy_integers_are_whole_numbers() -> None:
    """Sizes often come out of an array."""
    sizes: Any = np.array([3, 4, 1])
    state = qbell.ghz(sizes[0])
    assert state.num_qubits == 3
    assert type(state.num_qubits) is int
    assert qbell.dicke(sizes[1], sizes[2]).statevector().shape == (16,)


@pytest.mark.parametrize("u", [math.nan, math.inf, -math.inf, "1", None, True, 1j])
@pytest.mark.parametrize("family", [qbell.ising, qbell.double_well])
def test_interaction_strength(family: Callable[[int, Any], Any], u: Any) -> None:
    """A finite number."""
    with pytest.raises(QbellError, match=r"^u = .*finite number"):
        family(4, u)


@pytest.mark.parametrize("ones", [-1, 5, 1.5, True])
def test_number_of_ones(ones: Any) -> None:
    """Between 0 and N."""
    with pytest.raises(QbellError, match=r"^ones = .*from 0 to 4"):
        qbell.dicke(4, ones)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"layers": -1}, "layers = -1"),
        ({"layers": 1.5}, r"layers = 1\.5"),
        ({"layers": True}, "layers = True"),
        ({"fidelity": 0}, "fidelity = 0"),
        ({"fidelity": 1}, "fidelity = 1"),
        ({"fidelity": 1.5}, r"fidelity = 1\.5"),
        ({"fidelity": math.nan}, "fidelity = nan"),
        ({"fidelity": "high"}, "fidelity = 'high'"),
    ],
)
def test_ansatz_parameters(keywords: dict[str, Any], message: str) -> None:
    """Refused before anything is trained."""
    with pytest.raises(QbellError, match=message):
        qbell.ising(4, -1.0, **keywords)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_too_many_qubits_for_a_vector(family: str) -> None:
    """Refused at once, before 2^N numbers are asked for."""
    parameters = NEEDED.get(family, {})
    state = named_state(family, 40, parameters)
    with pytest.raises(QbellError, match=r"n = 40.*n = 20"):
        state.statevector()


def test_large_circuits_need_no_vector() -> None:
    """GHZ, |+>^N and W circuits exist at sizes without a state vector."""
    for family in (qbell.ghz, qbell.plus, qbell.w):
        assert family(40).circuit().num_qubits == 40


@pytest.mark.parametrize(
    ("family", "parameters", "message"),
    [
        ("ising", {}, "needs u"),
        ("double-well", {}, "needs u"),
        ("ghz", {"u": -1.0}, "takes no u"),
        ("w", {"ones": 1}, "takes no ones"),
        ("double-well", {"u": -1.0, "angles": "local"}, "takes no angles"),
        ("cluster", {}, "'cluster' is unknown.*ghz"),
        ("", {}, "unknown"),
    ],
)
def test_named_state_errors(family: str, parameters: dict[str, Any], message: str) -> None:
    """A family gets the parameters it has, all of them."""
    with pytest.raises(QbellError, match=message):
        named_state(family, 4, parameters)


def test_named_state_is_the_class() -> None:
    """Names and classes agree, so specs and scripts do."""
    assert named_state("ghz", 4, {}) == qbell.ghz(4)
    assert named_state("ising", 4, {"u": -1.5, "layers": 2}) == qbell.ising(4, -1.5, layers=2)
    assert named_state("double-well", 4, {"u": -1.5}) == qbell.double_well(4, -1.5)
    assert named_state("dicke", 4, {"ones": 1}) == qbell.dicke(4, 1)


@pytest.mark.parametrize(("num_qubits", "u"), [(10, 20.0), (10, -20.0), (12, 40.0), (8, 1e4)])
def test_small_amplitudes_of_ising_are_right_one_by_one(num_qubits: int, u: float) -> None:
    """H v = E v, relative to each amplitude: an eigensolver alone misses it by percents."""
    state = qbell.ising(num_qubits, u)
    vector = state.statevector().real
    index = np.arange(2**num_qubits)
    bonds = sum(1.0 - 2.0 * ((index >> k ^ index >> (k + 1)) & 1) for k in range(num_qubits - 1))
    flipped = sum(vector[index ^ 1 << k] for k in range(num_qubits))
    small = np.abs(vector) < 1e-6
    assert small.any()
    ratio = flipped / ((u * bonds - state.energy) * vector)
    np.testing.assert_allclose(ratio[small], 1, atol=1e-9)
