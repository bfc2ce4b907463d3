"""From a number of ones to all places they can have: the gates behind symmetric states.

After the "split and cyclic shift" of Baertschi and Eidenbenz, "Deterministic preparation of Dicke
states" (2019), whose steps turn |10> into a |10> + b |01> on two qubits where a third is 1. Here a
step costs 4 two-qubit gates, and 2 or 1 where fewer states occur: it need be right only on these.
"""

import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.gates import Gates


def number_of_steps(num_qubits: int, least: int, most: int) -> int:
    """Steps for ``least`` to ``most`` ones, counted from the cheaper end."""

    def count(low: int, high: int) -> int:
        first = np.arange(num_qubits - 1)
        last = np.minimum(high, num_qubits - first - 1)
        return int((last - np.maximum(1, low - first) + 1).clip(0).sum())

    return min(count(least, most), count(num_qubits - most, num_qubits - least))


def unary(gates: Gates, coefficients: NDArray[np.complex128], qubits: Sequence[int]) -> None:
    """sum_m c_m |1^m 0^(N-m)> from |0...0>: qubit k is 1 exactly when there are more than k ones.

    One two-qubit gate for every qubit whose value is not certain, but the first.
    """
    moduli = np.abs(coefficients)
    numbers = np.flatnonzero(moduli)
    least, most = int(numbers[0]), int(numbers[-1])
    tail = _tails(moduli)
    for k in range(least):
        gates.add("x", qubits[k])
    for k in range(least, most):
        if k == least:
            gates.add("ry", qubits[k], angle=_angle(moduli[k], tail[k + 1]))
        elif moduli[k] == 0:
            gates.add("cx", qubits[k - 1], qubits[k])
        else:
            _turn_zero(gates, qubits[k - 1], qubits[k], _angle(moduli[k], tail[k + 1]))
    phases = np.angle(coefficients)
    gates.global_phase += float(phases[0])
    for k, step in enumerate(np.diff(phases[: most + 1]).tolist()):
        gates.add("p", qubits[k], angle=step)


def shared(gates: Gates, coefficients: NDArray[np.float64], qubits: Sequence[int]) -> None:
    """The unary state with its first qubit split off, from |0...0>; real coefficients.

    That is sum_j (c_j sqrt(1 - j/N) |0> + c_(j+1) sqrt((j+1)/N) |1>) |1^j 0^(N-1-j)>. Qubit k turns
    by one angle for each value of the first, if qubit k - 1 is 1: 3 two-qubit gates.
    """
    size = len(qubits)
    j = np.arange(size)
    branches = [
        coefficients[:-1] * np.sqrt((size - j) / size),
        coefficients[1:] * np.sqrt((j + 1) / size),
    ]
    numbers = np.flatnonzero(coefficients)
    least, most = int(numbers[0]), min(int(numbers[-1]), size - 1)
    norms = []
    for which, branch in enumerate(branches):
        # The last coefficient is made positive: then the tails are norms.
        sign = -1.0 if branch[branch != 0][-1:].sum() < 0 else 1.0
        branches[which] = sign * branch
        norms.append(sign * float(np.linalg.norm(branch)))
    gates.add("ry", qubits[0], angle=_angle(*norms))
    start = max(least, 1)
    for k in range(1, start):
        gates.add("x", qubits[k])
    tails = [_tails(branch) for branch in branches]
    for k in range(start, most + 1):
        zero, one = (
            _angle(branch[k - 1], tail[k]) for branch, tail in zip(branches, tails, strict=True)
        )
        if k == start:
            gates.add("ry", qubits[k], angle=(zero - one) / 2)
            gates.add("cz", qubits[0], qubits[k])
            gates.add("ry", qubits[k], angle=(zero + one) / 2)
            continue
        # ry(x3) CZ ry(x2) CZ ry(x1) CZ ry(x0) takes |0> to x3 + s x2 + s f x1 + f x0, s and f the
        # signs of qubit k - 1 and of the first.
        gates.add("ry", qubits[k], angle=(zero - one) / 4)
        gates.add("cz", qubits[k - 1], qubits[k])
        gates.add("ry", qubits[k], angle=(one - zero) / 4)
        gates.add("cz", qubits[0], qubits[k])
        gates.add("ry", qubits[k], angle=-(zero + one) / 4)
        gates.add("cz", qubits[k - 1], qubits[k])
        gates.add("ry", qubits[k], angle=(zero + one) / 4)


def split_off(gates: Gates, qubits: Sequence[int], numbers: Collection[int]) -> None:
    """Settle the first of n qubits that hold |1^l 0^(n-l)>, for the l in ``numbers``.

    |1^l 0^(n-l)> -> sqrt(l/n) |1> |1^(l-1) 0^(n-l)> + sqrt(1 - l/n) |0> |1^l 0^(n-l-1)>, for
    l = 1, 2, ... one after the other: the first qubit and the one behind the ones are turned into
    each other if the last of the ones is there. With fewer ones it is not, with more the turn
    leaves |11> as it is.
    """
    size = len(qubits)
    for count in sorted(numbers):
        if not 0 < count < size:
            continue
        theta = math.acos(math.sqrt(count / size))
        fewer, more = min(numbers) < count, max(numbers) > count
        if not fewer and not more:
            _share_one(gates, qubits[0], qubits[count], theta)
        elif not fewer or count == 1:
            _turn(gates, qubits[0], qubits[count], theta)
        else:
            _turn_if(gates, qubits[count - 1], qubits[0], qubits[count], theta)


def spread(gates: Gates, coefficients: NDArray[np.complex128], qubits: Sequence[int]) -> None:
    """c_0 |0...0> + c_1 |W>: a one that is halved again and again, in a depth of log N."""
    none, one = coefficients[:2]
    gates.global_phase += float(np.angle(none))
    gates.add("ry", qubits[0], angle=_angle(abs(none), abs(one)))
    gates.add("p", qubits[0], angle=float(np.angle(one) - np.angle(none)))
    parts = [qubits]
    certain = none == 0
    while parts:
        halves = []
        for part in parts:
            if len(part) < 2:
                continue
            middle = (len(part) + 1) // 2
            theta = math.acos(math.sqrt(middle / len(part)))
            (_share_one if certain else _turn)(gates, part[0], part[middle], theta)
            certain = False
            halves += [part[:middle], part[middle:]]
        parts = halves


def _share_one(gates: Gates, first: int, vacant: int, theta: float) -> None:
    """|10> -> cos |10> + sin |01>; no other state of the two occurs."""
    gates.add("ry", vacant, angle=2 * theta)
    gates.add("cx", vacant, first)


def _turn(gates: Gates, first: int, vacant: int, theta: float) -> None:
    """|10> -> cos |10> + sin |01>; |00> and |11> stay."""
    gates.add("h", first)
    gates.add("h", vacant)
    gates.add("cz", first, vacant)
    gates.add("ry", first, angle=theta)
    gates.add("ry", vacant, angle=-theta)
    gates.add("cz", first, vacant)
    gates.add("h", first)
    gates.add("h", vacant)


def _turn_if(gates: Gates, control: int, first: int, vacant: int, theta: float) -> None:
    """`_turn` if ``control`` is 1, where |00> and |11> occur; nothing if 0, where |00> and |10> do.

    Each half of the turn is a rotation whose direction ``control`` may change in the middle: to and
    fro, or twice the same way. The last gate takes back the signs that this leaves.
    """
    gates.add("h", first)
    gates.add("h", vacant)
    gates.add("cz", first, vacant)
    gates.add("ry", first, angle=theta / 2)
    gates.add("cz", first, control)
    gates.add("ry", first, angle=-theta / 2)
    gates.add("ry", vacant, angle=-(math.pi + theta) / 2)
    gates.add("cz", control, vacant)
    gates.add("ry", vacant, angle=(math.pi + theta) / 2)
    gates.add("cz", first, vacant)
    gates.add("h", first)
    gates.add("ry", vacant, angle=-math.pi / 2)


def _turn_zero(gates: Gates, control: int, target: int, angle: float) -> None:
    """ry(angle) on |0> if ``control`` is 1."""
    gates.add("ry", target, angle=-angle / 2)
    gates.add("cz", control, target)
    gates.add("ry", target, angle=angle / 2)


def _angle(cosine: float, sine: float) -> float:
    """The angle of ry that takes |0> to (cosine, sine), which need not be normalised."""
    return 2 * math.atan2(sine, cosine)


def _tails(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Norms of c_k, c_(k+1), ... for every k."""
    return np.asarray(np.sqrt(np.cumsum(values[::-1] ** 2)[::-1]))
