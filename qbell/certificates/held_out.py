"""Part of the shots held out to learn the tested correlator from, before the others are used.

A p-value or a lower limit holds for a correlator and a phase that were fixed before the data. Where
nothing is known beforehand, `split` the shots, `learn` on the first part and test on the second.
"""

import math

import numpy as np
from numpy.typing import NDArray

from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.conventions.labels import sums_by
from qbell.errors import QbellError
from qbell.shots.grouping import by_setting, group_by
from qbell.shots.shots import Shots
from qbell.util.checks import finite_number, whole_number
from qbell.util.unique_rows import row_numbers

Floats = NDArray[np.float64]

MAX_LABEL_QUBITS = 12
LEAST_SHOTS = 2  # of each setting, or draws: fewer have no unbiased estimate of a square
MAX_SPLIT = 10**9  # of NumPy's hypergeometric numbers
TIE = 1e-9  # relative: correlators closer than this are equal but for rounding


def split(shots: Shots, share: float, seed: int) -> tuple[Shots, Shots]:
    """The shots in two parts, ``(training, test)``.

    Designs that draw settings give their first draws away, in the order of their numbers: what is
    learnt may shape the test of later shots, never of earlier ones, so that the test holds against
    models with memory. In the others a random part of each setting's shots is taken.

    Args:
        shots: the data.
        share: of the shots that go to training, between 0 and 1.
        seed: of the random part; not used where settings are drawn.

    Raises:
        QbellError: the order of draws was not recorded, or a part gets fewer than 2 draws, or
            fewer than 2 shots of a setting.
    """
    share = finite_number("share of held-out shots", share)
    if not 0 < share < 1:
        raise QbellError(f"share of held-out shots = {share}; give a number between 0 and 1")
    if shots.drawn:
        return _split_draws(shots, share)
    return _split_settings(shots, share, np.random.default_rng(whole_number("seed", seed, least=0)))


def learn(
    training: Shots, *, label: str = "learn", phase: float | str = "learn"
) -> TestedCorrelator:
    """The direction in which the training shots see the largest correlator of all qubits.

    The phase is -arg of the estimated c_s. The label is that of the largest |c_s| among the
    2^(N-1) labels of all qubits with a + in front (the others are their complex conjugates): one
    Walsh-Hadamard transform over the settings, N up to 12.

    Args:
        training: the first part of `split`.
        label: ``learn``, or a label that was fixed beforehand.
        phase: ``learn``, or a phase in radians.

    Raises:
        QbellError: the label cannot be learnt (more than 12 qubits, or a design that measures one
            label only), or the shots say nothing of a correlator of all qubits.

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=50, seed=1)
    >>> learn(shots).label
    '+++'
    """
    if isinstance(phase, str) and phase != "learn":
        raise QbellError(f"phase {phase!r}; give a number in radians, or 'learn'")
    if label == "learn":
        label = _best_label(training)
    direction = TestedCorrelator(label, 0.0 if isinstance(phase, str) else phase)
    direction.check(training.num_qubits)
    if not isinstance(phase, str):
        return direction
    found = correlator_of_all(training, direction)
    return TestedCorrelator(label, -math.atan2(found.imag, found.real) + 0.0)


def rounded(direction: TestedCorrelator, training: Shots) -> TestedCorrelator:
    """The direction, its learnt phase taken to the nearest multiple of pi/2 if it may well be that.

    "May well": within two standard errors of what the training shots say, so that nothing is lost
    by it; and at multiples of pi/2 half of all settings suffice, which makes for smaller p-values
    (`qbell.certificates.phase_test`). Settings that were not drawn allow no p-value: unchanged.

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3, "random", draws=99, seed=1), seed=1)
    >>> rounded(TestedCorrelator("+++", 0.1), shots).phase
    0.0
    """
    nearest = round(direction.phase / (math.pi / 2)) * (math.pi / 2)
    if not training.drawn:
        return direction
    unit = complex(math.cos(direction.phase), math.sin(direction.phase))
    rows = (unit * _row_terms(training, direction)).imag
    if training.draws is not None:
        draws = group_by(training.draws).index
        rows = sums_by(draws, rows, int(draws.max()) + 1)
    found = abs(correlator_of_all(training, direction))
    if found * abs(math.sin(direction.phase - nearest)) > 2 * math.sqrt(float(rows @ rows)):
        return direction
    return TestedCorrelator(direction.label, nearest + 0.0)


def correlator_of_all(shots: Shots, direction: TestedCorrelator) -> complex:
    """Unbiased estimate of c_s for the direction's label (its phase is left out).

    In the symmetric design it holds for permutation-invariant states.

    Raises:
        QbellError: the design, or the shots there are, do not measure it.
    """
    if shots.rules.one_label and set(direction.label) != {"+"}:
        raise QbellError(
            f"label {direction.label!r}: the {shots.design} design measures the label of all + "
            "only; use design random or full for others"
        )
    return complex(_row_terms(shots, direction).sum())


def _row_terms(shots: Shots, direction: TestedCorrelator) -> NDArray[np.complex128]:
    """(rows,) what each row adds to the estimate of c_s."""
    terms = _weights(shots) * shots.rules.all_qubit_terms(shots.directions, direction.signs)
    odd = shots.bits.sum(axis=1, dtype=np.int64) % 2
    added: NDArray[np.complex128] = np.where(odd, -terms, terms)
    return added


def _split_draws(shots: Shots, share: float) -> tuple[Shots, Shots]:
    if shots.draws is not None:
        draws = group_by(shots.draws)
        total, draw = len(draws), draws.index
    elif shots.counts.max() == 1 and not _sorted(shots.directions):
        total, draw = len(shots.counts), np.arange(len(shots.counts))
    else:
        raise QbellError(
            "the order of the shots was not recorded (no draw column, and rows of several shots or "
            "sorted by setting), so none can be held out: with memory, later shots must not choose "
            "for earlier ones; give a draw column, or fix label and phase beforehand"
        )
    first = round(share * total)
    if min(first, total - first) < LEAST_SHOTS:
        raise QbellError(
            f"holding out {share:g} of {total} draws leaves fewer than {LEAST_SHOTS} in a part; "
            "take more draws, or another share"
        )
    return shots.take(draw < first), shots.take(draw >= first)


def _split_settings(shots: Shots, share: float, rng: np.random.Generator) -> tuple[Shots, Shots]:
    settings = by_setting(shots.directions)
    training = np.empty_like(shots.counts)
    for rows in np.split(settings.order, settings.starts[1:-1]):
        total = int(shots.counts[rows].sum())
        taken = round(share * total)
        if min(taken, total - taken) < LEAST_SHOTS:
            raise QbellError(
                f"holding out {share:g} of {total} shots of a setting leaves fewer than "
                f"{LEAST_SHOTS} in a part; take more shots a setting, or another share"
            )
        if total >= MAX_SPLIT:
            raise QbellError(
                f"{total} shots of one setting are too many to split; the limit is {MAX_SPLIT}"
            )
        # "marginals" needs no memory for each single shot.
        training[rows] = rng.multivariate_hypergeometric(
            shots.counts[rows], taken, method="marginals"
        )
    rest = shots.counts - training
    return shots.with_counts(training), shots.with_counts(rest)


def _sorted(directions: NDArray[np.uint8]) -> bool:
    """Whether rows stand in the order of their settings, from the last qubit or from the first."""
    return any(
        bool((np.diff(row_numbers(columns)) >= 0).all())
        for columns in (directions, directions[:, ::-1])
    )


def _weights(shots: Shots) -> Floats:
    """(rows,) shares that give every setting, or every draw, the same weight; they sum to 1."""
    counts = shots.counts.astype(float)
    if shots.drawn:
        terms = shots.rules.all_qubit_terms(
            shots.directions, np.ones(shots.num_qubits, dtype=np.int16)
        )
        if not terms.any():
            raise QbellError(
                f"none of the draws measures all {shots.num_qubits} qubits in the plane, so there "
                "is no correlator of all qubits to learn from; fix label and phase beforehand"
            )
        unit = None if shots.draws is None else group_by(shots.draws).index
        return counts / counts.sum() if unit is None else _even(counts, unit)
    settings = by_setting(shots.directions)
    first, index = settings.first, settings.index
    needed = shots.rules.settings_needed(shots.num_qubits)
    if len(first) < needed:
        raise QbellError(
            f"the shots have {len(first)} of the {needed} settings that a correlator of all "
            f"{shots.num_qubits} qubits needs, so there is nothing to learn from; fix label and "
            "phase beforehand"
        )
    return _even(counts, index)


def _even(counts: Floats, unit: NDArray[np.int64]) -> Floats:
    """(rows,) shares that give every unit (a setting, or a draw) the same weight; sums to 1."""
    sizes = np.bincount(unit, counts)
    shares: Floats = counts / sizes[unit] / len(sizes)
    return shares


def _best_label(training: Shots) -> str:
    size = training.num_qubits
    if size > MAX_LABEL_QUBITS:
        raise QbellError(
            f"a label of {size} qubits cannot be learnt, 2^{size - 1} are too many to tell apart "
            f"(up to {MAX_LABEL_QUBITS} qubits); give the label, and learn the phase only"
        )
    if training.rules.one_label:
        raise QbellError(
            f"the {training.design} design measures the label of all + only; give that label, or "
            "use design random or full"
        )
    # Minus signs (a bit mask m) turn the factor of a setting by (-1)^|setting and m|.
    signs = np.ones(size, dtype=np.int16)
    factors = training.rules.all_qubit_terms(training.directions, signs)
    kept = factors != 0
    settings = training.directions[kept]
    odd = training.bits[kept].sum(axis=1, dtype=np.int64) % 2
    terms = (_weights(training) * factors)[kept] * (1 - 2 * odd)
    numbers = settings.astype(np.int64) @ (1 << np.arange(size))
    values = sums_by(numbers, terms.real, 2**size) + 1j * sums_by(numbers, terms.imag, 2**size)
    moduli = np.abs(_walsh_hadamard(values)[: 2 ** (size - 1)])  # + in front
    best = int(np.argmax(moduli >= moduli.max() * (1 - TIE)))
    return "".join("-" if best >> qubit & 1 else "+" for qubit in reversed(range(size)))


def _walsh_hadamard(values: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """(2^N,) entry m is the sum over t of (-1)^|t and m| values[t]."""
    for qubit in range(len(values).bit_length() - 1):
        low, high = np.moveaxis(values.reshape(-1, 2, 2**qubit), 1, 0)
        values = np.stack([low + high, low - high], axis=1).ravel()
    return values
