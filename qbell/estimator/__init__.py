"""From shots to unbiased correlators, the bound of Eq. (24) and their intervals."""

from qbell.estimator.estimate import estimate
from qbell.estimator.numbers import Estimate
from qbell.estimator.result import Result, Significance
from qbell.estimator.routes import check_mitigation, check_size

__all__ = ["Estimate", "Result", "Significance", "check_mitigation", "check_size", "estimate"]
