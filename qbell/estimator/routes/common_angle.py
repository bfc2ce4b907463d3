"""The equatorial design: parities at angles common to all qubits."""

import numpy as np

from qbell.estimator import equatorial
from qbell.estimator.raw_estimates import Findings, Linear
from qbell.estimator.routes.base import Estimator, Task, any_strata
from qbell.estimator.strata import strata_of
from qbell.estimator.tensor.resampled import Complex
from qbell.shots.shots import Shots


class CommonAngleEstimator(Estimator):
    """Fourier components of the parities; see `qbell.estimator.equatorial`."""

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        kind = task.shots.rules
        grid = None
        if task.shots.grid:
            numbers = np.arange(len(task.shots.grid), dtype=np.uint8)
            grid = kind.azimuths(numbers[:, None])[:, 0]
        found = equatorial.equatorial(strata_of(task.shots), grid)
        deviations = equatorial.resample_equatorial(found, task.resampling)
        correlators = equatorial.correlators_of(found)
        harmonics = found.harmonics
        lengths = np.array([len(part) for part in harmonics.charges])

        def features(shots: Shots) -> Complex:
            return equatorial.equatorial(any_strata(shots), grid).values

        wide = harmonics.masks is None
        note = (
            (
                "the bound contains only the terms of all qubits"
                if wide
                else "the bound is collective"
            )
            + ": at most that of Eq. (24)"
            + (
                ""
                if wide
                else ", and equal to it for states that do not change when qubits are exchanged"
            )
        )
        return Findings(
            correlators=correlators,
            deviations=deviations,
            route=f"{len(harmonics.angles)} common angles",
            linear=Linear(features, harmonics.terms, np.cumsum(lengths) - lengths),
            harmonics=equatorial.collective_of(found),
            oscillation=equatorial.oscillation_of(found, task.confidence),
            notes=(note,),
        )
