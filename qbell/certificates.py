"""What the data certify: nonlocality and entanglement depths, a p-value, no-signalling.

Each depth asks how large E_{N,0} can be in a model of some kind with groups of at most k qubits,
and rejects k when the lower end of the interval of E_{N,0} is above that. The models differ, and
so do the depths; none is ever reported under another's name.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from qbell.shots import Shots

ALARM = 0.001  # p-value below which data are not what they are said to be
QUANTUM_LIMIT = 0.25
MAX_HISTOGRAM_QUBITS = 20  # above, settings are too many to be counted one by one
STRICT = 1e-9  # relative: a correlator exactly at a limit, but for rounding, does not exceed it


def bell_qubits_limit(num_qubits: int, most: int) -> int:
    """-log2 of the largest E_{N,0} if at most ``most`` qubits take part in nonlocal groups.

    The paper's count: N - most + 2 for most >= 2, and N if there are none. E > 2^-(m + 3) means
    that at least N - m qubits are Bell correlated. Source: PRL 126, 210506, text before Eq. (26).
    """
    return num_qubits if most < 2 else num_qubits - most + 2


def nonlocality_limit(num_qubits: int, size: int) -> int:
    """-log2 of the largest E_{N,0} if every group has at most ``size`` qubits (genuine depth).

    Groups share no nonlocal correlation with each other; each is quantum and contributes at most
    1/4, a single qubit 1/2: with N = q size + r it is 2 q + min(r, 2) for size >= 3, else N.
    """
    if size <= 2:
        return num_qubits
    whole, rest = divmod(num_qubits, size)
    return 2 * whole + min(rest, 2)


def no_signalling_limit(num_qubits: int, size: int) -> int:
    """As `nonlocality_limit`, with groups of arbitrary no-signalling boxes, 1/2 each: ceil(N/k)."""
    return -(-num_qubits // size)


def entanglement_limit(num_qubits: int, size: int) -> int:
    """-log2 of the largest E_{N,0} if at most ``size`` qubits are entangled: 2 ceil(N / size).

    This one trusts that the measurements are sigma_1 and sigma_2; the others do not.
    """
    return 2 * -(-num_qubits // size)


@dataclass(frozen=True)
class Depths:
    """What E_{N,0} above some value implies; 0 or 1 say that nothing is implied.

    Attributes:
        bell_qubits: qubits that take part in nonlocal groups (the paper's count); 0 if none.
        nonlocality_depth: qubits in the largest group that is genuinely nonlocal (quantum groups).
        no_signalling_depth: the same, against groups of arbitrary no-signalling boxes.
        entanglement_depth: qubits in the largest entangled group, trusting the measurements.
    """

    bell_qubits: int
    nonlocality_depth: int
    no_signalling_depth: int
    entanglement_depth: int


def depths(num_qubits: int, e_n: float) -> Depths:
    """The depths that a value (or a lower limit) of E_{N,0} implies.

    >>> depths(6, 0.25)
    Depths(bell_qubits=6, nonlocality_depth=6, no_signalling_depth=3, entanglement_depth=6)
    >>> depths(6, 2**-6).bell_qubits
    0
    """

    return depths_of_log(num_qubits, math.log(e_n) if e_n > 0 else -math.inf)


def depths_of_log(num_qubits: int, log_e_n: float) -> Depths:
    """`depths` from ln E_{N,0}, which does not underflow for many qubits.

    >>> depths_of_log(2000, -1.3863).bell_qubits
    2000
    """

    def largest(limit: Callable[[int, int], int]) -> int:
        rejected = [
            k
            for k in range(1, num_qubits)
            if log_e_n > -limit(num_qubits, k) * math.log(2) + STRICT
        ]
        return max(rejected, default=0) + 1

    bell = largest(bell_qubits_limit)
    return Depths(
        bell_qubits=bell if bell > 1 else 0,
        nonlocality_depth=largest(nonlocality_limit),
        no_signalling_depth=largest(no_signalling_limit),
        entanglement_depth=largest(entanglement_limit),
    )


@dataclass(frozen=True)
class Certificate:
    """Statements about a data set, each with its confidence.

    Attributes:
        p_value: upper limit on the probability of such data under local realism; None where the
            way the settings were chosen allows no such statement (see ``notes``).
        bell_qubits, nonlocality_depth, no_signalling_depth, entanglement_depth: see `Depths`; from
            the lower end of the interval of E_{N,0}.
        confidence: of the depths; that of the interval, two-sided, so they hold at least so often.
        no_signalling_p: p-value of the hypothesis that no qubit's marginal depends on others'
            settings, corrected for the number of tests. Below 0.001 the data signal, and no Bell
            statement is made.
        settings_p: p-value of the hypothesis that random settings were drawn uniformly and
            independently, corrected likewise; None for designs that draw none. Below 0.001 nothing
            is certified: the estimates rest on it.
        phase: direction in the plane along which the p-value looks, fixed before the data.
        notes: reasons for what is missing, and warnings.
    """

    p_value: float | None
    bell_qubits: int
    nonlocality_depth: int
    no_signalling_depth: int
    entanglement_depth: int
    confidence: float
    no_signalling_p: float
    settings_p: float | None
    phase: float
    notes: tuple[str, ...] = ()


def certify(shots: Shots, e_n_low: float, confidence: float, *, phase: float = 0.0) -> Certificate:
    """Certificate of a data set, given the lower end of its interval for E_{N,0}.

    Mitigated, post-selected and signalling data make no Bell claim: only the entanglement depth,
    which trusts the measurement anyway, is kept. Data that contradict what they are said to be
    certify nothing.
    """
    found = depths(shots.num_qubits, e_n_low)
    p_value, reason = local_realism_p(shots, phase=phase)
    notes = [reason] if reason else []
    bell_stands = all_stands = True
    signalling = no_signalling_p(shots)
    if signalling < ALARM:
        notes.append(
            f"the data signal (no-signalling p = {signalling:.2g}): a marginal depends on another "
            "qubit's setting, so no Bell statement stands"
        )
        bell_stands = False
    uniform = settings_p(shots)
    if uniform is not None and uniform < ALARM:
        notes.append(
            f"the settings were not drawn uniformly and independently (p = {uniform:.2g}): the "
            "estimates of a random design do not hold, and nothing is certified"
        )
        all_stands = False
    if e_n_low > QUANTUM_LIMIT * (1 + STRICT):
        notes.append(
            "E_N,0 lies above 1/4, which no quantum state reaches: the settings or counts are not "
            "what they are said to be, and nothing is certified"
        )
        all_stands = False
    if shots.provenance != "raw":
        notes.append(f"{shots.provenance} data support no Bell claim, only a witness")
        bell_stands = False
    bell_stands = bell_stands and all_stands
    return Certificate(
        p_value=p_value if bell_stands else None,
        bell_qubits=found.bell_qubits if bell_stands else 0,
        nonlocality_depth=found.nonlocality_depth if bell_stands else 1,
        no_signalling_depth=found.no_signalling_depth if bell_stands else 1,
        entanglement_depth=found.entanglement_depth if all_stands else 1,
        confidence=confidence,
        no_signalling_p=signalling,
        settings_p=uniform,
        phase=phase,
        notes=tuple(notes),
    )


def local_realism_p(shots: Shots, *, phase: float = 0.0) -> tuple[float | None, str]:
    """Upper limit on the p-value of the data under local realism, or None and the reason.

    With a fresh random setting for every shot, x_i = Re(e^(i phase) prod_k x_k w_k) lies in
    [-1, 1] and its mean given the past is at most 2^(-N/2) in any local model, also one with
    memory; by Azuma and Hoeffding p <= exp(-M (mean - 2^(-N/2))^2 / 2). Where a setting is kept
    for several shots a model with memory knows it after the first, and the argument fails.
    """
    if shots.design != "random":
        return None, (
            f"no p-value against local realism: the {shots.design} design measures settings in "
            "blocks, and a model with memory could follow; use design random with 1 shot a draw"
        )
    if shots.shots_per_setting != 1:
        return None, (
            "no p-value against local realism: several shots share one random setting, and a "
            "model with memory could follow; use 1 shot a draw"
        )
    if shots.provenance != "raw":
        return None, f"no p-value against local realism: the counts are {shots.provenance}"
    trials = shots.total
    products = 1 - 2 * (shots.bits.sum(axis=1) % 2).astype(float)
    powers = np.exp(1j * (phase + np.pi / 2 * shots.directions.sum(axis=1)))
    mean = float((products * powers.real) @ shots.counts) / trials
    excess = mean - 2.0 ** (-shots.num_qubits / 2)
    if excess <= 0:
        return 1.0, ""
    return max(math.exp(-trials * excess**2 / 2), float(np.finfo(float).tiny)), ""


def settings_p(shots: Shots) -> float | None:
    """P-value of "settings were drawn uniformly and independently"; None if none were drawn.

    By Bonferroni over: how often each qubit, and the exclusive or of each pair of qubits, was
    measured along sigma_2 (exact binomial tests); and, with 5 draws a setting or more, how evenly
    the settings came, both too unevenly and too evenly (chi^2: a list of all settings is no draw).
    """
    if shots.design != "random":
        return None
    if shots.draws is None:
        directions, weights = shots.directions, shots.counts
    else:
        first = np.unique(shots.draws, return_index=True)[1]
        directions, weights = shots.directions[first], np.ones(len(first), dtype=np.int64)
    total = int(weights.sum())
    num_qubits = shots.num_qubits
    second = directions.astype(np.int64)
    both = (second * weights[:, None]).T @ second  # [k, j]: draws with k and j along sigma_2
    alone = np.diag(both)
    different = alone[:, None] + alone[None, :] - 2 * both
    ones = np.concatenate([alone, different[np.triu_indices(num_qubits, 1)]])
    tails = np.minimum(stats.binom.cdf(ones, total, 0.5), stats.binom.sf(ones - 1, total, 0.5))
    p_values = (2 * tails).tolist()
    if num_qubits <= MAX_HISTOGRAM_QUBITS and total >= 5 * 2**num_qubits:
        numbers = second @ (1 << np.arange(num_qubits))
        seen = np.bincount(numbers, weights, minlength=2**num_qubits)
        expected = total / 2**num_qubits
        statistic = float(((seen - expected) ** 2).sum() / expected)
        freedom = 2**num_qubits - 1
        p_values += [stats.chi2.sf(statistic, freedom), stats.chi2.cdf(statistic, freedom)]
    return float(min(1.0, min(p_values) * len(p_values)))


def no_signalling_p(shots: Shots) -> float:
    """P-value of "no marginal depends on others' settings", corrected by Bonferroni.

    Two kinds of tests, for every qubit and each of its own directions. Against every other qubit's
    direction: a 2x2 table, by chi^2, or by Fisher's exact test where a cell expects fewer than 10
    or the result matters (p < 0.01). Against the settings of all others at once: chi^2, where each
    of them expects 10 or more of either outcome; it sees what depends on several settings jointly.
    """
    num_qubits = shots.num_qubits
    settings = shots.setting_index if num_qubits <= MAX_HISTOGRAM_QUBITS else None
    p_values = []
    for direction in (0, 1):
        own = (shots.directions == direction) * shots.counts[:, None].astype(float)
        ones = own * shots.bits
        tables = []
        for other in (0, 1):
            theirs = (shots.directions == other).astype(float)
            seen = own.T @ theirs  # [k, j]: shots with qubit k along `direction`, j along `other`
            high = ones.T @ theirs
            tables.append(np.stack([high, seen - high], axis=-1))
        pairs = np.stack(tables, axis=-2)  # [k, j, other, outcome]
        for k in range(num_qubits):
            p_values += [_table_p(pairs[k, j]) for j in range(num_qubits) if j != k]
            if settings is not None:
                kept = own[:, k] > 0
                others = settings[kept] & ~np.int64(1 << k)
                p_values.append(_joint_p(others, own[kept, k], ones[kept, k]))
    tested = [p for p in p_values if p is not None]
    return float(min(1.0, min(tested, default=1.0) * len(tested)))


def _table_p(table: NDArray[np.float64]) -> float | None:
    """P-value of independence; None where a direction of the other qubit was never measured."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if rows.min() == 0:
        return None
    if columns.min() == 0:  # always the same outcome, in both directions of the other qubit
        return 1.0
    expected = np.outer(rows, columns) / table.sum()
    if expected.min() >= 10:
        statistic = float(((table - expected) ** 2 / expected).sum())
        p = float(stats.chi2.sf(statistic, 1))
        if p > 0.01:
            return p
    return float(stats.fisher_exact(table.astype(np.int64)).pvalue)


def _joint_p(
    others: NDArray[np.int64], seen: NDArray[np.float64], ones: NDArray[np.float64]
) -> float | None:
    """P-value of one marginal not depending on the others' settings; None with too few shots.

    Rows: the others' settings as a number, shots, and how many of these had outcome 1.
    """
    groups, index = np.unique(others, return_inverse=True)
    if len(groups) < 2:
        return None
    total, high = np.bincount(index, seen), np.bincount(index, ones)
    share = high.sum() / total.sum()
    if total.min() * min(share, 1 - share) < 10:
        return None
    statistic = float(((high - total * share) ** 2 / (total * share * (1 - share))).sum())
    return float(stats.chi2.sf(statistic, len(groups) - 1))
