"""The test of local realism: a mean over shots in fresh random settings against its local limit."""

import math
from dataclasses import dataclass

from qbell.certificates.phase_test import PhaseTest, phase_test
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.shots.shots import Shots

NO_P_VALUE = "no p-value against local realism: "


@dataclass(frozen=True)
class LocalRealism:
    """What shots in fresh random settings say about local realism.

    Attributes:
        mean: of x_i = Re(e^(i phase) prod_k x_k w_k) over the shots that count: at a phase that is
            a multiple of pi/2 those whose number of sigma_2 is even (0, pi) or odd (+-pi/2), as
            x = 0 in all others; see `qbell.certificates.phase_test`.
        limit: the largest mean that local realism allows: at multiples of pi/2 twice `local_limit`.
        trials: number of shots that count, M.
        hoeffding: p-value from the mean alone; see `qbell.certificates.p_value_bounds.hoeffding_p`.
        ratio: p-value of a test martingale; see `qbell.certificates.p_value_bounds.ratio_p`. The
            smaller one where x scatters little, or has two sizes.
    """

    mean: float
    limit: float
    trials: int
    hoeffding: float
    ratio: float


def local_limit(num_qubits: int, phase: float = 0.0) -> float:
    """Largest mean of Re(e^(i phase) prod_k x_k w_k) under local realism, in random settings.

    A deterministic strategy has outcomes x_k along sigma_1 and y_k along sigma_2. Uniform settings
    give the mean prod_k (x_k +- i y_k) / 2: of modulus 2^(-N/2), and of argument N pi/4 plus any
    multiple of pi/2, whatever the signs of the label. So the limit is

        2^(-N/2) max_m cos(phase + N pi/4 + m pi/2),

    between 2^(-(N+1)/2) and 2^(-N/2). Mixtures of strategies, also chosen from the past, have no
    larger mean.

    >>> round(local_limit(4), 12), round(local_limit(3), 12)
    (0.25, 0.25)
    """
    off = math.remainder(phase + num_qubits % 8 * math.pi / 4, math.pi / 2)
    return float(2.0 ** (-num_qubits / 2) * math.cos(off))


def local_realism(
    shots: Shots, direction: TestedCorrelator | None = None
) -> tuple[LocalRealism | None, str]:
    """Test local realism, or None and the reason why the data allow no such test.

    Every shot needs a setting of its own, uniform in {sigma_1, sigma_2}^N and unknown to the model
    beforehand: then x_i has a mean of at most `local_limit` given all the past. Where a setting is
    kept for several shots, a model with memory knows it after the first.

    Args:
        shots: the data.
        direction: fixed before these data were seen, or learnt on others; all + and phase 0 if
            None.

    Raises:
        QbellError: the direction is of another number of qubits.
    """
    direction = TestedCorrelator("+" * shots.num_qubits) if direction is None else direction
    direction.check(shots.num_qubits)
    shots.rules.check_phase(direction.phase)
    reason = hindrance(shots)
    if reason:
        return None, NO_P_VALUE + reason
    limit = local_limit(shots.num_qubits, direction.phase)
    return of_test(phase_test(shots, direction), limit), ""


def of_test(test: PhaseTest, limit: float) -> LocalRealism:
    """Both p-values against "Re(e^(i phase) c) is at most ``limit``"."""
    return LocalRealism(
        mean=test.mean,
        limit=test.most(limit),
        trials=round(test.trials),
        hoeffding=test.hoeffding(limit),
        ratio=test.ratio(limit),
    )


def hindrance(shots: Shots) -> str:
    """Why these data allow no test that holds against models with memory; empty if they do."""
    if shots.rules.no_p_value_reason:
        return shots.rules.no_p_value_reason
    if shots.provenance != "raw":
        return f"the counts are {shots.provenance}"
    if shots.shots_per_setting != 1:
        return (
            "several shots share one random setting, so the memory loophole is open; use 1 shot a "
            "draw"
        )
    return ""
