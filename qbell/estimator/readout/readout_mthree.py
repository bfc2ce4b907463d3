"""Correction by mthree: quasi-probabilities of the observed outcomes, setting by setting.

mthree solves A x = p on the outcomes that were seen, with the columns of A made to add up to 1
again. Where all 2^N outcomes are seen that is the inverse qubit by qubit; else it is off by what no
error bar holds (measured: GHZ of 6 qubits, readout errors of 5 %, 400 shots a setting: a bound of
26.7 where the truth is 29.2; 50 shots: 10.1). So its result is kept only where it agrees with the
inverse qubit by qubit, which has no such bias. It is no linear function of the counts: noise in
squares, and error bars, come from resampled shots and a resampled calibration.

Source: P. D. Nation, H. Kang, N. Sundaresan and J. M. Gambetta, PRX Quantum 2, 040326 (2021).
"""

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.eq24 import bound_weights
from qbell.conventions.labels import BIT_LETTERS, all_labels, exchanged, signs, strings
from qbell.errors import QbellError
from qbell.estimator.correlators import Correlators, each_its_own, plane_scatter
from qbell.estimator.dispatch import Task
from qbell.estimator.intervals.bound_interval import Deviations
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.tensor.moments import UNSEEN_FLIPS, correlator_means
from qbell.estimator.tensor.resampled import Terms
from qbell.estimator.tensor.tensor import gradient
from qbell.estimator.tensor.units import Units, group
from qbell.mitigation.calibration import ReadoutCalibration
from qbell.mitigation.levels import levels_of
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

MAX_MTHREE_QUBITS = 8
TRUNCATION = 0.25  # standard errors: 95 % intervals then cover 94 %
MAX_SOLUTIONS = 100_000  # systems of equations that mthree is asked to solve; 0.1 to 6 ms each


@dataclass(frozen=True)
class Quasi:
    """mthree for the settings of one data set.

    Attributes:
        mitigation: an ``M3Mitigation``; its matrices are set anew for each use.
        units: the shots by setting.
        num_qubits: N.
    """

    mitigation: Any
    units: Units
    num_qubits: int

    def values(self, rates: Floats, shares: list[Floats]) -> tuple[Complex, Complex]:
        """(3^N,) correlators from the weights of each setting's outcomes and error rates (N, 2).

        First by mthree, then by the inverse qubit by qubit.
        """
        p, q = rates[:, 0], rates[:, 1]
        matrices = np.array([[1 - p, q], [p, 1 - q]], dtype=np.float32).transpose(2, 0, 1)
        self.mitigation.cals_from_matrices(list(matrices))
        bits = np.arange(self.num_qubits)
        raw, cells = np.zeros((2, 2**self.num_qubits, 2**self.num_qubits))
        for unit, share in enumerate(shares):
            seen = np.flatnonzero(share)
            outcomes = self.outcomes(unit)[seen]
            raw[self.units.settings[unit], outcomes] = share[seen] / share.sum()
            words = strings((outcomes[:, None] >> bits & 1).astype(np.uint8), BIT_LETTERS)
            counts = dict(zip(words.tolist(), share[seen].tolist(), strict=True))
            found = self.mitigation.apply_correction(
                counts, list(range(self.num_qubits)), distance=self.num_qubits, method="direct"
            )
            row = cells[self.units.settings[unit]]
            for word, value in found.items():
                row[int(word, 2)] = value
        return (
            correlator_means((cells / len(shares)).ravel(), self.num_qubits),
            correlator_means((raw / len(shares)).ravel(), self.num_qubits, levels_of(rates)),
        )

    def outcomes(self, unit: int) -> NDArray[np.int64]:
        """Outcomes observed in a setting, as integers."""
        return self.units.outcomes[self.units.starts[unit] : self.units.starts[unit + 1]]

    def counts(self, unit: int) -> NDArray[np.int64]:
        """How often each of them."""
        return self.units.counts[self.units.starts[unit] : self.units.starts[unit + 1]]


def by_mthree(task: Task, readout: ReadoutCalibration) -> Findings:
    """The findings of ``task`` with the counts of each setting corrected by mthree.

    E_s is |c_hat_s|^2 less the variance of c_hat_s, found by resampling shots within settings, one
    fewer than there are, and the calibration.

    Raises:
        QbellError: mthree is not installed, another design than full, too many qubits or resamples,
            or too few shots to have observed the outcomes that matter.
    """
    shots, resamples = task.shots, task.resamples
    _check(shots, resamples)
    units = group(shots)
    quasi = Quasi(_mitigation(), units, shots.num_qubits)
    counts = [quasi.counts(unit) for unit in range(len(units.sizes))]
    values, tensored = quasi.values(readout.rates, [found.astype(float) for found in counts])
    generator = np.random.default_rng(task.seed)
    rates = readout.resampled_rates(resamples, generator)
    drawn, inverse = np.empty((2, resamples, len(values)), dtype=complex)
    for row in range(resamples):
        some = [
            generator.multinomial(found.sum() - 1, found / found.sum()).astype(float)
            for found in counts
        ]
        drawn[row], inverse[row] = quasi.values(rates[row], some)
        if task.step is not None:
            task.step(1)
    shifts, moved = _unseen(quasi, readout.unbiased_levels(), values, resamples, generator)
    noise = drawn.real.var(axis=0, ddof=1) + drawn.imag.var(axis=0, ddof=1)
    squares = np.abs(values) ** 2 - noise
    squares[0] = 1.0
    truncated = [values - tensored, (drawn - inverse).mean(axis=0)]
    drawn += shifts
    drawn -= drawn.mean(axis=0)
    deviations = _deviations(values, squares, drawn, moved)
    correlators = _correlators(values, squares, drawn, float(units.sizes.max()))
    _check_truncation(correlators, deviations, tensored, truncated, shots.fewest_shots)
    return Findings(
        correlators=correlators,
        deviations=deviations,
        route="counts corrected by mthree, setting by setting",
    )


def _check(shots: Shots, resamples: int) -> None:
    if "mthree" not in shots.rules.mitigation or shots.num_qubits > MAX_MTHREE_QUBITS:
        raise QbellError(
            f"mthree on a {shots.design} design, n = {shots.num_qubits}: this version "
            f"has it for the full design up to n = {MAX_MTHREE_QUBITS}; use mitigation tensored"
        )
    shots.check_settings()
    most = MAX_SOLUTIONS // 2**shots.num_qubits
    if resamples > most:
        raise QbellError(
            f"resamples = {resamples} of {2**shots.num_qubits} settings are too many for mthree; "
            f"give {most} or fewer, or use mitigation tensored"
        )


def _check_truncation(
    found: Correlators,
    deviations: Deviations,
    tensored: Complex,
    truncated: list[Complex],
    shots: int,
) -> None:
    """Refuse what lies off the inverse qubit by qubit by more than a small part of its error.

    ``truncated`` are such differences (3^N,): that of the data, and the mean one of the resamples,
    where more outcomes are unseen.
    """
    num_qubits = round(np.log(len(tensored)) / np.log(3))
    weights = bound_weights(num_qubits)
    bound = float(weights @ np.abs(tensored) ** 2)
    error = max(deviations.distribution().standard_error, 1e-300)
    spread = np.sqrt((found.along + found.across)[-1])  # of the label of all -, as of all +
    for shift in truncated:
        off = abs(float(weights @ np.abs(tensored + shift) ** 2) - bound) / error
        off = max(off, float(np.abs(shift[-1]) / spread))
        if off > TRUNCATION:
            raise QbellError(
                f"mthree corrects within the observed outcomes, and of {2**num_qubits} too few "
                f"were observed with {shots} shots in a setting: its bound or E_N,0 is off by "
                f"{off:.1f} standard errors; expected at most {TRUNCATION}: take more shots a "
                "setting, or use mitigation tensored, which has no such error"
            )


def _mitigation() -> Any:
    try:
        return importlib.import_module("mthree").M3Mitigation(None)
    except ImportError as error:
        raise QbellError(
            "mitigation by mthree comes with the extra mitigation; run: pip install "
            "'qbell[mitigation]', or use mitigation tensored, which needs nothing more"
        ) from error


def _unseen(
    quasi: Quasi,
    levels: Floats,
    values: Complex,
    resamples: int,
    generator: np.random.Generator,
) -> tuple[Complex, Floats]:
    """A few shots of each resample exchanged for outcomes drawn uniformly: unobserved ones.

    Returns the shifts (resamples, 3^N) of the correlators, by the inverse qubit by qubit, which is
    linear, and those of the bound (resamples,). As in `qbell.estimator.tensor.kernels.resample`.
    """
    num_qubits, units = quasi.num_qubits, quasi.units
    shifts = np.zeros((resamples, len(values)), dtype=complex)
    moved = np.zeros(resamples)
    slope = gradient(values, num_qubits, levels)
    for row in range(resamples):
        cells = np.zeros(4**num_qubits)
        for _ in range(generator.poisson(2 * UNSEEN_FLIPS)):
            unit = int(generator.integers(len(units.sizes)))
            share = quasi.counts(unit) / units.sizes[unit]
            start = units.settings[unit] * 2**num_qubits
            weight = 1.0 / (len(units.sizes) * units.sizes[unit])
            cells[start + generator.choice(quasi.outcomes(unit), p=share)] -= weight
            cells[start + generator.integers(2**num_qubits)] += weight
        shifts[row] = correlator_means(cells, num_qubits, levels)
        moved[row] = slope @ cells
    return shifts, moved


def _correlators(values: Complex, squares: Floats, drawn: Complex, size: float) -> Correlators:
    num_qubits = round(np.log(len(values)) / np.log(3))
    n_plus, n_minus = signs(num_qubits)
    real, imaginary = drawn.real.var(axis=0, ddof=1), drawn.imag.var(axis=0, ddof=1)
    mixed = (drawn.real * drawn.imag).sum(axis=0) / (len(drawn) - 1)
    along, across = plane_scatter(values, real, imaginary, mixed)
    tiny = 1e-18 / size**2
    first = np.minimum(each_its_own(len(values))[0], exchanged(num_qubits))
    distinct, like = np.unique(first, return_inverse=True)
    return Correlators(
        labels=all_labels(num_qubits),
        n_plus=n_plus,
        n_minus=n_minus,
        values=values,
        squares=squares,
        along=np.clip(along, tiny, None),
        across=np.clip(across, tiny, None),
        distinct=distinct,
        like=like,
    )


def _deviations(values: Complex, squares: Floats, drawn: Complex, moved: Floats) -> Deviations:
    num_qubits = round(np.log(len(values)) / np.log(3))
    terms = Terms.of_all(num_qubits)
    first = 2 * terms.by_order((drawn * values.conj()).real)
    second = terms.by_order(np.abs(drawn) ** 2)
    second -= second.mean(axis=0)
    spread = float(np.var(first.sum(axis=1)) + np.var(second.sum(axis=1)))
    plug_in = terms.by_order(np.abs(values) ** 2)
    nothing = spread <= (1e-9 * (1 + plug_in.sum())) ** 2
    share = 1.0 if nothing else float(np.var(moved)) / spread
    return Deviations(terms.by_order(squares), plug_in, first, second, share)
