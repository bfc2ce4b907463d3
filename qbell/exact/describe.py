"""All exact numbers of a state at once, for `qbell exact`."""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbell.axes import Axis, parse_axis
from qbell.certificates import depths
from qbell.errors import QbellError
from qbell.exact.density_matrix import f0, qfi
from qbell.exact.frames import StateLike, as_array, in_frame, num_qubits_of
from qbell.exact.state_vector import bound_by_order, correlator_of_all

ROUNDING = 1e-15  # of an amplitude, relative to a state of norm one


def describe(state: StateLike, axis: str | ArrayLike | Axis = "z") -> dict[str, Any]:
    """QFI, F0, the bound and its orders, E_{N,0} and the depths it implies, as plain numbers.

    Keys: n, axis, energy, qfi, f0, bound, bound_by_order, e_n, log_e_n (natural), q
    (log2(2^N E_{N,0}), above 0 if nonlocal), bell_qubits, nonlocality_depth, no_signalling_depth,
    entanglement_depth, method, notes. A value that cannot be had is None, with a reason in notes.
    """
    array = as_array(state)
    num_qubits = num_qubits_of(array)
    notes = []
    energy = getattr(state, "energy", None)
    if energy is None:
        notes.append("energy: this state comes without a Hamiltonian")
    by_order: list[float] | None = None
    try:
        by_order = bound_by_order(array, axis).tolist()
    except QbellError as error:
        notes.append(f"bound: {error}")
    e_n = abs(correlator_of_all(array, axis)) ** 2
    if e_n <= _rounding_of_all(array, axis) ** 2:
        e_n = 0.0
        notes.append("log_e_n and q: E_{N,0} is 0 to rounding")
    found = depths(num_qubits, e_n)
    return {
        "n": num_qubits,
        "axis": parse_axis(axis).name,
        "energy": energy,
        "qfi": qfi(array, axis),
        "f0": f0(array, axis),
        "bound": None if by_order is None else float(np.sum(by_order)),
        "bound_by_order": by_order,
        "e_n": e_n,
        "log_e_n": math.log(e_n) if e_n else None,
        "q": num_qubits + math.log2(e_n) if e_n else None,
        "bell_qubits": found.bell_qubits,
        "nonlocality_depth": found.nonlocality_depth,
        "no_signalling_depth": found.no_signalling_depth,
        "entanglement_depth": found.entanglement_depth,
        "method": "state vector" if array.ndim == 1 else "density matrix",
        "notes": notes,
    }


def _rounding_of_all(array: NDArray[np.complex128], axis: str | ArrayLike | Axis) -> float:
    """What rounding can make of |c_{N,0}|: of a product of two amplitudes, or of one element."""
    turned = in_frame(array, axis)
    if turned.ndim == 2:
        return ROUNDING
    return ROUNDING * float(abs(turned[0]) + abs(turned[-1]))
