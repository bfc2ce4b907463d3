"""The ghz design: even settings, and all qubits along sigma_xi, mixed at random."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import UNITS
from qbell.designs.base import XI, Complex, Directions, Observed
from qbell.designs.even import Even


class Ghz(Even):
    """Even words of X and Y, or Z on all qubits, drawn anew: the coherence and the populations.

    A draw is Z on all qubits with probability ``share``, else one of the 2^(N-1) words with an even
    number of letters Y, each as likely. The even words give C = 2 Re c (see `Even`), Z on all
    qubits the population P of 0...0 and 1...1; interleaved at random, so that both are of the same
    states however these drift. The Bell test is that of the even words alone, given which draws are
    such.
    """

    name = "ghz"
    looks = "words of X and Y with an even number of Y, or Z on all qubits, drawn anew"
    says = (
        "Coherence, population, fidelity with a GHZ state, a bound on the QFI and entanglement at "
        "any N, trusting three measured directions; the words of X and Y alone are a Bell test, "
        "with one shot a draw also a p-value against local realism, memory included."
    )
    estimator = "coherence"
    letters = 3
    e_n_name = "(Re c)^2"
    default_share = 0.25
    quantities: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "coherence": "coherence C",
            "population": "population P",
            "fidelity": "fidelity, (C + P)/2",
            "qfi_ghz": "QFI bound, N^2 C^2/P",
        }
    )
    limits_qfi: ClassVar[Mapping[str, str]] = MappingProxyType({"qfi_ghz": "N² C²/P"})
    measures_population = True
    misfit_says = (
        "is neither Z on all qubits nor a word of X and Y with an even number of Y, as the ghz "
        "design draws them; check the setting, or say design random3"
    )

    def interleaved(
        self, directions: Directions, share: float, rng: np.random.Generator
    ) -> Directions:
        """See `Design.interleaved`: each draw is Z on all qubits with probability ``share``."""
        mixed = directions.copy()
        mixed[rng.random(len(directions)) < share] = XI
        return mixed

    def uniform(self, directions: Directions) -> NDArray[np.bool_]:
        """See `Design.uniform`: words of X and Y."""
        words: NDArray[np.bool_] = ~(directions == XI).any(axis=1)
        return words

    @property
    def drawn_letters(self) -> int:
        """Two."""
        return 2

    def word_qubits(self, num_qubits: int, order: int | None) -> int:
        """None: draws along sigma_xi leave a share that was not chosen."""
        return 0

    def recognise(self, observed: Observed) -> str:
        """See `Design.recognise`."""
        if observed.surely_ghz and not observed.listed:
            return "inferred from the draw column: all numbers of Y are even, or all letters are Z"
        return ""

    def misfits(self, directions: Directions) -> NDArray[np.bool_]:
        """See `Design.misfits`."""
        along_xi = (directions == XI).sum(axis=1)
        odd = (directions == 1).sum(axis=1) % 2 == 1
        wrong: NDArray[np.bool_] = ((along_xi > 0) & (along_xi < directions.shape[1])) | odd
        return wrong

    def all_qubit_terms(self, directions: Directions, signs: NDArray[np.int16]) -> Complex:
        """prod_k w_k / 2 over the share of words among the rows, and 0 along sigma_xi."""
        words = self.uniform(directions)
        factors: Complex = np.where(words, UNITS[(directions @ signs) % 4] / 2, 0.0)
        return factors / max(float(words.mean()), 1 / len(words))
