"""Does a setting tell what later ones are? Lags, gaps between repeats, and words of settings."""

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.settings.binomial import often_p, smallest_p
from qbell.certificates.settings.drawn import DrawnSettings, Letters
from qbell.certificates.settings.repeats import repeats_p, word_counts
from qbell.util.unique_rows import row_numbers

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEAST_DRAWS = 8  # fewer say nothing of order
LETTERS_OF_ALL_LAGS = 2**21  # draws x qubits (own letters) that are compared at all lags, at most
PAIRS_OF_ALL_LAGS = 2**21  # draws x qubits^2
PAIRS_OF_NEXT = 2**27
LONGEST = 8  # series of settings
NEAR = 4  # draws apart whose differences are looked at


def own_lags_p(drawn: DrawnSettings) -> tuple[float, float]:
    """P-values of a letter coming again so many draws later: of each qubit, and of all together.

    At each lag up to half of the draws, as long as these are few enough. How often letters t and
    t + lag agree is binomial with chance 1/D, as pairs of them form no loop; too rarely counts too
    (alternation). Lag 1 is the test of runs.
    """
    kept = min(len(drawn.directions), LETTERS_OF_ALL_LAGS // drawn.directions.shape[1])
    letters = drawn.directions[:kept]
    lags = np.arange(1, kept // 2 + 1)
    if kept < LEAST_DRAWS:
        return 1.0, 1.0
    waves = _waves(letters, drawn.letters)
    agree = np.array([_agreements(wave, wave)[lags] for wave in waves.transpose(2, 0, 1)])
    trials, chance = kept - lags, 1 / drawn.letters
    own = smallest_p(agree, np.broadcast_to(trials, agree.shape), chance)
    together = agree[: drawn.independent].sum(axis=0)
    return own, smallest_p(together, trials * drawn.independent, chance)


def pair_lags_p(drawn: DrawnSettings) -> float:
    """P-value of qubits repeating what another had so many draws before, or the opposite.

    As `own_lags_p`, of each qubit against each other one; the pairs of letters compared are
    disjoint.
    """
    num_qubits = drawn.directions.shape[1]
    kept = min(len(drawn.directions), PAIRS_OF_ALL_LAGS // num_qubits**2)
    if kept < LEAST_DRAWS:
        return 1.0
    waves = _waves(drawn.directions[:kept], drawn.letters)
    lags = np.arange(1, kept // 2 + 1)
    trials, chance = kept - lags, 1 / drawn.letters
    smallest = 1.0
    for qubit in range(num_qubits):
        others = np.delete(waves, qubit, axis=2)
        agree = _agreements(waves[:, :, qubit, None], others)[lags]
        smallest = min(smallest, smallest_p(agree, trials[:, None], chance))
    return float(min(1.0, smallest * num_qubits))


def next_letters_p(drawn: DrawnSettings) -> tuple[float, float]:
    """P-values of letters given the letters, and given the outcomes, of draws before.

    Whatever came before, a new letter added to it modulo D (or with it subtracted) is uniform: each
    event is binomial with chance 1/D. Looked at are the letters of all qubits in the draw before,
    and the outcomes, and the parity of all outcomes, of the four draws before.
    """
    num_qubits, letters = drawn.directions.shape[1], drawn.letters
    kept = min(len(drawn.directions), PAIRS_OF_NEXT // num_qubits**2)
    if kept < LEAST_DRAWS or drawn.outcomes is None:
        return 1.0, 1.0
    chosen, outcomes = drawn.directions[:kept], drawn.outcomes[:kept]
    parity = np.bitwise_xor.reduce(outcomes, axis=1)
    results = np.concatenate([outcomes, parity[:, None]], axis=1)
    after = [
        smallest_p(_events(chosen[lag:], results[:-lag], letters), kept - lag, 1 / letters)
        for lag in range(1, NEAR + 1)
    ]
    before = smallest_p(_events(chosen[1:], chosen[:-1], letters), kept - 1, 1 / letters)
    return before, min(1.0, min(after) * len(after))


def gaps_p(drawn: DrawnSettings) -> float:
    """P-value of a setting coming again so many draws later, as in a second pass through a list.

    Two draws so many apart have equal settings with probability 1/K, independently of other such
    pairs; counted are those between which the setting does not come a third time, at most as many.
    """
    words = row_numbers(drawn.directions)
    size = len(words)
    order = np.argsort(words, kind="stable")
    again = words[order][1:] == words[order][:-1]
    if not again.any() or size < LEAST_DRAWS:
        return 1.0
    gaps = np.bincount(np.diff(order)[again], minlength=size)[1:]
    return often_p(gaps, size - np.arange(1, size), 1 / drawn.equally_likely)


def words_p(drawn: DrawnSettings) -> tuple[float, float]:
    """P-values of how often steps from a setting to a later one repeat, and series of settings.

    Steps are the letters' differences modulo D between draws 1 to 4 apart: those of independent
    uniform draws are so too, those of a counter or a Gray code are few. Series are of 2 to 8
    draws that do not overlap, as long as series without the last draw would repeat by chance.
    """
    directions, letters = drawn.directions, drawn.letters
    size, settings = len(directions), drawn.equally_likely
    if size < LEAST_DRAWS:
        return 1.0, 1.0
    steps = []
    for lag in range(1, NEAR + 1):
        moved = (directions[lag:] + letters - directions[:-lag]) % letters
        steps.append(repeats_p(word_counts(row_numbers(moved)), settings))
    series, length = [1.0], 2
    names = np.unique(row_numbers(directions), return_inverse=True)[1].ravel().astype(np.int64)
    while length <= LONGEST and settings ** (length - 1) <= size**2:
        rows = names[: size // length * length].reshape(-1, length)
        series.append(repeats_p(word_counts(_row_names(rows)), settings**length))
        length += 1
    return min(1.0, len(steps) * min(steps)), min(1.0, len(series) * min(series))


def _row_names(rows: Integers) -> Integers:
    """(rows,) a number for each row of whole numbers: the same for equal rows only."""
    numbers = rows[:, 0]
    for column in rows.T[1:]:
        pairs = numbers * (int(rows.max()) + 1) + column
        numbers = np.unique(pairs, return_inverse=True)[1].ravel().astype(np.int64)
    return numbers


def _waves(letters: Letters, names: int) -> NDArray[np.complex128]:
    """(D, frequencies, N) Fourier transforms of where each qubit has each letter."""
    size = 2 ** int(np.ceil(np.log2(1.5 * len(letters))))  # half of it is the longest lag
    return np.array([np.fft.rfft(letters == name, size, axis=0) for name in range(names)])


def _agreements(first: NDArray[np.complex128], second: NDArray[np.complex128]) -> Integers:
    """(lags, ...) how often ``first`` has at t the letter of ``second`` at t + lag."""
    counts = np.fft.irfft((first.conj() * second).sum(axis=0), axis=0)
    return np.rint(counts).astype(np.int64)


def _events(new: Letters, before: Letters, letters: int) -> Floats:
    """How often each new letter plus, and minus, each earlier value has each rest modulo D."""
    values = 2 if letters == 2 else int(before.max(initial=0)) + 1
    together = [
        [(new == a).astype(float).T @ (before == b).astype(float) for b in range(values)]
        for a in range(letters)
    ]
    if letters == 2:
        return np.ravel(together[0][0] + together[1][1])
    return np.array(
        [
            sum(together[(rest + sign * b) % letters][b] for b in range(values))
            for sign in (1, -1)
            for rest in range(letters)
        ]
    ).ravel()
