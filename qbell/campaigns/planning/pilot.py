"""Pilots: simulated campaigns, from which errors are read off and scaled.

Each has the campaign's own state, backend and design. All are drawn in one go, so that the state is
prepared once.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.campaigns.planning.effort import Effort
from qbell.campaigns.planning.scaling import Scatter
from qbell.campaigns.seeds import stars_of
from qbell.campaigns.spec import Spec
from qbell.campaigns.spec_tables import LEARN
from qbell.certificates import TestedCorrelator
from qbell.certificates.held_out import LEAST_SHOTS as LEAST_TO_LEARN
from qbell.certificates.held_out import learn, rounded
from qbell.circuits.preparation import Preparation
from qbell.designs import find_design
from qbell.designs.schedule import Schedule
from qbell.designs.schedule import schedule as make_schedule
from qbell.estimator.correlators import Correlators
from qbell.estimator.dispatch import Task, find
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.tensor.units import enough, repeats
from qbell.sampling.sample import sample
from qbell.shots.shots import Shots
from qbell.util.cluster import Cluster, spread
from qbell.util.progress import Progress
from qbell.util.threads import one_by_one

Floats = NDArray[np.float64]

NOTICEABLE = 0.1  # share of a variance, above what chance makes of it
FEWEST_RESAMPLES = 4
DEGENERATE = 0.2  # share of the variance, as in `bound_interval.Deviations`


@dataclass(frozen=True)
class Correlator:
    """What the pilots say of one correlator c_s of all qubits.

    Attributes:
        squares: (pilots,) unbiased estimates of E_s.
        along, across: (pilots,) variances of c_hat_s in its own direction and across it.
        unseen: part of ``along`` that stands for unseen outcomes, and falls as 1/m^2.
        units, drawn: see `Scatter`.
    """

    squares: Floats
    along: Floats
    across: Floats
    unseen: float
    units: int
    drawn: bool

    def scatter(self, truth: float) -> Scatter:
        """Of the estimate of E_s where it is ``truth``: 4 E v and 2 v^2 + 2 w^2."""
        truth = max(truth, 0.0)
        quadratic = 2 * self.along**2 + 2 * self.across**2 + 4 * truth * self.unseen
        return Scatter(4 * truth * (self.along - self.unseen), quadratic, self.units, self.drawn)

    def variances(self, units: int) -> tuple[float, float]:
        """Expected variances of c_hat_s with this many units, in its own direction and across."""
        scale = self.units / units
        along = (float(self.along.mean()) - self.unseen) * scale + self.unseen * scale**2
        return along, float(self.across.mean()) * scale


@dataclass(frozen=True)
class Pilots:
    """What all pilots found.

    Attributes:
        shots: the pilots' data.
        direction: of the certificate; learnt on the first pilot if it is to be learnt.
        tested: the pilots that it was not learnt on.
        bound, f0: (pilots,) estimates; f0 only in designs that measure it.
        bound_scatter, f0_scatter: of these.
        e_n: the correlator with all +; None if it is not measured.
        e_certified: that of the direction's label.
        unseen: variance of the bound's estimate that stands for unseen outcomes, in the pilots.
        given_settings: the same post-stratified, where the campaign has so many draws that it will
            be; None otherwise.
    """

    shots: tuple[Shots, ...]
    direction: TestedCorrelator
    tested: tuple[Shots, ...]
    bound: Floats
    bound_scatter: Scatter
    f0: Floats | None
    f0_scatter: Scatter | None
    e_n: Correlator | None
    e_certified: Correlator | None
    unseen: float
    given_settings: "Pilots | None" = None

    def degenerate(self, units: int) -> bool:
        """Whether the bound of that many units is degenerate, see `qbell.Estimate`."""
        unseen = self.unseen * (self.bound_scatter.units / units) ** 2
        return unseen > DEGENERATE * self.bound_scatter.standard_error(units) ** 2


def settings_like(spec: Spec, preparation: Preparation, seed: int) -> Schedule:
    """The settings of a campaign; of drawn ones two, as pilots draw their own."""
    drawn = find_design(spec.design).drawn
    return make_schedule(
        preparation.num_qubits,
        spec.design,
        draws=2 if drawn else None,
        order=spec.order,
        axis=spec.axis,
        share=spec.share,
        stars=stars_of(spec, preparation),
        seed=seed if drawn else None,
    )


def take(
    spec: Spec,
    preparation: Preparation,
    settings: Schedule,
    size: Effort,
    seed: int,
    progress: Progress | None = None,
    device: Any = None,
    cluster: Cluster | None = None,
) -> tuple[Shots, ...]:
    """Simulate the pilots' shots, on the device that the preparation was made for, if any.

    Raises:
        QbellError: the state cannot be simulated.
    """
    # Not the numbers of the campaign itself: its data must not be known beforehand.
    for_settings, for_shots = np.random.SeedSequence([seed, 1]).generate_state(2).tolist()
    rows = size.units if settings.seed is not None else len(settings)
    if find_design(spec.design).drawn:
        every = make_schedule(
            settings.num_qubits,
            spec.design,
            draws=rows * size.repetitions,
            axis=spec.axis,
            share=spec.share,
            stars=settings.stars,
            seed=for_settings,
        )
    else:
        every = replace(settings, directions=np.tile(settings.directions, (size.repetitions, 1)))

    def step(done: int) -> None:
        if progress is not None:
            progress("measuring pilots", done, len(every))

    shots = sample(
        preparation,
        every,
        shots=size.shots,
        seed=for_shots,
        backend=spec.backend if device is None else device,
        progress=step,
        cluster=cluster,
    )
    # Rows come in the order of the schedule, and each of its rows has as many shots.
    row = (np.cumsum(shots.counts) - 1) // size.shots
    return tuple(_rows(shots, row // rows == pilot) for pilot in range(size.repetitions))


def measure(
    spec: Spec,
    shots: tuple[Shots, ...],
    size: Effort,
    seed: int,
    progress: Progress | None = None,
    cluster: Cluster | None = None,
) -> Pilots:
    """Estimate from every pilot as the campaign will be estimated.

    Raises:
        QbellError: this design cannot be estimated at this size.
    """
    found = _measured(spec, shots, size, seed, progress, cluster, stratify=False)
    first = shots[0]
    if first.rules.estimator != "drawn" or not enough(first.num_qubits, spec.draws or 0):
        return found
    if not all(repeats(pilot) for pilot in shots):
        return found  # pilots far smaller than the campaign
    return replace(
        found, given_settings=_measured(spec, shots, size, seed, None, cluster, stratify=True)
    )


def _measured(
    spec: Spec,
    shots: tuple[Shots, ...],
    size: Effort,
    seed: int,
    progress: Progress | None,
    cluster: Cluster | None,
    *,
    stratify: bool,
) -> Pilots:
    top = "+" * shots[0].num_qubits
    label = top if spec.label is None else spec.label
    tested = shots
    if LEARN in (label, spec.phase):
        direction = learn(shots[0], label=label, phase=spec.phase)
        if spec.phase == LEARN:
            direction = rounded(direction, shots[0])
        tested = shots[1:]
    else:
        direction = TestedCorrelator(label, float(spec.phase))
        direction.check(shots[0].num_qubits)
    seeds = np.random.SeedSequence([seed, 2]).spawn(len(shots))
    labels = (top, direction.label)
    tasks = [
        Task(pilot, spec.confidence, size.resamples, child, labels, stratify=stratify)
        for pilot, child in zip(shots, seeds, strict=True)
    ]

    def done(_: Task) -> None:
        if progress is not None:
            progress("estimating pilots", 1, len(shots))

    found: list[Findings] = spread(find, tasks, cluster, done, one_by_one)
    drawn = shots[0].drawn and not stratify
    distributions = [one.f0 for one in found]
    f0 = f0_scatter = None
    if None not in distributions:
        known = [distribution for distribution in distributions if distribution is not None]
        f0 = np.array([distribution.value for distribution in known])
        parts = np.array([distribution.variances for distribution in known])
        f0_scatter = Scatter(parts[:, 0], parts[:, 1], size.units, drawn)
    correlators = [one.correlators for one in found]
    together = None
    if not drawn:
        task = Task(_merged(shots), 0.5, FEWEST_RESAMPLES, seeds[0], labels)
        together = find(task).correlators
    scatter, unseen = _bound_scatter(found, size.units, drawn)
    return Pilots(
        shots=shots,
        direction=direction,
        tested=tested,
        bound=np.array([one.deviations.values.sum() for one in found]),
        bound_scatter=scatter,
        f0=f0,
        f0_scatter=f0_scatter,
        e_n=_correlator(correlators, together, top, size.units, drawn),
        e_certified=_correlator(correlators, together, direction.label, size.units, drawn),
        unseen=unseen,
    )


def units_tested(spec: Spec, units: int) -> int:
    """Units of the campaign that the certificate rests on: without those held out to learn from."""
    if not spec.learns:
        return units
    return max(units - round(spec.held_out * units), LEAST_TO_LEARN)


def _bound_scatter(found: list[Findings], units: int, drawn: bool) -> tuple[Scatter, float]:
    """The scatter of the bound, and its mean variance that allows for unobserved outcomes."""
    linear, quadratic, flips = (np.empty(len(found)) for _ in range(3))
    for row, one in enumerate(found):
        deviations = one.deviations
        second = float(np.var(deviations.second.sum(axis=1), ddof=1))
        # Resampling around c_hat and not c gives the linear part the variance L + 2 Q.
        first = float(np.var(deviations.first.sum(axis=1), ddof=1)) - 2 * second
        # The allowance for unobserved outcomes falls as 1/m^2, like the quadratic part.
        unseen = min(deviations.unseen_share * max(first + second, 0.0), max(first, 0.0))
        linear[row], quadratic[row] = first - unseen, second + unseen
        flips[row] = deviations.unseen_share * max(first + second, 0.0)
    return Scatter(linear, quadratic, units, drawn), float(flips.mean())


def _correlator(
    found: list[Correlators], together: Correlators | None, label: str, units: int, drawn: bool
) -> Correlator | None:
    """The correlator of a label, or of the one with all signs turned, which has the same E.

    ``together`` is estimated from the shots of all pilots at once.
    """
    turned = label.translate(str.maketrans("+-", "-+"))
    places = np.flatnonzero(np.isin(found[0].labels, (label, turned)))
    if not len(places):
        return None
    place = int(places[0])
    along = np.array([one.along[place] for one in found])
    unseen = 0.0
    if together is not None:
        # a/m + b/m^2 at m = m0 and at m = R m0: what is more than R times the latter is b.
        count, one = len(found), float(along.mean())
        excess = (one - count * float(together.along[place])) * count / (count - 1)
        unseen = min(excess, one) if excess > NOTICEABLE * one else 0.0
    return Correlator(
        squares=np.array([one.squares[place] for one in found]),
        along=along,
        across=np.array([one.across[place] for one in found]),
        unseen=unseen,
        units=units,
        drawn=drawn,
    )


def _merged(pilots: tuple[Shots, ...]) -> Shots:
    """All pilots' shots; the numbers of their draws are all different."""
    draws = [shots.draws for shots in pilots if shots.draws is not None]
    return replace(
        pilots[0],
        directions=np.concatenate([shots.directions for shots in pilots]),
        bits=np.concatenate([shots.bits for shots in pilots]),
        counts=np.concatenate([shots.counts for shots in pilots]),
        draws=np.concatenate(draws) if draws else None,
    )


def _rows(shots: Shots, kept: NDArray[np.bool_]) -> Shots:
    return replace(
        shots,
        directions=shots.directions[kept],
        bits=shots.bits[kept],
        counts=shots.counts[kept],
        draws=None if shots.draws is None else shots.draws[kept],
    )
