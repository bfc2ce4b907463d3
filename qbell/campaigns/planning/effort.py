"""How large the pilots are: as the campaign itself, within what takes seconds."""

import math
from dataclasses import dataclass

from qbell.campaigns.spec import Spec
from qbell.circuits.preparation import Preparation
from qbell.designs import find_design
from qbell.devices.backends import IDEAL
from qbell.estimator.dispatch import estimator_of
from qbell.simulation.draw_outcomes import MAX_IDEAL_QUBITS, MAX_TABLE_QUBITS, SMALL_BOND
from qbell.simulation.mps_circuit import TooEntangled, matrix_product_of
from qbell.simulation.noisy_state import MAX_NOISY_QUBITS

REPETITIONS, FEW_REPETITIONS = 8, 4
RESAMPLES, FEWEST_RESAMPLES = 400, 12
LEAST_DRAWS, LEAST_SHOTS = 2000, 100  # of a pilot, where the campaign itself has fewer
MOST_SHOTS = 1_000_000  # of a pilot
MOST_DRAWS = 20_000
SHOTS_WITH_PAULIS = 32_000  # of all pilots, where each has random errors of many qubits
SHOTS_ONE_BY_ONE = 16_000  # of all pilots, where each shot is simulated by itself
RESAMPLED_SHOTS = 20_000_000  # of a pilot, times its resamples
MOST_SHOTS_A_DRAW = 1000
RESAMPLING_SECONDS = 15.0  # of all pilots
PAIR_SECONDS = 0.5  # of one
VECTOR_SECONDS = 20.0  # of sampling all of them from state vectors
SECONDS_PER_AMPLITUDE = 1e-9  # and qubit


@dataclass(frozen=True)
class Effort:
    """The size of the pilots.

    Attributes:
        repetitions: independent pilots.
        units: draws of each, or shots of each setting.
        shots: of each draw; where settings are not drawn, the same as ``units``.
        resamples: of each pilot's error.
    """

    repetitions: int
    units: int
    shots: int
    resamples: int


def effort(spec: Spec, num_settings: int, preparation: Preparation) -> Effort:
    """Pilots of a campaign with ``num_settings`` settings (if they are not drawn).

    Depends on the campaign alone, never on how fast a machine is: so plans can be repeated.
    """
    num_qubits = preparation.num_qubits
    # With mid-circuit measurements it is simulated shot by shot.
    most_each = MOST_SHOTS if preparation.is_unitary else SHOTS_ONE_BY_ONE // REPETITIONS
    estimator = estimator_of(find_design(spec.design))
    if not find_design(spec.design).drawn:
        each = estimator.seconds_per_resample(num_qubits, num_settings, spec.order or 0)
        repetitions, resamples = _resampling(each)
        most = min(_most_shots(resamples), most_each)
        shots = min(max(spec.shots, LEAST_SHOTS), max(most // num_settings, 2))
        return Effort(repetitions, shots, shots, resamples)
    assert spec.draws is not None
    shots = min(spec.shots, MOST_SHOTS_A_DRAW)
    draws = min(max(spec.draws, LEAST_DRAWS), MOST_DRAWS)
    by_pairs = estimator.pair_seconds(num_qubits, draws * shots)
    each = estimator.seconds_per_resample(num_qubits, num_settings, spec.order or 0)
    if each < math.inf and by_pairs > min(RESAMPLES * each, 4 * PAIR_SECONDS):
        repetitions, resamples = _resampling(each)
    else:  # pairs of draws, whose resamples cost nothing
        repetitions, resamples = REPETITIONS, RESAMPLES
        while draws > 100 and estimator.pair_seconds(num_qubits, draws * shots) > PAIR_SECONDS:
            draws = draws * 9 // 10
    draws = min(draws, max(min(_most_shots(resamples), most_each) // shots, 100))
    if spec.backend != IDEAL and num_qubits > MAX_NOISY_QUBITS:
        draws = min(draws, max(SHOTS_WITH_PAULIS // repetitions // shots, 100))
    if MAX_TABLE_QUBITS < num_qubits <= MAX_IDEAL_QUBITS and _entangled(preparation):
        each = SECONDS_PER_AMPLITUDE * 2.0**num_qubits * num_qubits
        draws = min(draws, max(int(VECTOR_SECONDS / each / repetitions), 100))
    return Effort(repetitions, draws, shots, resamples)


def _most_shots(resamples: int) -> int:
    return min(MOST_SHOTS, RESAMPLED_SHOTS // resamples)


def _resampling(each: float) -> tuple[int, int]:
    """How many pilots, and resamples of each, where a resample takes ``each`` seconds."""
    dear = each * REPETITIONS * 3 * FEWEST_RESAMPLES > RESAMPLING_SECONDS
    repetitions = FEW_REPETITIONS if dear else REPETITIONS
    if each == 0:
        return repetitions, RESAMPLES
    affordable = int(RESAMPLING_SECONDS / repetitions / each)
    return repetitions, min(max(affordable, FEWEST_RESAMPLES), RESAMPLES)


def _entangled(preparation: Preparation) -> bool:
    """True if outcomes come from state vectors, not from the faster matrix products."""
    if not preparation.is_unitary:
        return False
    try:
        matrix_product_of(preparation, SMALL_BOND)
    except TooEntangled:
        return True
    return False
