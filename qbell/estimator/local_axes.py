"""Local directions from shots: learnt on a part of them, tested on the rest.

A shot in the word s of X, Y and Z has the parity x of all qubits, and c = <prod_k m_k . sigma / 2>,
m = e_1 + i e_2 on each qubit, is the sum over all 3^N words a of prod_k (m_k)_(a_k) / 2 times their
mean parity T_a. So the estimates of T from held-out shots choose the planes, by the same closed
forms in turn as `qbell.exact.best_axes`, and 3^N prod_k (m_k)_(s_k) / 2 x of each of the others has
the mean c. Directions from the same shots would follow their chance, of all 3^N words.
"""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.local_axes import best_plane, climbed
from qbell.errors import QbellError
from qbell.estimator.estimate import data_seed
from qbell.estimator.interval_estimate import Estimate, q_of
from qbell.estimator.intervals.correlator_interval import intervals, limits
from qbell.estimator.intervals.student import widening
from qbell.estimator.k1.bundles import Bundles, bundled, most_bundles
from qbell.estimator.tensor.moments import UNSEEN_FLIPS
from qbell.shots.shots import Shots
from qbell.util.checks import confidence_level, finite_number

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

MAX_QUBITS = 10
BUNDLES, FEWEST_BUNDLES = 100, 40
FEWEST_TRAINING, FEWEST_TESTED = 10, 20
FEWEST_SHOTS = 40  # draws that measure all qubits in the planes, as expected, among those that test
STARTS, MOST_SWEEPS, SETTLED = 10, 100, 1e-5
ALLOWANCE = 0.2


@dataclass(frozen=True)
class LocalAxes:
    """Directions of each qubit, and the correlator along them from other shots.

    Attributes:
        sigma_1, sigma_2: (N, 3) unit vectors, one row a qubit, orthogonal to each other, along
            sigma_1, sigma_2 and sigma_xi of the shots.
        e_n: E_{N,0} = |<prod_k (sigma_1 + i sigma_2)/2>|^2 along them.
        q: log2(2^N E_{N,0}).

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(2), qbell.schedule(2, "pauli"), shots=200, seed=1)
    >>> local_axes(shots).sigma_1.shape
    (2, 3)
    """

    sigma_1: Floats
    sigma_2: Floats
    e_n: Estimate
    q: Estimate


def local_axes(
    shots: Shots, confidence: float = 0.95, held_out: float = 0.25, seed: int | None = None
) -> LocalAxes:
    """The directions of each qubit that make E_{N,0} largest, and E_{N,0} along them.

    Along directions that were fixed beforehand E > 2^-N says that a Bell test in these two settings
    a qubit would refute local realism, if the qubits were measured along X, Y and Z as said: a
    witness, no Bell test by itself. Directions that differ from qubit to qubit have no place in the
    bound of Eq. (24), whose generator is the same for all.

    Args:
        shots: of designs that measure all words of three directions, random3 and pauli; N up to 10.
        confidence: of the intervals and of each limit.
        held_out: share of the shots that choose the directions.
        seed: of which shots these are. None derives it from the data.

    Returns:
        The directions, E_{N,0} and Q, of the shots that did not choose.

    Raises:
        QbellError: another design, more qubits, mitigated counts, or too few shots.

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3, "pauli"), shots=100, seed=1)
    >>> found = local_axes(shots)
    >>> 1 / 8 < found.e_n.lower_limit < 1 / 4
    True
    """
    confidence = confidence_level(confidence)
    held_out = finite_number("held_out", held_out)
    _check(shots, held_out)
    number = data_seed(shots) if seed is None else seed
    generator = np.random.default_rng(np.random.SeedSequence(number).spawn(1)[0])
    count = min(BUNDLES, most_bundles(shots))
    training = np.arange(count) < round(held_out * count)
    if training.sum() < FEWEST_TRAINING or (~training).sum() < FEWEST_TESTED:
        raise QbellError(
            f"local axes: held_out = {held_out:g} of {count} bundles leaves too few to learn from "
            "or to test with; expected about 0.25"
        )
    parts = bundled(shots, count, generator)
    words = words_of(shots, parts)
    tensor, guess = words.tensor(training)
    planes = learnt(tensor, shots.num_qubits)
    e_n = words.along(planes, guess, ~training, confidence)
    return LocalAxes(planes.real.copy(), planes.imag.copy(), e_n, q_of(e_n, shots.num_qubits))


def _check(shots: Shots, held_out: float) -> None:
    """Refuse shots that say nothing of all words, or too little."""
    size, rules = shots.num_qubits, shots.rules
    if rules.letters < 3 or rules.word_qubits(size, shots.order) < size:
        raise QbellError(
            f"local axes: the {shots.design} design does not measure all words of X, Y and Z; "
            "expected design random3 or pauli"
        )
    if size > MAX_QUBITS:
        raise QbellError(f"local axes: n = {size}; they are learnt up to {MAX_QUBITS} qubits")
    if shots.provenance == "mitigated":
        raise QbellError("local axes: the counts are mitigated; give the raw ones")
    enough = most_bundles(shots) >= FEWEST_BUNDLES
    if shots.drawn:
        tested = (1 - held_out) * (shots.num_draws or 0)
        enough &= tested * (2 / 3) ** size >= FEWEST_SHOTS
    if not enough:
        unit = "draws" if shots.drawn else "shots of each word"
        raise QbellError(f"local axes: too few {unit} to learn from some and to test on the rest")


@dataclass(frozen=True)
class Words:
    """Parities of all qubits, bundle by bundle.

    Attributes:
        num_qubits: N.
        word: (rows,) number of the setting, qubit k having the digit k to the base 3.
        odd: (rows,) parity, +1 or -1.
        parts: which rows are in which bundle.
        total: number of shots.
    """

    num_qubits: int
    word: NDArray[np.int64]
    odd: Floats
    parts: Bundles
    total: int

    def tensor(self, some: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """(3^N,) mean parities T of some bundles, 0 where there are none; and the same, the nearer
        to 0 the less is known: a guess for other bundles."""
        weights = self.parts.weights * some[self.parts.bundle]
        sums, seen = (
            np.bincount(self.word, values, minlength=3**self.num_qubits)
            for values in (weights * self.odd, weights)
        )
        found = np.divide(sums, seen, out=np.zeros_like(sums), where=seen > 0)
        shots = np.maximum(seen * self.total / self.parts.count, 1.0)
        return found, found**3 / (found**2 + 1 / shots)

    def along(
        self, planes: Complex, guess: Floats, some: NDArray[np.bool_], confidence: float
    ) -> Estimate:
        """E along planes (N, 3), from some bundles; both, and ``guess``, are from others."""
        coefficients = _product(planes)
        gains = len(coefficients) * coefficients[self.word]
        each = self.parts.weights * gains * (self.odd - guess[self.word])
        sums = [
            np.bincount(self.parts.bundle, part, minlength=self.parts.count)[some]
            for part in (each.real, each.imag)
        ]
        values: Complex = sums[0] + 1j * sums[1] + coefficients @ guess
        count = len(values)
        mean = values.mean()
        turned = values * (mean.conjugate() / abs(mean) if mean else 1.0)
        weights = self.parts.weights * some[self.parts.bundle]
        flip = float(weights @ np.abs(2 * gains) ** 2 / weights.sum())
        unseen = UNSEEN_FLIPS * flip / (self.total * count / self.parts.count) ** 2
        scatter = np.array([turned.real.var(ddof=1), turned.imag.var(ddof=1)]) / count
        value = float(abs(mean) ** 2 - scatter.sum())

        def spread(level: float) -> tuple[Floats, Floats]:
            along, across = widening(count, level) * np.sqrt(scatter + unseen)[:, None]
            return along, across

        square = np.array([abs(mean) ** 2])
        low, high = intervals(square, *spread((1 - confidence) / 2), confidence)[0]
        lower, upper = limits(square, *spread(1 - confidence), confidence)[0]
        error = math.sqrt(
            4 * max(value, 0.0) * (scatter[0] + unseen) + 2 * float(np.sum((scatter + unseen) ** 2))
        )
        return Estimate(
            value=value,
            standard_error=error,
            low=float(low),
            high=float(high),
            confidence=confidence,
            degenerate=bool(unseen > ALLOWANCE * (scatter[0] + unseen)),
            lower_limit=float(lower),
            upper_limit=float(upper),
        )


def words_of(shots: Shots, parts: Bundles) -> Words:
    """The rows of all bundles."""
    directions, bits = shots.directions[parts.rows], shots.bits[parts.rows]
    word = directions.astype(np.int64) @ 3 ** np.arange(shots.num_qubits)
    odd = 1.0 - 2.0 * (bits.sum(axis=1, dtype=np.int64) % 2)
    return Words(shots.num_qubits, word, odd, parts, shots.total)


def _product(planes: Complex) -> Complex:
    """(3^N,) prod_k (m_k)_(a_k) / 2 of each word."""
    found = np.ones(1, dtype=complex)
    for plane in planes:  # qubit 0 is the lowest digit
        found = np.outer(plane / 2, found).ravel()
    return found


def learnt(tensor: Floats, num_qubits: int) -> Complex:
    """(N, 3) planes m along which the sum over words of T is largest, a real number."""
    return climbed(
        partial(_sweep, tensor),
        num_qubits,
        starts=STARTS,
        most_sweeps=MOST_SWEEPS,
        settled=SETTLED,
    )[1]


def _sweep(tensor: Floats, planes: Complex) -> float:
    """Every qubit once, in place; returns the sum."""
    value, rest = 0.0, tensor.astype(complex)
    for qubit in reversed(range(len(planes))):  # whose digit is the highest that is left
        part = rest
        for lower in range(qubit):
            part = part.reshape(-1, 3) @ planes[lower]
        planes[qubit], value = best_plane(part)
        rest = planes[qubit] @ rest.reshape(3, -1)
    return value
