"""The pauli design: all 3^N settings, as state tomography measures them."""

import numpy as np
from numpy.typing import NDArray

from qbell.designs.base import Complex, Design, Directions, Observed, in_plane_terms
from qbell.errors import QbellError

MAX_PAULI_QUBITS = 7


class Pauli(Design):
    """All 3^N words of X, Y and Z, from XX..X to ZZ..Z.

    The 2^N words of X and Y among them are a full design, and E of all qubits comes from these
    alone: what a full design may claim of it, this one may claim too. Words with a letter Z add to
    correlators of fewer qubits, and to F0.
    """

    name = "pauli"
    looks = "all 3^N words of X, Y and Z"
    says = (
        "Every correlator, and F0 of Eq. (12) itself, trusting three measured directions; E of all "
        "qubits from the words of X and Y alone, two settings a qubit, in blocks: depths assume "
        "that shots are independent, and there is no p-value that allows for memory."
    )
    estimator = "words"
    claim = "bell"
    letters = 3
    measures_e_n = True
    measures_bound = True
    measures_f0 = True

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """See `Design.directions`."""
        if num_qubits > MAX_PAULI_QUBITS:
            raise QbellError(
                f"a pauli design of n = {num_qubits} has 3^{num_qubits} settings, more than this "
                f"machine should measure (n <= {MAX_PAULI_QUBITS}); use design random3, which "
                "draws them"
            )
        index = np.arange(3**num_qubits)[:, None]
        return (index // 3 ** np.arange(num_qubits) % 3).astype(np.uint8)

    def word_qubits(self, num_qubits: int, order: int | None) -> int:
        """All."""
        return num_qubits

    def recognise(self, observed: Observed) -> str:
        """See `Design.recognise`."""
        fixed = observed.num_draws is None and not observed.common_angles
        if fixed and _is_whole(observed.settings) and (observed.equal_shots or 0) > 1:
            return "inferred: all 3^N words of X, Y and Z are there with equal shots"
        return ""

    def check_settings(
        self, settings: Directions, order: int | None, name: str
    ) -> tuple[None, tuple[str, ...]]:
        """See `Design.check_settings`."""
        if not _is_whole(settings):
            raise QbellError(
                f"{name}: {len(settings)} of the 3^{settings.shape[1]} words of a pauli design "
                "have shots; measure the missing ones, or give design random3 if they were drawn"
            )
        return None, ()

    def all_qubit_terms(self, directions: Directions, signs: NDArray[np.int16]) -> Complex:
        """(3/2)^N prod_k w_k for words without sigma_xi, 2 of 3 letters of each qubit; else 0."""
        return in_plane_terms(directions, signs)


def _is_whole(settings: Directions) -> bool:
    return len(settings) == int(3 ** settings.shape[1])
