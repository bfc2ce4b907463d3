"""Compiled: layers of X and ZZ rotations on the modes of a Gaussian state, forth and back.

Modes are a (2N, N) array: column m is the annihilation operator sum_p modes[p, m] c_p, with
c = (a_0 ... a_(N-1), b_0 ... b_(N-1)). exp(-i theta/2 X_j) turns rows a_j and b_j, and
exp(-i theta/2 Z_j Z_(j+1)) turns rows b_j and a_(j+1), both by
(v, w) -> (v cos theta + w sin theta, w cos theta - v sin theta).
"""

import numpy as np
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled

Modes = NDArray[np.complex128]
Angles = NDArray[np.float64]
X, ZZ = 0, 1  # the two kinds of gates


@compiled
def _pair(kind: int, site: int, num_qubits: int) -> tuple[int, int]:
    """The two rows that a gate turns."""
    return (site, num_qubits + site) if kind == X else (num_qubits + site, site + 1)


@compiled
def rotate(modes: Modes, kind: int, angles: Angles, sign: float) -> None:
    """Turn ``modes`` in place by ``sign`` times the angles of one layer of gates of one kind."""
    num_qubits = modes.shape[1]
    for site in range(len(angles)):
        first, second = _pair(kind, site, num_qubits)
        cosine, sine = np.cos(angles[site]), sign * np.sin(angles[site])
        for m in range(num_qubits):
            v, w = modes[first, m], modes[second, m]
            modes[first, m] = cosine * v + sine * w
            modes[second, m] = cosine * w - sine * v


@compiled
def _slopes(modes: Modes, back: Modes, kind: int, slopes: Angles) -> None:
    """Derivatives of Re ln det by the angles of a layer, between its rotation and the next one."""
    num_qubits = modes.shape[1]
    for site in range(len(slopes)):
        first, second = _pair(kind, site, num_qubits)
        total = 0.0
        for m in range(num_qubits):
            # Real parts of back[first] modes[second] - back[second] modes[first], by hand: faster.
            p, q = back[first, m], modes[second, m]
            r, s = back[second, m], modes[first, m]
            total += p.real * q.real - p.imag * q.imag - r.real * s.real + r.imag * s.imag
        slopes[site] = total


@compiled
def apply_layers(modes: Modes, first: int, x: Angles, zz: Angles) -> None:
    """Turn ``modes`` in place by all layers: x (layers, N), zz (layers, N - 1).

    ``first`` is the kind of gate with which a layer begins.
    """
    for layer in range(len(x)):
        for step in range(2):
            if (first + step) % 2 == X:
                rotate(modes, X, x[layer], 1.0)
            else:
                rotate(modes, ZZ, zz[layer], 1.0)


@compiled
def unwind(
    modes: Modes, back: Modes, first: int, x: Angles, zz: Angles, by_x: Angles, by_zz: Angles
) -> None:
    """The gradient of ln F, F = |det(T^+ V)|, by one sweep back: d ln F = Re tr((T^+ V)^-1 T^+ dV).

    Args:
        modes: V, those of the circuit's state; turned back to the start, in place.
        back: the transpose of (T^+ V)^-1 T^+, (2N, N); turned back too.
        first: the kind of gate with which a layer begins.
        x, zz: angles of all layers.
        by_x, by_zz: derivatives by them, to be filled.
    """
    for layer in range(len(x) - 1, -1, -1):
        for step in range(1, -1, -1):
            if (first + step) % 2 == X:
                _slopes(modes, back, X, by_x[layer])
                rotate(modes, X, x[layer], -1.0)
                rotate(back, X, x[layer], -1.0)
            else:
                _slopes(modes, back, ZZ, by_zz[layer])
                rotate(modes, ZZ, zz[layer], -1.0)
                rotate(back, ZZ, zz[layer], -1.0)
