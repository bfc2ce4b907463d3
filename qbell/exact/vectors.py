"""A state as a mixture of vectors, whatever describes it: for what is worked out on these alone."""

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.exact.density_matrix import DensityMatrix
from qbell.exact.frames import StateLike
from qbell.exact.mixture import Mixture
from qbell.exact.quantities import engine_of_array
from qbell.exact.state_vector import StateVector


def vectors_of(state: StateLike, *, most: int, what: str) -> NDArray[np.complex128]:
    """(r, 2^N) rows w_i with rho = sum_i |w_i><w_i|.

    Args:
        state: as in `qfi`.
        most: number of qubits that ``what`` reaches.
        what: is computed, in the message.

    Raises:
        QbellError: not a state, or more qubits.
    """
    size = getattr(state, "num_qubits", None)
    if isinstance(size, int) and size > most:
        raise QbellError(f"{what}: n = {size}; it is computed for up to {most} qubits")
    engine = engine_of_array(state)
    if engine.num_qubits > most:
        raise QbellError(f"{what}: n = {engine.num_qubits}; it is computed for up to {most} qubits")
    if isinstance(engine, StateVector):
        return engine.amplitudes[None, :] / np.linalg.norm(engine.amplitudes)
    if isinstance(engine, Mixture):
        return engine.vectors
    assert isinstance(engine, DensityMatrix)
    if engine.mixture is not None and not engine.mixture.floor:
        return engine.mixture.vectors
    p, rows = engine.spectrum
    kept = p > 0
    return np.asarray(np.sqrt(p[kept])[:, None] * rows[kept], dtype=complex)
