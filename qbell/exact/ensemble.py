"""Mixtures given as an ensemble: pure states and their probabilities."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.exact.engine import ROUNDING
from qbell.exact.frames import TOLERANCE, StateLike, checked_array
from qbell.util.checks import finite_number


@dataclass(frozen=True)
class Ensemble:
    """rho = sum_i p_i |psi_i><psi_i|; made by `ensemble`.

    Attributes:
        vectors: rows (r, 2^N), sqrt(p_i) |psi_i>.
        rounding: of the numbers in them.
        orthogonal: whether they are, to rounding: then they are the eigenvectors.
    """

    vectors: NDArray[np.complex128]
    rounding: float = ROUNDING
    orthogonal: bool = False


def ensemble(probabilities: Iterable[float], states: Sequence[StateLike]) -> Ensemble:
    """The mixture of pure states, which need not be orthogonal.

    It stays the r vectors it is made of: N = 16 with ten of them takes seconds, where the density
    matrix would take 64 GiB.

    Args:
        probabilities: p_i, one for each state, from 0 on; they add up to 1.
        states: psi_i, of the same N: qbell's states of up to 20 qubits, circuits, or (2^N,)
            amplitudes in Qiskit's order.

    Returns:
        A state that every function of `qbell.exact` takes but `as_matrix_product`.

    Raises:
        QbellError: probabilities that are none, other numbers of qubits, or a state that is not
            pure.

    >>> from qbell import exact
    >>> from qbell.states import GHZ, Plus
    >>> mixed = ensemble([0.9, 0.1], [GHZ(8), Plus(8)])
    >>> round(exact.qfi(mixed), 3)
    58.4
    """
    p = [finite_number(f"probabilities[{k}]", each) for k, each in enumerate(probabilities)]
    if len(p) != len(states) or not p:
        raise QbellError(
            f"{len(p)} probabilities for {len(states)} states; give one for each state"
        )
    if min(p) < 0 or abs(math.fsum(p) - 1) > TOLERANCE:
        raise QbellError(
            f"the probabilities go down to {min(p):.3g} and add up to {math.fsum(p):.9g}; give "
            "numbers from 0 on that add up to 1"
        )
    rows: list[NDArray[np.complex128]] = []
    rounding = ROUNDING
    for k, (each, state) in enumerate(zip(p, states, strict=True)):
        found = checked_array(state)
        if found.array.ndim != 1 or (rows and len(found.array) != len(rows[0])):
            wanted = "a pure state" if not rows else f"a pure state of {len(rows[0])} amplitudes"
            raise QbellError(
                f"states[{k}] is an array of shape {found.array.shape}; expected {wanted}"
            )
        rows.append(math.sqrt(each) * found.array)
        rounding = max(rounding, found.rounding)
    return Ensemble(np.stack(rows), rounding)
