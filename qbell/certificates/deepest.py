"""The largest groups that a test of a phase rejects, at one error rate for all sizes."""

from collections.abc import Callable

from qbell.certificates.phase_test import PhaseTest


def deepest(
    test: PhaseTest, most: Callable[[int], float], num_qubits: int, alpha: float
) -> tuple[int, float | None]:
    """Largest k such that groups of at most 1, 2, ..., k qubits are all rejected.

    Each hypothesis contains the ones before it. If groups have at most K qubits in truth, too large
    a depth means that K was rejected, which has probability ``alpha`` at most: no correction.

    Args:
        test: of Re(e^(i phase) c).
        most: k -> largest Re(e^(i phase) c) with groups of at most k qubits.
        num_qubits: N.
        alpha: error rate.

    Returns:
        k, 0 if none is rejected, and the largest p-value of those that are (None if none is).
    """
    rejected, largest = 0, None
    limit = p_value = 0.0
    for size in range(1, num_qubits):
        if size == 1 or most(size) != limit:
            limit = most(size)
            p_value = test.p_value(limit)
        if p_value > alpha:
            break
        rejected, largest = size, max(largest or 0.0, p_value)
    return rejected, largest
