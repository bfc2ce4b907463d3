"""Does the parity of a group of qubits depend on what is measured on the others?"""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.fisher import exact_p
from qbell.certificates.observed_settings import ObservedSettings
from qbell.conventions.labels import sums_by
from qbell.shots.grouping import by_setting

Floats = NDArray[np.float64]
Group = tuple[int, ...]

PAIR_WORK = 2**27  # pairs x settings x qubits; of more, nearest neighbours alone are tested
PAIR_TESTS = 2**18  # pairs x qubits
MANY_TESTS = 20000  # of larger groups; of more, none is tested
REST_WORK = 2**20  # settings x qubits^2; of more, no setting of all but one is looked for twice
BLOCK = 2**22  # numbers in memory at a time
LEAST = 1e-300  # smaller p-values count as this one
EXACT = 2**24  # whole numbers below it are exact in single precision


def groups_p(
    observed: ObservedSettings,
    letters: int,
    groups: Sequence[Group],
    conditions: NDArray[np.bool_] | None = None,
) -> Floats:
    """P-values of the parity of each of ``groups``, all of one size, against others' settings.

    For each setting of the group's own qubits: Fisher's exact test of the parity against each
    direction of each other qubit, and against the number of sigma_2 in the setting, modulo 4, in
    two halves (three ways): by it the sign of a Bell correlator goes. Without signalling the parity
    has one law, whatever is measured elsewhere. Then the tests of all own settings together, see
    `together_p`. Other ``conditions`` (settings, any number) on settings may be given.
    """
    if conditions is None:
        conditions = _conditions(observed, letters)
    precision = np.float32 if observed.totals.sum() < EXACT else np.float64
    where = conditions.astype(precision)
    p_values = [np.zeros(0)]
    words = letters ** len(groups[0]) if groups else 1
    step = max(1, BLOCK // (2 * words * len(observed.totals)))
    for start in range(0, len(groups), step):
        block = groups[start : start + step]
        weights = np.zeros((len(block), 2, words, len(observed.totals)), dtype=precision)
        for entry, group in zip(weights, block, strict=True):
            word = observed.directions[:, group] @ letters ** np.arange(len(group))
            rows = np.arange(len(word))
            entry[0, word, rows] = observed.totals
            entry[1, word, rows] = observed.odd(group)
        # (groups, words, conditions), and the sums over all others' settings
        sums = (weights.reshape(-1, len(observed.totals)) @ where).astype(float)
        shots, odd = np.moveaxis(sums.reshape(len(block), 2, words, -1), 1, 0)
        total, good = (
            np.broadcast_to(part.sum(axis=-1, dtype=float)[..., None], shots.shape)
            for part in np.moveaxis(weights, 1, 0)
        )
        tested = (shots > 0) & (shots < total)
        each = np.ones(shots.shape)
        each[tested] = exact_p(odd[tested], shots[tested], good[tested], total[tested])
        number = tested.sum(axis=1)
        several = number > 1
        together = together_p(np.log(np.maximum(each, LEAST)).sum(axis=1), number)
        p_values += [each[tested], together[several]]
    return np.concatenate(p_values)


def together_p(logs: Floats, number: Floats) -> Floats:
    """P-value of ``number`` independent tests together, whose p-values' logarithms add to ``logs``.

    -2 sum ln p follows chi^2 with twice as many degrees of freedom, or a smaller law where counts
    are whole. Source: R. A. Fisher, Statistical Methods for Research Workers, sec. 21.1 (1932).
    """
    values: Floats = scipy.special.chdtrc(2 * number, -2 * logs)
    return values


def near_pairs(observed: ObservedSettings) -> list[Group]:
    """All pairs of qubits; of too many those of neighbours by number, of very many some."""
    size = observed.directions.shape[1]
    pairs: list[Group] = list(itertools.combinations(range(size), 2))
    if len(pairs) * observed.directions.size <= PAIR_WORK:
        return pairs
    return [(qubit, qubit + 1) for qubit in range(0, size - 1, -(-size * size // PAIR_TESTS))]


def same_directions(observed: ObservedSettings) -> NDArray[np.bool_]:
    """(settings, pairs) whether two qubits have the same direction; no pairs where too many."""
    directions = observed.directions
    size = directions.shape[1]
    if size**3 > 2 * PAIR_TESTS or size * directions.size > BLOCK:
        return np.zeros((len(directions), 0), dtype=bool)
    low, high = np.triu_indices(size, 1)
    same: NDArray[np.bool_] = directions[:, low] == directions[:, high]
    return same


def larger_groups(observed: ObservedSettings, letters: int) -> Iterator[list[Group]]:
    """By size, all groups of three qubits to all but two, where these are few tests."""
    size = observed.directions.shape[1]
    tests = sum(
        math.comb(size, n) * letters**n * (size - n + 3) * (1 if letters == 2 else letters)
        for n in range(3, size - 1)
    )
    if tests <= MANY_TESTS:
        for n in range(3, size - 1):
            yield list(itertools.combinations(range(size), n))


def rest_p(observed: ObservedSettings, letters: int) -> Floats:
    """P-values of the parity of all qubits but one against the setting of that one.

    In each setting of the others that was measured with several directions of the one: Fisher's
    exact test; then all these tests together, see `together_p`.
    """
    size = observed.directions.shape[1]
    if size * observed.directions.size > REST_WORK:
        return np.zeros(0)
    p_values = [np.zeros(0)]
    for qubit in range(size):
        others = [k for k in range(size) if k != qubit]
        rest = by_setting(observed.directions[:, others])
        index, odd = rest.index, observed.odd(others)
        total, good = (sums_by(index, part, len(rest)) for part in (observed.totals, odd))
        for letter in range(1 if letters == 2 else letters):
            along = (observed.directions[:, qubit] == letter).astype(float)
            shots = sums_by(index, along * observed.totals, len(rest))
            found = sums_by(index, along * odd, len(rest))
            tested = (shots > 0) & (shots < total)
            if not tested.any():
                continue
            each = exact_p(found[tested], shots[tested], good[tested], total[tested])
            logs = np.log(np.maximum(each, LEAST)).sum(keepdims=True)
            p_values += [each, together_p(logs, np.array([len(each)]))]
    return np.concatenate(p_values)


def _conditions(observed: ObservedSettings, letters: int) -> NDArray[np.bool_]:
    """(settings, conditions) on the setting of one qubit, or on the number of sigma_2."""
    directions = observed.directions
    names = range(1) if letters == 2 else range(letters)  # one against the other is one test
    turned = (directions == 1).sum(axis=1) % 4
    halves = np.array([turned < 2, (turned == 1) | (turned == 2), turned % 2 == 0])
    return np.concatenate([*((directions == name) for name in names), halves.T], axis=1)
