"""Ising chains of any length: contiguous minors, QFI and E_{N,0} from free fermions."""

import itertools
import json
import math
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from qbell.exact.minors import contiguous_minors
from qbell.states.free_fermions.chain import chain
from tests.support import naive, precise
from tests.support.paths import DATA

ISING = json.loads((DATA / "ising.json").read_text())
THRESHOLDS = json.loads((DATA / "ising_thresholds.json").read_text())["thresholds"]
STRENGTHS = [-10.0, -3.0, -1.0, -0.4, -1e-3, 0.0, 1e-3, 0.7, 1.0, 2.5, 10.0]
TILTED = (0.3, -1.2, 0.5)

Matrix = NDArray[np.float64]


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    """Nothing here may warn, whichever module the warning comes from."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


# Contiguous minors.


def positive_matrix(size: int, rng: np.random.Generator) -> Matrix:
    """All principal minors positive, and not symmetric: x^T A x > 0."""
    part = rng.normal(size=(size, size)) / math.sqrt(size)
    return np.asarray(part @ part.T + 0.1 * np.eye(size) + 0.7 * (part - part.T))


@pytest.mark.parametrize("scale", [1.0, 1e-4, 30.0])
def test_minors_of_every_size(scale: float, rng: np.random.Generator) -> None:
    """Sizes 1 to 70, to a relative 1e-10 each, against a determinant each."""
    matrix = scale * positive_matrix(70, rng)
    expected = naive.contiguous_minors(matrix)
    for size in range(1, 71):
        found = contiguous_minors(matrix[:size, :size])
        assert found.shape == (size, size)
        assert not np.tril(found, -1).any()
        np.testing.assert_allclose(found, expected[:size, :size], rtol=1e-10, atol=1e-300)


@pytest.mark.parametrize("size", [1, 16, 17, 40, 63])
def test_minors_of_triangular_matrices(size: int, rng: np.random.Generator) -> None:
    """Products of the diagonal, with every sign and with everything below or above it."""
    diagonal = rng.uniform(0.5, 1.5, size=size) * rng.choice([-1.0, 1.0], size=size)
    for shape in (np.tril, np.triu):
        matrix = shape(rng.normal(size=(size, size)) / size, 1 if shape is np.triu else -1)
        found = contiguous_minors(matrix + np.diag(diagonal))
        for i in range(size):
            expected = np.cumprod(diagonal[i:])
            np.testing.assert_allclose(found[i, i:], expected, rtol=1e-9, atol=0)


@pytest.mark.parametrize("size", [1, 5, 16, 17, 33, 40, 100])
@pytest.mark.parametrize("place", [None, 0, 0.3, 0.5, 0.99])
def test_minors_that_vanish(size: int, place: float | None) -> None:
    """A matrix of zeros, and a diagonal one with a single zero: no exception and no NaN."""
    diagonal = np.zeros(size) if place is None else np.full(size, 0.9)
    if place is not None:
        diagonal[int(place * size)] = 0
    found = contiguous_minors(np.diag(diagonal))
    np.testing.assert_allclose(found, naive.contiguous_minors(np.diag(diagonal)), atol=1e-14)


EXTREME = [0.0, 1e-300, 1e-30, 1e-16, 1e-12, 1e-8, 1e-3, 0.5, 1, 1.5, 10, 1e3, 1e8, 1e16, 1e100]


# Every case of the two short chains; of the long one, with 4000 determinants to compare, each
# strength with one of the four pairs of sign and neighbours.
CHAINS = [
    (size, strength, sign, neighbours)
    for size in (16, 40, 90)
    for place, strength in enumerate(EXTREME)
    for turn, (sign, neighbours) in enumerate(itertools.product((-1, 1), "zy"))
    if size < 90 or place % 4 == turn
]


@pytest.mark.slow
@pytest.mark.parametrize(("size", "strength", "sign", "neighbours"), CHAINS)
def test_minors_of_a_chain(size: int, strength: float, sign: int, neighbours: str) -> None:
    """The correlators <Z_i Z_j> and <Y_i Y_j>, at any U; they are at most 1."""
    g = chain(size, sign * strength).correlations
    matrix = -g[1:, :-1] if neighbours == "z" else -g[:-1, 1:]
    found = contiguous_minors(matrix)
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1 + 1e-12
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of NumPy's own determinant
        expected = naive.contiguous_minors(matrix)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


# The chain.


@pytest.mark.parametrize("u", [*STRENGTHS, -1e3, 1e3, -1e8, 1e8, -1e100, 1e100])
@pytest.mark.parametrize("n", [2, 3, 10, 51, 120])
def test_the_chain_is_even_and_orthogonal(n: int, u: float) -> None:
    """det G = +1, G G^T = 1, and the energy is that of G and below both trial states'."""
    solved = chain(n, u)
    g = solved.correlations
    np.testing.assert_allclose(g @ g.T, np.eye(n), rtol=0, atol=1e-12)
    assert np.linalg.slogdet(g)[0] == 1
    energy = -np.trace(g) - u * np.sum(np.diag(g, -1))
    assert solved.energy == pytest.approx(energy, rel=1e-12)
    assert solved.energy <= -max(n, abs(u) * (n - 1)) * (1 - 1e-14)
    assert not g.flags.writeable


@pytest.mark.parametrize(("n", "u"), [(20, -100.0), (40, -10.0), (100, -3.0)])
def test_the_odd_state_of_a_library_is_made_even(
    n: int, u: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the lowest mode below rounding a library may return either; no LAPACK is trusted."""
    honest = chain.__wrapped__(n, u)  # behind the cache
    library = np.linalg.svd

    def other(matrix: Matrix) -> tuple[Matrix, Matrix, Matrix]:
        left, values, right = library(matrix)
        assert values[-1] < 1e-14  # rounding alone; libraries differ
        left[:, -1] *= -1
        return left, values, right

    monkeypatch.setattr(np.linalg, "svd", other)
    found = chain.__wrapped__(n, u)
    np.testing.assert_allclose(found.correlations, honest.correlations, rtol=0, atol=1e-12)
    assert np.linalg.slogdet(found.correlations)[0] == 1
    assert found.energy == pytest.approx(honest.energy, rel=1e-14)


def even_ground_state(n: int, u: float) -> tuple[float, NDArray[np.complex128]]:
    """Dense, with the odd states lifted away."""
    parity = naive.tensor([naive.X] * n)
    lifted = naive.ising_hamiltonian(n, u) + 1e3 * (np.eye(2**n) - parity) / 2
    energies, vectors = np.linalg.eigh(lifted)
    return float(energies[0]), vectors[:, 0]


@pytest.mark.parametrize("u", STRENGTHS)
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_against_the_dense_hamiltonian(n: int, u: float) -> None:
    """Energy, QFI on any axis, the QFI matrix and E_{N,0}."""
    energy, vector = even_ground_state(n, u)
    state = qbell.ising(n, u)
    assert state.energy == pytest.approx(energy, rel=1e-12)
    for axis in ("x", "y", "z", TILTED, (1e-3, 0, 1)):
        h = naive.generator(n, parse_axis(axis).xi)
        image = h @ vector
        expected = 4 * (np.vdot(image, image) - np.vdot(vector, image) ** 2).real
        if u == 0 and axis == "x":
            assert expected == pytest.approx(0, abs=1e-12)
            check_zero(state)
        else:
            assert exact.qfi(state, axis) == pytest.approx(expected, rel=1e-8, abs=2e-13)
        assert exact.f0(state, axis if u else "z") > 0
    if n <= 4:
        expected_matrix = naive.qfi_matrix(naive.projector(vector))
        np.testing.assert_allclose(exact.qfi_matrix(state), expected_matrix, rtol=0, atol=1e-10)
    e_n = abs(vector[0] * vector[-1]) ** 2
    assert math.exp(exact.log_e_n(state)) == pytest.approx(e_n, rel=1e-8)


def check_zero(state: qbell.State) -> None:
    """|+>^N on axis x: 0, or refused."""
    try:
        value = exact.qfi(state, "x")
    except QbellError:
        return
    assert abs(value) < 1e-12


@pytest.mark.parametrize("u", [-10.0, -3.0, -1.0, -0.4, 0.7, 1.0, 2.5, 10.0, 100.0])
@pytest.mark.parametrize("n", [2, 3, 5, 8, 9, 11, 12])
def test_against_state_vectors(n: int, u: float) -> None:
    """The same functions on the 2^N amplitudes."""
    state = qbell.ising(n, u)
    vector = state.statevector()
    for axis in ("x", "y", "z", TILTED):
        assert exact.qfi(state, axis) == pytest.approx(exact.qfi(vector, axis), rel=1e-9)
    np.testing.assert_allclose(
        exact.qfi_matrix(state), exact.qfi_matrix(vector), rtol=0, atol=1e-11 * n**2
    )
    # The amplitude itself: small amplitudes of this vector are right one by one.
    expected = 2 * math.log(abs(vector[0])) + 2 * math.log(abs(vector[-1]))
    assert exact.log_e_n(state) == pytest.approx(expected, rel=0, abs=1e-8)


@pytest.mark.parametrize(
    ("n", "u"), [(12, -0.2), (12, -1.0), (13, -10.0), (16, -10.0), (16, -1.5), (40, -1.0)]
)
def test_against_a_determinant_each(n: int, u: float) -> None:
    """The twin takes each pair's determinant by itself."""
    energy, qfi, e_n = naive.ising_free_fermions(n, u)
    state = qbell.ising(n, u)
    assert state.energy == pytest.approx(energy, rel=1e-12)
    assert exact.qfi(state) == pytest.approx(qfi, rel=1e-11)
    assert exact.log_e_n(state) == pytest.approx(math.log(e_n), rel=0, abs=1e-9)


@pytest.mark.slow
def test_a_hundred_spins() -> None:
    """U = -3: deep in the ordered phase; the odd state would show in the QFI."""
    energy, qfi, e_n = naive.ising_free_fermions(100, -3.0)
    state = qbell.ising(100, -3.0)
    assert qfi == pytest.approx(9694.79, abs=0.01)
    assert exact.qfi(state) == pytest.approx(qfi, rel=1e-11)
    assert exact.log_e_n(state) == pytest.approx(math.log(e_n), rel=0, abs=1e-9)
    assert state.energy == pytest.approx(energy, rel=1e-12)
    np.testing.assert_allclose(
        exact.qfi_matrix(state), np.diag([exact.qfi(state, a) for a in "xyz"]), rtol=1e-12
    )


# In many digits.


@cache
def precise_ising(n: int, u: float) -> precise.Chain:
    """`precise.ising`, in as many digits as the smallest amplitude has zeros."""
    return precise.ising(n, u, 40 + math.ceil(2 * n * max(0.0, math.log10(abs(u) + 1e-300))))


def right_or_refused(state: qbell.State, axis: Any, expected: float) -> bool:
    """The QFI to a relative 1e-8, or a `QbellError`; True if it came."""
    try:
        found = exact.qfi(state, axis)
    except QbellError:
        return False
    assert found == pytest.approx(expected, rel=1e-8, abs=0)
    return True


def log_right_or_refused(state: qbell.State, axis: Any, expected: float) -> bool:
    """ln E_{N,0} to 1e-8, or a `QbellError`; True if it came."""
    try:
        found = exact.log_e_n(state, axis)
    except QbellError:
        return False
    assert found == pytest.approx(expected, rel=0, abs=1e-8)
    return True


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "u"),
    [
        *[(24, -3.0), (24, 0.7), (25, 10.0), (25, -1e-3)],
        pytest.param(28, 2.0, marks=pytest.mark.nightly),
    ],
)
def test_long_chains_in_many_digits(n: int, u: float) -> None:
    """Both signs; these are all well within reach of doubles."""
    expected = precise_ising(n, u)
    state = qbell.ising(n, u)
    assert state.energy == pytest.approx(expected.energy, rel=1e-12)
    assert exact.qfi(state, "x") == pytest.approx(expected.qfi_x, rel=1e-8)
    assert exact.qfi(state, "y") == pytest.approx(expected.qfi_y, rel=1e-12)
    assert exact.qfi(state, "z") == pytest.approx(expected.qfi_z, rel=1e-11)
    xi = np.array(parse_axis(TILTED).xi) ** 2
    tilted = xi @ [expected.qfi_x, expected.qfi_y, expected.qfi_z]
    assert exact.qfi(state, TILTED) == pytest.approx(tilted, rel=1e-11)
    assert exact.log_e_n(state) == pytest.approx(expected.log_e_n, rel=0, abs=1e-9)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("u", [30.0, 1e3, 1e4, 1e5, 1e8, 1e12, 1e30, 1e100])
@pytest.mark.parametrize("n", [2, 3, 4, 7, 10])
def test_strong_antiferromagnets_are_right_or_refused(n: int, u: float) -> None:
    """Short ones, in many digits: down to E_{N,0} = exp(-1000) and a QFI of 1e-200."""
    expected = precise_ising(n, u)
    state = qbell.ising(n, u)
    right_or_refused(state, "z", expected.qfi_z)
    right_or_refused(state, "y", expected.qfi_y)
    right_or_refused(state, "x", expected.qfi_x)
    log_right_or_refused(state, "z", expected.log_e_n)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("u", [-30.0, -1e3, -1e5, -1e8, -1e12, -1e30, -1e100])
@pytest.mark.parametrize("n", [2, 3, 4, 7, 10])
def test_strong_ferromagnets_are_right(n: int, u: float) -> None:
    """Nothing cancels but for the two spins' QFI on axis y."""
    expected = precise_ising(n, u)
    state = qbell.ising(n, u)
    assert right_or_refused(state, "z", expected.qfi_z)
    assert right_or_refused(state, "y", expected.qfi_y) or n == 2
    assert right_or_refused(state, "x", expected.qfi_x)
    assert log_right_or_refused(state, "z", expected.log_e_n)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "u"),
    [
        (20, 100.0),
        (21, 1e6),
        pytest.param(22, 1e3, marks=pytest.mark.nightly),
        pytest.param(23, 1e5, marks=pytest.mark.nightly),
    ],
)
def test_longer_antiferromagnets_are_right_or_refused(n: int, u: float) -> None:
    """Where doubles begin to fail, with and without a state vector to fall back on."""
    expected = precise_ising(n, u)
    state = qbell.ising(n, u)
    right_or_refused(state, "z", expected.qfi_z)
    log_right_or_refused(state, "z", expected.log_e_n)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("u", [-3.0, -1.0, -0.3, -0.03, -3e-3, -1e-3, -1e-4, 0.03, 1.0])
@pytest.mark.parametrize("n", [4, 6, 8, 12])
def test_e_n_along_x_is_right_or_refused(n: int, u: float) -> None:
    """<+...+|psi> <-...-|psi>: the second is small where |U| is."""
    log_right_or_refused(qbell.ising(n, u), "x", precise_ising(n, u).log_e_n_x)


@pytest.mark.parametrize("u", [-1e100, -1e30, -1e16, -1e8, 1e8, 1e16, 1e30, 1e100])
@pytest.mark.parametrize("n", [2, 3, 6, 7, 9])
def test_state_vectors_at_any_strength(n: int, u: float) -> None:
    """Finite, normalised and even; for U -> -infinity it is GHZ."""
    state = qbell.ising(n, u)
    vector = state.statevector()
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, rel=1e-12)
    np.testing.assert_allclose(vector, vector[::-1], rtol=0, atol=1e-15)
    ends = sum(1 << qubit for qubit in range(1, n, 2)) if u > 0 else 0
    assert abs(vector[ends]) == pytest.approx(math.sqrt(0.5), rel=1e-7)


# Reference numbers.


@pytest.mark.parametrize("row", ISING["rows"], ids=lambda row: f"{row['N']} {row['U']}")
def test_reference(row: dict[str, Any]) -> None:
    """To nine digits, and the logarithm to 1e-9."""
    state = qbell.ising(row["N"], row["U"])
    assert state.energy == pytest.approx(row["energy"], rel=1e-9)
    assert exact.qfi(state) == pytest.approx(row["QFI"], rel=1e-9)
    assert exact.log_e_n(state) == pytest.approx(math.log(row["E_N0"]), rel=0, abs=1e-9)


@pytest.mark.parametrize("row", THRESHOLDS, ids=lambda row: f"{row['N']} {row['level']}")
def test_thresholds(row: dict[str, Any]) -> None:
    """E_{N,0} crosses the level there: equal to it, below on one side and above on the other."""
    n, u = row["N"], row["U_star"]
    level = int(row["level"].removeprefix("2^")) * math.log(2)
    state = qbell.ising(n, u)
    assert exact.log_e_n(state) == pytest.approx(level, rel=0, abs=1e-9)
    assert exact.log_e_n(qbell.ising(n, u + 1e-6)) < level < exact.log_e_n(qbell.ising(n, u - 1e-6))
    assert exact.qfi(state) / n**2 == pytest.approx(row["QFI_over_N2"], rel=1e-9)


# Long chains, where only laws are known.


@pytest.mark.slow
def test_hundreds_of_spins() -> None:
    """Shot noise <= QFI <= N^2, both and E_{N,0} grow with |U|."""
    n = 300
    found = [
        (exact.qfi(state), exact.log_e_n(state))
        for state in (qbell.ising(n, u) for u in (-0.5, -1.0, -1.5))
    ]
    values, logs = zip(*found, strict=True)
    assert list(values) == sorted(values)
    assert list(logs) == sorted(logs)
    assert all(1 <= value / n <= n for value in values)
    assert all(log <= -math.log(4) for log in logs)
    # Ordered: the order parameter squared is (1 - U^-2)^(1/4), but for the two ends.
    assert values[-1] / n**2 == pytest.approx((1 - 1.5**-2) ** 0.25, rel=5e-3)
    # Disordered: the susceptibility is local, so each hundred spins add the same.
    longer = exact.qfi(qbell.ising(200, -0.5))
    shorter = exact.qfi(qbell.ising(100, -0.5))
    assert values[0] - longer == pytest.approx(longer - shorter, rel=1e-9)


@pytest.mark.slow
def test_a_thousand_spins() -> None:
    """The Gaussian part alone: cheap at any size, and right deep in the ordered phase."""
    n = 1000
    state = qbell.ising(n, -3.0)
    assert state.energy / n == pytest.approx(-(3 + 1 / 12), rel=3e-3)
    assert 1 < exact.qfi(state) / n < n
    # The order parameter squared, and its ends: E_{N,0} falls exponentially with N.
    assert exact.qfi(state) / n**2 == pytest.approx((1 - 3.0**-2) ** 0.25, rel=2e-3)
    steps = [exact.log_e_n(qbell.ising(size, -3.0)) for size in (100, 200, 300)]
    assert steps[2] - steps[1] == pytest.approx(steps[1] - steps[0], rel=1e-9)
    assert steps[0] < -math.log(4)


@pytest.mark.parametrize("u", [-2.0, -0.7, 0.0, 0.7])
@pytest.mark.parametrize("n", [40, 200])
def test_values_stay_in_their_limits(n: int, u: float) -> None:
    """0 <= QFI <= N^2 on each axis, E_{N,0} <= 1/4, and 4^-N without interaction."""
    state = qbell.ising(n, u)
    for axis in ("y", "z", TILTED):
        assert 0 < exact.qfi(state, axis) <= n**2
    assert exact.log_e_n(state) <= -math.log(4)
    if u == 0:
        assert exact.qfi(state) == pytest.approx(n, rel=1e-12)
        assert exact.log_e_n(state) == pytest.approx(-2 * n * math.log(2), rel=1e-12)
        np.testing.assert_allclose(exact.qfi_matrix(state), np.diag([0, n, n]), atol=1e-11)


@pytest.mark.parametrize("u", [3.0, 1e3, 1e6, 1e9])
@pytest.mark.parametrize("n", [8, 30, 31])
def test_the_qfi_matrix_is_positive_or_refused(n: int, u: float) -> None:
    """Where the QFI along z cancels, the matrix does not hold a negative or a random number."""
    state = qbell.ising(n, u)
    try:
        matrix = exact.qfi_matrix(state)
    except QbellError:
        return
    assert np.diag(matrix).min() >= 0
    try:
        expected = exact.qfi(state, "z")
    except QbellError:
        assert matrix[2, 2] < 1e-5  # what is known about it
    else:
        assert matrix[2, 2] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("u", [1e6, 1e9, 1e30])
def test_strong_antiferromagnets_of_few_qubits_are_not_refused(u: float) -> None:
    """QFI to leading order in 1/U: perturbation of the two Neel states, N = 4."""
    found = exact.qfi(qbell.ising(4, u))
    # Only the two end spins flip at energy 2U, the inner ones at 4U; each flip moves h by one.
    amplitudes = [1 / (2 * u), 1 / (4 * u), 1 / (4 * u), 1 / (2 * u)]
    signs = [1, -1, 1, -1]
    up, down = (
        sum(a**2 for a, s in zip(amplitudes, signs, strict=True) if s == which) for which in (1, -1)
    )
    assert found == pytest.approx(4 * (up + down), rel=1e-5)


def test_extreme_couplings_give_no_warning() -> None:
    """pytest turns a RuntimeWarning from qbell into an error."""
    for u in (1e-300, -1e-300, 1e300 / 1e200, -1e100):
        for axis in "xyz":
            exact.describe(qbell.ising(4, u), axis)


def test_along_x_near_u_0() -> None:
    """QFI = (N - 1) U^2, to leading order; below rounding of G - G^T it is refused."""
    for u in (-1e-12, 1e-9, -3e-8):
        with pytest.raises(QbellError, match="cancels to below rounding"):
            exact.qfi(qbell.ising(16, u), "x")
    assert exact.qfi(qbell.ising(16, 0), "x") == 0
    u = -1e-6  # refused no more; next order is U^2 smaller
    assert exact.qfi(qbell.ising(16, u), "x") == pytest.approx(15 * u**2, rel=1e-8)
