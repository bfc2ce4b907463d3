"""Pilots: simulated campaigns, from which errors are read off and scaled.

Each has the campaign's own state, backend and design. All are drawn in one go, so that the state is
prepared once.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.certificates import Direction
from qbell.designs import DESIGNS
from qbell.estimator.correlators import Correlators
from qbell.estimator.findings import Findings
from qbell.estimator.routes import Task, find
from qbell.held_out import LEAST_SHOTS as LEAST_TO_LEARN
from qbell.held_out import learn
from qbell.planning.effort import Effort
from qbell.planning.scaling import Scatter
from qbell.progress import Progress
from qbell.sampling import sample
from qbell.settings import Schedule
from qbell.settings import schedule as make_schedule
from qbell.shots import Shots
from qbell.spec import Spec
from qbell.spec_tables import LEARN

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Correlator:
    """What the pilots say of one correlator c_s of all qubits.

    Attributes:
        squares: (pilots,) unbiased estimates of E_s.
        along, across: (pilots,) variances of c_hat_s in its own direction and across it.
        units, drawn: see `Scatter`.
    """

    squares: Floats
    along: Floats
    across: Floats
    units: int
    drawn: bool

    def scatter(self, truth: float) -> Scatter:
        """Of the estimate of E_s where it is ``truth``: 4 E v and 2 v^2 + 2 w^2."""
        quadratic = 2 * self.along**2 + 2 * self.across**2
        return Scatter(4 * max(truth, 0.0) * self.along, quadratic, self.units, self.drawn)


@dataclass(frozen=True)
class Pilots:
    """What all pilots found.

    Attributes:
        shots: the pilots' data.
        direction: of the certificate; learnt on the first pilot if it is to be learnt.
        tested: the pilots that it was not learnt on.
        bound, f0: (pilots,) estimates; f0 only in the design random3.
        bound_scatter, f0_scatter: of these.
        e_n: the correlator with all +; None if it is not measured.
        e_certified: that of the direction's label.
        degenerate: see `qbell.Estimate`.
    """

    shots: tuple[Shots, ...]
    direction: Direction
    tested: tuple[Shots, ...]
    bound: Floats
    bound_scatter: Scatter
    f0: Floats | None
    f0_scatter: Scatter | None
    e_n: Correlator | None
    e_certified: Correlator | None
    degenerate: bool


def take(
    spec: Spec,
    circuit: "QuantumCircuit",
    settings: Schedule,
    size: Effort,
    seed: int,
    progress: Progress | None = None,
) -> tuple[Shots, ...]:
    """Simulate the pilots' shots.

    Raises:
        QbellError: the state cannot be simulated.
    """
    # Not the numbers of the campaign itself: its data must not be known beforehand.
    for_settings, for_shots = np.random.SeedSequence([seed, 1]).generate_state(2).tolist()
    rows = size.units if settings.seed is not None else len(settings)
    if DESIGNS[spec.design].drawn:
        every = make_schedule(
            settings.num_qubits,
            spec.design,
            draws=rows * size.repetitions,
            axis=spec.axis,
            seed=for_settings,
        )
    else:
        every = replace(settings, directions=np.tile(settings.directions, (size.repetitions, 1)))

    def step(done: int) -> None:
        if progress is not None:
            progress("measuring pilots", done, len(every))

    shots = sample(
        circuit, every, shots=size.shots, seed=for_shots, backend=spec.backend, progress=step
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
) -> Pilots:
    """Estimate from every pilot as the campaign will be estimated.

    Raises:
        QbellError: this design cannot be estimated at this size.
    """
    top = "+" * shots[0].num_qubits
    label = top if spec.label is None else spec.label
    tested = shots
    if LEARN in (label, spec.phase):
        direction = learn(shots[0], label=label, phase=spec.phase)
        tested = shots[1:]
    else:
        direction = Direction(label, float(spec.phase))
        direction.check(shots[0].num_qubits)
    seeds = np.random.SeedSequence([seed, 2]).spawn(len(shots))
    found: list[Findings] = []
    for pilot, child in zip(shots, seeds, strict=True):
        task = Task(pilot, spec.confidence, size.resamples, child, (top, direction.label))
        found.append(find(task))
        if progress is not None:
            progress("estimating pilots", 1, len(shots))
    drawn = shots[0].drawn
    laws = [one.f0 for one in found]
    f0 = f0_scatter = None
    if None not in laws:
        known = [law for law in laws if law is not None]
        f0 = np.array([law.value for law in known])
        parts = np.array([law.variances for law in known])
        f0_scatter = Scatter(parts[:, 0], parts[:, 1], size.units, drawn)
    correlators = [one.correlators for one in found]
    return Pilots(
        shots=shots,
        direction=direction,
        tested=tested,
        bound=np.array([one.deviations.values.sum() for one in found]),
        bound_scatter=_bound_scatter(found, size.units, drawn),
        f0=f0,
        f0_scatter=f0_scatter,
        e_n=_correlator(correlators, top, size.units, drawn),
        e_certified=_correlator(correlators, direction.label, size.units, drawn),
        degenerate=sum(one.deviations.degenerate for one in found) > len(found) / 2,
    )


def units_tested(spec: Spec, units: int) -> int:
    """Units of the campaign that the certificate rests on: without those held out to learn from."""
    if not spec.learns:
        return units
    return max(units - round(spec.held_out * units), LEAST_TO_LEARN)


def _bound_scatter(found: list[Findings], units: int, drawn: bool) -> Scatter:
    linear, quadratic = np.empty(len(found)), np.empty(len(found))
    for row, one in enumerate(found):
        deviations = one.deviations
        second = float(np.var(deviations.second.sum(axis=1)))
        # Resampling around c_hat and not c gives the linear part the variance L + 2 Q.
        first = float(np.var(deviations.first.sum(axis=1))) - 2 * second
        # What stands for outcomes that were not seen falls as 1/m^2, like the quadratic part.
        unseen = min(deviations.unseen_share * max(first + second, 0.0), max(first, 0.0))
        linear[row], quadratic[row] = first - unseen, second + unseen
    return Scatter(linear, quadratic, units, drawn)


def _correlator(found: list[Correlators], label: str, units: int, drawn: bool) -> Correlator | None:
    """The correlator of a label, or of the one with all signs turned, which has the same E."""
    turned = label.translate(str.maketrans("+-", "-+"))
    for name in (label, turned):
        places = np.flatnonzero(found[0].labels == name)
        if len(places):
            place = int(places[0])
            return Correlator(
                squares=np.array([one.squares[place] for one in found]),
                along=np.array([one.along[place] for one in found]),
                across=np.array([one.across[place] for one in found]),
                units=units,
                drawn=drawn,
            )
    return None


def _rows(shots: Shots, kept: NDArray[np.bool_]) -> Shots:
    return replace(
        shots,
        directions=shots.directions[kept],
        bits=shots.bits[kept],
        counts=shots.counts[kept],
        draws=None if shots.draws is None else shots.draws[kept],
    )
