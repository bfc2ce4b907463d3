"""Random directions given as numbers: slow twins, no bias, coverage, and what is refused."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.estimator.directed.directed import Directed, from_directions
from qbell.estimator.directed.kernels import pair_terms
from tests.conftest import Repeats
from tests.designs.test_even import random_density
from tests.support.limits import least
from tests.support.simulated import PAULIS, white_noise_ghz

Matrix = NDArray[np.complex128]
Floats = NDArray[np.float64]


def operators(vectors: Floats) -> Matrix:
    """prod_k (1 + 3 x_k u_k sigma_k)/2 of one shot (N, 3)."""
    found = np.ones((1, 1), dtype=complex)
    for vector in vectors:
        one = sum(3 * part * PAULIS[letter] for part, letter in zip(vector, "XYZ", strict=True))
        found = np.kron((np.eye(2) + one) / 2, found)
    return found


def terms_of(a: Floats, b: Floats) -> Floats:
    size = len(a)
    terms = np.empty(size + 3)
    pair_terms(a, b, size, np.empty((3, size + 1)), terms)
    return terms


def generator_of(num_qubits: int) -> Matrix:
    index = np.arange(2**num_qubits)
    return np.diag(num_qubits / 2 - np.bitwise_count(index)).astype(complex)


@pytest.mark.slow
def test_a_pair_is_what_its_operators_give(rng: np.random.Generator) -> None:
    """F0 and purity of the two operators, by matrices; for the bound those without sigma_xi."""
    vectors = rng.normal(size=(2, 3, 3))
    h = generator_of(3)
    r, s = (operators(part) for part in vectors)
    terms = terms_of(*vectors)
    f0 = 2 * (np.trace((h @ r - r @ h).conj().T @ (h @ s - s @ h))).real
    assert terms[-2] == pytest.approx(f0, abs=1e-10)
    assert terms[-1] == pytest.approx(np.trace(r @ s).real - 1 / 8, abs=1e-10)
    flat = vectors * [1, 1, 0]
    r, s = (operators(part) for part in flat)
    bound = 2 * (np.trace((h @ r - r @ h).conj().T @ (h @ s - s @ h))).real
    assert terms[:4].sum() == pytest.approx(bound, abs=1e-10)


def test_exactly_unbiased_for_pauli_directions(rng: np.random.Generator) -> None:
    """All pairs of shots of two qubits, with their chances: orders of the bound, F0, purity."""
    matrix = random_density(2, rng)
    shots = []
    for letters in itertools.product(range(3), repeat=2):
        for bits in itertools.product((1, -1), repeat=2):
            vectors = np.array([bits[k] * np.eye(3)[letters[k]] for k in range(2)])
            halves = [(np.eye(2) + bits[k] * PAULIS["XYZ"[letters[k]]]) / 2 for k in range(2)]
            shots.append((np.trace(matrix @ np.kron(halves[1], halves[0])).real / 9, vectors))
    mean = sum(p * q * terms_of(a, b) for (p, a), (q, b) in itertools.product(shots, repeat=2))
    np.testing.assert_allclose(mean[:3], exact.bound_by_order(matrix), atol=1e-12)
    assert mean[3] == pytest.approx(exact.f0(matrix), abs=1e-12)
    assert mean[4] == pytest.approx(np.trace(matrix @ matrix).real - 1 / 4, abs=1e-12)


def drawn(
    matrix: Matrix, draws: int, shots: int, rng: np.random.Generator
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Uniform directions, and outcomes by the exact chances of a state."""
    size = len(matrix)
    num_qubits = size.bit_length() - 1
    polar = np.arccos(rng.uniform(-1, 1, (draws, num_qubits)))
    azimuth = rng.uniform(0, 2 * np.pi, (draws, num_qubits))
    cube = np.tile(matrix, (draws, 1, 1)).astype(complex)
    for k in reversed(range(num_qubits)):
        # Chances of outcomes: <v| rho |v> qubit by qubit, the highest first.
        up = np.stack(
            [np.cos(polar[:, k] / 2), np.exp(1j * azimuth[:, k]) * np.sin(polar[:, k] / 2)]
        )
        down = np.stack(
            [np.sin(polar[:, k] / 2), -np.exp(1j * azimuth[:, k]) * np.cos(polar[:, k] / 2)]
        )
        basis = np.stack([up, down]).transpose(2, 0, 1)  # (draws, outcome, 2)
        rest = 2**k
        cube = cube.reshape(draws, -1, 2, rest, 2, rest)
        cube = np.einsum("doa,dxaibj,dob->dxoij", basis.conj(), cube, basis)
    chances = np.clip(cube.reshape(draws, size).real, 0, None)
    counts = rng.multinomial(shots, chances / chances.sum(axis=1, keepdims=True))
    rows, outcomes = np.repeat(np.indices(counts.shape).reshape(2, -1), counts.ravel(), axis=1)
    bits = outcomes[:, None] >> np.arange(num_qubits) & 1
    return polar[rows], azimuth[rows], bits, rows


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("state", "draws", "shots"), [("ghz", 800, 1), ("random", 400, 1), ("ghz", 100, 6)]
)
def test_intervals_cover(
    state: str, draws: int, shots: int, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Data sets of two qubits, single shots and several a draw; means within four errors."""
    matrix = white_noise_ghz(2, 0.2) if state == "ghz" else random_density(2, rng)
    truths = {
        "bound": exact.bound(matrix),
        "f0": exact.f0(matrix),
        "purity": float(np.trace(matrix @ matrix).real),
    }
    inside, values = dict.fromkeys(truths, 0), []
    runs = repeats(25, 60)
    for _ in range(runs):
        result: Directed = from_directions(*drawn(matrix, draws, shots, rng), resamples=200)
        for name, truth in truths.items():
            found = getattr(result, name)
            inside[name] += found.low - 1e-12 <= truth <= found.high + 1e-12
        values.append([getattr(result, name).value for name in truths])
    assert min(inside.values()) >= least(runs, 0.95)
    away = np.mean(values, axis=0) - list(truths.values())
    assert (np.abs(away) < 4 * np.std(values, axis=0) / np.sqrt(runs)).all()


@pytest.mark.slow
def test_what_is_refused(rng: np.random.Generator) -> None:
    polar, azimuth, bits, rows = drawn(white_noise_ghz(2, 0.0), 300, 2, rng)
    found = from_directions(polar, azimuth, bits, rows, resamples=100)
    assert found.isotropy_p > 1e-3
    assert found.by_order.sum() == pytest.approx(found.bound.value)
    for arguments, message in (
        ((polar, azimuth[:, :1], bits, rows), r"shapes \(600, 2\), \(600, 1\)"),
        ((polar, azimuth, bits + 1, rows), "neither 0"),
        ((polar, azimuth * np.inf, bits, rows), "not a finite number"),
        ((polar, azimuth, bits, rows[:-1]), "expected one number a shot"),
        ((polar[:30], azimuth[:30], bits[:30], rows[:30]), "15 draws of directions"),
        ((polar, azimuth, bits, rows // 2), "shot 2 has other directions"),
        ((polar / 2, azimuth, bits, rows), "directions of qubit 0 are not isotropic"),
        ((polar[:, [0, 0]], azimuth[:, [0, 0]], bits, rows), "qubits 0 and 1 depend on each other"),
    ):
        with pytest.raises(qbell.QbellError, match=message):
            from_directions(*arguments)
