"""The symmetric design: correlators of a state that does not change when qubits are exchanged."""

import numpy as np

from qbell.conventions.alarm import ALARM
from qbell.estimator import symmetric
from qbell.estimator.raw_estimates import Findings, Linear
from qbell.estimator.routes.base import Estimator, Task, any_strata
from qbell.estimator.strata import strata_of
from qbell.estimator.tensor.resampled import Complex
from qbell.shots.shots import Shots


class PermutationEstimator(Estimator):
    """Correlators by symmetry; see `qbell.estimator.symmetric`."""

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """See `Estimator.check_size`."""
        symmetric.check_size(num_qubits)

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        found = symmetric.symmetric(strata_of(task.shots))
        deviations = symmetric.resample_symmetric(found, task.resampling)

        def features(shots: Shots) -> Complex:
            return symmetric.symmetric(any_strata(shots)).values

        notes = ["every number assumes that the state does not change when qubits are exchanged"]
        if found.exchange_p < ALARM:
            notes.append(
                f"the data contradict this assumption (p = {found.exchange_p:.2g}): qubits "
                "measured along the same direction give different results, so these numbers are "
                "not valid; use another design"
            )
        return Findings(
            correlators=symmetric.correlators_of(found),
            deviations=deviations,
            route=f"{task.shots.num_qubits + 1} settings, by symmetry",
            linear=Linear(features, found.features.terms, np.arange(len(found.values))),
            symmetry_p=found.exchange_p,
            notes=tuple(notes),
        )
