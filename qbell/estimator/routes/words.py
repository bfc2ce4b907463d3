"""All 3^N words of X, Y and Z: every correlator, the bound and F0."""

import numpy as np

from qbell.errors import QbellError
from qbell.estimator import words
from qbell.estimator.raw_estimates import Findings, Linear
from qbell.estimator.routes.base import Estimator, Task, any_strata
from qbell.estimator.strata import strata_of
from qbell.estimator.tensor.resampled import Complex
from qbell.shots.shots import Shots

MAX_WORD_QUBITS = 7  # 6^N numbers in each resample
SECONDS_PER_CELL = 1.2e-7  # of one resample


class WordsEstimator(Estimator):
    """The density matrix from all words; see `qbell.estimator.words`."""

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """See `Estimator.check_size`."""
        if num_qubits > MAX_WORD_QUBITS:
            raise QbellError(
                f"all 3^N words of n = {num_qubits} qubits: they are estimated up to n = "
                f"{MAX_WORD_QUBITS}; use design random3, which draws them"
            )

    def seconds_per_resample(self, num_qubits: int, num_settings: int, order: int) -> float:
        """See `Estimator.seconds_per_resample`."""
        return 6.0**num_qubits * SECONDS_PER_CELL

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        num_qubits = task.shots.num_qubits
        found = words.words(strata_of(task.shots))
        every = words.resample_words(found, task.resampling)

        def features(shots: Shots) -> Complex:
            return words.words(any_strata(shots)).values

        return Findings(
            correlators=found.moments.correlators(num_qubits),
            deviations=every.deviations(slice(num_qubits + 1)),
            f0=every.deviations(slice(num_qubits + 1, None)).distribution(),
            route="all 3^N words",
            linear=Linear(features, found.features.terms, np.arange(3**num_qubits)),
        )
