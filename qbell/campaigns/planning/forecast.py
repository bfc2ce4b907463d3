"""From what pilots found to what the campaign will say, and to the shots that its goals take."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from qbell.campaigns.planning.expected_values import Truth
from qbell.campaigns.planning.pilot import Correlator, Pilots, units_tested
from qbell.campaigns.planning.record import Expected, ForecastValue, Needed
from qbell.campaigns.planning.scaling import Floats, Scatter
from qbell.campaigns.spec import Spec
from qbell.certificates.phase_test import PhaseTest, phase_test, pooled, why_no_phase_test
from qbell.certificates.registry import DEPTHS, P_VALUES
from qbell.certificates.sequence import pooled_anytime
from qbell.certificates.statement import Depth, Prospect
from qbell.designs import find_design
from qbell.estimator.dispatch import estimator_of
from qbell.estimator.intervals import correlator_interval as squared_modulus
from qbell.estimator.routes.pairs import FEWEST_UNITS
from qbell.estimator.tensor.units import fewest_draws

CLEAR = 2.0  # standard errors above 0 that the pilots' value must be for a relative precision
VAGUE = 0.2  # relative error of an expected error bar that is worth a note
MOST_TRIALS = 2**50
MOST_SHOTS_TO_STOP = 10**7  # bets are made for up to a million


class Forecaster:
    """Turns what pilots found into `Expected` and `Needed`, and collects notes."""

    def __init__(self, spec: Spec, pilots: Pilots, truth: Truth, rows: int) -> None:
        self.spec = spec
        self.pilots = pilots
        self.truth = truth
        self.drawn = find_design(spec.design).drawn
        self.units = rows if self.drawn else spec.shots
        self.rows = rows
        self.notes: list[str] = []
        found = [each.outlook(pilots.tested, pilots.direction) for each in P_VALUES]
        self.outlooks = [outlook for outlook, _ in found]
        self.notes += dict.fromkeys(reason for _, reason in found if reason)

    def uncertainty(self, resamples: int) -> float:
        """Relative standard error of the bound's expected error bar.

        From how pilots differ, but no less than what so few resamples leave: a variance from R
        normal numbers is known to sqrt(2 / (R - 1)).
        """
        count = len(self.pilots.bound)
        least = 1 / math.sqrt(2 * count * (resamples - 1))
        return max(self._alike.bound_scatter.uncertainty(self.units), least)

    @property
    def _alike(self) -> Pilots:
        """The pilots as the campaign itself will be estimated."""
        return self.pilots.given_settings or self.pilots

    def expected(self) -> Expected:
        """What the campaign is expected to say."""
        pilots, spec = self._alike, self.spec
        certified = units_tested(spec, self.units)
        top = None
        if pilots.e_n is None and find_design(spec.design).measures_qfi:
            self.notes.append("e_n: this design does not measure E of all qubits")
        elif pilots.e_n is not None:
            top = self._of_correlator(pilots.e_n, self.truth.e_n)
        f0 = None
        if pilots.f0 is not None and pilots.f0_scatter is not None:
            f0 = self._forecast(pilots.f0, pilots.f0_scatter, self.truth.f0)
        low = self._low(certified)
        trials = certified * spec.shots
        p_values: dict[str, Any] = {}
        for each, outlook in zip(P_VALUES, self.outlooks, strict=True):
            p_values |= each.absent
            if outlook is not None:
                p_values |= {key: p_value(trials) for key, p_value in outlook.p_values.items()}
        test = self._test(certified)
        prospect = Prospect(pilots.tested, pilots.direction, spec.confidence, trials, low, test)
        return Expected(
            bound=self._forecast(pilots.bound, pilots.bound_scatter, self.truth.bound),
            e_n=top,
            f0=f0,
            e_n_low=low,
            **p_values,
            **{each.key: self._depth(each, prospect) for each in DEPTHS},
            degenerate=pilots.degenerate(self.units),
            quantities=self._quantities(),
        )

    def needed(self, num_settings: int) -> Needed:
        """The shots that the goals take."""
        goal = self.spec.plan
        bound = self._forecast(self.pilots.bound, self.pilots.bound_scatter, self.truth.bound)
        units = None
        if not find_design(self.spec.design).measures_qfi:
            units = self._draws_for_quantity(goal.precision)
        elif bound.relative is None:
            self.notes.append(
                "needed: the expected bound is not clearly above 0, so no number of shots is known "
                "to give a relative precision"
            )
        else:
            least = FEWEST_UNITS if self.drawn else 2
            error = goal.precision * bound.value
            units = self.pilots.bound_scatter.units_for(error, least)
            given = self.pilots.given_settings
            if given is not None:  # where so many draws are needed that settings repeat
                least = fewest_draws(given.shots[0].num_qubits)
                repeated = given.bound_scatter.units_for(error, least)
                units = min((u for u in (units, repeated) if u is not None), default=None)
        total = None
        if units is not None:
            total = units * (self.spec.shots if self.drawn else num_settings)
        return Needed(
            precision=goal.precision,
            draws=units if self.drawn else None,
            shots=self.spec.shots if self.drawn else units,
            total_shots=total,
            p_value=goal.p_value,
            share=self._share(),
            **self._shots_for_p_values(),
            shots_to_stop=self._shots_to_stop(),
        )

    def _draws_for_quantity(self, precision: float) -> int | None:
        """Draws for a relative standard error of the first of the design's quantities."""
        for found in self._quantities().values():
            if found.relative is not None:
                return max(math.ceil(self.units * (found.relative / precision) ** 2), FEWEST_UNITS)
        return None

    def _shots_for_p_values(self) -> dict[str, int | None]:
        goal = self.spec.plan.p_value
        share = 1 - self.spec.held_out if self.spec.learns else 1.0
        shots: dict[str, int | None] = {}
        for each, outlook in zip(P_VALUES, self.outlooks, strict=True):
            shots |= {f"shots_for_{key}": None for key in each.keys}
            if outlook is None:
                continue
            if outlook.unclear:
                self.notes.append(f"needed: {outlook.unclear}")
                continue
            for key, p_value in outlook.p_values.items():
                trials = _trials_for(goal, p_value)
                shots[f"shots_for_{key}"] = None if trials is None else math.ceil(trials / share)
        return shots

    def _shots_to_stop(self) -> int | None:
        """Where every value comes as often as in the pilots."""
        rule, direction = self.spec.stop, self.pilots.direction
        if rule is None:
            return None
        if rule.p_value is not None:
            for outlook in self.outlooks:
                if outlook is not None and "p_any" in outlook.p_values and not outlook.unclear:
                    return _trials_for(rule.p_value, outlook.p_values["p_any"])
            return None
        counts = pooled_anytime(self.pilots.tested, direction)
        if counts is None or rule.precision is None:
            return None
        known, precision, total = counts, rule.precision, sum(s.total for s in self.pilots.tested)

        def width(shots: int) -> float:
            """Relative to the middle between the limits."""
            limits = known.scaled(shots / total).values(self.spec.confidence).get(rule.quantity)
            middle = 0.0 if limits is None else abs(limits["low"] + limits["high"])
            if limits is None or middle == 0:
                return math.inf
            return (limits["high"] - limits["low"]) / middle

        return _trials_for(precision, width, most=MOST_SHOTS_TO_STOP)

    def _quantities(self) -> dict[str, ForecastValue]:
        """What else the design measures: the mean of the pilots, and their errors, scaled."""
        tested, spec = self.pilots.tested, self.spec
        estimator = estimator_of(find_design(spec.design))
        each = [
            estimator.quantities(shots, self.pilots.direction, spec.confidence) for shots in tested
        ]
        taken = self.pilots.bound_scatter.units
        scale = math.sqrt(taken / units_tested(spec, self.units))
        found = {}
        for key in each[0]:
            values = np.array([one[key].value for one in each])
            error = float(np.mean([one[key].standard_error for one in each]))
            value, value_error = float(values.mean()), error / math.sqrt(len(each))
            clear = value > CLEAR * value_error
            found[key] = ForecastValue(
                value, scale * error, scale * error / value if clear else None, value_error
            )
        return found

    def _share(self) -> float | None:
        """The best share of draws along sigma_xi, if there is a choice."""
        if self.spec.share is None:
            return None
        values = {key: found.value for key, found in self._quantities().items()}
        return estimator_of(find_design(self.spec.design)).best_share(values)

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
        found = self._alike.e_certified
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

    def _test(self, units: int) -> PhaseTest | None:
        """The test of the direction's phase, with as many shots as the certificate rests on."""
        tested = self.pilots.tested
        if why_no_phase_test(tested[0]):
            return None
        every = pooled([phase_test(shots, self.pilots.direction) for shots in tested])
        return every.scaled(units if self.drawn else units * self.rows)

    def _depth(self, depth: Depth, prospect: Prospect) -> int:
        """What the design may claim of it."""
        kind = find_design(self.spec.design)
        shots = self.pilots.shots[0]
        if kind.no_depth_reason:
            return depth.nothing
        claim = kind.claim_of(shots.num_settings, shots.num_qubits)
        if claim == "bell" or depth.claim == "witness":
            return depth.forecast(prospect)
        return depth.nothing

    def warn(self, resamples: int) -> None:
        """Note what makes the plan a rough or a partial one."""
        spec, pilots = self.spec, self._alike
        if pilots.degenerate(self.units):
            self.notes.append(
                "the bound's error bar will be degenerate: such data hardly scatter, or settings "
                "come too seldom, so it comes from the allowance for unobserved outcomes or draws "
                "and is conservative"
            )
        if self.uncertainty(resamples) > VAGUE:
            self.notes.append(
                "the pilots are too small for this campaign: its expected error bar and the shots "
                "needed are only roughly right"
            )
        if spec.mitigation is not None:
            self.notes.append(
                "expected, needed: for raw counts; mitigation enlarges error bars and changes "
                "values"
            )
        if spec.shots > pilots.shots[0].fewest_shots and self.drawn:
            self.notes.append(
                f"the pilots took {pilots.shots[0].fewest_shots} shots a draw: error bars with "
                f"{spec.shots} are a little smaller"
            )
        if self.drawn and self.units < FEWEST_UNITS:
            self.notes.append(f"fewer than {FEWEST_UNITS} draws are too few for an error bar")


def _trials_for(
    goal: float, p_value: Callable[[int], float], *, most: int = MOST_TRIALS
) -> int | None:
    """Fewest trials whose expected p-value is ``goal`` or below; None if that takes too many."""
    low, high = 0, 1
    while p_value(high) > goal:
        low, high = high, 2 * high
        if high > most:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if p_value(middle) > goal else (low, middle)
    return high
