"""The O(3^N) transforms of vectors and density matrices against loops and plain NumPy."""

import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from qbell.exact import transform
from qbell.util import checks
from tests.support import naive

Array = NDArray[np.inexact]
AXES: dict[str, str | Sequence[float]] = {"z": "z", "x": "x", "y": "y", "tilted": (0.3, -1.2, 0.5)}
AXIS = pytest.mark.parametrize("axis", AXES.values(), ids=AXES.keys())
KIND = pytest.mark.parametrize("kind", ["real", "complex"])


def vector_of(num_qubits: int, kind: str, rng: np.random.Generator) -> Array:
    """A normalised vector without symmetry, real or complex in type."""
    if kind == "complex":
        return naive.random_vector(num_qubits, rng)
    vector = rng.normal(size=2**num_qubits)
    return np.asarray(vector / np.linalg.norm(vector))


def rotated(array: Array, axis: Any) -> Array:
    """The state seen in the frame of ``axis``, by a Kronecker product of N rotations."""
    n = naive.qubits_of(np.asarray(array))
    turn = naive.tensor([parse_axis(axis).frame().conj().T] * n)
    return turn @ array if array.ndim == 1 else turn @ array @ turn.conj().T


def close(found: Array, expected: Array, tolerance: float = 1e-13) -> None:
    """Within rounding of a state of norm one."""
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


# The twins among each other.


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_fast_twins_are_the_loop_over_labels(n: int, rng: np.random.Generator) -> None:
    """Kronecker products and traces; the order of the labels too."""
    psi, rho = naive.random_vector(n, rng), naive.random_matrix(n, 2**n, rng)
    for matrix, values in (
        (naive.projector(psi), naive.correlators_of_vector(psi)),
        (rho, naive.correlators_of_matrix(rho)),
    ):
        expected = naive.correlators(matrix, (1, 0, 0), (0, 1, 0))
        close(values, np.array(list(expected.values())))
        bound = naive.bound_of_sums(naive.sums_of_squares(values, n)).sum()
        assert bound == pytest.approx(naive.bound(matrix, (1, 0, 0), (0, 1, 0)), rel=1e-12)


# State vectors.


@pytest.mark.slow
@KIND
@pytest.mark.parametrize("n", range(1, 12))
def test_all_correlators_of_a_vector(n: int, kind: str, rng: np.random.Generator) -> None:
    """Every label, at every split into rows and columns; real stays real."""
    psi = vector_of(n, kind, rng)
    values = transform.all_correlators(psi)
    assert values.dtype == psi.dtype
    close(values, naive.correlators_of_vector(psi))


@KIND
@pytest.mark.parametrize("n", range(1, 10))
def test_sums_of_squares_of_a_vector(n: int, kind: str, rng: np.random.Generator) -> None:
    """Summed label by label; nothing where n_+ + n_- > N."""
    psi = vector_of(n, kind, rng)
    expected = naive.sums_of_squares(naive.correlators_of_vector(psi), n)
    close(transform.sums_of_squares(psi), expected)


@KIND
@pytest.mark.parametrize("held", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("n", [3, 4, 6, 7, 9])
def test_sums_of_squares_a_few_labels_at_a_time(
    n: int, held: int, kind: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The labels of the highest qubits fixed one by one, as above 16 qubits."""
    psi = vector_of(n, kind, rng)
    expected = naive.sums_of_squares(naive.correlators_of_vector(psi), n)
    monkeypatch.setattr(transform, "_HELD", held)
    close(transform.sums_of_squares(psi), expected)


@KIND
@pytest.mark.parametrize("low", range(2, 9))
def test_any_split_into_rows_and_columns(
    low: int, kind: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many qubits a row holds is a matter of speed alone."""
    psi = vector_of(8, kind, rng)
    values = naive.correlators_of_vector(psi)
    monkeypatch.setattr(transform, "_split", lambda n: (n - low, low))
    close(transform.all_correlators(psi), values)
    close(transform.sums_of_squares(psi), naive.sums_of_squares(values, 8))


@KIND
def test_the_same_numbers_every_time(kind: str, rng: np.random.Generator) -> None:
    """Threads change neither the values nor the order of the sums."""
    psi = vector_of(10, kind, rng)
    before = psi.copy()
    values, sums = transform.all_correlators(psi), transform.sums_of_squares(psi)
    for _ in range(3):
        np.testing.assert_array_equal(transform.all_correlators(psi), values)
        np.testing.assert_array_equal(transform.sums_of_squares(psi), sums)
    np.testing.assert_array_equal(psi, before)


@KIND
@AXIS
@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_public_functions_on_a_vector(
    n: int, axis: Any, kind: str, rng: np.random.Generator
) -> None:
    """Rotated into the frame of the axis; sums only and the full table agree."""
    psi = vector_of(n, kind, rng)
    expected = naive.correlators_of_vector(rotated(psi.astype(complex), axis))
    close(exact.correlator_values(psi, axis), expected)
    sums = naive.sums_of_squares(expected, n)
    close(exact.bound_by_order(psi, axis), naive.bound_of_sums(sums), 1e-12)
    table = exact.correlators(psi, axis)
    close(table["value"].to_numpy(), np.abs(expected) ** 2)
    weights = 2.0 * (table["n_plus"] - table["n_minus"]) ** 2 * 2.0 ** (table["order"] - n)
    assert exact.bound(psi, axis) == pytest.approx((weights * table["value"]).sum(), rel=1e-12)


def test_real_states_have_real_correlators(rng: np.random.Generator) -> None:
    """Also when their zero imaginary part comes along; and never a complex state's."""
    psi = vector_of(5, "real", rng)
    assert exact.correlator_values(psi.astype(complex)).dtype == np.float64
    assert exact.correlator_values(qbell.ising(5, -1.0)).dtype == np.float64
    assert exact.correlator_values(vector_of(5, "complex", rng)).dtype == np.complex128
    turned = rotated(psi.astype(complex), "y")
    if turned.imag.any():
        assert exact.correlator_values(psi, "y").dtype == np.complex128


@pytest.mark.parametrize("n", [1, 2, 6, 9])
def test_a_single_basis_state(n: int) -> None:
    """Only the label 0...0 survives; with 0 and 1 in all places of the split."""
    for index in {0, 1, 2**n - 1, 2 ** (n - 1), 2**n // 3}:
        psi = np.zeros(2**n)
        psi[index] = 1
        expected = np.zeros(3**n)
        expected[0] = 1
        np.testing.assert_array_equal(transform.all_correlators(psi), expected)


# Density matrices.


@AXIS
@pytest.mark.parametrize(("n", "rank"), [(1, 2), (2, 3), (4, 2), (5, 32), (6, 64), (6, 3), (7, 5)])
def test_density_matrices(n: int, rank: int, axis: Any, rng: np.random.Generator) -> None:
    """Below, at and above the size of a leaf."""
    rho = naive.random_matrix(n, rank, rng)
    expected = naive.correlators_of_matrix(rotated(rho, axis))
    values = exact.correlator_values(rho, axis)
    close(values, expected)
    close(np.abs(values) ** 2, exact.correlators(rho, axis)["value"].to_numpy())
    sums = naive.sums_of_squares(expected, n)
    close(exact.bound_by_order(rho, axis), naive.bound_of_sums(sums), 1e-12)


@pytest.mark.parametrize("n", [3, 6, 7])
def test_a_mixture_is_the_mixture_of_its_correlators(n: int, rng: np.random.Generator) -> None:
    """Linear in rho, through both engines."""
    weights = np.array([0.5, 0.3, 0.2])
    vectors = [naive.random_vector(n, rng) for _ in weights]
    rho = sum(w * naive.projector(psi) for w, psi in zip(weights, vectors, strict=True))
    parts = sum(
        w * exact.correlator_values(psi, "x") for w, psi in zip(weights, vectors, strict=True)
    )
    close(exact.correlator_values(rho, "x"), np.asarray(parts))


# Memory.


def available(monkeypatch: pytest.MonkeyPatch, size: float) -> None:
    """Let the machine have ``size`` bytes free."""
    monkeypatch.setattr(checks, "_available_memory", lambda: float(size))
    monkeypatch.setattr(checks, "LITTLE", 0)


def peak_of(call: Callable[[], Any]) -> int:
    """Bytes taken at most while ``call`` runs into a refusal for lack of memory."""
    tracemalloc.start()
    try:
        with pytest.raises(QbellError, match=r"needs \d.* GiB of memory, but .* GiB") as caught:
            call()
        assert "\n" not in str(caught.value)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@KIND
@pytest.mark.parametrize("n", [12, 13])
def test_too_little_memory_for_all_correlators(
    n: int, kind: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused before any of the 3^N numbers is asked for."""
    psi = vector_of(n, kind, rng)
    needed = psi.itemsize * 3.0**n
    available(monkeypatch, 0.9 * needed)
    assert peak_of(lambda: exact.correlator_values(psi)) < 0.3 * needed
    assert peak_of(lambda: exact.correlators(psi)) < 0.3 * needed


def test_too_little_memory_for_the_sums(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of 3^12 numbers are held for the sums over 3^12; with less labels held, fewer."""
    psi = vector_of(12, "complex", rng)
    expected = exact.bound_by_order(psi)
    available(monkeypatch, 0.4 * 16 * 3.0**12)
    assert peak_of(lambda: exact.bound(psi)) < 0.2 * 16 * 3.0**12
    monkeypatch.setattr(transform, "_HELD", 8)
    close(exact.bound_by_order(psi), expected, 1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("n", [18, 20, 21, 22])
def test_vectors_of_many_qubits_against_a_machine_of_8_gib(
    n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3^18 doubles fit and 3^20 do not; the sums fit at any of these sizes."""

    class AcceptedError(Exception):
        pass

    def accept(needed: float, purpose: str) -> None:
        checks.require_memory(needed, purpose)
        raise AcceptedError

    psi = np.zeros(2**n, dtype=complex)
    psi[[0, -1]] = np.sqrt(0.5)
    available(monkeypatch, 8 * 2.0**30)
    monkeypatch.setattr(transform, "require_memory", accept)
    if n == 18:
        with pytest.raises(AcceptedError):
            exact.correlator_values(psi)
    else:
        assert peak_of(lambda: exact.correlator_values(psi)) < 2**30
    with pytest.raises(AcceptedError):
        exact.bound(psi)


@pytest.mark.slow
def test_the_table_needs_memory_for_its_labels_too(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its labels and signs take many times the memory of the values; they are counted too."""
    psi = vector_of(11, "real", rng)
    tracemalloc.start()
    exact.correlators(psi)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    available(monkeypatch, 0.5 * peak)
    assert peak_of(lambda: exact.correlators(psi)) < 0.5 * peak


def test_too_little_memory_for_a_density_matrix(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As much again is needed to check it."""
    rho = naive.random_matrix(7, 2, rng)
    available(monkeypatch, 0.5 * rho.nbytes)
    with pytest.raises(QbellError, match=r"density matrix of 7 qubits needs .* GiB"):
        exact.bound(rho)
