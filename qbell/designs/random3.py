"""The design random3: settings drawn uniformly from {X, Y, Z}^N."""

import numpy as np
from numpy.typing import NDArray

from qbell.designs.base import Complex, Design, Directions, Observed, in_plane_terms


class Random3(Design):
    """Words of X, Y and Z, each letter drawn anew: every correlator, and F0 of Eq. (12)."""

    name = "random3"
    looks = "words of X, Y and Z, each letter drawn anew"
    says = (
        "Every correlator, and F0 of Eq. (12) itself, trusting three measured directions; not a "
        "two-setting Bell test."
    )
    estimator = "pairs"
    claim = "witness"
    drawn = True
    default_shots = 1
    letters = 3
    measures_e_n = True
    measures_bound = True
    measures_f0 = True
    no_bell_reason = "random3 measures three directions a qubit"
    no_p_value_reason = "random3 measures three directions a qubit, and this is a test of two"

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
        if observed.perhaps_ghz:
            return ""
        if observed.num_draws is not None and observed.has_xi and not observed.listed:
            return "inferred from the draw column and the letter Z"
        return ""

    def all_qubit_terms(self, directions: Directions, signs: NDArray[np.int16]) -> Complex:
        """(3/2)^N prod_k w_k for draws without sigma_xi, which are a random design; else 0."""
        return in_plane_terms(directions, signs)
