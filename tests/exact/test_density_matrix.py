"""Density matrices of any rank: the few vectors of one of low rank, against plain sums."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.conventions.eq24 import bound_by_order
from qbell.errors import QbellError
from qbell.exact.density_matrix import DensityMatrix
from qbell.exact.frames import as_array, checked_array
from qbell.exact.low_rank import few_vectors, white_noise
from qbell.exact.mixture import Mixture
from tests.support import naive

OBLIQUE = (0.3, -0.5, 0.8)
SPECTRA = ["random", "degenerate", "tiny", "real"]


def state(rng: np.random.Generator, num_qubits: int, rank: int, spectrum: str) -> np.ndarray:
    size = (2**num_qubits, rank)
    vectors = rng.normal(size=size) + (0 if spectrum == "real" else 1j * rng.normal(size=size))
    vectors = np.linalg.qr(vectors)[0]
    p = {
        "degenerate": np.ones(rank),
        "tiny": np.concatenate([np.ones(1), np.full(rank - 1, 1e-10)]),
    }.get(spectrum, rng.random(rank) + 0.1)
    matrix = (vectors * (p / p.sum())) @ vectors.conj().T
    return (matrix + matrix.conj().T) / 2


@pytest.mark.slow
@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize(("num_qubits", "rank"), [(2, 1), (2, 4), (3, 3), (4, 6), (5, 2)])
def test_few_vectors_give_what_eigenvectors_of_the_whole_do(
    rng: np.random.Generator, num_qubits: int, rank: int, spectrum: str
) -> None:
    matrix = state(rng, num_qubits, rank, spectrum)
    vectors = few_vectors(matrix, most=2**num_qubits)
    assert vectors is not None
    few, whole = Mixture(vectors), DensityMatrix(matrix)
    for name in ("z", "x", OBLIQUE):
        axis = parse_axis(name)
        qfi, f0 = naive.qfi(matrix, axis.xi), naive.f0(matrix, axis.xi)
        for engine in (few, whole):
            assert engine.qfi(axis) == pytest.approx(qfi, abs=1e-11)
            assert engine.f0(axis) == pytest.approx(f0, abs=1e-12)
            assert engine.orders(axis).values.sum() <= engine.f0(axis) + 1e-12
        values = whole.correlator_values(axis)
        np.testing.assert_allclose(few.correlator_values(axis), values, atol=1e-13)
        expected = bound_by_order(np.abs(values) ** 2, num_qubits)
        np.testing.assert_allclose(few.orders(axis).values, expected, atol=1e-13)
        assert few.c_n(axis) == pytest.approx(values[(3**num_qubits - 1) // 2], abs=1e-13)
        assert whole.c_n(axis) == pytest.approx(few.c_n(axis), abs=1e-13)
    matrix_of = naive.qfi_matrix(matrix)
    np.testing.assert_allclose(few.qfi_matrix(), matrix_of, atol=1e-11)
    np.testing.assert_allclose(whole.qfi_matrix(), matrix_of, atol=1e-11)


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize(("num_qubits", "rank"), [(6, 1), (6, 8), (7, 5), (8, 32)])
def test_low_rank_is_found_and_changes_nothing(
    rng: np.random.Generator, num_qubits: int, rank: int, spectrum: str
) -> None:
    matrix = state(rng, num_qubits, rank, spectrum)
    whole = DensityMatrix(matrix)
    assert exact.describe(matrix)["method"] == f"density matrix of rank {rank}"
    assert exact.qfi(matrix, OBLIQUE) == pytest.approx(whole.qfi(parse_axis(OBLIQUE)), abs=1e-10)
    np.testing.assert_allclose(exact.qfi_matrix(matrix), whole.qfi_matrix(), atol=1e-10)
    assert exact.f0(matrix, "x") == pytest.approx(whole.f0(parse_axis("x")), abs=1e-12)
    np.testing.assert_allclose(
        exact.bound_by_order(matrix, "y"), whole.orders(parse_axis("y")).values, atol=1e-13
    )


def test_high_rank_and_what_is_no_rounding_are_taken_as_a_whole(rng: np.random.Generator) -> None:
    pure = state(rng, 6, 1, "random")
    for weight, rank in ((1e-11, None), (1e-15, 1)):  # on all 64 dimensions
        noisy = (1 - weight) * pure + weight * np.eye(64) / 64
        found = few_vectors(noisy)
        assert (None if found is None else len(found)) == rank
    assert few_vectors(state(rng, 6, 9, "random")) is None
    weak = 1e-11  # one more pure state: too much to be left out
    found = few_vectors((1 - weak) * pure + weak * state(rng, 6, 1, "random"))
    assert found is not None
    assert len(found) == 2


def test_numbers_off_the_diagonal_are_no_rounding(rng: np.random.Generator) -> None:
    """The diagonal alone cannot tell: what is left is looked at as a whole."""
    matrix = np.zeros((64, 64), dtype=complex)
    matrix[0, 0] = 1.0
    matrix[3, 5] = matrix[5, 3] = 1e-6  # an eigenvalue of -1e-6
    assert few_vectors(matrix) is None
    with pytest.raises(QbellError, match="negative eigenvalue -1e-06"):
        exact.qfi(matrix)
    with pytest.raises(QbellError, match="negative eigenvalue -1e-06"):
        exact.optimal_axis(matrix)
    matrix[5, 3] = 0
    with pytest.raises(QbellError, match=r"not Hermitian \(off by 1e-06\)"):
        exact.qfi(matrix)


def test_single_precision_is_of_low_rank_too(rng: np.random.Generator) -> None:
    matrix = state(rng, 6, 3, "random")
    for held, digits in ((matrix.astype(np.complex64), 1e-4), (matrix, 1e-12)):
        assert exact.describe(held)["method"] == "density matrix of rank 3"
        assert exact.qfi(held) == pytest.approx(DensityMatrix(matrix).qfi(parse_axis("z")), digits)


def test_the_matrix_is_neither_copied_nor_changed(rng: np.random.Generator) -> None:
    matrix = state(rng, 6, 3, "random")
    matrix.flags.writeable = False
    assert checked_array(matrix).array is matrix
    exact.describe(matrix, OBLIQUE)


def test_an_ensemble_is_its_density_matrix(rng: np.random.Generator) -> None:
    p = [0.5, 0.3, 0.2, 0.0]
    states = [qbell.ghz(4), qbell.w(4).circuit(), *(naive.random_vector(4, rng) for _ in range(2))]
    mixed = exact.ensemble(p, states)
    arrays = [as_array(state) for state in states]
    matrix = sum(w * np.outer(a, a.conj()) for w, a in zip(p, arrays, strict=True))
    for axis in ("z", OBLIQUE):
        found, expected = exact.describe(mixed, axis), exact.describe(matrix, axis)
        assert found.pop("method") == "mixture of 4 pure states"
        del expected["method"]
        for name, value in expected.items():
            assert found[name] == (value if name == "notes" else pytest.approx(value)), name
    assert exact.optimal_axis(mixed)[1] == pytest.approx(exact.optimal_axis(matrix)[1])
    assert exact.correlators(mixed)["value"].to_numpy() == pytest.approx(
        exact.correlators(matrix)["value"].to_numpy()
    )
    np.testing.assert_allclose(exact.zz_correlations(mixed), exact.zz_correlations(matrix))


@pytest.mark.parametrize(
    ("p", "states", "message"),
    [
        ([1.0], [], "1 probabilities for 0 states"),
        ([], [], "0 probabilities for 0 states"),
        ([0.5, 0.6], [qbell.ghz(2)] * 2, "add up to 1.1"),
        ([-0.5, 1.5], [qbell.ghz(2)] * 2, "go down to -0.5"),
        ([0.5, np.nan], [qbell.ghz(2)] * 2, r"probabilities\[1\]"),
        ([0.5, 0.5], [qbell.ghz(2), qbell.ghz(3)], r"states\[1\] .* of 4 amplitudes"),
        ([1.0], [np.eye(4) / 4], r"states\[0\] .* expected a pure state"),
    ],
)
def test_what_is_no_ensemble(p: list[float], states: list[object], message: str) -> None:
    with pytest.raises(QbellError, match=message):
        exact.ensemble(p, states)


def test_white_noise_is_looked_for_up_to_an_eighth_of_the_dimensions() -> None:
    half = np.kron(
        np.ones((8, 8)) / 8, np.eye(64)
    )  # a projector on 64 dimensions, far from diagonal
    found = white_noise((0.3 * half / 64 + 0.7 * np.eye(512) / 512).astype(complex))
    assert found is not None
    assert len(found[0]) == 64
    assert found[1] == pytest.approx(0.7 / 512)


@pytest.mark.parametrize("rank", [1, 4])
def test_white_noise_is_found_and_changes_nothing(rng: np.random.Generator, rank: int) -> None:
    """Few states and c 1, against the eigenvectors of the whole; noise of another kind is none."""
    matrix = 0.6 * state(rng, 9, rank, "random") + 0.4 * np.eye(512) / 512
    whole = DensityMatrix(matrix)
    found = exact.describe(matrix, OBLIQUE)
    assert found["method"] == f"density matrix of rank {rank} in white noise"
    for name in ("z", OBLIQUE):
        axis = parse_axis(name)
        assert exact.qfi(matrix, name) == pytest.approx(whole.qfi(axis), rel=1e-10)
        assert exact.f0(matrix, name) == pytest.approx(whole.f0(axis), rel=1e-10)
        w, x = whole.pairs(axis)
        assert exact.k1(matrix, name) == pytest.approx(w.sum() ** 2 / (w @ x), rel=1e-10)
        np.testing.assert_allclose(
            exact.bound_by_order(matrix, name), whole.orders(axis).values, atol=1e-13
        )
        np.testing.assert_allclose(
            exact.correlator_values(matrix, name), whole.correlator_values(axis), atol=1e-13
        )
    np.testing.assert_allclose(exact.qfi_matrix(matrix), whole.qfi_matrix(), atol=1e-11)
    assert exact.log_e_n(matrix) == pytest.approx(whole.log_e_n(parse_axis("z")), rel=1e-9)
    assert exact.moment_bound(matrix, order=1) <= exact.qfi(matrix) * (1 + 1e-6)
    other = 0.6 * state(rng, 6, rank, "random") + 0.4 * state(rng, 6, 64, "random")
    assert exact.describe(other)["method"] == "density matrix"


@pytest.mark.parametrize(
    ("num_qubits", "ranks"),
    [
        (2, range(1, 5)),
        (3, range(1, 9)),
        (5, (1, 2, 3, 4, 5, 16, 31, 32)),
        *(
            pytest.param(n, ranks, marks=pytest.mark.nightly)
            for n, ranks in [(6, (1, 7, 8, 9, 64)), (8, (1, 2, 31, 32, 33, 128, 255, 256))]
        ),
    ],
)
@pytest.mark.parametrize("axis", ["z", OBLIQUE])
def test_all_ranks_against_plain_sums(
    rng: np.random.Generator, num_qubits: int, ranks: Iterable[int], axis: Any
) -> None:
    """QFI, F0, K1, bound and E_{N,0}, whichever engine a rank leads to."""
    parsed = parse_axis(axis)
    h = naive.generator(num_qubits, parsed.xi)
    turn = naive.tensor([parsed.frame()] * num_qubits)
    for rank in ranks:
        rho = state(rng, num_qubits, rank, "random")
        p, vectors = np.linalg.eigh(rho)
        p[: 2**num_qubits - rank] = 0.0
        element = np.abs(vectors.conj().T @ h @ vectors) ** 2
        total = p[:, None] + p
        weights = 2 * (p[:, None] - p) ** 2 * element
        expected = np.sum(weights[total > 0] / total[total > 0])
        assert exact.qfi(rho, axis) == pytest.approx(expected, rel=1e-8), rank
        f0 = 4 * np.trace(rho @ rho @ h @ h - rho @ h @ rho @ h).real
        assert exact.f0(rho, axis) == pytest.approx(f0, rel=1e-8), rank
        b = 4 * np.trace(rho @ rho @ rho @ h @ h - rho @ rho @ h @ rho @ h).real
        assert exact.k1(rho, axis) == pytest.approx(f0**2 / b, rel=1e-8), rank
        values = naive.correlators_of_matrix(turn.conj().T @ rho @ turn)
        terms = naive.bound_of_sums(naive.sums_of_squares(values, num_qubits))
        np.testing.assert_allclose(
            exact.bound_by_order(rho, axis), terms, rtol=1e-8, atol=1e-12, err_msg=str(rank)
        )
        e_n = abs(turn[:, -1].conj() @ rho @ turn[:, 0]) ** 2
        assert np.exp(exact.log_e_n(rho, axis)) == pytest.approx(e_n, rel=1e-7), rank
