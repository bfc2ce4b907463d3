"""A Hamiltonian as a matrix product operator, as small as it can be.

Cut the chain in two: H = sum_ab C_ab L_a R_b over words L_a on the left and R_b on the right. As
Pauli words are orthogonal operators, a singular value decomposition of C finds the fewest pairs
that make up H, and doing so site by site gives the operator's tensors; nothing has to be known of
how couplings fall off with distance. Words that are even and odd under the symmetry are never
mixed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.exact.pauli_terms import PauliTerms, Word

Tensor = NDArray[Any]
Charges = NDArray[np.int64]

CUTOFF = 1e-14  # of the norm of all coefficients: what one cut may take

# i Y in the place of Y: real matrices all, and (-i)^k in the coefficient of k of them.
MATRICES = {
    "I": np.eye(2),
    "X": np.array([[0.0, 1.0], [1.0, 0.0]]),
    "Y": np.array([[0.0, 1.0], [-1.0, 0.0]]),
    "Z": np.diag([1.0, -1.0]),
}
LETTERS = "IXYZ"


@dataclass(frozen=True)
class OperatorProduct:
    """H = sum over bonds of W_0 W_1 .. W_(N-1), outer bonds 1.

    Attributes:
        tensors: W_k of shape (left bond, right bond, 2, 2): <s'| .. |s> in the last two places.
        charges: of every bond 0 .. N: how the words on its left change the parity, 0 or 1.
    """

    tensors: tuple[Tensor, ...]
    charges: tuple[Charges, ...]


def operator_product(terms: PauliTerms, turning: NDArray[np.bool_]) -> OperatorProduct:
    """The matrix product of a Hamiltonian.

    Args:
        terms: its words.
        turning: (N,) sites where X and Y change the parity (they anticommute with the symmetry).
    """
    words: dict[Word, int] = {}
    for word in terms.coefficients:
        words.setdefault(word, len(words))
    phases = [(-1j) ** sum(letter == "Y" for _, letter in word) for word in words]
    values = np.array([terms.coefficients[word] for word in words]) * np.array(phases)
    carry: Tensor = values[None, :] if values.imag.any() else values.real[None, :].copy()
    total = float(np.linalg.norm(values))
    tensors, charges = [], [np.zeros(1, dtype=np.int64)]
    for site in range(terms.num_qubits):
        # Rows (left bond, letter), columns what is left of the words.
        rest: dict[Word, int] = {}
        place = np.empty(len(words), dtype=np.int64)
        letter_of = np.zeros(len(words), dtype=np.int64)
        for word, column in words.items():
            here = bool(word) and word[0][0] == site
            letter_of[column] = LETTERS.index(word[0][1]) if here else 0
            place[column] = rest.setdefault(word[1:] if here else word, len(rest))
        matrix = np.zeros((len(carry), 4, len(rest)), dtype=carry.dtype)
        matrix[:, letter_of, place] = carry  # no two words have the same letter and rest
        flips = np.array([0, 1, 1, 0]) * int(turning[site])
        rows = (charges[-1][:, None] + flips) % 2
        columns = np.array([_charge(word, turning) for word in rest])
        if site == terms.num_qubits - 1:
            basis, found = matrix.reshape(-1, 1), np.zeros(1, dtype=np.int64)
        else:
            basis, carry, found = _split(
                matrix.reshape(len(rows) * 4, -1), rows.ravel(), columns, CUTOFF * total
            )
        core = basis.reshape(len(rows), 4, -1)
        stack = np.stack([MATRICES[letter] for letter in LETTERS])
        tensors.append(np.einsum("alb,lst->abst", core, stack))
        charges.append(found)
        words = rest
    return OperatorProduct(tuple(tensors), tuple(charges))


def _charge(word: Word, turning: NDArray[np.bool_]) -> int:
    return sum(letter in "XY" and bool(turning[site]) for site, letter in word) % 2


def _split(
    matrix: Tensor, rows: Charges, columns: Charges, cutoff: float
) -> tuple[Tensor, Tensor, Charges]:
    """Orthonormal columns and what they are multiplied by, block by block, and their charges."""
    left, right, charges = [], [], []
    for charge in (0, 1):
        at, to = np.flatnonzero(rows == charge), np.flatnonzero(columns == charge)
        block = matrix[np.ix_(at, to)]
        if block.size == 0 or not block.any():
            continue
        u, s, v = np.linalg.svd(block, full_matrices=False)
        kept = max(1, int(np.count_nonzero(s > cutoff)))
        grown = np.zeros((len(matrix), kept), dtype=matrix.dtype)
        grown[at] = u[:, :kept]
        wide = np.zeros((kept, matrix.shape[1]), dtype=matrix.dtype)
        wide[:, to] = s[:kept, None] * v[:kept]
        left.append(grown)
        right.append(wide)
        charges += [charge] * kept
    return np.concatenate(left, axis=1), np.concatenate(right), np.array(charges)
