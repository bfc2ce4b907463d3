"""What the data certify: nonlocality and entanglement depths, a p-value, no-signalling.

Each depth asks how large E_{N,0} can be in a model of some kind with groups of at most k qubits,
and rejects k when the lower end of the interval of E_{N,0} is above that. The models differ, and
so do the depths; none is ever reported under another's name.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from qbell.shots import Shots

SIGNALLING_ALARM = 0.001  # honest data raise this alarm in one of a thousand runs at most
STRICT = 1 + 1e-9  # a correlator exactly at a limit, but for rounding, does not exceed it


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

    def largest(limit: "object") -> int:
        assert callable(limit)
        rejected = [k for k in range(1, num_qubits) if e_n > 2.0 ** -limit(num_qubits, k) * STRICT]
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
        no_signalling_p: p-value of the hypothesis that no qubit's marginal depends on another's
            setting, corrected for the number of tests. A small one means signalling, and then
            none of the Bell statements stand.
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
    phase: float
    notes: tuple[str, ...] = ()


def certify(shots: Shots, e_n_low: float, confidence: float, *, phase: float = 0.0) -> Certificate:
    """Certificate of a data set, given the lower end of its interval for E_{N,0}.

    Mitigated and post-selected data make no Bell claim: only the entanglement depth, which trusts
    the measurement anyway, is kept.
    """
    found = depths(shots.num_qubits, e_n_low)
    notes = []
    p_value, reason = local_realism_p(shots, phase=phase)
    if reason:
        notes.append(reason)
    signalling = no_signalling_p(shots)
    if signalling < SIGNALLING_ALARM:
        notes.append(
            f"the data signal (no-signalling p = {signalling:.2g}): a marginal depends on another "
            "qubit's setting, so no Bell statement stands"
        )
    if shots.provenance != "raw":
        notes.append(f"{shots.provenance} data support no Bell claim, only a witness")
        found = Depths(0, 1, 1, found.entanglement_depth)
    return Certificate(
        p_value=p_value,
        bell_qubits=found.bell_qubits,
        nonlocality_depth=found.nonlocality_depth,
        no_signalling_depth=found.no_signalling_depth,
        entanglement_depth=found.entanglement_depth,
        confidence=confidence,
        no_signalling_p=signalling,
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


def no_signalling_p(shots: Shots) -> float:
    """P-value of "no marginal depends on another's setting", corrected by Bonferroni.

    For every qubit, own direction and other qubit: a 2x2 table of the outcome against the other's
    direction, by chi^2 or, where a cell expects fewer than 10, by Fisher's exact test.
    """
    num_qubits = shots.num_qubits
    outcome = shots.bits.astype(float)
    smallest, tests = 1.0, 0
    for direction in (0, 1):
        own = (shots.directions == direction) * shots.counts[:, None].astype(float)
        for other in (0, 1):
            theirs = (shots.directions == other).astype(float)
            seen = own.T @ theirs  # [k, j]: shots with qubit k along `direction`, j along `other`
            ones = (own * outcome).T @ theirs
            if other == 0:
                seen_first, ones_first = seen, ones
        tables = np.stack(
            [ones_first, seen_first - ones_first, ones, seen - ones], axis=-1
        ).reshape(num_qubits, num_qubits, 2, 2)
        for k in range(num_qubits):
            for j in range(num_qubits):
                if k != j and (p := _table_p(tables[k, j])) is not None:
                    tests += 1
                    smallest = min(smallest, p)
    return min(1.0, smallest * max(tests, 1))


def _table_p(table: NDArray[np.float64]) -> float | None:
    """P-value of independence; None where a direction of the other qubit was never measured."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if rows.min() == 0:
        return None
    if columns.min() == 0:  # always the same outcome, in both directions of the other qubit
        return 1.0
    expected = np.outer(rows, columns) / table.sum()
    if expected.min() < 10:
        return float(stats.fisher_exact(table.astype(np.int64)).pvalue)
    statistic = float(((table - expected) ** 2 / expected).sum())
    return float(stats.chi2.sf(statistic, 1))
