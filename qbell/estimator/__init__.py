"""From shots to unbiased correlators, the bound of Eq. (24) and their intervals."""

from qbell.estimator.estimate import Estimate, Result, estimate

__all__ = ["Estimate", "Result", "estimate"]
