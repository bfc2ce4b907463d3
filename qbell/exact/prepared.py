"""Circuits of more qubits than a state vector holds, as matrix products."""

from typing import Any

import numpy as np

from qbell.errors import QbellError
from qbell.exact.matrix_product import MatrixProduct
from qbell.states.base import MAX_EXACT_QUBITS, State
from qbell.util.threads import one_blas_thread


def is_large(state: Any) -> bool:
    """Whether it is a circuit, or a state known by its circuit, of more than 20 qubits."""
    if isinstance(state, State):
        return state.num_qubits > MAX_EXACT_QUBITS
    is_circuit = callable(getattr(state, "assign_parameters", None))
    return is_circuit and state.num_qubits > MAX_EXACT_QUBITS


@one_blas_thread()
def prepared_product(state: Any) -> MatrixProduct:
    """What a circuit prepares from |0...0>, right to 1e-5 or better; ``discarded`` says how near.

    Raises:
        QbellError: time evolutions, which are computed exactly up to 20 qubits; measurements on the
            way; or a bond dimension above 128.
    """
    from qbell.circuits.measurement import checked
    from qbell.simulation.mps_circuit import product_and_error

    preparation = checked(state.circuit() if isinstance(state, State) else state)
    if preparation.aimed is not None:
        raise QbellError(
            f"a circuit of {preparation.num_qubits} qubits with time evolutions: these are "
            f"computed as exp(-iHt) up to n = {MAX_EXACT_QUBITS}; give their gates"
        )
    if not preparation.is_unitary:
        raise QbellError(
            f"a circuit of {preparation.num_qubits} qubits with measurements on the way, or qubits "
            f"beside the state; these are simulated up to n = {MAX_EXACT_QUBITS}"
        )
    tensors, error = product_and_error(preparation)
    if not any(tensor.imag.any() for tensor in tensors):
        return MatrixProduct(tuple(np.ascontiguousarray(t.real) for t in tensors), error**2)
    return MatrixProduct(tensors, error**2)
