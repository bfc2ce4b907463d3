"""How often letters came: neither too unevenly nor too evenly."""

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.observed_settings import pair_sums
from qbell.certificates.settings.binomial import evenness, smallest_p
from qbell.certificates.settings.drawn import DrawnSettings

Floats = NDArray[np.float64]


def frequencies_p(drawn: DrawnSettings) -> float:
    """P-value of how often each qubit was measured along each direction, and how often pairs.

    Of each pair of qubits it is how often the directions, numbered from 0 to D - 1, had each sum
    and each difference modulo D, binomial with chance 1/D. Then how often the number of sigma_2 in
    a setting had each rest modulo 4, and modulo 2: a model that likes some settings for the sign of
    their Bell correlator would choose them by it.
    """
    pairs = pair_sums(drawn.directions, drawn.weights[:, None], drawn.letters)
    counts = _frequencies(pairs, drawn.independent)
    twos = (drawn.directions == 1).sum(axis=1)
    rests = np.bincount(twos % 4, drawn.weights, minlength=4)
    chances = _chances_of_rests(drawn)
    return smallest_p(
        np.concatenate([counts, rests, [rests[0] + rests[2]]]),
        drawn.total,
        np.concatenate(
            [np.full(len(counts), 1 / drawn.letters), chances, [chances[0] + chances[2]]]
        ),
    )


def _chances_of_rests(drawn: DrawnSettings) -> Floats:
    """(4,) probabilities of the number of sigma_2 modulo 4; where one letter follows from the
    others, of even numbers only: 1/4 sum_j i^(-j r) (1 - p + p i^j)^N with p = 1/D."""
    turns = np.array([1, 1j, -1, -1j])
    factors = (1 + (turns - 1) / drawn.letters) ** drawn.directions.shape[1]
    chances = np.clip([(factors * turns.conj() ** rest).sum().real / 4 for rest in range(4)], 0, 1)
    if drawn.independent < drawn.directions.shape[1]:
        chances[1::2] = 0
    values: Floats = chances / chances.sum()
    return values


def evenness_p(drawn: DrawnSettings) -> float:
    """P-value of letters of all qubits together coming too evenly.

    One qubit's letter comes exactly as often as expected with a probability that is not small, all
    qubits' letters do not. The probabilities e_k of so even a count are independent, so that
    -2 sum_k ln e_k follows chi^2 with 2N degrees of freedom, or a smaller law as counts are whole.

    Source: R. A. Fisher, Statistical Methods for Research Workers, sec. 21.1 (1932).
    """
    names = 1 if drawn.letters == 2 else drawn.letters  # with two, one count fixes the other
    p_values = []
    for letter in range(names):
        counts = drawn.weights @ (drawn.directions[:, : drawn.independent] == letter)
        logs = np.log(np.maximum(evenness(counts, drawn.total, 1 / drawn.letters), 1e-300))
        p_values.append(float(scipy.special.chdtrc(2 * len(counts), -2 * logs.sum())))
    return min(1.0, names * min(p_values))


def _frequencies(pairs: Floats, independent: int) -> Floats:
    """How often events of probability 1/D happened, from ``pairs[a, k, b, j]`` of `pair_sums`.

    ``independent``: so many letters of a setting are independent; with 1, pairs are left out.
    """
    letters, num_qubits = pairs.shape[:2]
    qubits, (low, high) = np.arange(num_qubits), np.triu_indices(num_qubits, 1)
    # With two directions one frequency fixes the other, and sum and difference are the same.
    events = range(1, 2) if letters == 2 else range(letters)
    frequencies = [pairs[a, qubits, a, qubits] for a in events]
    signs = (1,) if letters == 2 else (1, -1)
    for sign in signs if independent > 1 else ():
        for event in events:
            others = [sign * (event - a) % letters for a in range(letters)]  # a + sign b = event
            frequencies.append(sum(pairs[a, low, others[a], high] for a in range(letters)))
    return np.concatenate(frequencies)
