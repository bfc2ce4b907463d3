"""`plan`: what a campaign will say, how surely, and what it costs, before any shot."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qbell.axes import parse_axis
from qbell.backends import IDEAL, find_backend
from qbell.certificates import Depths, depths
from qbell.designs import DESIGNS
from qbell.errors import QbellError
from qbell.estimator import squared_modulus
from qbell.estimator.routes import FEWEST_UNITS
from qbell.planning.cost import CircuitCost, QpuCost, cost
from qbell.planning.effort import Effort, effort
from qbell.planning.known import Truth, exact_values, truth
from qbell.planning.pilot import Correlator, Pilots, measure, take, units_tested
from qbell.planning.refutation import Refutation, refutation
from qbell.planning.scaling import Floats, Scatter
from qbell.progress import Progress
from qbell.settings import Schedule
from qbell.settings import schedule as make_schedule
from qbell.spec import Spec, read_spec
from qbell.states import State
from qbell.summary import known_values

SEED = 2021  # of pilots, where the spec has none
CLEAR = 2.0  # standard errors above 0 that the pilots' value must be for a relative precision
UNMEASURED = Depths(0, 1, 1, 1)


@dataclass(frozen=True)
class Forecast:
    """A number that the campaign will estimate.

    Attributes:
        value: expected; exact where the state is known and nothing disturbs it, else the mean of
            the pilots.
        standard_error: expected, of the campaign's estimate.
        relative: of both; None where the value is not clearly above 0.
        value_error: standard error of ``value`` itself; 0 where it is exact.
    """

    value: float
    standard_error: float
    relative: float | None
    value_error: float


@dataclass(frozen=True)
class Expected:
    """What the campaign is expected to say; None where `Plan.notes` has the reason.

    Attributes:
        bound, e_n, f0: see `qbell.Result`.
        e_n_low: lower limit of E of the certificate's label, at the expected estimate.
        p_value, p_value_ratio: at the expected mean; see `qbell.certificates.Certificate`.
        bell_qubits, nonlocality_depth, no_signalling_depth, entanglement_depth: from e_n_low.
        degenerate: see `qbell.Estimate`.
    """

    bound: Forecast
    e_n: Forecast | None
    f0: Forecast | None
    e_n_low: float | None
    p_value: float | None
    p_value_ratio: float | None
    bell_qubits: int
    nonlocality_depth: int
    no_signalling_depth: int
    entanglement_depth: int
    degenerate: bool


@dataclass(frozen=True)
class Needed:
    """The shots that the goals of the spec's table [plan] take; None with a reason in the notes.

    Attributes:
        precision: standard error of the bound wanted, relative to the expected bound.
        draws: how many that takes, of ``shots`` each, where settings are drawn.
        shots: of each draw, or how many of each setting it takes.
        total_shots: of all settings.
        p_value: wanted.
        shots_for_p_value, shots_for_p_value_ratio: how many it takes by either method, those held
            out to learn from included.
    """

    precision: float
    draws: int | None
    shots: int | None
    total_shots: int | None
    p_value: float
    shots_for_p_value: int | None
    shots_for_p_value_ratio: int | None


@dataclass(frozen=True)
class PilotRecord:
    """The simulations that the plan rests on.

    Attributes:
        repetitions, draws, shots, resamples: pilots; draws (or None) and shots of each, as in the
            schedule.
        seed: of them.
        uncertainty: relative standard error of the expected standard error of the bound.
    """

    repetitions: int
    draws: int | None
    shots: int
    resamples: int
    seed: int
    uncertainty: float


@dataclass(frozen=True)
class Plan:
    """What `plan` returns.

    Attributes:
        family, n, u, axis, design, order, backend: of the campaign.
        settings: number of settings; None where they are drawn.
        draws, shots, total_shots: as the spec has them.
        confidence: of the certificate.
        expected: None where the pilots cannot be simulated.
        exact: qfi, f0, bound and e_n of the state aimed at, in the covering design also
            bound_to_order; None where they are not at hand.
        needed: None where the pilots cannot be simulated.
        circuit: of the compiled circuit.
        qpu: time of the quantum processor.
        pilot: None where the pilots cannot be simulated.
        notes: reasons for what is missing, and warnings.
    """

    family: str | None
    n: int
    u: float | None
    axis: str
    design: str
    order: int | None
    settings: int | None
    draws: int | None
    shots: int
    total_shots: int
    backend: str
    confidence: float
    expected: Expected | None
    exact: dict[str, float | None] | None
    needed: Needed | None
    circuit: CircuitCost
    qpu: QpuCost
    pilot: PilotRecord | None
    notes: tuple[str, ...]

    @property
    def record(self) -> dict[str, Any]:
        """Plain data: what ``--json`` shows."""
        return asdict(self)


def plan(spec: Spec | str | Path, *, progress: Progress | None = None) -> Plan:
    """Plan a campaign: expected error bars and p-value, shots needed, and costs.

    The campaign is simulated a few times, at its own size or at one that takes seconds, and
    estimated. The variances of the linear and of the quadratic part of each estimate are read off,
    averaged and scaled to the campaign's shots (`qbell.planning.scaling`).

    Args:
        spec: the campaign, or the path of its TOML.
        progress: called with what is being done, how much of it, and how much there is.

    Raises:
        QbellError: the campaign itself is impossible; the message says what to change.

    >>> found = plan("experiments/ghz_random_aer.toml")
    >>> found.expected.bound.value, found.expected.bell_qubits
    (100.0, 10)
    """
    if not isinstance(spec, Spec):
        spec = read_spec(spec)
    state = spec.state()
    circuit = state.circuit() if isinstance(state, State) else state
    kind = DESIGNS[spec.design]
    seed = SEED if spec.seed is None else spec.seed
    settings = make_schedule(
        circuit.num_qubits,
        spec.design,
        draws=2 if kind.drawn else None,  # only what it looks like: the pilots draw their own
        order=spec.order,
        axis=spec.axis,
        seed=seed if kind.drawn else None,
    )
    rows = len(settings) if spec.draws is None else spec.draws
    total = rows * spec.shots
    device = find_backend(spec.backend)
    gates, qpu, note = cost(spec, circuit, device, total)
    notes = [note] if note else []
    known = known_values(state, parse_axis(spec.axis))
    prepared, target = known["circuit"], known["exact"]
    if prepared is not None and prepared["fidelity"] < 1 - 1e-9:
        notes.append(
            f"the circuit prepares the state with fidelity {prepared['fidelity']:.4f}: expected "
            "values are the circuit's, exact ones the state's"
        )
    expected = needed = record = None
    size = effort(spec, len(settings), circuit)
    pilots, reason = _pilots(spec, circuit, settings, size, seed, progress)
    if pilots is None:
        notes.append(f"expected, needed: {reason}")
    else:
        forecaster = _Forecaster(spec, pilots, truth(spec, prepared), rows)
        expected, needed = forecaster.expected(), forecaster.needed(len(settings))
        notes += forecaster.notes
        record = PilotRecord(
            repetitions=size.repetitions,
            draws=size.units if kind.drawn else None,
            shots=size.shots,
            resamples=size.resamples,
            seed=seed,
            uncertainty=pilots.bound_scatter.uncertainty(forecaster.units),
        )
    return Plan(
        family=spec.family if spec.circuit is None else spec.circuit.name,
        n=circuit.num_qubits,
        u=spec.parameters.get("u"),
        axis=settings.axis.name,
        design=spec.design,
        order=spec.order,
        settings=None if kind.drawn else len(settings),
        draws=spec.draws,
        shots=spec.shots,
        total_shots=total,
        backend=spec.backend,
        confidence=spec.confidence,
        expected=expected,
        exact=exact_values(spec, target),
        needed=needed,
        circuit=gates,
        qpu=qpu,
        pilot=record,
        notes=tuple(notes),
    )


def _pilots(
    spec: Spec,
    circuit: Any,
    settings: Schedule,
    size: Effort,
    seed: int,
    progress: Progress | None,
) -> tuple[Pilots | None, str]:
    """The pilots, or None and the reason if a device's noise cannot be simulated at this size."""
    try:
        shots = take(spec, circuit, settings, size, seed, progress)
    except QbellError as error:
        # A device can run what is too large to simulate with its noise.
        if spec.backend == IDEAL:
            raise
        return None, str(error)
    return measure(spec, shots, size, seed, progress), ""


class _Forecaster:
    """Turns what pilots found into `Expected` and `Needed`, and collects notes."""

    def __init__(self, spec: Spec, pilots: Pilots, truth: Truth, rows: int) -> None:
        self.spec = spec
        self.pilots = pilots
        self.truth = truth
        self.drawn = DESIGNS[spec.design].drawn
        self.units = rows if self.drawn else spec.shots
        self.rows = rows
        self.notes: list[str] = []
        self.refutation, reason = refutation(pilots.tested, pilots.direction)
        if reason:
            self.notes.append(reason)
        self._warn()

    def expected(self) -> Expected:
        """What the campaign is expected to say."""
        pilots, spec = self.pilots, self.spec
        certified = units_tested(spec, self.units)
        top = None
        if pilots.e_n is None:
            self.notes.append("e_n: this design does not measure E of all qubits")
        else:
            top = self._of_correlator(pilots.e_n, self.truth.e_n)
        f0 = None
        if pilots.f0 is not None and pilots.f0_scatter is not None:
            f0 = self._forecast(pilots.f0, pilots.f0_scatter, self.truth.f0)
        low = self._low(certified)
        found = self._depths(low)
        trials = certified * spec.shots
        test: Refutation | None = self.refutation
        return Expected(
            bound=self._forecast(pilots.bound, pilots.bound_scatter, self.truth.bound),
            e_n=top,
            f0=f0,
            e_n_low=low,
            p_value=None if test is None else test.hoeffding(trials),
            p_value_ratio=None if test is None else test.ratio(trials),
            bell_qubits=found.bell_qubits,
            nonlocality_depth=found.nonlocality_depth,
            no_signalling_depth=found.no_signalling_depth,
            entanglement_depth=found.entanglement_depth,
            degenerate=pilots.degenerate,
        )

    def needed(self, num_settings: int) -> Needed:
        """The shots that the goals take."""
        goal = self.spec.plan
        bound = self._forecast(self.pilots.bound, self.pilots.bound_scatter, self.truth.bound)
        units = None
        if bound.relative is None:
            self.notes.append(
                "needed: the expected bound is not clearly above 0, so no number of shots is known "
                "to give a relative precision"
            )
        else:
            least = FEWEST_UNITS if self.drawn else 2
            error = goal.precision * bound.value
            units = self.pilots.bound_scatter.units_for(error, least)
        total = None
        if units is not None:
            total = units * (self.spec.shots if self.drawn else num_settings)
        by_mean, by_ratio = self._trials()
        return Needed(
            precision=goal.precision,
            draws=units if self.drawn else None,
            shots=self.spec.shots if self.drawn else units,
            total_shots=total,
            p_value=goal.p_value,
            shots_for_p_value=by_mean,
            shots_for_p_value_ratio=by_ratio,
        )

    def _trials(self) -> tuple[int | None, int | None]:
        test, goal = self.refutation, self.spec.plan.p_value
        if test is None:
            return None, None
        if not test.clear:
            self.notes.append(
                f"needed: the expected mean {test.mean:.3g} is not clearly above the local limit "
                f"{test.limit:.3g} along phase {self.pilots.direction.phase:.3g}: no number of "
                "shots is known to refute local realism"
            )
        share = 1 - self.spec.held_out if self.spec.learns else 1.0
        found = [test.trials_for(goal, p_value) for p_value in (test.hoeffding, test.ratio)]
        by_mean, by_ratio = (None if one is None else math.ceil(one / share) for one in found)
        return by_mean, by_ratio

    def _forecast(self, values: Floats, scatter: Scatter, exact: float | None) -> Forecast:
        error = scatter.standard_error(self.units)
        value_error = 0.0
        if exact is None:
            value_error = scatter.standard_error(scatter.units) / math.sqrt(len(values))
        value = float(values.mean()) if exact is None else exact
        clear = value > max(CLEAR * value_error, 1e-12)
        return Forecast(value, error, error / value if clear else None, value_error)

    def _of_correlator(self, found: Correlator, exact: float | None) -> Forecast:
        truth = float(found.squares.mean()) if exact is None else exact
        return self._forecast(found.squares, found.scatter(truth), exact)

    def _low(self, units: int) -> float | None:
        """The lower limit of E at its expected estimate, as the certificate will take it."""
        found = self.pilots.e_certified
        if found is None:
            return None
        plain = set(self.pilots.direction.label) == {"+"}
        exact = self.truth.e_n if plain else None
        truth = max(float(found.squares.mean()) if exact is None else exact, 0.0)
        along = float(found.along.mean()) * found.units / units
        across = float(found.across.mean()) * found.units / units
        square = np.array([truth + along + across])  # the mean of |c_hat|^2
        errors = np.sqrt([[along], [across]])
        level = (1 + self.spec.confidence) / 2
        return float(squared_modulus.limits(square, errors[0], errors[1], level)[0, 0])

    def _depths(self, low: float | None) -> Depths:
        """What the design may claim of it."""
        claim = DESIGNS[self.spec.design].claim
        if low is None or claim == "assumption":
            return UNMEASURED
        num_qubits = self.pilots.shots[0].num_qubits
        found = depths(num_qubits, low)
        if claim == "bell" or self.spec.design == "covering":  # with E of all: all 2^N settings
            return found
        return Depths(0, 1, 1, found.entanglement_depth)

    def _warn(self) -> None:
        spec, pilots = self.spec, self.pilots
        if pilots.degenerate:
            self.notes.append(
                "the bound's error bar will be degenerate: the scatter of such data does not carry "
                "it, and what the run will print, and is expected here, is wider than it need be"
            )
        if spec.mitigation is not None:
            self.notes.append(
                "expected, needed: of raw counts; mitigation enlarges error bars and moves values"
            )
        if spec.shots > pilots.shots[0].fewest_shots and self.drawn:
            self.notes.append(
                f"the pilots took {pilots.shots[0].fewest_shots} shots a draw: error bars with "
                f"{spec.shots} are a little smaller"
            )
        if self.drawn and self.units < FEWEST_UNITS:
            self.notes.append(f"fewer than {FEWEST_UNITS} draws do not show their own error")
