"""`scan_qfi`: what a phase scan says of the QFI, and what it costs to choose angles by the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.estimator.phase_scan.bures import bures_limit, bures_value, distances
from qbell.estimator.phase_scan.hellinger import HellingerFit, hellinger_fit
from qbell.estimator.phase_scan.mqc import Coherences, coherences, covers_a_turn
from qbell.shots.phase_scan import PhaseScan, angle_in_radians
from qbell.util.checks import confidence_level, finite_number, whole_number

LEARN: Literal["learn"] = "learn"
HELD_OUT = 0.25
SAME = 1e-9  # radians

FIXED = "two angles, fixed before the first shot"
LEARNT = "two angles, learnt on held-out shots"
ALL = "the best of all pairs; all hold at once"


Part = tuple[NDArray[np.int64], NDArray[np.int64]]  # successes and shots at each angle


@dataclass(frozen=True)
class ScanResult:
    """What a phase scan says of the quantum Fisher information.

    Attributes:
        limit: F_Q is above this, by the Bures angle of two outcome distributions.
        confidence: of the limit.
        pair: the two angles that it comes from, in radians.
        value, standard_error: the bound's estimate from these two, not the limit; too large where
            the pair was the best of many.
        chosen: how the pair was: fixed beforehand, learnt on held-out shots, or the best of all.
        scan: the data.
        hellinger: Strobel's curve, an estimate; None of fewer than three angles.
        coherences: Fourier components, where angles are equal steps of a whole turn; else None.
        notes: what a reader must know.

    >>> import qbell
    >>> scan = qbell.phase_scan(qbell.ghz(3), ["0pi", "1/6pi"], "parity", shots=900, seed=1)
    >>> qbell.scan_qfi(scan).chosen
    'two angles, fixed before the first shot'
    """

    limit: float
    confidence: float
    pair: tuple[float, float]
    value: float
    standard_error: float
    chosen: str
    scan: PhaseScan
    hellinger: HellingerFit | None
    coherences: Coherences | None
    notes: tuple[str, ...]


def scan_qfi(
    scan: PhaseScan,
    confidence: float = 0.95,
    *,
    pair: tuple[Any, Any] | Literal["learn"] | None = None,
    held_out: float = HELD_OUT,
    seed: int = 0,
    reference: int = 0,
) -> ScanResult:
    """A lower limit on F_Q from the counts of a phase scan, with nothing assumed of the read-out.

    F_Q >= 4 (a - a')^2 / (theta - theta')^2 with p = sin^2 a the probability of success at theta,
    for angles fixed before the data. Which pair of angles the limit is of has to be fixed, too:

    - named in `qbell.phase_scan`, or only two angles measured: Clopper-Pearson intervals of two
      probabilities;
    - else all pairs are allowed for: intervals of all K probabilities that hold at once, and the
      largest limit is taken;
    - ``pair="learn"``: the pair that is best on a part of the shots, tested on the rest.

    Two angles that are named only now are refused: they may have been chosen by the data.

    Args:
        scan: from `qbell.phase_scan`. It must hold all angles that were measured.
        confidence: of the limit.
        pair: ``"learn"``, or the pair that the scan names; None as said above.
        held_out: share of the shots to learn from.
        seed: of which shots these are.
        reference: place of the angle that the Hellinger curve starts from.

    Returns:
        The limit, the estimate beside it, the Hellinger curve and the multiple quantum coherences.

    Raises:
        QbellError: a pair that was chosen after the data, or too few shots to hold some out.

    Source: the Bures angle is half of the integral of sqrt(F_Q): S. Braunstein and C. Caves, Phys.
    Rev. Lett. 72, 3439 (1994); H. Strobel et al., Science 345, 424 (2014) for the curve.

    >>> import qbell
    >>> scan = qbell.phase_scan(qbell.ghz(4), ["0pi", "1/8pi"], "parity", shots=2000, seed=1)
    >>> 10 < scan_qfi(scan).limit < 16
    True
    """
    confidence = confidence_level(confidence)
    whole_number("reference", reference, least=0, most=len(scan.angles) - 1)
    successes, shots = np.array(scan.successes), np.array(scan.shots)
    places = _places(scan, pair)
    if pair == LEARN:
        (found, taken), (successes, shots) = _split(scan, held_out, seed)
        best, first, second = bures_limit(scan.angles, found, taken, confidence)
        shares = found / taken
        if best == 0 and np.ptp(shares):  # too few shots to limit any pair: that which differs most
            first, second = sorted((int(shares.argmin()), int(shares.argmax())))
        places, chosen = (first, second), LEARNT
    else:
        chosen = FIXED if places is not None else ALL
    kept = list(range(len(scan.angles))) if places is None else list(places)
    angles = np.array(scan.angles)[kept]
    limit, first, second = bures_limit(angles, successes[kept], shots[kept], confidence)
    first, second = kept[first], kept[second]
    both = [first, second]
    value, error = bures_value(
        float(distances(scan.angles)[first, second]),
        (successes[both] / shots[both]).tolist(),
        shots[both].tolist(),
    )
    counts = scan.angles, scan.successes, scan.shots
    fit = hellinger_fit(*counts, reference) if len(scan.angles) > 2 else None
    turn = covers_a_turn(scan.angles, scan.num_qubits)
    return ScanResult(
        limit=limit,
        confidence=confidence,
        pair=(scan.angles[first], scan.angles[second]),
        value=value,
        standard_error=error,
        chosen=chosen,
        scan=scan,
        hellinger=fit,
        coherences=coherences(*counts, scan.num_qubits, confidence) if turn else None,
        notes=_notes(scan, limit, fit is not None, turn),
    )


def _places(scan: PhaseScan, pair: Any) -> tuple[int, int] | None:
    """Of the pair that was fixed beforehand; None if none was."""
    fixed = (0, 1) if len(scan.angles) == 2 else scan.pair
    if pair is None or isinstance(pair, str):
        if pair not in (None, LEARN):
            raise QbellError(f"pair = {pair!r}; give 'learn', or leave it out")
        return fixed
    if not isinstance(pair, Sequence) or len(pair) != 2:
        raise QbellError(f"pair = {pair!r}; expected two of the angles measured, or 'learn'")
    asked = sorted(angle_in_radians(angle, "pair") for angle in pair)
    known = [] if fixed is None else sorted(scan.angles[place] for place in fixed)
    if not known or max(abs(a - b) for a, b in zip(asked, known, strict=True)) > SAME:
        raise QbellError(
            f"pair: {asked[0]:.6g} and {asked[1]:.6g} were not named before the shots were taken, "
            f"so they may be chosen by the data of {len(scan.angles)} angles; leave pair out (all "
            "pairs are then allowed for), say 'learn' (held-out shots choose), or name them in a "
            "new scan"
        )
    return fixed


def _split(scan: PhaseScan, share: float, seed: int) -> tuple[Part, Part]:
    """Successes and shots in two parts, at random: those to learn from, and the rest."""
    share = finite_number("held_out", share)
    if not 0 < share < 1:
        raise QbellError(f"held_out = {share}; give a number between 0 and 1")
    successes, shots = np.array(scan.successes), np.array(scan.shots)
    taken = np.rint(share * shots).astype(int)
    if (taken < 1).any() or (taken >= shots).any():
        raise QbellError(
            f"held_out = {share:g} of {shots.min()} shots leaves a part without any; take more "
            "shots, or another share"
        )
    rng = np.random.default_rng(whole_number("seed", seed, least=0))
    found = rng.hypergeometric(successes, shots - successes, taken)
    return (found, taken), (successes - found, shots - taken)


def _notes(scan: PhaseScan, limit: float, curve: bool, turn: bool) -> tuple[str, ...]:
    notes = [
        "the limit trusts that the angles are those said and that all else is the same at each of "
        "them; it assumes nothing of the read-out, or of how well the preparation is undone"
    ]
    if limit > scan.num_qubits**2:
        notes.append(
            f"the limit is above N^2 = {scan.num_qubits**2}, which no state exceeds: the angles "
            "are not those said, or something else changed between them"
        )
    if curve:
        notes.append("the Hellinger curve is an extrapolation: an estimate, not a limit")
    if turn and scan.read_out == "echo":
        notes.append(
            "coherence_if_equal and qfi_if_equal assume that the way back has the same noise as "
            "the preparation: no limits"
        )
    return tuple(notes)
