"""Slow twins of the estimates of every design: loops over single shots, pairs, labels and sets.

A shot is (unit, directions, bits): what was randomised or kept fixed as a whole (a setting, or a
draw), and what was measured. Squares come from pairs of different shots, written out.
"""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable

from qbell.shots.shots import Shots

Shot = tuple[int, tuple[int, ...], tuple[int, ...]]


def single_shots(shots: Shots) -> list[Shot]:
    """Every shot by itself. Units: the settings, the draws, or the shots where each is a draw."""
    settings: dict[tuple[int, ...], int] = {}
    found: list[Shot] = []
    for row in range(len(shots.counts)):
        directions = tuple(int(d) for d in shots.directions[row])
        bits = tuple(int(b) for b in shots.bits[row])
        for _ in range(int(shots.counts[row])):
            if not shots.drawn:
                unit = settings.setdefault(directions, len(settings))
            elif shots.draws is None:
                unit = len(found)
            else:
                unit = int(shots.draws[row])
            found.append((unit, directions, bits))
    return found


def labels(num_qubits: int) -> list[str]:
    """All 3^N - 1 labels with a qubit in them."""
    every = ("".join(letters) for letters in itertools.product("0+-", repeat=num_qubits))
    return [label for label in every if set(label) != {"0"}]


def weight(label: str) -> float:
    """Of E_s in the bound, Eq. (24)."""
    charge = label.count("+") - label.count("-")
    return 2.0 * charge**2 * 2.0 ** -label.count("0")


def order(label: str) -> int:
    """How many qubits."""
    return len(label) - label.count("0")


def square_of_sum(strata: Iterable[list[complex]]) -> float:
    """Unbiased |c|^2 of c = sum over strata of the mean of their terms: different shots only."""
    terms = list(strata)
    means = [sum(part) / len(part) for part in terms]
    total = 0.0
    for a, b in itertools.permutations(means, 2):
        total += (a * b.conjugate()).real
    for part in terms:
        pairs = [(a * b.conjugate()).real for a, b in itertools.permutations(part, 2)]
        total += sum(pairs) / len(pairs)
    return total


# --- drawn settings ---------------------------------------------------------------------------


def drawn_term(label: str, shot: Shot, *, three: bool) -> complex:
    """One shot's estimate of c_s: prod_k x_k w_k, of three directions 3/2 of that or 0."""
    _, directions, bits = shot
    value = 1 + 0j
    for qubit, sign in enumerate(reversed(label)):
        if sign == "0":
            continue
        turn = 1j if sign == "+" else -1j
        along = (1.0, turn, 0.0)[directions[qubit]]
        value *= (1 - 2 * bits[qubit]) * along * (1.5 if three else 1.0)
    return value


def drawn_square(shots: Shots, label: str, jobs: list[int] | None = None) -> float:
    """E_s from pairs of different draws; or, given the job of each row, of different jobs."""
    three = shots.design == "random3"
    terms: dict[int, list[complex]] = defaultdict(list)
    job_of: dict[int, int] = {}
    row_of_shot = [row for row, count in enumerate(shots.counts) for _ in range(int(count))]
    for shot, row in zip(single_shots(shots), row_of_shot, strict=True):
        terms[shot[0]].append(drawn_term(label, shot, three=three))
        job_of[shot[0]] = shot[0] if jobs is None else jobs[row]
    means = {unit: sum(part) / len(part) for unit, part in terms.items()}
    pairs = [
        (means[a] * means[b].conjugate()).real
        for a, b in itertools.permutations(means, 2)
        if job_of[a] != job_of[b]
    ]
    return sum(pairs) / len(pairs)


def drawn_bound(shots: Shots, jobs: list[int] | None = None) -> list[float]:
    """(N + 1,) Eq. (24) by order, label by label."""
    found = [0.0] * (shots.num_qubits + 1)
    for label in labels(shots.num_qubits):
        if weight(label):
            found[order(label)] += weight(label) * drawn_square(shots, label, jobs)
    return found


def f0_from_pair_kernel(shots: Shots, step: float = 1e-3) -> float:
    """F0, Eq. (12), of single shots in three directions: 2 (-d^2/dphi^2) of a product over qubits.

    Per qubit 5 or -4 (both along sigma_xi, outcomes equal or not), 1/2 (one of them), and 1/2 +
    9/2 x x' cos(phi + theta - theta') (none). Differentiated numerically, by a five-point rule.
    """
    data = single_shots(shots)

    def mean(phi: float) -> float:
        total = 0.0
        for (_, d, x), (_, e, y) in itertools.permutations(data, 2):
            product = 1.0
            for k in range(shots.num_qubits):
                equal = x[k] == y[k]
                if d[k] == 2 and e[k] == 2:
                    product *= 5.0 if equal else -4.0
                elif d[k] == 2 or e[k] == 2:
                    product *= 0.5
                else:
                    angle = phi + math.pi / 2 * (d[k] - e[k])
                    product *= 0.5 + 4.5 * (1 if equal else -1) * math.cos(angle)
            total += product
        return total / (len(data) * (len(data) - 1))

    values = [mean(k * step) for k in (-2, -1, 0, 1, 2)]
    second = (-values[0] + 16 * values[1] - 30 * values[2] + 16 * values[3] - values[4]) / 12
    return -2 * second / step**2


# --- all words of X, Y and Z ------------------------------------------------------------------


def word_square(shots: Shots, label: str) -> float:
    """|c_s|^2 of a label with letters 0, +, - and z, from all words that measure it.

    Each word with its letters has the same weight, 2^-n 3^-(letters 0), n the signs + and -.
    """
    terms: dict[int, list[complex]] = defaultdict(list)
    share = 2.0 ** -(label.count("+") + label.count("-")) * 3.0 ** -label.count("0")
    for unit, directions, bits in single_shots(shots):
        value = complex(share)
        for qubit, sign in enumerate(reversed(label)):
            turn = {"0": None, "+": (1, 1j, 0), "-": (1, -1j, 0), "z": (0, 0, 1)}[sign]
            if turn is not None:
                value *= turn[directions[qubit]] * (1 - 2 * bits[qubit])
        if value:
            terms[unit].append(value)
    return square_of_sum(terms.values())


def word_f0(shots: Shots) -> float:
    """F0 of Eq. (12): the weights of Eq. (24) on all labels, letters z counting as no sign."""
    total = 0.0
    for letters in itertools.product("0+-z", repeat=shots.num_qubits):
        charge = letters.count("+") - letters.count("-")
        if charge:
            signs = letters.count("+") + letters.count("-")
            factor = 2.0 * charge**2 * 2.0 ** (signs - shots.num_qubits)
            total += factor * word_square(shots, "".join(letters))
    return total


# --- covering ---------------------------------------------------------------------------------


def covering_square(shots: Shots, label: str) -> float:
    """E_s from the parities by pattern: pairs of patterns, and pairs of shots of one pattern.

    A pattern's parity is the mean over all shots that show it. Two shots of one setting are paired
    with distinct ones only, with the weight (shots of the setting / shots of the pattern)^2.
    """
    inside = [k for k in range(len(label)) if label[len(label) - 1 - k] != "0"]
    signs = [1 if label[len(label) - 1 - k] == "+" else -1 for k in inside]
    by_pattern: dict[tuple[int, ...], dict[int, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for unit, directions, bits in single_shots(shots):
        pattern = tuple(directions[k] for k in inside)
        parity = math.prod(1 - 2 * bits[k] for k in inside)
        by_pattern[pattern][unit].append(parity)
    assert len(by_pattern) == 2 ** len(inside)
    factors, means, own = [], [], []
    for pattern, units in by_pattern.items():
        factor = 2.0 ** -len(inside) + 0j
        for letter, sign in zip(pattern, signs, strict=True):
            factor *= (1j * sign) ** letter
        shots_of_pattern = sum(len(part) for part in units.values())
        average = {unit: sum(part) / len(part) for unit, part in units.items()}
        share = {unit: len(part) / shots_of_pattern for unit, part in units.items()}
        square = sum(
            share[a] * share[b] * average[a] * average[b]
            for a, b in itertools.permutations(units, 2)
        )
        for unit, part in units.items():
            pairs = [a * b for a, b in itertools.permutations(part, 2)]
            square += share[unit] ** 2 * sum(pairs) / len(pairs)
        factors.append(factor)
        means.append(sum(share[unit] * average[unit] for unit in units))
        own.append(square)
    total = sum(abs(f) ** 2 * s for f, s in zip(factors, own, strict=True))
    for (f, a), (g, b) in itertools.permutations(zip(factors, means, strict=True), 2):
        total += (f * g.conjugate()).real * a * b
    return total


def covering_bound(shots: Shots, most: int) -> float:
    """The terms of Eq. (24) of up to ``most`` qubits."""
    return sum(
        weight(label) * covering_square(shots, label)
        for label in labels(shots.num_qubits)
        if weight(label) and order(label) <= most
    )


# --- equatorial -------------------------------------------------------------------------------


def strata_terms(
    shots: Shots, term: Callable[[tuple[int, ...], tuple[int, ...]], complex]
) -> list[list[complex]]:
    """The terms of every shot, by setting."""
    found: dict[int, list[complex]] = defaultdict(list)
    for unit, directions, bits in single_shots(shots):
        found[unit].append(term(directions, bits))
    return list(found.values())


def harmonic_square(shots: Shots, qubits: tuple[int, ...], charge: int) -> float:
    """|C_(A,q)|^2, C the mean over the N + 1 angles of e^(iqa) times the parity of the set A."""
    steps = shots.num_qubits + 1

    def term(directions: tuple[int, ...], bits: tuple[int, ...]) -> complex:
        turn = math.pi * directions[0] / steps * charge
        parity = math.prod(1 - 2 * bits[k] for k in qubits)
        return parity * complex(math.cos(turn), math.sin(turn)) / steps

    return square_of_sum(strata_terms(shots, term))


def equatorial_bound(shots: Shots) -> float:
    """The collective bound: all sets A, all q, sums of alike correlators as if all were equal."""
    num_qubits = shots.num_qubits
    total = 0.0
    for size in range(1, num_qubits + 1):
        for qubits in itertools.combinations(range(num_qubits), size):
            for minus in range(size + 1):
                charge = size - 2 * minus
                if charge:
                    factor = 2 * charge**2 * 2.0 ** (size - num_qubits) / math.comb(size, minus)
                    total += factor * harmonic_square(shots, qubits, charge)
    return total


# --- symmetric --------------------------------------------------------------------------------


def symmetric_square(shots: Shots, n_plus: int, n_minus: int) -> float:
    """E of any label with these signs: the mean over all such labels of one shot's estimate.

    <sigma_1^a sigma_2^b> is pooled over all choices of a qubits along sigma_1 and b along sigma_2
    in all settings, each choice with the same weight.
    """
    num_qubits, n = shots.num_qubits, n_plus + n_minus
    choices: dict[int, int] = defaultdict(int)
    for chosen in itertools.combinations(range(num_qubits), n):
        for k in range(num_qubits + 1):  # the k lowest qubits are along sigma_2
            choices[sum(qubit < k for qubit in chosen)] += 1

    def coefficient(b: int) -> complex:
        # prod (sigma_1 +- i sigma_2) / 2: terms with sigma_2 on b of the qubits
        signs = [1] * n_plus + [-1] * n_minus
        total = sum(math.prod(signs[k] for k in ys) for ys in itertools.combinations(range(n), b))
        return (1, 1j, -1, -1j)[b % 4] * total / 2**n

    def term(directions: tuple[int, ...], bits: tuple[int, ...]) -> complex:
        value = 0j
        for chosen in itertools.combinations(range(num_qubits), n):
            b = sum(directions[k] for k in chosen)
            parity = math.prod(1 - 2 * bits[k] for k in chosen)
            value += coefficient(b) * parity / choices[b]
        return value

    return square_of_sum(strata_terms(shots, term))


def symmetric_bound(shots: Shots) -> float:
    """Eq. (24) with multiplicities."""
    num_qubits = shots.num_qubits
    total = 0.0
    for plus in range(num_qubits + 1):
        for minus in range(num_qubits + 1 - plus):
            alike = math.comb(num_qubits, plus) * math.comb(num_qubits - plus, minus)
            if plus != minus:
                factor = 2 * (plus - minus) ** 2 * 2.0 ** (plus + minus - num_qubits) * alike
                total += factor * symmetric_square(shots, plus, minus)
    return total
