"""From shots to unbiased correlators, the bound of Eq. (24) and their intervals."""

from qbell.estimator.correlators import Significance
from qbell.estimator.dispatch import check_mitigation, check_size
from qbell.estimator.estimate import estimate
from qbell.estimator.interval_estimate import Estimate
from qbell.estimator.result import Result

__all__ = ["Estimate", "Result", "Significance", "check_mitigation", "check_size", "estimate"]
