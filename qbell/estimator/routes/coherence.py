"""The ghz design: the real part of the correlator of all qubits, and the population beside it."""

import math
from collections.abc import Mapping
from dataclasses import replace

from qbell.certificates.coherence_counts import coherence_counts
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.designs.base import XI
from qbell.errors import QbellError
from qbell.estimator.coherence import above_population_p, coherence_estimates, means_of
from qbell.estimator.interval_estimate import Estimate
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.routes.base import Task
from qbell.estimator.routes.real_part import FEWEST_DRAWS, RealPartEstimator
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots

LEAST_SHARE, MOST_SHARE = 0.05, 0.5  # that is recommended: C and P are never known for sure


class CoherenceEstimator(RealPartEstimator):
    """E and the bound as the even design has them; and `quantities` from both kinds of draws."""

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        shots = task.shots
        check_kinds(shots)
        counts = coherence_counts(shots, TestedCorrelator("+" * shots.num_qubits))
        limit_p = above_population_p(*means_of(counts, _largest_share(shots)))
        return replace(super().find(task), limit_p=limit_p)

    def quantities(
        self, shots: Shots, direction: TestedCorrelator, confidence: float
    ) -> dict[str, Estimate]:
        """See `Estimator.quantities`."""
        check_kinds(shots)
        counts = coherence_counts(shots, direction)
        share = _largest_share(shots)
        return coherence_estimates(counts, share, confidence, shots.provenance)

    def best_share(self, values: Mapping[str, float]) -> float | None:
        """Of N^2 C^2 / P, whose relative variance is 4 v_C / C^2 (1 - s) n + v_P / P^2 s n.

        It is smallest at s / (1 - s) = sqrt(v_P) C / (2 sqrt(v_C) P), v_C = 1 - C^2 and
        v_P = P (1 - P); here s is from 0.05 to 0.5.
        """
        coherence, population = values["coherence"], values["population"]
        if not 0 < coherence < 1 or not 0 < population < 1:
            return None
        ratio = math.sqrt(population * (1 - population)) / population
        ratio *= coherence / (2 * math.sqrt(1 - coherence**2))
        return float(min(max(ratio / (1 + ratio), LEAST_SHARE), MOST_SHARE))


def _largest_share(shots: Shots) -> float:
    """Of a shot in its draw."""
    if shots.draws is None:
        return 1.0
    return 1 / float(group_by(shots.draws).sums(shots.counts).min())


def check_kinds(shots: Shots) -> None:
    """Refuse data in which a kind of draws is missing.

    Raises:
        QbellError: none along sigma_xi, or too few others to know their scatter.
    """
    along = (shots.directions == XI).all(axis=1)
    if not along.any():
        raise QbellError(
            "none of the draws has Z on all qubits, so there is no population; measure some, or "
            "say design even"
        )
    rows = ~along
    others = int(shots.counts[rows].sum())
    if shots.draws is not None:
        others = len(set(shots.draws[rows].tolist()))
    if others < FEWEST_DRAWS:
        raise QbellError(
            f"{others} draws with X and Y: the {shots.design} design needs {FEWEST_DRAWS} or more "
            "to know the error of the coherence; measure more random settings, or a smaller share "
            "along sigma_xi"
        )
