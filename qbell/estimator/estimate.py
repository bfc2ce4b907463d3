"""`estimate`: everything that a data set says, with error bars."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.certificates import Certificate, TestedCorrelator, certify, contradicted
from qbell.certificates.held_out import learn, rounded, split
from qbell.certificates.sequence import anytime_values
from qbell.conventions.alarm import ALARM
from qbell.conventions.labels import LABEL_LETTERS
from qbell.errors import QbellError
from qbell.estimator.by_job import by_job
from qbell.estimator.correlators import Correlators
from qbell.estimator.dispatch import Task, estimator_of, find
from qbell.estimator.drift import drift_p
from qbell.estimator.interval_estimate import Estimate, q_of
from qbell.estimator.intervals.bound_interval import Deviations, SamplingDistribution
from qbell.estimator.jobs import ENOUGH, FEWEST, Jobs, jobs_of
from qbell.estimator.k1.k1 import k1_of
from qbell.estimator.moments.moment_bound import Moments
from qbell.estimator.quantum_limits import quantum_p
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.readout.mitigate import as_mitigated, mitigate
from qbell.estimator.result import Result
from qbell.mitigation import ReadoutCalibration
from qbell.shots.grouping import group_by
from qbell.shots.shots import Shots
from qbell.util.checks import confidence_level, enough_resamples, finite_number, whole_number
from qbell.util.cluster import connected
from qbell.util.progress import Progress
from qbell.util.unique_rows import row_numbers

LEARN: Literal["learn"] = "learn"
HASHED = 1 << 16  # rows at a time
MANY = 1 << 20  # rows


def estimate(
    shots: Shots,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int | None = None,
    *,
    phase: float | Literal["learn"] = 0.0,
    label: str | None = None,
    held_out: float = 0.25,
    labels: Sequence[str] | None = None,
    by_jobs: bool | None = None,
    readout: ReadoutCalibration | None = None,
    mitigation: str = "tensored",
    progress: Progress | None = None,
    cluster: Any = None,
) -> Result:
    """Estimate correlators and the bound from shots of any design, without bias, with intervals.

    E_s = |c_s|^2 is estimated from pairs of distinct shots (drawn settings: of distinct draws), as
    |mean|^2 alone would be too large by the variance of the mean. Intervals invert the sampling
    distribution of these estimates, near zero that of a sum of squares; those of the bound resample
    what was random: shots within a setting, or draws, or whole jobs.

    Args:
        shots: counts of any design. All 3^N correlators are found up to N = 12; beyond, the bound
            and E_{N,0} from pairs of shots (designs random, random3).
        confidence: of the two-sided intervals, and of each one-sided limit.
        resamples: number of bootstrap resamples.
        seed: of the bootstrap. None derives it from the data, so that the same data give the same
            intervals wherever they are analysed.
        phase: direction, in radians, of the test of local realism, fixed before the data are seen;
            0 suits GHZ, Ising with U < 0 and the double well. ``"learn"`` finds it from a part of
            the shots that is then left out of the certificate.
        label: correlator of all qubits that the certificate is about, such as ``+-+-``; all + if
            None; ``"learn"`` as for the phase.
        held_out: share of the shots to learn from.
        labels: correlators to list where 3^N are too many; the low orders if None.
        by_jobs: take error bars from the scatter between jobs (column ``job``): for the mean of all
            jobs like these. False takes them from shots, for the average of these jobs alone. None
            goes by jobs where 10 or more each measure all settings.
        readout: correct readout errors by this calibration (designs full and random, N up to 12).
            The result is labelled mitigated and makes no Bell claim.
        mitigation: how: ``tensored`` (each qubit's errors inverted) or ``mthree``.
        progress: called with "resampling" or "pairs", how much was just done, and of how much.
        cluster: ``local``, the address of a Dask scheduler, or a `distributed.Client`: resamples
            and pairs of shots are spread over its workers. All numbers are the same.

    Returns:
        The bound, E_{N,0} and Q with intervals, the table of correlators, and the certificate.

    Raises:
        QbellError: too many qubits for the design, too few shots in a setting, resamples too few
            for the confidence, or a readout that cannot be corrected.

    Source: PRL 126, 210506, Eqs. (1), (12), (23), (24).

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=500, seed=1)
    >>> result = qbell.estimate(shots)
    >>> result.bound.low < 9 < result.bound.high
    True
    """
    shots = _in_order(shots)
    confidence = confidence_level(confidence)
    resamples = enough_resamples(resamples, confidence)
    if phase != LEARN:
        phase = finite_number("phase", phase)
    if seed is not None:
        seed = whole_number("seed", seed, least=0)
    if readout is not None:
        if by_jobs:
            raise QbellError(
                "error bars by job of mitigated counts: not in this version; leave by_jobs out"
            )
        shots, by_jobs = as_mitigated(shots), False

    def finder(some: Task) -> Findings:
        return find(some) if readout is None else mitigate(some, readout, mitigation)

    first_seed = data_seed(shots) if seed is None else seed
    for_routes, for_jobs, for_k1, for_moments = np.random.SeedSequence(first_seed).spawn(4)
    jobs = jobs_of(shots)
    grouped, drift, job_notes = _by_jobs(shots, jobs, by_jobs)
    if readout is not None and jobs is not None:
        job_notes.append(
            "error bars of mitigated data come from shots alone: drift between jobs is not included"
        )

    def whole(some: Task) -> Findings | None:
        """The findings, by job where those of all shots are; None if that cannot be."""
        if not grouped:
            return finder(some)
        parts = jobs_of(some.shots)
        if parts is None or not parts.usable:
            return None
        some = replace(some, jobs=parts.codes)
        return by_job(
            finder(some), some.shots, parts, confidence, resamples, for_jobs, some.cluster
        )

    listed = None if labels is None else _checked_labels(labels, shots.num_qubits)
    with connected(cluster) as workers:
        task = Task(
            shots=shots,
            confidence=confidence,
            resamples=resamples,
            seed=for_routes,
            labels=listed,
            progress=progress,
            cluster=workers,
        )
        found = whole(task)
        assert found is not None  # `_by_jobs` has seen to it
        certificate, quantities, anytime = _certificate(
            found, task, phase, label, held_out, first_seed, whole
        )
    provenance = shots.provenance
    top = _place(found.correlators, "+" * shots.num_qubits)
    e_n = None if top is None else found.correlators.estimate(top, confidence, provenance)
    bound = of_distribution(
        found.deviations.distribution(), confidence, provenance, found.deviations, shots
    )
    by_order = _by_order(found.deviations, confidence, provenance)
    if found.bound_scale is not None and e_n is not None:
        bound = _scaled(e_n, found.bound_scale)
        if by_order is not None:
            names = ["value", "standard_error", "low", "high"]
            by_order.loc[by_order.index[-1], names] = [getattr(bound, name) for name in names]
    k1, k1_notes = (
        (None, ())
        if found.f0 is None
        else k1_of(shots, confidence, for_k1, jobs if grouped else None)
    )
    return Result(
        shots=shots,
        bound=bound,
        e_n=e_n,
        q=None if e_n is None else q_of(e_n, shots.num_qubits),
        f0=None
        if found.f0 is None
        else of_distribution(found.f0, confidence, provenance, found.deviations),
        k1=k1,
        moments=Moments(shots, confidence, for_moments, held_out, jobs if grouped else None),
        estimates=found.correlators,
        bound_by_order=by_order,
        significance=found.correlators.significance(confidence),
        quantities=MappingProxyType(quantities),
        certificate=certificate,
        oscillation=found.oscillation,
        harmonics=_harmonics(found, confidence, provenance),
        symmetry_p=found.symmetry_p,
        drift_p=drift,
        deviations=found.deviations,
        route=found.route,
        notes=(*found.notes, *job_notes, *k1_notes),
        facts=MappingProxyType({**found.facts, **({"anytime": anytime} if anytime else {})}),
    )


def data_seed(shots: Shots) -> int:
    """A number that depends on the counts alone: not on how or in which order rows are written."""
    directions, bits = row_numbers(shots.directions), row_numbers(shots.bits)
    draws = np.zeros(len(bits), dtype=np.int64) if shots.draws is None else shots.draws
    rows = group_by(draws, bits, directions)
    counts = rows.sums(shots.counts)
    digest = hashlib.sha256()
    for start in range(0, len(rows), HASHED):
        some = rows.first[start : start + HASHED]
        both = np.concatenate([shots.directions[some], shots.bits[some]], axis=1)
        digest.update(both.astype("<i8").tobytes())
    for part in (draws[rows.first], counts):
        digest.update(part.astype("<i8").tobytes())
    return int.from_bytes(digest.digest()[:8], "little")


def _in_order(shots: Shots) -> Shots:
    """Many rows in the order of settings and outcomes: much of what is done is then faster.

    In which row a shot stands says nothing, except which draw it is.
    """
    if shots.draws is not None or len(shots.counts) < MANY:
        return shots
    order = group_by(row_numbers(shots.directions), row_numbers(shots.bits)).order
    extra = shots.extra.iloc[order].reset_index(drop=True) if len(shots.extra.columns) else None
    return replace(
        shots,
        directions=shots.directions[order],
        bits=shots.bits[order],
        counts=shots.counts[order],
        extra=shots.extra if extra is None else extra,
    )


def _checked_labels(labels: Sequence[str], num_qubits: int) -> tuple[str, ...]:
    for label in labels:
        if len(label) != num_qubits or set(label) - set(LABEL_LETTERS):
            raise QbellError(
                f"label {label!r} does not name a correlator of {num_qubits} qubits; give 0, + or "
                "- for each qubit, qubit 0 last"
            )
        if set(label) == {"0"}:
            raise QbellError(f"label {label!r} names no qubit; give + or - for one qubit or more")
    return tuple(labels)


def _by_jobs(
    shots: Shots, jobs: Jobs | None, wanted: bool | None
) -> tuple[bool, float | None, list[str]]:
    """Whether error bars come from the scatter between jobs; the drift test; and notes."""
    if jobs is None:
        if wanted:
            raise QbellError("error bars by job need a column job that names two jobs or more")
        return False, None, []
    drift = drift_p(shots, jobs)
    if not estimator_of(shots.rules).scatter_by_job:
        if wanted:
            raise QbellError(
                f"error bars by job: the {shots.design} design has none; leave by_jobs out"
            )
        wanted = False
    if wanted and not jobs.usable:
        missing = (
            f"{jobs.count} jobs are too few" if jobs.whole else "a job has not all the settings"
        )
        raise QbellError(
            f"error bars by job need {FEWEST} jobs or more that each measure all settings, and "
            f"{missing}; leave by_jobs out"
        )
    if jobs.usable if wanted is None else wanted:
        notes = []
        if drift is not None and drift < ALARM and jobs.count < ENOUGH:
            notes.append(
                f"the {jobs.count} jobs differ by more than chance (p = {drift:.2g}): with fewer "
                f"than {ENOUGH} jobs a lower limit of E or the bound of such jobs to come may lie "
                "too high more often than stated (by_jobs = False has those of these jobs alone)"
            )
        return True, drift, notes
    notes = []
    if drift is not None and drift < ALARM:
        notes.append(
            f"the {jobs.count} jobs differ by more than chance (p = {drift:.2g}): error bars do "
            "not include this drift, and are valid for the mean of these jobs only"
        )
    elif not jobs.whole:
        notes.append(
            f"the {jobs.count} jobs measure different settings: drift between them cannot be "
            "distinguished from signal"
        )
    return False, drift, notes


def _certificate(
    found: Findings,
    task: Task,
    phase: float | str,
    label: str | None,
    held_out: float,
    seed: int,
    whole: Callable[[Task], Findings | None],
) -> tuple[Certificate, dict[str, Estimate], dict[str, Any]]:
    """What the shots certify; the direction fixed, or learnt on some that are left out then.

    Also the design's further quantities, and limits that hold at any time: of this direction, and
    from the same shots.
    """
    shots, confidence = task.shots, task.confidence
    # Of all shots: where they contradict quantum mechanics, no part of them certifies anything.
    quantum = quantum_p(found, shots.num_qubits)
    name = "+" * shots.num_qubits if label is None else label
    if LEARN in (phase, label):
        training, tested = split(shots, held_out, seed)
        direction = learn(training, label=name, phase=phase)
        if phase == LEARN:
            direction = rounded(direction, training)
        again = whole(replace(task, shots=tested, labels=(direction.label,), progress=None))
        shots = tested
    else:
        direction = TestedCorrelator(name, float(phase))
        direction.check(shots.num_qubits)
        again = found
        if _place(found.correlators, name) is None and shots.drawn:
            again = whole(replace(task, labels=(name,), progress=None))
    low: float | None = None
    notes: tuple[str, ...] = ()
    if again is None:
        notes = ("too few jobs are left to test for error bars by job: no depth is certified",)
    else:
        found = again
        place = _place(found.correlators, direction.label)
        # The one-sided limit at the error rate of the lower end of a two-sided interval.
        if place is not None:
            low = found.correlators.lower_limit(place, (1 + confidence) / 2)
    certificate = certify(
        shots,
        low,
        confidence,
        direction=direction,
        learned=shots is not task.shots,
        quantum_p=quantum,
        readout_p=found.readout_p,
    )
    quantities = estimator_of(shots.rules).quantities(shots, direction, confidence)
    anytime = {} if contradicted(certificate) else anytime_values(shots, direction, confidence)
    return replace(certificate, notes=(*certificate.notes, *notes)), quantities, anytime


def _place(correlators: Correlators, label: str) -> int | None:
    """Where a label stands in the table, or the one with all signs turned, which has the same E."""
    for name in (label, label.translate(str.maketrans("+-", "-+"))):
        places = np.flatnonzero(correlators.labels == name)
        if len(places):
            return int(places[0])
    return None


def of_distribution(
    distribution: SamplingDistribution,
    confidence: float,
    provenance: str,
    deviations: Deviations | None = None,
    shots: Shots | None = None,
) -> Estimate:
    """The estimate that a sampling distribution stands for."""
    low, high = distribution.interval(confidence)
    below, above = distribution.lower_limit(confidence), distribution.upper_limit(confidence)
    error = distribution.standard_error
    nothing = error <= 1e-9 * (1e-300 + abs(distribution.value))
    if nothing and distribution.value == 0:
        # No two shots say anything of it, as where all came out along sigma_xi.
        low, high, error, below, above = 0.0, math.inf, math.inf, 0.0, math.inf
    elif nothing and shots is not None:
        # All draws are alike, setting and outcome. What is compatible with that: flips in a share
        # q of half of the shots, which take B to (1 - 2 q)^2 B.
        unseen = 4 * abs(distribution.value) * -np.log((1 - confidence) / 2) / (shots.total / 2)
        low, high, error = (
            max(0.0, distribution.value - unseen),
            distribution.value + unseen,
            unseen / 2,
        )
        below, above = low, high
    return Estimate(
        value=distribution.value,
        standard_error=error,
        low=low,
        high=high,
        confidence=confidence,
        degenerate=bool(nothing or (deviations is not None and deviations.degenerate)),
        lower_limit=below,
        upper_limit=above,
        provenance=provenance,
    )


def _scaled(estimate: Estimate, scale: float) -> Estimate:
    """The estimate of ``scale`` times what another is of."""
    return replace(
        estimate,
        **{
            name: scale * getattr(estimate, name)
            for name in ("value", "standard_error", "low", "high", "lower_limit", "upper_limit")
        },
    )


def _by_order(deviations: Deviations, confidence: float, provenance: str) -> pd.DataFrame:
    distributions = [deviations.distribution(order) for order in range(len(deviations.values))]
    ends: NDArray[np.float64] = np.array(
        [distribution.interval(confidence) for distribution in distributions]
    )
    table = pd.DataFrame(
        {
            "order": np.arange(len(distributions)),
            "value": [distribution.value for distribution in distributions],
            "standard_error": [distribution.standard_error for distribution in distributions],
            "low": ends[:, 0],
            "high": ends[:, 1],
            "provenance": provenance,
        }
    )
    # Orders that the design does not measure, or of which no two shots say anything.
    silent = table["standard_error"] <= 1e-12 * (1e-300 + table["value"].abs())
    table.loc[silent & (table["order"] > 0), ["value", "standard_error", "low", "high"]] = np.nan
    return table


def _harmonics(found: Findings, confidence: float, provenance: str) -> pd.DataFrame | None:
    if found.harmonics is None:
        return None
    table = found.harmonics.table(confidence, provenance)
    charge = table["n_plus"] - table["n_minus"]
    wanted = ["value", "standard_error", "low", "high", "provenance"]
    return table[wanted].assign(q=charge)[["q", *wanted]]
