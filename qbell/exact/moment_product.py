"""The moment bound of matrix products: covariances of few-body operators by transfer matrices.

Two operators that share no site: what is left of the cut between them is one chi x chi matrix for
each operator, and what is right of it another, so that all pairs are inner products of these. Two
that do: their product is one Pauli word of a few sites, and words that begin alike share the
contraction of their beginnings.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.few_body import X, Y
from qbell.exact.matrix_product import MatrixProduct
from qbell.util.checks import require_memory
from qbell.util.threads import one_blas_thread

Tensor = NDArray[Any]
Floats = NDArray[np.float64]
Word = tuple[tuple[int, int], ...]  # (site, 1, 2, 3 as X, Y, Z), sites ascending

LETTERS = (0, 1, 2, 3)
BYTES_A_PAIR = 600.0  # words and numbers of two operators that overlap


@one_blas_thread()
def covariances(state: MatrixProduct, given: list[dict[int, str]]) -> tuple[Floats, Floats]:
    """Gamma_ab = Re <M_a M_b> - <M_a> <M_b> (K, K), and C_a = <i [M_a, h]> (K,), for axis z.

    Args:
        state: right-canonical.
        given: the M_a, Pauli words: letters by their sites.
    """
    words = [tuple(sorted((k, "IXYZ".index(c)) for k, c in word.items())) for word in given]
    count = len(words)
    size, bond = state.num_qubits, state.bond
    bytes_a_number = 8 if state.is_real else 16
    require_memory(
        float(bytes_a_number * 3 * count * bond**2 + 24 * count**2)
        + BYTES_A_PAIR * near_pairs(words),
        f"the moment bound with {count} operators at bond {bond}",
    )
    gamma = _apart(state.tensors, words)
    near = _near_pairs(words, size)
    turned = [_turned(word) for word in words]
    wanted = {word for _, _, word, _ in near} | {word for each in turned for word, _ in each}
    values = _expectations(state.tensors, wanted | set(words))
    for a, b, word, sign in near:
        gamma[a, b] = gamma[b, a] = sign * values[word]
    means = np.array([values[word] for word in words])
    response = np.array([sum(sign * values[word] for word, sign in each) for each in turned])
    return gamma - np.outer(means, means), response


def near_pairs(words: list[Word]) -> int:
    """How many pairs of operators have sites in common, or between each other's."""
    ends = np.array([word[-1][0] for word in words])
    starts = np.array([word[0][0] for word in words])
    # Of each: those that begin before its end, less those that end before its beginning.
    begun = np.searchsorted(np.sort(starts), ends, side="right").sum()
    over = np.searchsorted(np.sort(ends), starts, side="left").sum()
    return (int(begun - over) + len(starts)) // 2


def _near_pairs(words: list[Word], size: int) -> list[tuple[int, int, Word, float]]:
    """Pairs a <= b whose sites overlap and that commute: their product, and its sign."""
    at: list[list[int]] = [[] for _ in range(size)]
    for index, word in enumerate(words):
        at[word[0][0]].append(index)
    found = []
    for a, word in enumerate(words):
        for first in range(word[0][0], word[-1][0] + 1):
            for b in at[first]:
                if first == word[0][0] and b < a:
                    continue
                product, phase = _product(word, words[b])
                if phase % 2 == 0:
                    found.append((a, b, product, 1.0 - phase))
    return found


def _product(one: Word, other: Word) -> tuple[Word, int]:
    """The word of the product, and the power of i before it, 0 to 3."""
    letters = dict(one)
    phase = 0
    for site, letter in other:
        before = letters.get(site, 0)
        if before and before != letter:
            phase += 1 if letter == before % 3 + 1 else 3
        letters[site] = before ^ letter
    return tuple(sorted((k, v) for k, v in letters.items() if v)), phase % 4


def _turned(word: Word) -> list[tuple[Word, float]]:
    """i [M, h]: i [Y, Z / 2] = -X and i [X, Z / 2] = Y on each letter in turn."""
    found = []
    for place, (site, letter) in enumerate(word):
        if letter in (X, Y):
            new = X if letter == Y else Y
            changed = (*word[:place], (site, new), *word[place + 1 :])
            found.append((changed, -1.0 if letter == Y else 1.0))
    return found


def _expectations(tensors: tuple[Tensor, ...], words: Iterable[Word]) -> dict[Word, float]:
    """<word> of each, those that begin alike together."""
    wanted = set(words)
    endings: list[list[Word]] = [[] for _ in tensors]  # by the site of the last letter
    for word in wanted:
        if word:
            endings[word[-1][0]].append(word)
    # How far the contraction of a beginning is needed.
    last: dict[Word, int] = {}
    for word in wanted:
        for length in range(len(word)):
            begun = word[:length]
            last[begun] = max(last.get(begun, -1), word[length][0])
    opened: list[list[Word]] = [[] for _ in tensors]
    for begun in last:
        if begun:
            opened[begun[-1][0]].append(begun)
    values: dict[Word, float] = {(): 1.0}
    active: list[Word] = [()]
    stack: Tensor = np.ones((1, 1, 1))  # (number, bra, ket)
    for site, tensor in enumerate(tensors):
        row = {word: k for k, word in enumerate(active)}
        for letter in LETTERS[1:]:
            ends = [word for word in endings[site] if word[-1][1] == letter]
            if ends:
                closing = _closing(tensor, letter)
                begun_at = [row[word[:-1]] for word in ends]
                found = np.tensordot(stack[begun_at], closing, ((1, 2), (0, 1)))
                # i for each Y, which stands here as -i Y.
                factors = [1j ** sum(k == Y for _, k in word) for word in ends]
                values.update(zip(ends, (found * factors).real.tolist(), strict=True))
        kept = [word for word in active if last.get(word, -1) > site]
        parts = [_grown(stack[[row[word] for word in kept]], tensor, 0)]
        for letter in LETTERS[1:]:
            new = [word for word in opened[site] if word[-1][1] == letter]
            if new:
                parts.append(_grown(stack[[row[word[:-1]] for word in new]], tensor, letter))
                kept += new
        active, stack = kept, np.concatenate(parts)
    return values


def _apart(tensors: tuple[Tensor, ...], words: list[Word]) -> Floats:
    """Re <M_a M_b> of all pairs without a common site between their first and last ones; else 0."""
    count, size = len(words), len(tensors)
    gamma = np.zeros((count, count))
    starts = [np.flatnonzero([word[0][0] == site for word in words]) for site in range(size)]
    ends = [np.flatnonzero([word[-1][0] == site for word in words]) for site in range(size)]
    # i for each Y, which stands here as -i Y.
    factors = np.array([1j ** sum(letter == Y for _, letter in word) for word in words])
    lefts = _from_left(tensors, words)
    done = np.zeros(0, dtype=np.int64)
    stack = np.zeros((0, 1, 1))
    for site, tensor in enumerate(tensors):
        if len(done) and len(starts[site]):
            right = np.stack([_from_right(tensors, words[b]) for b in starts[site]])
            block = np.tensordot(stack, right, ((1, 2), (1, 2)))
            block = (factors[done, None] * block * factors[starts[site]]).real
            gamma[np.ix_(done, starts[site])] = block
            gamma[np.ix_(starts[site], done)] = block.T
        stack = _grown(stack, tensor, 0)
        if len(ends[site]):
            new = np.stack([lefts.pop(a) for a in ends[site].tolist()])
            stack = np.concatenate([stack.astype(new.dtype, copy=False), new])
            done = np.concatenate([done, ends[site]])
    return gamma


def _from_left(tensors: tuple[Tensor, ...], words: list[Word]) -> dict[int, Tensor]:
    """Of each word what lies left of the cut behind its last letter: (bra's bond, ket's)."""
    before: list[Tensor] = [np.ones((1, 1, 1))]
    for tensor in tensors:
        before.append(_grown(before[-1], tensor, 0))
    found = {}
    for index, word in enumerate(words):
        letters = dict(word)
        stack = before[word[0][0]]
        for site in range(word[0][0], word[-1][0] + 1):
            stack = _grown(stack, tensors[site], letters.get(site, 0))
        found[index] = stack[0]
    return found


def _from_right(tensors: tuple[Tensor, ...], word: Word) -> Tensor:
    """What lies right of the cut before its first letter: (bra's bond, ket's)."""
    letters = dict(word)
    matrix = _closing(tensors[word[-1][0]], word[-1][1])
    for site in range(word[-1][0] - 1, word[0][0] - 1, -1):
        tensor = tensors[site]
        parts = [
            sign * (tensor[:, up].conj() @ matrix @ tensor[:, bit].T)
            for up, bit, sign in _elements(letters.get(site, 0))
        ]
        matrix = parts[0] + parts[1]
    return matrix


def _grown(stack: Tensor, tensor: Tensor, letter: int) -> Tensor:
    """Each (bra's bond, ket's) of a stack one site further on, with a letter there; -i Y for Y."""
    number, bra, ket = stack.shape
    found: Tensor = np.zeros(1)
    for up, bit, sign in _elements(letter):
        right = stack.reshape(number * bra, ket) @ tensor[:, bit]
        right = right.reshape(number, bra, tensor.shape[2])
        found = found + sign * (tensor[:, up].conj().T @ right)
    return found


def _closing(tensor: Tensor, letter: int) -> Tensor:
    """(bra's bond, ket's) of a letter behind which nothing follows."""
    parts = [
        sign * (tensor[:, up].conj() @ tensor[:, bit].T) for up, bit, sign in _elements(letter)
    ]
    return np.asarray(parts[0] + parts[1])


def _elements(letter: int) -> tuple[tuple[int, int, float], ...]:
    """<up| letter |bit> where it is not 0, of -i Y for Y: real all."""
    if letter in (X, Y):
        return (0, 1, -1.0 if letter == Y else 1.0), (1, 0, 1.0)
    return (0, 0, 1.0), (1, 1, 1.0 if letter == 0 else -1.0)
