"""Slow twins of the estimator: loops over single shots and over pairs of them."""

import itertools
import math

import numpy as np

from qbell.shots.shots import Shots

Shot = tuple[int, int, int]  # unit (setting or draw), setting, outcome


def single_shots(shots: Shots) -> list[Shot]:
    """Every shot by itself, with what was randomised: its setting (full) or its draw (random)."""
    found = []
    for row in range(len(shots.counts)):
        setting, outcome = int(shots.setting_index[row]), int(shots.outcome_index[row])
        for _ in range(int(shots.counts[row])):
            if shots.design == "full":
                unit = setting
            elif shots.draws is None:
                unit = len(found)
            else:
                unit = int(shots.draws[row])
            found.append((unit, setting, outcome))
    return found


def term(label: str, setting: int, outcome: int) -> complex:
    """One shot's estimate of c_s: prod_k x_k w_k over the qubits in s."""
    value = 1 + 0j
    for qubit, sign in enumerate(reversed(label)):
        if sign == "0":
            continue
        value *= 1 - 2 * (outcome >> qubit & 1)
        if setting >> qubit & 1:
            value *= 1j if sign == "+" else -1j
    return value


def squared_correlator(shots: Shots, label: str) -> float:
    """E_s from pairs of distinct units, and in a full design of distinct shots of one setting.

    Random design: mean over ordered pairs of different draws of Re[c_i conj(c_j)]. Full design:
    2^-N sum over settings for each factor; two factors of one setting take different shots.
    """
    data = single_shots(shots)
    units: dict[int, list[complex]] = {}
    for unit, setting, outcome in data:
        units.setdefault(unit, []).append(term(label, setting, outcome))
    means = {unit: np.mean(values) for unit, values in units.items()}
    total = 0.0
    for a, b in itertools.permutations(units, 2):
        total += (means[a] * means[b].conjugate()).real
    if shots.design == "random":
        return total / (len(units) * (len(units) - 1))
    for values in units.values():
        pairs = list(itertools.permutations(values, 2))
        total += sum((a * b.conjugate()).real for a, b in pairs) / len(pairs)
    return total / len(units) ** 2


def plug_in_squared_correlator(shots: Shots, label: str) -> float:
    """|mean|^2, the biased estimate that everybody makes."""
    units: dict[int, list[complex]] = {}
    for unit, setting, outcome in single_shots(shots):
        units.setdefault(unit, []).append(term(label, setting, outcome))
    return abs(np.mean([np.mean(values) for values in units.values()])) ** 2


def bound(shots: Shots, *, plug_in: bool = False) -> float:
    """Eq. (24), label by label."""
    num_qubits = shots.num_qubits
    total = 0.0
    for letters in itertools.product("0+-", repeat=num_qubits):
        label = "".join(letters)
        charge = label.count("+") - label.count("-")
        order = num_qubits - label.count("0")
        if charge:
            square = (plug_in_squared_correlator if plug_in else squared_correlator)(shots, label)
            total += 2 * charge**2 * 2.0 ** (order - num_qubits) * square
    return total


def bound_from_pair_kernel(shots: Shots, step: float = 1e-3) -> float:
    """The bound of single random shots without any label: -2 d^2/dphi^2 of a product over qubits.

    The kernel of a pair of shots is prod_k [1/2 + 2 x_k x'_k cos(phi + theta_k - theta'_k)], with
    theta = 0 along sigma_1 and pi/2 along sigma_2. Differentiated numerically, by a five-point
    rule.
    """
    data = single_shots(shots)

    def mean(phi: float) -> float:
        total = 0.0
        for (_, setting, outcome), (_, setting_2, outcome_2) in itertools.permutations(data, 2):
            product = 1.0
            for qubit in range(shots.num_qubits):
                sign = 1 - 2 * ((outcome ^ outcome_2) >> qubit & 1)
                theta = math.pi / 2 * ((setting >> qubit & 1) - (setting_2 >> qubit & 1))
                product *= 0.5 + 2 * sign * math.cos(phi + theta)
            total += product
        return total / (len(data) * (len(data) - 1))

    values = [mean(k * step) for k in (-2, -1, 0, 1, 2)]
    second = (-values[0] + 16 * values[1] - 30 * values[2] + 16 * values[3] - values[4]) / 12
    return -2 * second / step**2
