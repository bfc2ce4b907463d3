"""The numbers that stand for outcomes of a readout that errs.

With p = P(read 1 | prepared 0), q = P(read 0 | prepared 1), a = 1 - p - q and b = q - p, a true
outcome x = +-1 is read with the mean a x + b. So (x_read - b) / a has the mean x: the numbers, or
levels, v_0 = (1 - b) / a and v_1 = (-1 - b) / a put in the place of +1 and -1 make the product over
any qubits unbiased for the true correlator, if qubits are read independently.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def contrast(rates: Floats) -> Floats:
    """(...) a = 1 - p - q of ``rates`` (..., 2), p first."""
    found: Floats = 1.0 - rates[..., 0] - rates[..., 1]
    return found


def levels_of(rates: Floats) -> Floats:
    """(..., 2) levels v_0, v_1 of ``rates`` (..., 2), p first.

    >>> levels_of(np.array([0.0, 0.0])).tolist()
    [1.0, -1.0]
    """
    a = contrast(rates)[..., None]
    b = (rates[..., 1] - rates[..., 0])[..., None]
    found: Floats = (np.array([1.0, -1.0]) - b) / a
    return found


def slopes_of(rates: Floats) -> Floats:
    """(..., 2, 2) derivatives of the levels: by p and by q (first), of v_0 and of v_1 (last).

    dv/dp = (v + 1) / a and dv/dq = (v - 1) / a.
    """
    levels = levels_of(rates)
    a = contrast(rates)[..., None]
    found: Floats = np.stack([(levels + 1) / a, (levels - 1) / a], axis=-2)
    return found


def unbiased_levels_of(rates: Floats, variances: Floats) -> Floats:
    """(..., 2) levels from estimated rates, without the bias that a ratio of estimates has.

    To first order in the variances of p and q (..., 2): with A = Var p + Var q and
    C = Var p - Var q, the mean of an estimated v is v + (v A + C) / a^2.
    """
    levels = levels_of(rates)
    a = contrast(rates)[..., None]
    both = variances.sum(axis=-1)[..., None]
    shared = (variances[..., 0] - variances[..., 1])[..., None]
    found: Floats = levels - (levels * both + shared) / a**2
    return found
