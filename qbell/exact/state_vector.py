"""All 3^N Bell correlators of a known state, in O(3^N) work, and the bound of Eq. (24)."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from qbell.axes import Axis
from qbell.checks import require_memory
from qbell.exact.frames import StateLike, in_frame, num_qubits_of
from qbell.labels import all_labels, bound_weights, signs, sums_by


def correlator_values(
    state: StateLike, axis: str | ArrayLike | Axis = "z"
) -> NDArray[np.complex128]:
    """c_s = Tr[rho prod_k sigma_{s_k}] for all 3^N labels s, as a flat array.

    The order is that of `qbell.labels.all_labels`; sigma_+- = (sigma_1 +- i sigma_2) / 2, and no
    operator acts on the qubits where s_k = 0. E_s = |c_s|^2 is Eq. (1) and (23).

    Raises:
        QbellError: not a state, no axis, or more memory than the machine has.
    """
    array = in_frame(state, axis)
    num_qubits = num_qubits_of(array)
    require_memory(5 * 16.0 * 3**num_qubits, f"all 3^{num_qubits} correlators")
    if array.ndim == 1:
        return _of_vector(array, num_qubits)
    return _of_matrix(array, num_qubits)


def correlators(state: StateLike, axis: str | ArrayLike | Axis = "z") -> pd.DataFrame:
    """Table of all 3^N correlators: label, n_plus, n_minus, order, value, local_bound.

    ``value`` is E_s = |c_s|^2, Eq. (23); ``local_bound`` is 2^-n, Eq. (2), which no model of local
    realism exceeds. Labels are in Qiskit's order, qubit 0 last. Errors as `correlator_values`.

    >>> table = correlators(np.array([1, 0, 0, 1]) / np.sqrt(2))
    >>> table.set_index("label")["value"].round(12)["++"].item()
    0.25
    """
    values = np.abs(correlator_values(state, axis)) ** 2
    num_qubits = round(np.log(len(values)) / np.log(3))
    n_plus, n_minus = signs(num_qubits)
    return pd.DataFrame(
        {
            "label": all_labels(num_qubits),
            "n_plus": n_plus,
            "n_minus": n_minus,
            "order": n_plus + n_minus,
            "value": values,
            "local_bound": 2.0 ** -(n_plus + n_minus),
        }
    )


def bound_by_order(state: StateLike, axis: str | ArrayLike | Axis = "z") -> NDArray[np.float64]:
    """The terms of Eq. (24) grouped by order n = n_+ + n_-: array (N + 1,), its sum is the bound.

    Entry n is the sensitivity that the n-body correlators carry. Errors as `correlator_values`.
    """
    values = np.abs(correlator_values(state, axis)) ** 2
    num_qubits = round(np.log(len(values)) / np.log(3))
    order = np.add(*signs(num_qubits))
    return sums_by(order, bound_weights(num_qubits) * values, num_qubits + 1)


def bound(state: StateLike, axis: str | ArrayLike | Axis = "z") -> float:
    """Lower bound on the QFI from all Bell correlators.

    B = 2 sum_s (n_+ - n_-)^2 2^-(N - n) E_s <= F0 <= QFI. Source: PRL 126, 210506, Eq. (24).
    Errors as `correlator_values`.

    >>> round(bound(np.array([1, 0, 0, 0, 0, 0, 0, 1]) / np.sqrt(2)), 12)
    9.0
    """
    return float(bound_by_order(state, axis).sum())


def correlator_of_all(state: StateLike, axis: str | ArrayLike | Axis = "z") -> complex:
    """c_{N,0}, whose square modulus is E_{N,0}: one coherence, <1...1|rho|0...0> in the frame."""
    array = in_frame(state, axis)
    if array.ndim == 1:
        return complex(array[-1] * array[0].conj())
    return complex(array[-1, 0])


def _of_vector(amplitudes: NDArray[np.complex128], num_qubits: int) -> NDArray[np.complex128]:
    # c_s = sum_b conj(psi_b) (prod sigma_s psi)_b. Per qubit, digits (sum, 0, 1) of the expanded
    # conj(psi) times digits (sum, 1, 0) of psi are (all four products, <0|.|1>, <1|.|0>): the
    # second is sigma_+ = |0><1|, the third sigma_-, and the first minus both is the identity.
    expanded = amplitudes.conj()
    for qubit in range(num_qubits):
        parts = expanded.reshape(-1, 2, 2 ** (num_qubits - 1 - qubit))
        expanded = np.stack([parts.sum(axis=1), parts[:, 0], parts[:, 1]], axis=1)
    cube = expanded.reshape((3,) * num_qubits)
    swapped = cube[np.ix_(*[[0, 2, 1]] * num_qubits)]
    values = (cube * swapped.conj()).reshape(-1)
    for qubit in range(num_qubits):
        parts = values.reshape(3**qubit, 3, -1)
        parts[:, 0] -= parts[:, 1] + parts[:, 2]
    return values


def _of_matrix(matrix: NDArray[np.complex128], num_qubits: int) -> NDArray[np.complex128]:
    # Per qubit: (rho_00 + rho_11, rho_10, rho_01) = Tr[rho (1, sigma_+, sigma_-)].
    values = matrix.reshape(1, 2**num_qubits, 2**num_qubits)
    for qubit in range(num_qubits):
        rest = 2 ** (num_qubits - 1 - qubit)
        parts = values.reshape(3**qubit, 2, rest, 2, rest)
        values = np.stack(
            [parts[:, 0, :, 0] + parts[:, 1, :, 1], parts[:, 1, :, 0], parts[:, 0, :, 1]], axis=1
        ).reshape(-1, rest, rest)
    return values.reshape(-1)
