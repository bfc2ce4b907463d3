"""From sums over classes of pairs to the kernel's sums, order by order.

The kernel of two random shots (outcomes x, x' = +-1; theta = 0 along sigma_1, pi/2 along sigma_2),

    K = 2 (-d^2/dphi^2) at phi = 0 of prod_k [1/2 + a t x_k x'_k cos(phi + theta_k - theta'_k)],

has the bound of Eq. (24) as its mean at t = 1, and the part of the correlators of order n as its
term t^n: a = 2 for two directions, each with probability 1/2, and a = 9/2 for three, each with 1/3,
where a qubit of which either shot is measured along sigma_xi has the factor 1/2. At phi = 0 a
qubit measured along the same direction has f = 1/2 +- a t, f' = 0, f'' = -(+- a t), and one
measured along sigma_1 and sigma_2 has f = 1/2, f' = +- a t, f'' = 0. So with plus, minus qubits of
the first kind, others = N - plus - minus, and excess = delta^2 - mixed, twice the sum over pairs of
qubits of the second kind of the product of their signs (`qbell.estimator.pairs.kernels`),

    K_n = 2^-N [2 n f_n - 2 c^2 excess f_(n-2)],   sum_n f_n t^n = (1 + c t)^plus (1 - c t)^minus,

c = 2 a: whole numbers but for 2^-N. F0 of Eq. (12) has 5 or -4 in place of 1/2 where both shots
are measured along sigma_xi (outcomes equal or not), the same numbers as 1/2 +- 9/2 at t = 1, so

    K = 2^-D 5^(N-D-M) (-4)^M [36 plus + 45 minus - 3240 excess] / 20

with D qubits whose directions differ and M with the same direction and different outcomes.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def series(plus: int, minus: int, c: int) -> list[int]:
    """Coefficients of (1 + c t)^plus (1 - c t)^minus, exact.

    From f' (1 - c^2 t^2) = c [(plus - minus) - c (plus + minus) t] f.

    >>> series(2, 1, 4)
    [1, 4, -16, -64]
    """
    total = plus + minus
    values = [1]
    for n in range(total):
        before = c * (n - 1 - total) * values[n - 1] if n else 0
        values.append(c * ((plus - minus) * values[n] + before) // (n + 1))
    return values


class Contraction:
    """The map from ``sums`` (segments, parts, classes) to the kernel's sums (segments, terms).

    Parts: count, excess and, with three directions, the value of F0; a class is numbered
    others * (N + 1) + minus, or D * (N + 1) + M for F0. Terms: orders 0 to N, then F0. Every
    coefficient is the exact number, rounded once.
    """

    def __init__(self, num_qubits: int, three: bool) -> None:
        self.num_qubits, self.three = num_qubits, three
        self._orders, self._f0 = cache(self._orders_of), cache(self._f0_of)

    def __reduce__(self) -> tuple[Any, ...]:
        return Contraction, (self.num_qubits, self.three)  # without what it has kept

    def __call__(self, sums: NDArray[Any]) -> Floats:
        """See the class."""
        terms = np.zeros((len(sums), self.num_qubits + 1 + self.three))
        seen = np.flatnonzero(sums[:, :2].any(axis=(0, 1)))
        if len(seen):
            rows = np.stack([self._orders(int(index)) for index in seen], axis=1)
            for part in (0, 1):
                terms[:, : self.num_qubits + 1] += sums[:, part, seen].astype(float) @ rows[part]
        if self.three:
            seen = np.flatnonzero(sums[:, 2].any(axis=0))
            factors = np.array([self._f0(int(index)) for index in seen])
            terms[:, -1] = sums[:, 2, seen].astype(float) @ factors
        return terms

    def _orders_of(self, index: int) -> Floats:
        others, minus = divmod(index, self.num_qubits + 1)
        c, scale = 9 if self.three else 4, 2**self.num_qubits
        values = series(self.num_qubits - others - minus, minus, c)
        row = np.zeros((2, self.num_qubits + 1))
        for n, value in enumerate(values):
            row[0, n] = 2 * n * value / scale
            if n + 2 <= self.num_qubits:
                row[1, n + 2] = -2 * c**2 * value / scale
        return row

    def _f0_of(self, index: int) -> float:
        different, minus = divmod(index, self.num_qubits + 1)
        whole: int = 5 ** (self.num_qubits - different - minus) * (-4) ** minus
        return float(whole / (20 * 2**different))
