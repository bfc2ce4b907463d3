"""Hamiltonians as sums of Pauli words, each on the few sites where it acts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qbell.errors import QbellError
from qbell.states.spin_hamiltonian import SpinHamiltonian

Word = tuple[tuple[int, str], ...]  # (site, letter), sites ascending; () is the identity

TOLERANCE = 1e-10  # of the largest coefficient: so real all have to be


@dataclass(frozen=True)
class PauliTerms:
    """H = sum_w c_w w over Pauli words w.

    Attributes:
        num_qubits: N.
        coefficients: c_w by word, none 0.
    """

    num_qubits: int
    coefficients: Mapping[Word, float]

    @property
    def scale(self) -> float:
        """Sum of all |c_w| but that of the identity: no energy is farther from the mean."""
        return sum(abs(c) for word, c in self.coefficients.items() if word)

    def commutes(self, symmetry: Word) -> bool:
        """Whether every word commutes with ``symmetry``."""
        letters = dict(symmetry)
        return all(
            sum(letters.get(site, letter) != letter for site, letter in word) % 2 == 0
            for word in self.coefficients
        )


def terms_of(hamiltonian: Any) -> PauliTerms:
    """The words of Qiskit's SparsePauliOp, or of a `SpinHamiltonian`.

    Raises:
        QbellError: something else, or coefficients that are not real and finite.
    """
    if isinstance(hamiltonian, SpinHamiltonian):
        return PauliTerms(hamiltonian.num_qubits, _of_spins(hamiltonian))
    if not callable(getattr(hamiltonian, "to_sparse_list", None)):
        raise QbellError(
            f"expected a SparsePauliOp as the Hamiltonian, got a {type(hamiltonian).__name__}; "
            "matrices are solved by ground_state up to 20 qubits"
        )
    found: dict[Word, complex] = {}
    for letters, sites, coefficient in hamiltonian.to_sparse_list():
        word = tuple(
            sorted((int(site), letter) for site, letter in zip(sites, letters, strict=True))
        )
        word = tuple((site, letter) for site, letter in word if letter != "I")
        found[word] = found.get(word, 0.0) + complex(coefficient)
    if not np.isfinite(list(found.values())).all():
        raise QbellError("the Hamiltonian holds NaN or infinite numbers; give finite ones")
    most = max(map(abs, found.values()), default=0.0)
    if any(abs(c.imag) > TOLERANCE * most for c in found.values()):
        raise QbellError("the Hamiltonian is not Hermitian: a coefficient is not real")
    real = {word: c.real for word, c in found.items() if c.real != 0}
    return PauliTerms(int(hamiltonian.num_qubits), real)


def word_of(text: Any, num_qubits: int) -> Word:
    """The word that ``text`` such as ``"XXIX"`` spells, qubit 0 last.

    Raises:
        QbellError: not N letters I, X, Y, Z, or only I.
    """
    if (
        not isinstance(text, str)
        or len(text) != num_qubits
        or not set(text) <= set("IXYZ")
        or set(text) == {"I"}
    ):
        raise QbellError(
            f"symmetry = {text!r}; give a word of {num_qubits} letters I, X, Y, Z, such as "
            f"{'X' * min(num_qubits, 4)}{'...' if num_qubits > 4 else ''}"
        )
    return tuple((k, letter) for k, letter in enumerate(reversed(text)) if letter != "I")


def _of_spins(h: SpinHamiltonian) -> dict[Word, float]:
    found: dict[Word, float] = {(): h.constant}
    for (j, k), strength in h.zz.items():
        found[(j, "Z"), (k, "Z")] = strength
    for (j, k), strength in h.exchange.items():
        found[(j, "X"), (k, "X")] = found[(j, "Y"), (k, "Y")] = strength
    for letter, strengths in (("X", h.x), ("Z", h.z)):
        for site, strength in enumerate(strengths):
            found[((site, letter),)] = strength
    return {word: strength for word, strength in found.items() if strength != 0}
