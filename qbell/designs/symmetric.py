"""The symmetric design: N + 1 settings, for states that do not change when qubits are exchanged."""

from math import comb

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import SETTING_LETTERS, UNITS, strings
from qbell.designs.base import Complex, Design, Directions
from qbell.errors import QbellError
from qbell.util.unique_rows import row_numbers


class Symmetric(Design):
    """N + 1 words, one for each number of letters Y; the k lowest qubits are along Y."""

    name = "symmetric"
    looks = "N + 1 words, one for each number of letters Y"
    says = (
        "Every correlator from N + 1 settings, assuming that the state does not change when qubits "
        "are exchanged."
    )
    estimator = "permutation"
    claim = "assumption"
    one_label = True
    read_out_says = "as read out, correlators are those of the symmetric design's N + 1 settings"
    no_bell_reason = ""
    no_depth_reason = (
        "the symmetric design assumes a permutation-invariant state, which its data cannot verify: "
        "no depth is certified"
    )
    no_p_value_reason = "the symmetric design rests on the assumption of permutation invariance"

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """See `Design.directions`."""
        steps = np.arange(num_qubits + 1)[:, None]
        return (np.arange(num_qubits) < steps).astype(np.uint8)

    def check_settings(
        self, settings: Directions, order: int | None, name: str
    ) -> tuple[None, tuple[str, ...]]:
        """One setting for each number of letters Y; the assumption makes all of them alike."""
        num_qubits = settings.shape[1]
        along_2 = settings.sum(axis=1, dtype=np.int64)
        many = np.bincount(along_2, minlength=num_qubits + 1)
        if (many > 1).any():
            number = int(np.argmax(many > 1))
            two = strings(settings[along_2 == number][:2], SETTING_LETTERS)
            raise QbellError(
                f"{name}: settings {two[0][:40]} and {two[1][:40]} both have {number} letters Y; a "
                "symmetric design has one setting for each number: leave one out, or give another "
                "design"
            )
        if (many == 0).any():
            raise QbellError(
                f"{name}: {len(settings)} of the {num_qubits + 1} settings of a symmetric design "
                f"have shots, none with {int(np.argmax(many == 0))} letters Y; measure the missing "
                "ones"
            )
        return None, ()

    def all_qubit_terms(self, directions: Directions, signs: NDArray[np.int16]) -> Complex:
        """i^k, weighted by the binomial(N, k) settings with k letters Y that these stand for."""
        size = directions.shape[1]
        turned = directions.sum(axis=1, dtype=np.int64)
        first = np.unique(row_numbers(directions), return_index=True)[1]
        settings = np.bincount(turned[first], minlength=size + 1)
        share = np.array([comb(size, k) / 2**size for k in range(size + 1)])
        weights = len(first) * share[turned] / settings[turned]
        factors: Complex = weights * UNITS[(directions @ signs) % 4]
        return factors

    def settings_needed(self, num_qubits: int) -> int:
        """N + 1 words."""
        return num_qubits + 1
