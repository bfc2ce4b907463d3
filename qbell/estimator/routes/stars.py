"""The stars design: the visibility of the product of all stars, and of each by itself."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.designs.star_graph import StarGraph
from qbell.designs.stars import Stars
from qbell.errors import QbellError
from qbell.estimator.correlators import Correlators, each_its_own
from qbell.estimator.interval_estimate import Estimate
from qbell.estimator.intervals.bound_interval import Deviations
from qbell.estimator.intervals.mean_interval import BinomialMean, Mean, ScatteredMean
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.routes.base import Estimator, Task
from qbell.estimator.tensor.moments import unseen_floor
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots

FEWEST_DRAWS = 2


class StarsEstimator(Estimator):
    """Means of products +-1 over draws: linear in qubits and shots, with exact limits."""

    scatter_by_job = False

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """See `Estimator.check_size`."""
        if num_draws is not None and num_draws < FEWEST_DRAWS:
            raise QbellError(f"{num_draws} draws: a visibility needs {FEWEST_DRAWS} or more")

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        if task.labels is not None and set("".join(task.labels)) - {"+"}:
            raise QbellError(
                f"label {task.labels[0]!r}: the {task.shots.design} design measures the product of "
                "all stars and no other correlator; leave the label out"
            )
        shots, graph = task.shots, graph_of(task.shots)
        size, nothing = shots.num_qubits, np.zeros(0)
        distinct, like = each_its_own(0)
        none = Correlators(
            labels=np.zeros(0, dtype=f"U{size}"),
            n_plus=np.zeros(0, dtype=np.int64),
            n_minus=np.zeros(0, dtype=np.int64),
            values=nothing.astype(complex),
            squares=nothing,
            along=nothing,
            across=nothing,
            distinct=distinct,
            like=like,
        )
        zeros = np.zeros((task.resamples, size + 1))
        return Findings(
            correlators=none,
            deviations=Deviations(zeros[0], zeros[0], zeros, zeros),
            route="product of the stabilisers of all stars",
            facts={
                "operator_qubits": graph.operator_qubits,
                "star_qubits": len(graph.star_qubits),
                "stars": len(graph.centres),
                "local_limit": graph.local_limit,
                "by_star": by_star(shots, task.confidence),
            },
        )

    def quantities(
        self, shots: Shots, direction: TestedCorrelator, confidence: float
    ) -> dict[str, Estimate]:
        """The visibility: the mean of x."""
        turns = shots.rules.quarter_turns(shots.directions, shots.bits, direction.signs)
        mean = mean_of(turns == 0, shots)
        return {"visibility": _estimate(mean, confidence, shots.provenance)}


def graph_of(shots: Shots) -> StarGraph:
    """The graph of shots of the design.

    Raises:
        QbellError: it is not known.
    """
    rules = shots.rules
    assert isinstance(rules, Stars)
    return rules.known


def by_star(shots: Shots, confidence: float) -> list[dict[str, Any]]:
    """One record a star, in the order of the centres.

    Args:
        shots: the data.
        confidence: of each interval, for itself.

    Returns:
        Of each ``centre``, ``leaves``, ``separators`` (numbers of qubits), ``visibility`` of its
        own product with ``standard_error``, ``low`` and ``high``, and its ``local_limit``.
    """
    rules = shots.rules
    assert isinstance(rules, Stars)
    graph = rules.known
    parities = rules.star_parities(shots.directions, shots.bits)
    records = []
    for star, (centre, leaves) in enumerate(zip(graph.centres, graph.leaves, strict=True)):
        mean = mean_of(parities[:, star] == 0, shots)
        found = _estimate(mean, confidence, shots.provenance)
        records.append(
            {
                "centre": centre,
                "leaves": list(leaves),
                "separators": list(graph.separators_of(star)),
                "visibility": found.value,
                "standard_error": found.standard_error,
                "low": found.low,
                "high": found.high,
                "local_limit": graph.local_limits[star],
            }
        )
    return records


def mean_of(ups: NDArray[np.bool_], shots: Shots) -> Mean:
    """The mean over draws of +1 in rows of ``ups`` (rows,) and -1 in the others, with limits."""
    if shots.draws is None or shots.shots_per_setting == 1:
        return BinomialMean(float(shots.counts[ups].sum()), float(shots.total), low=-1.0)
    draws = group_by(shots.draws)
    sizes = draws.sums(shots.counts)
    signed = np.where(ups, 1.0, -1.0) * shots.counts
    sums = np.add.reduceat(signed[draws.order], draws.starts[:-1])
    return ScatteredMean(sums / sizes, unseen_floor(len(draws), 1 / float(sizes.min())))


def _estimate(mean: Mean, confidence: float, provenance: str) -> Estimate:
    low, high = mean.limits((1 - confidence) / 2)
    below, above = mean.limits(1 - confidence)
    return Estimate(
        value=mean.value,
        standard_error=float(np.sqrt(mean.variance)),
        low=low,
        high=high,
        confidence=confidence,
        degenerate=mean.conservative,
        lower_limit=below,
        upper_limit=above,
        provenance=provenance,
    )
