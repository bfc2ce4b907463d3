"""What an estimator is given, and what it answers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.estimator.interval_estimate import Estimate
from qbell.estimator.intervals.chunks import Resampling
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.strata import Strata, strata_of
from qbell.shots.shots import Shots
from qbell.util.cluster import Cluster
from qbell.util.progress import Progress

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """One estimate to make.

    Attributes:
        shots: the data.
        confidence, resamples: of the intervals.
        seed: of resampling.
        labels: correlators asked for where not all are listed.
        levels: (1 or resamples, N, 2) numbers that stand for outcomes; None for raw counts.
        jobs: (rows,) the job of each row, where error bars are to come from the scatter between
            jobs: each of them then must have what the estimate is made of.
        cluster: whose workers take resamples and pairs; None for this machine.
        stratify: False leaves draws as they are where they would be post-stratified.
        progress: called with what is being done, how much of it was just done, and how much there
            is.
    """

    shots: Shots
    confidence: float
    resamples: int
    seed: np.random.SeedSequence
    labels: tuple[str, ...] | None = None
    levels: Floats | None = None
    jobs: NDArray[np.int64] | None = None
    progress: Progress | None = None
    cluster: Cluster | None = None
    stratify: bool = True

    @property
    def step(self) -> Callable[[int], None] | None:
        """To be called with the number of resamples just done."""
        progress = self.progress
        if progress is None:
            return None
        return lambda done: progress("resampling", done, self.resamples)

    @property
    def resampling(self) -> Resampling:
        """How the data are resampled."""
        return Resampling(self.resamples, self.seed, self.step, self.cluster)


class Estimator(ABC):
    """A way from shots to estimates; a design names the one that suits it.

    Attributes:
        scatter_by_job: whether error bars can come from the scatter between jobs.
    """

    scatter_by_job: ClassVar[bool] = True

    @abstractmethod
    def find(self, task: Task) -> Findings:
        """The estimates of a data set.

        Raises:
            QbellError: too few shots, or more qubits than these estimates reach.
        """

    def quantities(
        self, shots: Shots, direction: TestedCorrelator, confidence: float
    ) -> dict[str, Estimate]:
        """What the design measures beside E and the bound (`Design.quantities`), by key.

        Args:
            shots: the data.
            direction: fixed before these data were seen, or learnt on others.
            confidence: of the intervals.
        """
        return {}

    def best_share(self, values: Mapping[str, float]) -> float | None:
        """The share of draws along sigma_xi (`Schedule.share`) that makes the smallest error.

        None where there is no choice, or where it is not known what is best.

        Args:
            values: expected `quantities`.
        """
        return None

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """Refuse, before shots are taken, what cannot be estimated from them afterwards.

        Raises:
            QbellError: more qubits than these estimates reach, or too few draws.
        """
        return

    def has_mitigation(self, num_qubits: int) -> bool:
        """Whether readout errors can be corrected at this size."""
        return False

    def seconds_per_resample(self, num_qubits: int, num_settings: int, order: int) -> float:
        """Time that one resample takes; infinite where there are none, 0 where it costs nothing."""
        return 0.0

    def pair_seconds(self, num_qubits: int, num_shots: int) -> float:
        """Time that all pairs of shots take; 0 where they are not taken one by one."""
        return 0.0


def any_strata(shots: Shots) -> Strata:
    """Strata also where a setting has a single shot: features need no variance."""
    return strata_of(shots, least=1)
