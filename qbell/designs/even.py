"""The even design: settings with an even number of sigma_2, drawn uniformly."""

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import UNITS
from qbell.designs.base import Complex, Design, Directions, Observed


class Even(Design):
    """Words of X and Y with an even number of letters Y, each of the 2^(N-1) as likely.

    Of c = <prod_k sigma_+^(k)> = 2^-N sum over settings of i^(number of Y) <parity>, the even
    settings give the real part: Re c is half the mean of (-1)^(number of Y / 2) x parity over them.
    The variance of this mean is at most 1 / (number of shots) at any N, and E_{N,0} >= (Re c)^2.
    """

    name = "even"
    looks = "words of X and Y with an even number of Y, drawn anew"
    says = (
        "(Re c)^2 of all qubits, a lower bound of their E, from two settings a qubit; with one "
        "shot a draw also a p-value against local realism, memory included."
    )
    estimator = "real_part"
    claim = "bell"
    drawn = True
    default_shots = 1
    any_phase = False
    e_n_name = "(Re c)^2 <= E_N,0"
    bound_name = "QFI bound, below Eq. 24"
    read_out_says = "as read out, E_N,0 is the square of the real part alone"
    misfit_says = (
        "has an odd number of letters Y, and the even design draws even ones alone; check the "
        "setting, or say design random"
    )

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """All letters but the last are drawn; the last makes the number of Y even."""
        letters = rng.integers(0, 2, size=(draws, num_qubits), dtype=np.uint8)
        letters[:, -1] = letters[:, :-1].sum(axis=1, dtype=np.int64) % 2
        return letters

    def equally_likely(self, num_qubits: int) -> int:
        """2^(N-1)."""
        return int(2 ** (num_qubits - 1))

    def independent_letters(self, num_qubits: int) -> int:
        """Any N - 1: the last one follows from them."""
        return num_qubits - 1

    def word_qubits(self, num_qubits: int, order: int | None) -> int:
        """N - 1: as for `independent_letters`."""
        return num_qubits - 1

    def recognise(self, observed: Observed) -> str:
        """See `Design.recognise`."""
        if observed.num_draws is None or observed.common_angles or observed.has_xi:
            return ""
        if observed.listed:
            return ""
        return (
            "inferred from the draw column: all numbers of Y are even"
            if observed.surely_even
            else ""
        )

    def misfits(self, directions: Directions) -> NDArray[np.bool_]:
        """See `Design.misfits`."""
        odd: NDArray[np.bool_] = directions.sum(axis=1, dtype=np.int64) % 2 == 1
        return odd

    @property
    def no_p_value_reason(self) -> str:
        """See `Design.no_p_value_reason`: none, settings are fresh."""
        return ""

    def all_qubit_terms(self, directions: Directions, signs: NDArray[np.int16]) -> Complex:
        """prod_k w_k / 2, which is real: the mean is Re c."""
        factors: Complex = UNITS[(directions @ signs) % 4] / 2
        return factors
