"""Slow twins in many digits (mpmath), where doubles cancel or underflow. Nothing here uses qbell.

Each works at its own precision and returns mpmath numbers; floats are taken as exact.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath as mp

Number = Any
Matrix = Any


@dataclass(frozen=True)
class Chain:
    """The even ground state of Eq. (29): QFI on x, y, z, ln E_{N,0} on z and x, the energy."""

    qfi_x: float
    qfi_y: float
    qfi_z: float
    log_e_n: float
    log_e_n_x: float
    energy: float


@cache
def ising(num_qubits: int, u: float, digits: int = 60) -> Chain:
    """Free fermions from the polar factor of M = 1 + U S by Newton's iteration: no SVD, no signs.

    The iteration X -> (a X + (a X)^-T) / 2 keeps the sign of det M = 1, so the state is even.
    """
    size = num_qubits
    with mp.workdps(digits):
        m = mp.eye(size)
        for k in range(size - 1):
            m[k + 1, k] = mp.mpf(u)
        g = m.copy()
        while True:
            inverse = mp.inverse(g).T
            a = mp.sqrt(mp.mnorm(inverse, "f") / mp.mnorm(g, "f"))
            following = (a * g + inverse / a) / 2
            change = mp.mnorm(following - g, "f")
            g = following
            if change < mp.mpf(10) ** (-digits // 2 - 5):
                break
        ghz = mp.zeros(size)
        for k in range(size - 1):
            ghz[k + 1, k] = -1
        ghz[0, size - 1] = 1
        overlap = mp.det((mp.eye(size) + ghz * g.T) / 2)
        # All qubits in |+> has G = 1, and in |-> G = -1; |-> is odd for odd N.
        log_ends = -mp.inf
        if size % 2 == 0 and u != 0:
            ends = mp.det((mp.eye(size) + g) / 2) * mp.det((mp.eye(size) - g) / 2)
            log_ends = mp.log(abs(ends))
        rows = range(size - 1)
        z = sum_of_minors([[-g[i + 1, j] for j in rows] for i in rows])
        y = sum_of_minors([[-g[i, j + 1] for j in rows] for i in rows])
        x = mp.fsum(g[i, j] * g[j, i] for i in range(size) for j in range(size))
        energy = -mp.fsum((g.T * m)[k, k] for k in range(size))
        return Chain(
            float(size - x),
            float(size + 2 * y),
            float(size + 2 * z),
            float(2 * mp.log(abs(overlap)) - mp.log(4)),
            float(log_ends),
            float(energy),
        )


def sum_of_minors(rows: Sequence[Sequence[Number]]) -> Number:
    """Sum of det A[i..j, i..j] over all i <= j, by elimination without exchanges."""
    size, total = len(rows), mp.mpf(0)
    for i in range(size):
        work = [list(row[i:]) for row in rows[i:]]
        determinant = mp.mpf(1)
        for k in range(size - i):
            determinant *= work[k][k]
            total += determinant
            for row in work[k + 1 :]:
                factor = row[k] / work[k][k]
                for column in range(k + 1, size - i):
                    row[column] -= factor * work[k][column]
    return total


def digits_for(num_qubits: int) -> int:
    """Enough for the smallest amplitude of a state of so many qubits, at a moderate U."""
    return 80 + math.ceil(1.3 * num_qubits)


def double_well(
    num_qubits: int, u: float, digits: int | None = None
) -> tuple[Number, list[Number]]:
    """Energy and c_0 ... c_N of the even ground state of Eq. (30).

    By bisection: the number of negative pivots of H - E counts the eigenvalues below E. Then
    Rayleigh quotient iteration, on the half chain c_m = c_(N-m). It is right where c_m is above
    10^-digits.
    """
    digits = digits or digits_for(num_qubits)
    n, half = num_qubits, num_qubits // 2
    with mp.workdps(digits):
        strength = mp.mpf(u) / n
        diagonal = [strength * (mp.mpf(n) / 2 - m) ** 2 for m in range(half + 1)]
        hopping = [-mp.sqrt(mp.mpf((m + 1) * (n - m))) / 2 for m in range(half)]
        if n % 2:  # c_(half+1) = c_half
            diagonal[half] -= mp.sqrt(mp.mpf((half + 1) * (n - half))) / 2
        else:  # the middle one has two equal neighbours; with c_half / sqrt(2) it is symmetric
            hopping[-1] *= mp.sqrt(mp.mpf(2))

        def negative(energy: Number) -> int:
            count, pivot = 0, mp.mpf(1)
            for m, element in enumerate(diagonal):
                pivot = element - energy - (hopping[m - 1] ** 2 / pivot if m else 0)
                count += pivot < 0
            return count

        reach = max(map(abs, diagonal)) + n
        low, high = -reach * mp.sqrt(mp.mpf(2)), reach  # no eigenvalue is met on the way
        while high - low > reach * mp.mpf(10) ** -20:
            middle = (low + high) / 2
            low, high = (low, middle) if negative(middle) else (middle, high)
        vector = [mp.mpf(1)] * (half + 1)
        energy = low
        for _ in range(20):
            near = energy - reach * mp.mpf(10) ** (6 - digits)  # no pivot is 0
            vector = _solve([d - near for d in diagonal], hopping, vector)
            norm = mp.sqrt(mp.fsum(c * c for c in vector))
            vector = [c / norm for c in vector]
            held = mp.fsum(d * c * c for d, c in zip(diagonal, vector, strict=True))
            hops = mp.fsum(t * vector[m] * vector[m + 1] for m, t in enumerate(hopping))
            before, energy = energy, held + 2 * hops
            if abs(energy - before) < mp.mpf(10) ** (12 - digits) * reach:
                break
        left = [c / mp.sqrt(mp.mpf(2)) for c in vector]
        sign = 1 if left[0] > 0 else -1
        left = [sign * c for c in left]
        right = left[::-1] if n % 2 else [left[-1] * mp.sqrt(mp.mpf(2)), *left[-2::-1]]
        return energy, (left if n % 2 else left[:-1]) + right


def _solve(diagonal: list[Number], hopping: list[Number], vector: list[Number]) -> list[Number]:
    """Solution of a symmetric tridiagonal system."""
    pivots, right = list(diagonal), list(vector)
    for m in range(1, len(pivots)):
        factor = hopping[m - 1] / pivots[m - 1]
        pivots[m] -= factor * hopping[m - 1]
        right[m] -= factor * right[m - 1]
    right[-1] /= pivots[-1]
    for m in range(len(pivots) - 2, -1, -1):
        right[m] = (right[m] - hopping[m] * right[m + 1]) / pivots[m]
    return right


def log_end_pair(coefficients: Sequence[Number], xi: Sequence[float]) -> float:
    """ln E_{N,0} of sum_m c_m |D_m> for a general axis: both ends of the turned state, squared."""
    n = len(coefficients) - 1
    with mp.workdps(digits_for(n)):
        x, y, z = (mp.mpf(component) for component in xi)
        theta, phi = mp.atan2(mp.sqrt(x * x + y * y), z), mp.atan2(y, x)
        cosine, sine, turn = mp.cos(theta / 2), mp.sin(theta / 2), mp.expj(-phi)
        total = mp.mpf(1)
        for zero, one in ((cosine, sine * turn), (sine, -cosine * turn)):
            total *= abs(
                mp.fsum(
                    c * mp.sqrt(mp.mpf(mp.binomial(n, m))) * zero ** (n - m) * one**m
                    for m, c in enumerate(coefficients)
                )
            )
        return float(2 * mp.log(total)) if total else -mp.inf


def log_correlator(coefficients: Sequence[Number], a: int, b: int, digits: int = 60) -> float:
    """ln E of a label with a plus and b minus signs: the sum over the ones of the other qubits."""
    n = len(coefficients) - 1
    with mp.workdps(digits):
        total = mp.fsum(
            mp.binomial(n - a - b, j)
            * mp.conj(coefficients[b + j])
            * coefficients[a + j]
            / mp.sqrt(mp.mpf(mp.binomial(n, a + j)) * mp.binomial(n, b + j))
            for j in range(n - a - b + 1)
        )
        return float(2 * mp.log(abs(total))) if total else -mp.inf


def bound_of_coefficients(coefficients: Sequence[Number], digits: int = 40) -> float:
    """Eq. (24), summed over all (a, b)."""
    n = len(coefficients) - 1
    with mp.workdps(digits):
        total = mp.mpf(0)
        for a in range(n + 1):
            for b in range(min(a, n - a + 1)):
                labels = mp.binomial(n, a + b) * mp.binomial(a + b, a)
                value = mp.e ** mp.mpf(log_correlator(coefficients, a, b, digits))
                total += 2 * 2 * (a - b) ** 2 * labels * value / mp.mpf(2) ** (n - a - b)
        return float(total)
