"""The covering design: correlators of few qubits."""

from math import comb

import numpy as np

from qbell.errors import QbellError
from qbell.estimator.covering import low_orders
from qbell.estimator.raw_estimates import Findings, Linear
from qbell.estimator.routes.base import Estimator, Task, any_strata
from qbell.estimator.strata import strata_of
from qbell.estimator.tensor.resampled import Complex, Terms
from qbell.shots.shots import Shots

MAX_COVERING_QUBITS = 400
SECONDS_PER_TERM = 3e-8  # of one resample


class LowOrderEstimator(Estimator):
    """All correlators of up to K qubits; see `qbell.estimator.covering`."""

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """See `Estimator.check_size`."""
        if num_qubits > MAX_COVERING_QUBITS:
            raise QbellError(
                f"a covering design of n = {num_qubits} qubits: the bound's weights 2^-(n - order) "
                f"are too small for its error bars above n = {MAX_COVERING_QUBITS}; use fewer "
                "qubits"
            )

    def seconds_per_resample(self, num_qubits: int, num_settings: int, order: int) -> float:
        """See `Estimator.seconds_per_resample`."""
        terms: int = sum(
            comb(num_qubits, size) * (num_settings + 2**size) for size in range(1, order + 1)
        )
        return terms * SECONDS_PER_TERM

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        strata = strata_of(task.shots)
        order = task.shots.order
        if order is None:
            raise QbellError(
                "covering counts without their order; give order =, or read them again"
            )
        found = low_orders.low_orders(strata, order)
        deviations = low_orders.resample_low_orders(strata, found, task.resampling)
        correlators = low_orders.correlators_of(found)
        notes = []
        listed = int(correlators.order.max())
        if order < strata.num_qubits:
            notes.append(
                f"the bound is the sum of the terms of up to {order} qubits: still a lower "
                "bound, as no term is negative"
            )
        if listed < order:
            notes.append(
                f"the table lists correlators of up to {listed} qubits; others are too many"
            )
        return Findings(
            correlators=correlators,
            deviations=deviations,
            route=f"correlators of up to {order} qubits",
            linear=_features(found, correlators.labels.size),
            notes=tuple(notes),
        )


def _features(found: low_orders.LowOrders, listed: int) -> Linear:
    supports = found.supports
    width = found.values.shape[1]
    used = np.flatnonzero((np.arange(width) < 2 ** supports.sizes[:, None]).ravel())
    orders = np.repeat(supports.sizes, width)[used]

    def features(shots: Shots) -> Complex:
        values: Complex = low_orders.values_of(any_strata(shots), supports).ravel()[used]
        return values

    terms = Terms(supports.weights.ravel()[used], orders, supports.num_qubits)
    return Linear(features, terms, np.arange(listed))
