"""The random design: settings drawn uniformly from {X, Y}^N."""

import numpy as np

from qbell.designs.base import Design, Directions, Observed


class Random(Design):
    """Words of X and Y, each letter drawn anew: every correlator at once, at any N."""

    name = "random"
    looks = "words of X and Y, each letter drawn anew"
    says = (
        "Every correlator from two settings a qubit; with one shot a draw also depths and a "
        "p-value against local realism, memory included."
    )
    estimator = "drawn"
    claim = "bell"
    drawn = True
    default_shots = 1
    measures_e_n = True
    measures_bound = True
    mitigation = ("tensored",)
    no_p_value_reason = ""

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """See `Design.directions`."""
        return rng.integers(0, self.letters, size=(draws, num_qubits), dtype=np.uint8)

    def word_qubits(self, num_qubits: int, order: int | None) -> int:
        """All."""
        return num_qubits

    def recognise(self, observed: Observed) -> str:
        """See `Design.recognise`."""
        if observed.num_draws is None or observed.common_angles or observed.has_xi:
            return ""
        if observed.perhaps_even or observed.listed:
            return ""
        return "inferred from the draw column"
