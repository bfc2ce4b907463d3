"""`estimate`: everything that a data set says, with error bars."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.certificates import Certificate, certify
from qbell.checks import (
    confidence_level,
    enough_resamples,
    finite_number,
    require_memory,
    whole_number,
)
from qbell.errors import QbellError
from qbell.estimator.intervals import Bootstrap, bootstrap_bound, squared_intervals
from qbell.estimator.moments import cells_of, moments
from qbell.estimator.units import group
from qbell.labels import all_labels, bound_weights, signs, sums_by
from qbell.shots import Shots

MAX_QUBITS = 12


@dataclass(frozen=True)
class Estimate:
    """A number, its standard error and its two-sided confidence interval.

    ``value`` is unbiased, so it may lie below 0 where the truth is near 0; the interval begins at 0
    or above. ``degenerate`` marks an interval that the scatter seen in the data does not carry:
    nothing scatters, or only at second order. It is then wider than it need be.
    """

    value: float
    standard_error: float
    low: float
    high: float
    confidence: float
    degenerate: bool = False


@dataclass(frozen=True)
class Result:
    """What `estimate` returns.

    Attributes:
        shots: the data.
        bound: the bound of Eq. (24), a lower bound on the quantum Fisher information.
        e_n: E_{N,0}, the correlator of all qubits with sigma_+.
        correlators: table of all 3^N correlators: label, n_plus, n_minus, order, value,
            standard_error, low, high, local_bound.
        bound_by_order: table order, value, standard_error, low, high: the terms of the bound that
            n-body correlators carry.
        certificate: depths, p-value and no-signalling test.
        bootstrap: the resampled deviations of the bound, by order.
    """

    shots: Shots
    bound: Estimate
    e_n: Estimate
    correlators: pd.DataFrame
    bound_by_order: pd.DataFrame
    certificate: Certificate
    bootstrap: Bootstrap


def estimate(
    shots: Shots,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int | None = None,
    *,
    phase: float = 0.0,
    progress: Callable[[int], None] | None = None,
) -> Result:
    """Estimate all correlators and the bound from shots, without bias, with intervals.

    E_s = |c_s|^2 is estimated from pairs of distinct shots (random design: of distinct draws), as
    |mean|^2 alone would be too large by the variance of the mean. Intervals: of each correlator by
    inverting the law of |c_hat|^2; of the bound by the shifted bootstrap over what was randomised
    (shots within a setting, or draws).

    Args:
        shots: counts of a full or random design, N up to 12.
        confidence: of the two-sided intervals, each for itself (not simultaneous).
        resamples: number of bootstrap resamples.
        seed: of the bootstrap. None derives it from the data, so that the same data give the same
            intervals wherever they are analysed.
        phase: direction, in radians, of the test of local realism; to be fixed before the data are
            seen. 0 suits GHZ, Ising with U < 0 and the double well.
        progress: called with the number of resamples just done.

    Raises:
        QbellError: N above 12, fewer than 2 shots in a setting of a full design, or resamples too
            few for the confidence.

    Source: PRL 126, 210506, Eqs. (1), (23), (24).

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=500, seed=1)
    >>> result = qbell.estimate(shots)
    >>> result.bound.low < 9 < result.bound.high
    True
    """
    confidence = confidence_level(confidence)
    resamples = enough_resamples(resamples, confidence)
    phase = finite_number("phase", phase)
    num_qubits = shots.num_qubits
    if num_qubits > MAX_QUBITS:
        raise QbellError(
            f"the data have n = {num_qubits} qubits; this version estimates up to n = {MAX_QUBITS}"
        )
    require_memory(8.0 * 4**num_qubits * 10, f"estimating 3^{num_qubits} correlators")
    if seed is not None:
        seed = whole_number("seed", seed, least=0)
    sequence = np.random.SeedSequence(data_seed(shots) if seed is None else seed)

    units = group(shots)
    found = moments(units, cells_of(units, num_qubits), num_qubits)
    squares = found.squares(num_qubits)
    intervals, errors = squared_intervals(found, num_qubits, confidence)
    squares[0], n = 1.0, num_qubits
    bootstrap = bootstrap_bound(units, found, n, resamples, sequence, progress)
    n_plus, n_minus = signs(n)
    order = n_plus + n_minus
    correlators = pd.DataFrame(
        {
            "label": all_labels(n),
            "n_plus": n_plus,
            "n_minus": n_minus,
            "order": order,
            "value": squares,
            "standard_error": errors,
            "low": intervals[:, 0],
            "high": intervals[:, 1],
            "local_bound": 2.0**-order,
        }
    )
    by_order = sums_by(order, bound_weights(n) * squares, n + 1)
    top = (3**n - 1) // 2  # label ++...+
    e_n = Estimate(
        float(squares[top]),
        float(errors[top]),
        float(intervals[top, 0]),
        float(intervals[top, 1]),
        confidence,
    )
    return Result(
        shots=shots,
        bound=_bound(float(by_order.sum()), bootstrap, confidence, shots.total),
        e_n=e_n,
        correlators=correlators,
        bound_by_order=_by_order(by_order, bootstrap, confidence),
        certificate=certify(shots, e_n.low, confidence, phase=phase),
        bootstrap=bootstrap,
    )


def data_seed(shots: Shots) -> int:
    """A number that depends on the counts alone: not on the order of rows or on other columns."""
    table = np.stack([shots.setting_index, shots.outcome_index, shots.counts], axis=1)
    if shots.draws is not None:
        table = np.column_stack([table, shots.draws])
    table = table[np.lexsort(table.T[::-1])].astype("<i8")
    return int.from_bytes(hashlib.sha256(table.tobytes()).digest()[:8], "little")


def _bound(value: float, bootstrap: Bootstrap, confidence: float, total_shots: int) -> Estimate:
    deviations = bootstrap.by_order.sum(axis=1)
    low, high = bootstrap.shift(value, deviations, confidence)
    error = float(np.std(deviations, ddof=1))
    if high - low <= 1e-9 * (1 + abs(value)):
        # All draws are alike, setting and outcome. What is compatible with that: flips in a share
        # q of half of the shots, which take B to (1 - 2 q)^2 B.
        unseen = 4 * abs(value) * -np.log((1 - confidence) / 2) / (total_shots / 2)
        low, high, error = value - unseen, value + unseen, unseen / 2
    low = max(float(low), 0.0)
    return Estimate(value, error, low, max(float(high), low), confidence, bootstrap.degenerate)


def _by_order(values: NDArray[np.float64], bootstrap: Bootstrap, confidence: float) -> pd.DataFrame:
    deviations = bootstrap.by_order
    ends = np.clip(bootstrap.shift(values, deviations, confidence), 0, None)
    return pd.DataFrame(
        {
            "order": np.arange(len(values)),
            "value": values,
            "standard_error": np.std(deviations, axis=0, ddof=1),
            "low": ends[:, 0],
            "high": ends[:, 1],
        }
    )
