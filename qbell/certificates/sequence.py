"""Limits that hold whenever one looks, and stops: of C, P, the fidelity, E and bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.bound_sequence import bound_low
from qbell.certificates.coherence_counts import coherence_counts
from qbell.certificates.local_realism import hindrance
from qbell.certificates.phase_test import phase_test
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.certificates.wealth import Wealth, anytime_limits, together
from qbell.conventions.labels import sums_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Limits = dict[str, dict[str, float]]

SMALL = 1e-300


@dataclass(frozen=True)
class AnytimeCounts:
    """What of single shots in drawn settings the limits at any time follow from.

    Attributes:
        num_qubits: N.
        tested: how many x along the direction were above 0, and how many there are; None where
            x has several sizes.
        size: of x.
        turns: (4,) how many shots have prod_k x_k w_k = 1, i, -1, -i, all labels +; None where
            the design does not measure this.
        both: whether the imaginary part is measured, too.
        along: how many shots along sigma_xi came out as one of the two words, and how many there
            are; None where the design has none.
        charge: n_plus - n_minus of the direction's label.
    """

    num_qubits: int
    tested: tuple[float, float] | None
    size: float
    turns: Floats | None
    both: bool
    along: tuple[float, float] | None
    charge: int

    def values(self, confidence: float) -> Limits:
        """Limits by name; see `anytime_values`. Of the bound by E alone."""
        found: Limits = {}
        if self.tested is not None:
            # Where both kinds of settings count, C is the mean over size^2, which is 1/2.
            found["mean"] = _ends(np.array(anytime_limits(*self.tested, confidence)) / self.size)
        if self.turns is not None:
            found |= self._squares(confidence)
        if self.tested is not None and self.along is not None and self.along[1]:
            found |= self._with_population(confidence)
        return found

    def _square(self, level: float, parts: int) -> Floats:
        """(2,) limits of |2 c|^2, or of its real part's, each part at this level."""
        assert self.turns is not None
        total = np.zeros(2)
        for part in range(parts):
            ups, downs = self.turns[part], self.turns[part + 2]
            low, high = anytime_limits(float(ups), float(ups + downs), level)
            total += max(low, -high, 0.0) ** 2, max(abs(low), abs(high)) ** 2
        return np.minimum(total, 1.0)  # of every quantum state

    def _squares(self, confidence: float) -> Limits:
        """E of all qubits and the bound."""
        heisenberg = float(self.num_qubits**2)
        if not self.both:
            found = self._square(confidence, 1)
            return {"e_n": _ends(found / 4), "bound": _ends(found * heisenberg)}
        # Of the bound this limit and `bound_low` have half of the error rate each.
        low = self._square((3 + confidence) / 4, 2)[0] * heisenberg
        both = self._square((1 + confidence) / 2, 2)
        return {"e_n": _ends(both / 4), "bound": {"low": float(low), "high": heisenberg}}

    def _with_population(self, confidence: float) -> Limits:
        """Of P alone, and of F and N^2 C^2 / P from C and P together."""
        assert self.tested is not None
        assert self.along is not None
        along = Wealth(*self.along)
        (p_low, p_high), chances = together(along, Wealth(*self.tested), confidence)
        c_low, c_high = 2 * chances - 1
        away = np.maximum(c_high, -c_low)
        # |C| <= P in every state, so C^2 / P <= |C|; it is 0 where P is.
        least = np.maximum(c_low, 0.0) ** 2 / np.maximum(p_high, SMALL)
        largest = np.minimum(away, away**2 / np.maximum(p_low, SMALL))
        fidelity = np.array([(c_low + p_low).min(), (c_high + p_high).max()]) / 2
        qfi = np.array([least.min(), largest.max()])
        return {
            "population": _ends(along.limits(np.array([-math.log1p(-confidence)]))[:, 0]),
            "fidelity": _ends(np.clip(fidelity, 0.0, 1.0)),
            "qfi_ghz": _ends(np.minimum(qfi, 1.0) * self.charge**2),
        }

    def scaled(self, factor: float) -> "AnytimeCounts":
        """Where every value comes as often as here, of ``factor`` times as many shots."""

        def times(pair: tuple[float, float] | None) -> tuple[float, float] | None:
            return None if pair is None else (pair[0] * factor, pair[1] * factor)

        turns = None if self.turns is None else self.turns * factor
        return AnytimeCounts(
            self.num_qubits,
            times(self.tested),
            self.size,
            turns,
            self.both,
            times(self.along),
            self.charge,
        )


def why_not_anytime(shots: Shots) -> str:
    """Why nothing can be said that holds at any time; empty if it can."""
    if shots.draws is None:
        return "the order of the draws was not recorded"
    return hindrance(shots)


def anytime_counts(shots: Shots, direction: TestedCorrelator) -> AnytimeCounts:
    """The counts of data of single shots in drawn settings.

    Args:
        shots: the data.
        direction: fixed before these data were seen, or learnt on others.
    """
    rules, test = shots.rules, phase_test(shots, direction)
    tested = along = turns = None
    size = 1.0
    if test.one_size and test.trials:
        size = float(test.sizes[0])
        tested = (float(test.counts[test.values > 0].sum()), test.trials)
    if rules.measures_qfi:
        plane = rules.tested(shots.directions)
        plus = np.ones(shots.num_qubits, dtype=np.int16)
        found = rules.quarter_turns(shots.directions[plane], shots.bits[plane], plus)
        turns = sums_by(found, shots.counts[plane].astype(float), 4)
    if rules.measures_population:
        counts = coherence_counts(shots, direction)
        along = (counts.inside, counts.along_xi)
    charge = abs(int(direction.signs.sum()))
    both = rules.measures_e_n
    return AnytimeCounts(shots.num_qubits, tested, size, turns, both, along, charge)


def anytime_values(shots: Shots, direction: TestedCorrelator, confidence: float) -> dict[str, Any]:
    """Limits of what one shot a draw measures that hold at all times, as plain data.

    Each holds by itself with the confidence, of the average over shots where states change.

    Args:
        shots: the data.
        direction: fixed before these data were seen, or learnt on others.
        confidence: of each pair of limits.

    Returns:
        ``confidence``, and by name ``{low high}``; empty if the data allow none. ``mean``: of x
        along the direction, for correlators of all qubits the coherence C = 2 Re(e^(i phase) c),
        for stars the visibility. ``e_n``: of E of all qubits with all +, from Re c and Im c; in
        designs that measure the real part alone, of (Re c)^2. ``bound``: of 4 N^2 (Re c)^2 there,
        at most Eq. (24); in the random design the low end of Eq. (24) itself (by `bound_low`, and
        4 N^2 E where that is larger), and N^2. Where populations are measured ``population``,
        ``fidelity`` and ``qfi_ghz``, N^2 C^2 / P.
    """
    if why_not_anytime(shots):
        return {}
    counts = anytime_counts(shots, direction)
    found = counts.values(confidence)
    if counts.both:
        low = bound_low(shots, (1 + confidence) / 2)
        found["bound"]["low"] = max(found["bound"]["low"], low)
    return {"confidence": confidence, **found} if found else {}


def pooled_anytime(pilots: Sequence[Shots], direction: TestedCorrelator) -> AnytimeCounts | None:
    """Of several data sets as one; None if the data allow none."""
    if any(why_not_anytime(shots) for shots in pilots):
        return None
    each = [anytime_counts(shots, direction) for shots in pilots]

    def summed(pairs: list[tuple[float, float] | None]) -> tuple[float, float] | None:
        known = [pair for pair in pairs if pair is not None]
        return None if not known else (sum(a for a, _ in known), sum(b for _, b in known))

    turns = [one.turns for one in each if one.turns is not None]
    return AnytimeCounts(
        each[0].num_qubits,
        summed([one.tested for one in each]),
        each[0].size,
        sum(turns[1:], turns[0]) if turns else None,
        each[0].both,
        summed([one.along for one in each]),
        each[0].charge,
    )


def is_precise(limits: Mapping[str, float] | None, precision: float) -> bool:
    """Whether half of the distance of limits is at most ``precision`` times their middle.

    >>> is_precise({"low": 0.9, "high": 1.1}, 0.11), is_precise(None, 0.1)
    (True, False)
    """
    if limits is None:
        return False
    low, high = limits["low"], limits["high"]
    return high - low <= precision * abs(high + low)


def _ends(pair: Floats) -> dict[str, float]:
    return {"low": float(pair[0]), "high": float(pair[1])}
