"""The numbers of a state that another tool holds: sparse, masked, QuTiP's Qobj, a row or column."""

import math
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.util.checks import require_memory

SINGLE = 1e-6  # norms and traces of numbers held in single precision are right to this


def is_single(array: NDArray[Any]) -> bool:
    """Whether the numbers are held with 7 digits or fewer, not 16."""
    return array.dtype.kind in "fc" and np.finfo(array.dtype).eps > 1e-10


def numbers_of(state: Any) -> NDArray[Any]:
    """The amplitudes (2^N,) or density matrix (2^N, 2^N) in ``state``, not yet checked.

    Sparse arrays are filled up, and a column is a state vector. What could be read in two ways is
    refused: a row, which is a vector to some tools and its conjugate to others, masked numbers, and
    a Qobj of parts that are not qubits.

    Raises:
        QbellError: no numbers, or numbers that might not be a state of qubits.
    """
    given = state
    if hasattr(given, "isket") and hasattr(given, "dims"):
        given = _of_qutip(given)
    elif scipy.sparse.issparse(given):
        sparse: Any = given
        require_memory(16.0 * math.prod(sparse.shape), "a sparse array, filled up,")
        given = sparse.toarray()
    elif np.ma.isMaskedArray(given):
        if np.ma.getmaskarray(given).any():
            raise QbellError("the state has masked numbers; give all of them, as a plain array")
        given = given.data
    elif type(given).__module__.startswith("qiskit") and hasattr(given, "data"):
        given = given.data  # qiskit.quantum_info.Statevector and DensityMatrix
    try:
        array = np.asarray(given)
        if array.ndim == 0:
            raise TypeError("one thing, no array")
        if array.dtype.kind not in "biufc":
            array = array.astype(complex)
    except Exception as error:  # whatever the other tool raises
        raise QbellError(
            "expected a qbell state, 2^N amplitudes or a 2^N x 2^N density matrix, got a "
            f"{type(state).__name__}"
        ) from error
    if array.ndim == 2 and array.shape[0] == 1 < array.shape[1]:
        raise QbellError(
            f"an array of shape {array.shape} is a row: amplitudes, or their conjugates as in a "
            "bra; give (2^N,) amplitudes"
        )
    if array.ndim == 2 and array.shape[1] == 1:
        return array[:, 0]
    return array


def real_if_possible(numbers: NDArray[np.complex128]) -> NDArray[np.inexact]:
    """Real numbers take half the memory and less than half the time."""
    if numbers.imag.any():
        return numbers
    return np.ascontiguousarray(numbers.real)


def _of_qutip(given: Any) -> NDArray[Any]:
    """The array of a Qobj: its first part is the first factor of the product, the last is qubit 0.

    Raises:
        QbellError: a bra or a superoperator, or parts that are not qubits.
    """
    kind = getattr(given, "type", "")
    if kind not in ("ket", "oper"):
        raise QbellError(f"the Qobj is of type {kind!r}; give a ket or a density matrix")
    parts = given.dims[0]
    if any(part != 2 for part in parts):
        raise QbellError(
            f"the Qobj consists of parts of dimension {parts}; expected qubits, dims of 2 each"
        )
    return np.asarray(given.full())
