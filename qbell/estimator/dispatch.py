"""Which estimator a data set goes to: the one that its design names."""

from collections.abc import Mapping
from types import MappingProxyType

from qbell.designs import Design, find_design
from qbell.errors import QbellError
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.routes.base import Estimator, Task
from qbell.estimator.routes.coherence import CoherenceEstimator
from qbell.estimator.routes.common_angle import CommonAngleEstimator
from qbell.estimator.routes.drawn import DrawnEstimator
from qbell.estimator.routes.low_orders import LowOrderEstimator
from qbell.estimator.routes.pairs import PairEstimator
from qbell.estimator.routes.permutation import PermutationEstimator
from qbell.estimator.routes.real_part import RealPartEstimator
from qbell.estimator.routes.stars import StarsEstimator
from qbell.estimator.routes.tensor import TensorEstimator
from qbell.estimator.routes.words import WordsEstimator
from qbell.estimator.tensor import tensor

__all__ = ["ESTIMATORS", "Task", "check_mitigation", "check_size", "estimator_of", "find"]

ESTIMATORS: Mapping[str, Estimator] = MappingProxyType(
    {
        "tensor": TensorEstimator(),
        "drawn": DrawnEstimator(),
        "pairs": PairEstimator(three=True),
        "low_orders": LowOrderEstimator(),
        "common_angle": CommonAngleEstimator(),
        "permutation": PermutationEstimator(),
        "real_part": RealPartEstimator(),
        "coherence": CoherenceEstimator(),
        "words": WordsEstimator(),
        "stars": StarsEstimator(),
    }
)


def estimator_of(design: Design) -> Estimator:
    """The estimator that a design names.

    Raises:
        QbellError: there is none of that name.
    """
    if design.estimator not in ESTIMATORS:
        raise QbellError(
            f"design {design.name} names the estimator {design.estimator!r}, which is unknown; "
            f"expected one of {', '.join(ESTIMATORS)}"
        )
    return ESTIMATORS[design.estimator]


def check_size(design: str, num_qubits: int, num_draws: int | None = None) -> None:
    """Refuse, before shots are taken, what cannot be estimated from them afterwards.

    Raises:
        QbellError: more qubits than the estimates of this design reach, or too few draws.
    """
    estimator_of(find_design(design)).check_size(num_qubits, num_draws)


def find(task: Task) -> Findings:
    """The estimates of a data set.

    Raises:
        QbellError: too few shots, or more qubits than the design's estimates reach.
    """
    shots = task.shots
    if task.levels is not None:
        check_mitigation(shots.design, shots.num_qubits)
    estimator = estimator_of(shots.rules)
    estimator.check_size(shots.num_qubits, shots.num_draws)
    shots.check_settings()
    return estimator.find(task)


def check_mitigation(design: str, num_qubits: int) -> None:
    """Refuse readout mitigation where this version has none."""
    kind = find_design(design)
    if not kind.mitigation or not estimator_of(kind).has_mitigation(num_qubits):
        raise QbellError(
            f"readout mitigation, design {design}, n = {num_qubits}: this version has it for "
            f"designs full and random up to n = {tensor.MAX_TENSOR_QUBITS}; estimate the raw counts"
        )
