"""From whatever describes a state to numbers in the frame of the axis, where xi is z."""

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Union

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbell.conventions.axes import Axis
from qbell.errors import QbellError
from qbell.exact.eigenvectors import is_positive
from qbell.exact.engine import ROUNDING
from qbell.exact.low_rank import SMALL, few_vectors, white_noise
from qbell.exact.read_state import SINGLE, is_single, numbers_of
from qbell.states.base import MAX_EXACT_QUBITS
from qbell.util.checks import require_memory

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

TOLERANCE = 1e-8
TOGETHER = 4  # qubits of a matrix that are turned in one product
BLOCK = 64  # rows of a matrix that are compared with its columns in one go


class HasStateVector(Protocol):
    """Anything with ``.statevector()``, such as qbell's states."""

    def statevector(self) -> NDArray[np.complex128]:
        """(2^N,) amplitudes in Qiskit's order."""
        ...


class Sparse(Protocol):
    """A sparse array of SciPy or quimb."""

    def toarray(self) -> NDArray[Any]:
        """All its numbers."""
        ...


class Qobj(Protocol):
    """QuTiP's objects."""

    def full(self) -> NDArray[Any]:
        """All its numbers."""
        ...


class HasVectors(Protocol):
    """A mixture given by the vectors it consists of: `qbell.exact.ensemble`."""

    @property
    def vectors(self) -> NDArray[np.complex128]:
        """(r, 2^N): sqrt(p_i) psi_i."""
        ...


StateLike = Union[HasStateVector, "QuantumCircuit", ArrayLike, Sparse, Qobj, HasVectors]


def turned(array: NDArray[np.complex128], axis: Axis) -> NDArray[np.complex128]:
    """The state vector (2^N,) or density matrix (2^N, 2^N) with every qubit turned by F^+.

    There sigma_xi, sigma_1, sigma_2 read Z, X, Y; see `qbell.conventions.axes.Axis.frame`.
    """
    if axis.is_laboratory:
        return array
    inverse = axis.frame().conj().T
    num_qubits = num_qubits_of(array)
    result = _on_every_qubit(inverse, array, num_qubits)
    if array.ndim == 2:
        result = _on_every_qubit(inverse, result.conj().T, num_qubits).conj().T
    return np.ascontiguousarray(result)


def turned_rows(vectors: NDArray[np.complex128], axis: Axis) -> NDArray[np.complex128]:
    """State vectors, one a row (r, 2^N), with every qubit turned by F^+."""
    if axis.is_laboratory:
        return vectors
    columns = np.ascontiguousarray(vectors.T)
    found = _on_every_qubit(axis.frame().conj().T, columns, num_qubits_of(columns))
    return np.ascontiguousarray(found.T)


def as_array(state: StateLike) -> NDArray[np.complex128]:
    """The checked state vector or density matrix of ``state``.

    Raises:
        QbellError: not 2^N numbers, not normalised, not Hermitian or not positive.
    """
    return checked_array(state).array


class Checked(NamedTuple):
    """A checked state.

    Attributes:
        array: state vector (2^N,) or density matrix (2^N, 2^N).
        rounding: of the numbers in it: 1e-15, or single precision's.
        vectors: the few rows (r, 2^N) that make up a density matrix of low rank; see
            `qbell.exact.low_rank`.
        floor: c, if c 1 has to be added to these: white noise.
        unproven: None, or that no eigenvalue is below minus this is still to be shown.
    """

    array: NDArray[np.complex128]
    rounding: float
    vectors: NDArray[np.complex128] | None = None
    floor: float = 0.0
    unproven: float | None = None


def checked_array(state: StateLike, *, positive: bool = True) -> Checked:
    """The checked array.

    Numbers in single precision are normalised again, as they cannot hold a norm of 1 to 1e-8.
    ``positive = False`` leaves a density matrix of high rank to be shown positive by whoever
    needs its eigenvalues anyway; see `Checked.unproven`.

    Raises:
        QbellError: see `as_array`.
    """
    given: Any = state
    if callable(getattr(given, "assign_parameters", None)):
        given = _prepared(given)
    elif callable(getattr(given, "statevector", None)):
        given = given.statevector()
    held = numbers_of(given)
    array = held.astype(complex, copy=False)
    single = is_single(held)
    tolerance, rounding = (
        (SINGLE, float(np.finfo(held.dtype).eps)) if single else (TOLERANCE, ROUNDING)
    )
    size = array.shape[0] if array.ndim else 0
    if size < 2 or size & (size - 1) or array.shape not in ((size,), (size, size)):
        raise QbellError(
            f"an array of shape {array.shape} is not a state; expected (2^N,) amplitudes or a "
            "(2^N, 2^N) density matrix"
        )
    if array.ndim == 2:
        require_memory(4.0 * array.nbytes, f"a density matrix of {num_qubits_of(array)} qubits")
    if not np.isfinite(array).all():
        raise QbellError("the state holds NaN or infinite numbers; give finite ones")
    if array.ndim == 1:
        norm = float(np.vdot(array, array).real)
        if abs(norm - 1) > tolerance:
            raise QbellError(f"the state vector has norm^2 {norm:.9g}; normalise it to 1")
        return Checked(array / np.sqrt(norm) if single else array, rounding)
    trace = float(np.trace(array).real)
    if abs(trace - 1) > tolerance:
        raise QbellError(f"the density matrix has trace {trace:.9g}; normalise it to 1")
    if single:
        array = array / trace
    small = SINGLE if single else SMALL
    vectors = few_vectors(array, small)
    if vectors is not None:  # then rho is a sum of projectors, to rounding
        return Checked(array, rounding, vectors)
    _check_hermitian(array, tolerance)
    noisy = white_noise(array, small)
    if noisy is not None:
        return Checked(array, rounding, *noisy)
    if not positive:
        return Checked(array, rounding, unproven=tolerance)
    require_positive(array, tolerance)
    return Checked(array, rounding)


def _prepared(circuit: "QuantumCircuit") -> NDArray[np.complex128]:
    """What the circuit prepares from |0...0>."""
    from qbell.circuits.measurement import checked
    from qbell.simulation.exact_vector import exact_vector

    preparation = checked(circuit)
    if preparation.num_qubits > MAX_EXACT_QUBITS:
        raise QbellError(
            f"the circuit has {preparation.num_qubits} qubits; circuits are simulated exactly up "
            f"to n = {MAX_EXACT_QUBITS}"
        )
    return exact_vector(preparation)


def power_of(factor: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """The Kronecker product of ``count`` equal factors."""
    product: NDArray[np.complex128] = factor
    for _ in range(count - 1):
        product = np.asarray(np.kron(product, factor), dtype=complex)
    return product


def num_qubits_of(array: NDArray[np.inexact]) -> int:
    """N, for an array with 2^N rows."""
    return int(array.shape[0]).bit_length() - 1


def charges(num_qubits: int) -> NDArray[np.float64]:
    """Eigenvalues of h = 1/2 sum Z for each basis state: N/2 - (number of ones), Eq. (14)."""
    return np.asarray(num_qubits / 2 - np.bitwise_count(np.arange(2**num_qubits)))


def require_positive(
    matrix: NDArray[np.complex128], tolerance: float, least: float | None = None
) -> None:
    """Refuse a Hermitian matrix with an eigenvalue below -``tolerance``.

    Args:
        matrix, tolerance: as they say.
        least: the least eigenvalue, where it is known.

    Raises:
        QbellError: with that eigenvalue.
    """
    if is_positive(matrix, tolerance) if least is None else least >= -tolerance:
        return
    least = float(np.linalg.eigvalsh(matrix)[0]) if least is None else least
    raise QbellError(
        f"the density matrix has a negative eigenvalue {least:.2g}; expected none below 0"
    )


def _check_hermitian(matrix: NDArray[np.complex128], tolerance: float) -> None:
    most = 0.0
    for start in range(0, len(matrix), BLOCK):
        rows = slice(start, start + BLOCK)
        part = matrix[rows] - matrix[:, rows].conj().T
        square = float(np.vdot(part, part).real)
        if square > tolerance**2:  # else no element is larger
            most = max(most, float(np.abs(part).max()))
    if most > tolerance:
        raise QbellError(
            f"the density matrix is not Hermitian (off by {most:.2g}); give (rho + rho^dagger) / 2"
        )


def _on_every_qubit(
    gate: NDArray[np.complex128], array: NDArray[np.complex128], num_qubits: int
) -> NDArray[np.complex128]:
    """Apply the 2x2 ``gate`` to every qubit of the first axis."""
    shape = array.shape
    if array.ndim == 1:
        for qubit in range(num_qubits):
            parts = array.reshape(2 ** (num_qubits - 1 - qubit), 2, -1)
            array = np.einsum("ab,xby->xay", gate, parts)
        return array.reshape(shape)
    for first in range(0, num_qubits, TOGETHER):  # few large products
        qubits = min(TOGETHER, num_qubits - first)
        joined = power_of(gate, qubits)
        array = joined @ array.reshape(2**first, 2**qubits, -1)
    return array.reshape(shape)
