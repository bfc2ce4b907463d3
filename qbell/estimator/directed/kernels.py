"""Compiled: sums over pairs of shots of the kernels of the bound, F0 and the purity.

A shot with outcome x along the unit vector u of a qubit stands for (1 + 3 x u sigma)/2, whose mean
over isotropic u is the state. Of two shots, the second turned by phi about xi,

    f = Tr = 1/2 + 9/2 x x' (z z' + c cos phi + s sin phi),

z along xi, c the scalar product in the plane and s the cross product there. The product P of all
qubits has the mean Tr[rho exp(-i phi h) rho exp(i phi h)]: at phi = 0 that is the purity, and
-2 P'' is F0 of Eq. (12). Without z z' it is the bound of Eq. (24), order by order where each 9/2
has a factor t.
"""

import numpy as np
from numpy.typing import NDArray

from qbell.util.numba_jit import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled
def pair_terms(a: Floats, b: Floats, num_qubits: int, poly: Floats, terms: Floats) -> None:
    """Kernels of two shots: orders 0 to N of the bound, F0, and the purity less 2^-N.

    ``a``, ``b`` (N, 3) hold x u of each qubit; ``poly`` is scratch space, (3, N + 1).
    """
    poly[:] = 0.0
    poly[0, 0] = 1.0
    p, p1, p2 = 1.0, 0.0, 0.0
    for k in range(num_qubits):
        c = 4.5 * (a[k, 0] * b[k, 0] + a[k, 1] * b[k, 1])
        s = 4.5 * (a[k, 1] * b[k, 0] - a[k, 0] * b[k, 1])
        f = 0.5 + 4.5 * a[k, 2] * b[k, 2] + c
        p2 = p2 * f + 2 * p1 * s - p * c
        p1 = p1 * f + p * s
        p = p * f
        for n in range(k + 1, -1, -1):
            # Of one order less: with t in this qubit; else its half.
            q, q1, q2 = 0.0, 0.0, 0.0
            if n > 0:
                q, q1, q2 = poly[0, n - 1], poly[1, n - 1], poly[2, n - 1]
            poly[2, n] = 0.5 * poly[2, n] + q2 * c + 2 * q1 * s - q * c
            poly[1, n] = 0.5 * poly[1, n] + q1 * c + q * s
            poly[0, n] = 0.5 * poly[0, n] + q * c
    for n in range(num_qubits + 1):
        terms[n] = -2 * poly[2, n]
    terms[num_qubits + 1] = -2 * p2
    terms[num_qubits + 2] = p - 0.5**num_qubits


@compiled
def pair_sums(
    vectors: Floats, shares: Floats, units: Integers, blocks: Integers, num_blocks: int
) -> tuple[Floats, Floats]:
    """Sums over pairs of different units of the mean kernel of their shots.

    Args:
        vectors: (rows, N, 3) x u of each qubit; rows of a unit next to each other.
        shares: (rows,) of each row in its unit.
        units: (rows,) from 0.
        blocks: (units,) of each unit.
        num_blocks: G.

    Returns:
        (terms, G, G) over ordered pairs by block; and (units, terms) over the partners of each.
    """
    rows, num_qubits = vectors.shape[:2]
    size = num_qubits + 3
    gram = np.zeros((size, num_blocks, num_blocks))
    partners = np.zeros((len(blocks), size))
    poly, terms = np.empty((3, num_qubits + 1)), np.empty(size)
    for i in range(rows):
        u = units[i]
        for j in range(i + 1, rows):
            v = units[j]
            if u == v:
                continue
            pair_terms(vectors[i], vectors[j], num_qubits, poly, terms)
            weight = shares[i] * shares[j]
            for t in range(size):
                value = weight * terms[t]
                gram[t, blocks[u], blocks[v]] += value
                gram[t, blocks[v], blocks[u]] += value
                partners[u, t] += value
                partners[v, t] += value
    return gram, partners
