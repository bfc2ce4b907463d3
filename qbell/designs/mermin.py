"""The mermin design: all settings with an even number of sigma_2, listed and not drawn."""

import numpy as np

from qbell.conventions.labels import SETTING_LETTERS, strings
from qbell.designs.base import Directions, Observed
from qbell.designs.even import Even
from qbell.errors import QbellError

MAX_MERMIN_QUBITS = 13
MOST_NAMED = 6  # words that a message lists


class Mermin(Even):
    """All 2^(N-1) words of X and Y with an even number of letters Y, as in Mermin's inequality.

    Re c is half the mean of (-1)^(number of Y / 2) x parity over all of them, each with the same
    weight, whatever its shots. None can be left out: products of Pauli operators are linearly
    independent, and each of these words stands in Re c, so without one of them some state has the
    same outcomes and another Re c.
    """

    name = "mermin"
    looks = "all 2^(N-1) words of X and Y with an even number of Y"
    says = (
        "(Re c)^2 of all qubits, a lower bound of their E, from two settings a qubit; settings "
        "repeat in blocks, so depths assume that shots are independent, and there is no p-value "
        "that allows for memory."
    )
    drawn = False
    default_shots = 1000
    misfit_says = (
        "has an odd number of letters Y, and the mermin design has even ones alone; leave the "
        "setting out, or say design full if all 2^N are there"
    )

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """See `Design.directions`."""
        if num_qubits > MAX_MERMIN_QUBITS:
            raise QbellError(
                f"a mermin design of n = {num_qubits} has 2^{num_qubits - 1} settings, more than "
                f"this machine should measure (n <= {MAX_MERMIN_QUBITS}); use design even, which "
                "draws them"
            )
        return even_words(num_qubits)

    def recognise(self, observed: Observed) -> str:
        """See `Design.recognise`."""
        fixed = observed.num_draws is None and not observed.common_angles and not observed.has_xi
        whole = len(observed.settings) == self.settings_needed(observed.settings.shape[1])
        if fixed and observed.even and whole and (observed.equal_shots or 0) > 1:
            return "inferred: all words with an even number of Y are there, with equal shots"
        return ""

    def check_settings(
        self, settings: Directions, order: int | None, name: str
    ) -> tuple[None, tuple[str, ...]]:
        """See `Design.check_settings`."""
        num_qubits = settings.shape[1]
        needed = self.settings_needed(num_qubits)
        if len(settings) < needed:
            raise QbellError(
                f"{name}: {len(settings)} of the 2^{num_qubits - 1} words with an even number of Y "
                f"have shots, and the real part of the correlator of all qubits takes all of them; "
                f"measure {_missing(settings)}, or use design even, which draws them"
            )
        return None, ()

    @property
    def no_p_value_reason(self) -> str:
        """See `Design.no_p_value_reason`."""
        return (
            "the mermin design repeats settings in blocks, so the memory loophole is open; use "
            "design even with 1 shot a draw"
        )

    def settings_needed(self, num_qubits: int) -> int:
        """2^(N-1) words."""
        return int(2 ** (num_qubits - 1))


def even_words(num_qubits: int) -> Directions:
    """(2^(N-1), N) the words with an even number of letters Y, in the order of their numbers."""
    index = np.arange(2**num_qubits)
    index = index[np.bitwise_count(index) % 2 == 0]
    words: Directions = (index[:, None] >> np.arange(num_qubits) & 1).astype(np.uint8)
    return words


def _missing(settings: Directions) -> str:
    """Words that are not there, in text; some of them where they are many."""
    num_qubits = settings.shape[1]
    if num_qubits > MAX_MERMIN_QUBITS:
        return "the others"
    seen = set(strings(settings, SETTING_LETTERS).tolist())
    absent = [w for w in strings(even_words(num_qubits), SETTING_LETTERS).tolist() if w not in seen]
    named = ", ".join(absent[:MOST_NAMED])
    return named if len(absent) <= MOST_NAMED else f"{named} and {len(absent) - MOST_NAMED} more"
