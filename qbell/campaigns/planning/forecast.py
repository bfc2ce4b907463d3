"""From what pilots found to what the campaign will say, and to the shots that its goals take."""

import math

import numpy as np

from qbell.campaigns.planning.expected_values import Truth
from qbell.campaigns.planning.pilot import Correlator, Pilots, units_tested
from qbell.campaigns.planning.record import Expected, ForecastValue, Needed
from qbell.campaigns.planning.refutation import Refutation, refutation
from qbell.campaigns.planning.scaling import Floats, Scatter
from qbell.campaigns.spec import Spec
from qbell.certificates import Depths, depths
from qbell.designs.designs import DESIGNS
from qbell.estimator.dispatch import FEWEST_UNITS
from qbell.estimator.intervals import correlator_interval as squared_modulus

CLEAR = 2.0  # standard errors above 0 that the pilots' value must be for a relative precision
VAGUE = 0.2  # relative error of an expected error bar that is worth a note
UNMEASURED = Depths(0, 1, 1, 1)


class Forecaster:
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

    def uncertainty(self, resamples: int) -> float:
        """Relative standard error of the bound's expected error bar.

        From how pilots differ, but no less than what so few resamples leave: a variance from R
        normal numbers is known to sqrt(2 / (R - 1)).
        """
        count = len(self.pilots.bound)
        least = 1 / math.sqrt(2 * count * (resamples - 1))
        return max(self.pilots.bound_scatter.uncertainty(self.units), least)

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
            degenerate=pilots.degenerate(self.units),
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

    def _forecast(self, values: Floats, scatter: Scatter, exact: float | None) -> ForecastValue:
        error = scatter.standard_error(self.units)
        value_error = 0.0
        if exact is None:
            value_error = scatter.standard_error(scatter.units) / math.sqrt(len(values))
        value = float(values.mean()) if exact is None else exact
        clear = value > max(CLEAR * value_error, 1e-12)
        return ForecastValue(value, error, error / value if clear else None, value_error)

    def _of_correlator(self, found: Correlator, exact: float | None) -> ForecastValue:
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
        along, across = found.variances(units)
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

    def warn(self, resamples: int) -> None:
        """Note what makes the plan a rough or a partial one."""
        spec, pilots = self.spec, self.pilots
        if pilots.degenerate(self.units):
            self.notes.append(
                "the bound's error bar will be degenerate: the scatter of such data does not carry "
                "it, and what the run will print, and is expected here, is wider than it need be"
            )
        if self.uncertainty(resamples) > VAGUE:
            self.notes.append(
                "the pilots are too small for this campaign: the expected error bar of the bound "
                "is a rough one, and so are the shots needed"
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
