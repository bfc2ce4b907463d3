"""Designs full and random up to 12 qubits: all 3^N correlators at once."""

import numpy as np

from qbell.errors import QbellError
from qbell.estimator.drawn import seldom
from qbell.estimator.raw_estimates import Findings, Linear
from qbell.estimator.routes.base import Estimator, Task
from qbell.estimator.tensor import tensor
from qbell.estimator.tensor.moments import cells_of, correlator_means, moments
from qbell.estimator.tensor.resampled import Complex, Terms
from qbell.estimator.tensor.units import group, repeats
from qbell.shots.shots import Shots
from qbell.util.checks import require_memory

SECONDS_PER_CELL = 1.5e-8  # of one resample
STRATIFIED = ", post-stratified: draws grouped by setting"


class TensorEstimator(Estimator):
    """The tensor of all 3^N correlators; see `qbell.estimator.tensor`."""

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """See `Estimator.check_size`."""
        if num_qubits > tensor.MAX_TENSOR_QUBITS:
            raise QbellError(
                f"a full design of n = {num_qubits} qubits: all 3^n correlators are estimated up "
                f"to n = {tensor.MAX_TENSOR_QUBITS}; use design random or covering"
            )

    def has_mitigation(self, num_qubits: int) -> bool:
        """See `Estimator.has_mitigation`."""
        return num_qubits <= tensor.MAX_TENSOR_QUBITS

    def seconds_per_resample(self, num_qubits: int, num_settings: int, order: int) -> float:
        """See `Estimator.seconds_per_resample`."""
        return 4.0**num_qubits * SECONDS_PER_CELL

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        shots = task.shots
        num_qubits = shots.num_qubits
        require_memory(8.0 * 4**num_qubits * 10, f"estimating 3^{num_qubits} correlators")
        stratify = task.stratify and shots.drawn and repeats(shots, task.jobs)
        units = group(shots, stratify=stratify)
        levels = None if task.levels is None else task.levels.mean(axis=0)
        found = moments(units, cells_of(units, num_qubits), num_qubits, levels)
        deviations = tensor.resample_bound(units, found, num_qubits, task.resampling, task.levels)
        if not stratify and seldom.applies_to(shots):
            generator = np.random.default_rng(task.seed.spawn(1)[0])
            deviations = seldom.allow_for(deviations, seldom.of_bound(shots, levels), generator)
        return Findings(
            correlators=found.correlators(num_qubits),
            deviations=deviations,
            route="tensor of all 3^N correlators" + (STRATIFIED if stratify else ""),
            linear=tensor_features(num_qubits, stratify=stratify),
        )


def tensor_features(num_qubits: int, *, stratify: bool = False) -> Linear:
    """All correlators of part of the shots, for error bars by job; see `group`."""

    def features(shots: Shots) -> Complex:
        units = group(shots, least=1, stratify=stratify)
        return correlator_means(cells_of(units, num_qubits), num_qubits)

    return Linear(features, Terms.of_all(num_qubits), np.arange(3**num_qubits), stratify)
