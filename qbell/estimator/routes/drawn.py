"""The random design: the tensor or pairs of draws, whichever takes less time."""

from dataclasses import replace

from qbell.estimator.pairs.pairs import pair_cost
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.routes.base import Task
from qbell.estimator.routes.pairs import FEWEST_UNITS, PairEstimator
from qbell.estimator.routes.tensor import SECONDS_PER_CELL, TensorEstimator, tensor_features
from qbell.estimator.tensor import tensor
from qbell.estimator.tensor.moments import cells_of, moments
from qbell.estimator.tensor.units import group, repeats

SECONDS_PER_DRAW = 8e-9  # of one resample through the tensor


class DrawnEstimator(PairEstimator):
    """Two directions a qubit, drawn: all 3^N correlators up to 12 qubits, pairs beyond."""

    def __init__(self) -> None:
        super().__init__(three=False)
        self.tensor = TensorEstimator()

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """See `Estimator.check_size`."""
        if num_qubits > tensor.MAX_TENSOR_QUBITS:
            super().check_size(num_qubits, num_draws)

    def has_mitigation(self, num_qubits: int) -> bool:
        """See `Estimator.has_mitigation`."""
        return self.tensor.has_mitigation(num_qubits)

    def seconds_per_resample(self, num_qubits: int, num_settings: int, order: int) -> float:
        """See `Estimator.seconds_per_resample`."""
        if num_qubits > tensor.MAX_TENSOR_QUBITS:
            return super().seconds_per_resample(num_qubits, num_settings, order)
        return self.tensor.seconds_per_resample(num_qubits, num_settings, order)

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        shots = task.shots
        if shots.num_qubits > tensor.MAX_TENSOR_QUBITS:
            return super().find(task)
        units = shots.num_draws or 0
        each = 4.0**shots.num_qubits * SECONDS_PER_CELL + units * SECONDS_PER_DRAW
        # Time on one core: the choice, and so the result, is the same on every machine.
        by_tensor = task.resamples * each
        by_pairs = pair_cost(shots.total, shots.num_qubits, draws=units)
        if task.stratify and repeats(shots, task.jobs):
            return self.tensor.find(task)
        if task.levels is not None or units < FEWEST_UNITS or by_tensor < by_pairs:
            return self.tensor.find(task)
        grouped = group(shots)
        found = moments(grouped, cells_of(grouped, shots.num_qubits), shots.num_qubits)
        return replace(
            self.with_bound(task, found.correlators(shots.num_qubits)),
            linear=tensor_features(shots.num_qubits),
        )
