"""Correction qubit by qubit: other numbers, levels, in the place of the outcomes +1 and -1.

For fixed levels all estimates stay unbiased, squares included. The levels themselves come from
counts. The noise of a calibration moves every correlator of n qubits by about sqrt(n Var a) / a of
itself and adds the variance of that to squares: a bias of relative order n p / (calibration shots),
which is taken off again.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.eq24 import bound_by_order
from qbell.estimator.correlators import Correlators, plane_scatter
from qbell.estimator.dispatch import Task, find
from qbell.estimator.intervals.bound_interval import Deviations
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.tensor.moments import cells_of, moments
from qbell.estimator.tensor.units import group, repeats
from qbell.mitigation.calibration import ReadoutCalibration
from qbell.mitigation.levels import slopes_of
from qbell.shots.shots import Shots
from qbell.util.threads import in_threads

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CalibrationNoise:
    """What the noise of a calibration does to estimates, to leading order.

    Each of the 2N error rates is moved by its standard error, up and down, and everything estimated
    anew: half the difference is the linear deviation, half the sum less the middle is the bias.
    Rates scatter independently, so that variances and biases add up over them.

    Attributes:
        bias: (3^N,) bias of the unbiased squares.
        real, imaginary, mixed: (3^N,) variances of Re and Im of c_hat_s, and their covariance.
        steps: (N, 2, N + 1) change of the bound, by order, when a rate is one standard error up.
    """

    bias: Floats
    real: Floats
    imaginary: Floats
    mixed: Floats
    steps: Floats

    def draws(
        self, readout: ReadoutCalibration, resamples: int, generator: np.random.Generator
    ) -> Floats:
        """(resamples, N + 1) deviations of the bound, by order, of mean 0."""
        rates = readout.resampled_rates(resamples, generator)
        standard = (rates - rates.mean(axis=0)) / np.sqrt(readout.variances)
        found: Floats = np.einsum("rkj,kjn->rn", standard, self.steps)
        return found


def calibration_noise(shots: Shots, readout: ReadoutCalibration) -> CalibrationNoise:
    """`CalibrationNoise` of the estimates from ``shots``, design full or random, N <= 12.

    It takes 4 N + 1 estimates of all 3^N squares. Squares are those from pairs of different shots:
    what noise in the shots adds to |c_hat|^2 would scatter with the calibration, but is no signal.
    """
    num_qubits = shots.num_qubits
    units = group(shots, stratify=shots.drawn and repeats(shots))
    cells = cells_of(units, num_qubits)
    levels = readout.unbiased_levels()
    errors = np.sqrt(readout.variances)
    slopes = slopes_of(readout.rates)

    def at(moved: Floats) -> tuple[Floats, NDArray[np.complex128]]:
        found = moments(units, cells, num_qubits, moved)
        squares = found.squares(num_qubits)
        squares[0] = 1.0
        return squares, found.values

    middle = at(levels)[0]

    def work(rate: tuple[int, int]) -> tuple[Floats, NDArray[np.complex128], Floats]:
        qubit = rate[0]
        step = errors[rate] * slopes[rate]
        up, down = levels.copy(), levels.copy()
        up[qubit] += step
        down[qubit] -= step
        (squares_up, values_up), (squares_down, values_down) = at(up), at(down)
        bound = bound_by_order((squares_up - squares_down) / 2, num_qubits)
        return (squares_up + squares_down) / 2 - middle, (values_up - values_down) / 2, bound

    bias, real, imaginary, mixed = np.zeros((4, 3**num_qubits))
    steps = np.zeros((num_qubits, 2, num_qubits + 1))
    for qubit in range(num_qubits):
        both = in_threads(work, [(qubit, 0), (qubit, 1)])
        for rate, (curvature, change, bound) in enumerate(both):
            bias += curvature
            real += change.real**2
            imaginary += change.imag**2
            mixed += change.real * change.imag
            steps[qubit, rate] = bound
    return CalibrationNoise(bias, real, imaginary, mixed, steps)


def by_levels(task: Task, readout: ReadoutCalibration) -> Findings:
    """The findings of ``task`` with levels in the place of outcomes; see `mitigate`."""
    for_shots, for_calibration = task.seed.spawn(2)
    levels = readout.unbiased_levels()[None]
    found = find(replace(task, levels=levels, seed=for_shots))
    noise = calibration_noise(task.shots, readout)
    generator = np.random.default_rng(for_calibration)
    deviations, share = _widened(found.deviations, noise, readout, task, generator)
    notes = found.notes
    if share > 0.5:
        notes = (
            *notes,
            f"{100 * share:.0f} % of the bound's variance comes from the calibration: take more "
            "calibration shots rather than more shots",
        )
    return replace(
        found,
        correlators=_with_noise(found.correlators, noise),
        deviations=deviations,
        route=f"{found.route}, readout corrected qubit by qubit",
        linear=None,
        notes=notes,
    )


def _with_noise(given: Correlators, noise: CalibrationNoise) -> Correlators:
    """All 3^N correlators with the calibration's bias taken off and its variance added."""
    along, across = plane_scatter(given.values, noise.real, noise.imaginary, noise.mixed)
    return replace(
        given,
        squares=given.squares - noise.bias,
        along=given.along + np.clip(along, 0, None),
        across=given.across + np.clip(across, 0, None),
        seen=None if given.seen is None else given.seen + np.clip(along, 0, None),
    )


def _widened(
    given: Deviations,
    noise: CalibrationNoise,
    readout: ReadoutCalibration,
    task: Task,
    generator: np.random.Generator,
) -> tuple[Deviations, float]:
    """Deviations of the bound with those of the calibration, and its share of the variance."""
    num_qubits = task.shots.num_qubits
    bias = bound_by_order(noise.bias, num_qubits)
    drawn = noise.draws(readout, len(given.first), generator)
    before = float(np.var(given.first.sum(axis=1)) + np.var(given.second.sum(axis=1)))
    added = float(np.var(drawn.sum(axis=1)))
    share = added / (before + added) if added > 0 else 0.0
    deviations = replace(
        given,
        values=given.values - bias,
        first=given.first + drawn,
        unseen_share=given.unseen_share * (1 - share),
    )
    return deviations, share
