"""What a route through the data finds: the same for every design."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.estimator.correlators import Correlators
from qbell.estimator.intervals.bound_interval import Deviations, SamplingDistribution
from qbell.estimator.tensor.resampled import Complex, Terms
from qbell.shots.shots import Shots

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Linear:
    """How features, linear in the data, make up the bound and the table; for blocks by job.

    Attributes:
        features: (F,) features of part of the shots.
        terms: weights and orders of the features in the bound.
        chosen: positions of the features that are the correlators of the table.
        stratified: each setting counts alike, however often it was drawn.
    """

    features: Callable[[Shots], Complex]
    terms: Terms
    chosen: Integers
    stratified: bool = False


@dataclass(frozen=True)
class Findings:
    """Estimates of one data set.

    Attributes:
        correlators: for the table.
        deviations: of the bound, by order.
        linear: see `Linear`; None where the route has no features (pairs of shots).
        f0: the sampling distribution of the estimate of F0, Eq. (12), where the design measures it.
        harmonics: |C_q|^2 of the parity oscillation (equatorial).
        oscillation: its curve.
        symmetry_p: p-value of the assumption (symmetric).
        readout_p: p-value of "qubits are read independently" where readout errors are corrected.
        bound_scale: the bound is this times E of all qubits, where it is no more than that; its
            interval then is that of E.
        limit_p: p-value of a further limit that no quantum state exceeds; None if there is none.
        route: how the bound was found, in words.
        facts: what else the summary says, by key, as plain data.
        notes: what a reader must know.
    """

    correlators: Correlators
    deviations: Deviations
    route: str
    linear: Linear | None = None
    f0: SamplingDistribution | None = None
    harmonics: Correlators | None = None
    oscillation: pd.DataFrame | None = None
    symmetry_p: float | None = None
    readout_p: float | None = None
    bound_scale: float | None = None
    limit_p: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
