"""What no quantum state exceeds: E_s = 1/4 for every correlator, N^2 for the bound and for F0."""

import math

import numpy as np
import scipy

from qbell.estimator.intervals.bound_interval import SamplingDistribution
from qbell.estimator.raw_estimates import Findings

LARGEST_E = 0.25


def quantum_p(found: Findings, num_qubits: int) -> float:
    """P-value of "a quantum state, measured as described, gave these data".

    Bonferroni's correction over the tests of: all E_s <= 1/4 of the table (in turn corrected for
    their number), the bound <= N^2 and F0 <= N^2, and what else the design can compare. The second
    and third hold as both are lower bounds of the quantum Fisher information of h, whose spectrum
    is N wide.

    Source: PRL 126, 210506, Eqs. (8), (12), (24) and the text around Eq. (23).
    """
    p_values = [found.correlators.p_above(LARGEST_E)]
    most = float(num_qubits**2)
    if found.bound_scale is None:
        p_values.append(_p_above(found.deviations.distribution(), most))
    if found.f0 is not None:
        p_values.append(_p_above(found.f0, most))
    if found.limit_p is not None:
        p_values.append(found.limit_p)
    return min(1.0, min(p_values) * len(p_values))


def _p_above(distribution: SamplingDistribution, most: float) -> float:
    """P-value of "the truth is at most ``most``", by resampling or the normal law: the larger.

    The scatter is that at the estimate, which lies above: at the edge it is smaller, and too small
    where few draws brought the estimate there by chance.
    """
    above = distribution.value - most
    error = math.sqrt(distribution.linear_variance(distribution.value) + distribution.quadratic)
    if above <= 0 or error <= 1e-9 * most:
        return 1.0
    drawn = float(np.mean(distribution.draws(distribution.value) <= most))
    return max(drawn, float(scipy.special.ndtr(-above / error)))
