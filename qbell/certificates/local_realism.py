"""The test of local realism: a mean over shots in fresh random settings against its local limit."""

from dataclasses import dataclass

from qbell.certificates.phase_test import PhaseTest, phase_test
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.designs.local_limit import local_limit
from qbell.shots.shots import Shots

__all__ = ["LocalRealism", "hindrance", "local_limit", "local_realism", "of_test"]

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


def local_realism(
    shots: Shots, direction: TestedCorrelator | None = None
) -> tuple[LocalRealism | None, str]:
    """Test local realism, or None and the reason why the data allow no such test.

    Every shot needs a setting of its own, uniform in {sigma_1, sigma_2}^N and unknown to the model
    beforehand: then x_i has a mean of at most the design's `local_limit` given all the past. Where
    a setting is kept for several shots, a model with memory knows it after the first.

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
    limit = shots.rules.local_limit(shots.num_qubits, direction.phase)
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
    if shots.treated:
        return f"the counts are {shots.treated}"
    if shots.shots_per_setting != 1:
        return (
            "several shots share one random setting, so the memory loophole is open; use 1 shot a "
            "draw"
        )
    return ""
