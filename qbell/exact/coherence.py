"""Coherence, population and what follows from them, exactly: the values of the ghz design."""

import cmath
from typing import Any

import numpy as np

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.exact.frames import StateLike, as_array, num_qubits_of, turned, turned_rows
from qbell.exact.symmetric import turned as turned_logs
from qbell.exact.thermal import ensemble_of
from qbell.states.symmetric import SymmetricState


def coherence_values(state: StateLike, axis: AxisLike = "z") -> dict[str, float]:
    """C = 2 Re c, P, (C + P) / 2 and N^2 C^2 / P of a state in the frame where the axis is z.

    c = <0...0|rho|1...1> and P is the population of 0...0 and 1...1.

    Args:
        state: a qbell state of up to 20 qubits, or symmetric, a circuit that prepares one, (2^N,)
            amplitudes or a (2^N, 2^N) density matrix, in Qiskit's order.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        ``coherence``, ``population``, ``fidelity`` (with (|0...0> + |1...1>)/sqrt(2)) and
        ``qfi_ghz``, at most the QFI.

    Raises:
        QbellError: not a state, not an axis, or more memory than the machine has.

    >>> round(coherence_values(np.array([1, 0, 0, 1]) / np.sqrt(2))["qfi_ghz"], 9)
    4.0
    """
    num_qubits, first, last, element = _ends(state, parse_axis(axis))
    coherence, population = 2 * element.real, first + last
    return {
        "coherence": coherence,
        "population": population,
        "fidelity": (coherence + population) / 2,
        "qfi_ghz": num_qubits**2 * coherence**2 / population if population else 0.0,
    }


def _ends(state: Any, axis: Axis) -> tuple[int, float, float, complex]:
    """N, <0|rho|0>, <1|rho|1> and <0|rho|1>, 0 and 1 of all qubits."""
    if isinstance(state, SymmetricState):
        logs = turned_logs(state.log_coefficients(), axis)
        zero, one = cmath.exp(complex(logs[0])), cmath.exp(complex(logs[-1]))
        return len(logs) - 1, abs(zero) ** 2, abs(one) ** 2, zero * one.conjugate()
    mixed = ensemble_of(state)
    if mixed is not None:
        rows = turned_rows(mixed.vectors, axis)
        zeros, ones = rows[:, 0], rows[:, -1]
    else:
        array = turned(as_array(state), axis)
        if array.ndim == 2:
            first, last = float(array[0, 0].real), float(array[-1, -1].real)
            return num_qubits_of(array), first, last, complex(array[0, -1])
        rows = array[None]
        zeros, ones = array[:1], array[-1:]
    first, last = (float(np.vdot(part, part).real) for part in (zeros, ones))
    return num_qubits_of(rows[0]), first, last, complex(np.vdot(ones, zeros))
