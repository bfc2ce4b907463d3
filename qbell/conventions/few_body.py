"""Operators of few qubits that h moves: what the moment bound is made of, exact and from shots."""

from dataclasses import dataclass
from itertools import accumulate, combinations

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError

Integers = NDArray[np.int64]

MOST_LETTERS = 3
X, Y, Z = 1, 2, 3


@dataclass(frozen=True)
class Operators:
    """Pauli words, each around the site of its only Y.

    Attributes:
        sites: (K, 3) sites of the letters, ascending, then -1.
        letters: (K, 3) 1, 2, 3 for X, Y, Z, then 0.
        starts: (N + 1,): those around site i are ``starts[i]`` .. ``starts[i + 1]`` - 1.
    """

    sites: Integers
    letters: Integers
    starts: Integers

    @property
    def words(self) -> list[dict[int, str]]:
        """The letters of each by their site."""
        rows = zip(self.sites.tolist(), self.letters.tolist(), strict=True)
        return [{site: "IXYZ"[k] for site, k in zip(*row, strict=True) if k} for row in rows]


def operators_within(size: int, order: int, reach: int) -> Operators:
    """Y_i, Y_i X_j and Y_i Z_j Z_k up to ``order``, with j and k at most ``reach`` from i."""
    words: list[dict[int, int]] = []
    starts = [0]
    for i in range(size):
        near = [j for j in range(max(i - reach, 0), min(i + reach + 1, size)) if j != i]
        words.append({i: Y})
        if order >= 2:
            words += [{i: Y, j: X} for j in near]
        if order >= 3:
            words += [{i: Y, j: Z, k: Z} for j, k in combinations(near, 2)]
        starts.append(len(words))
    return _table(words, starts)


def around_y(size: int, words: list[dict[int, str]]) -> tuple[Operators, int]:
    """Words of these kinds, each letter by its site, and how far they reach.

    Raises:
        QbellError: words of another kind.
    """
    of_site: list[list[dict[int, int]]] = [[] for _ in range(size)]
    reach = 1
    for word in words:
        if "".join(sorted(word.values())) not in ("Y", "XY", "YZZ"):
            spelled = " ".join(f"{letter}_{site}" for site, letter in sorted(word.items()))
            raise QbellError(f"{spelled}: of long chains words Y, YX and YZZ are computed")
        centre = next(site for site, letter in word.items() if letter == "Y")
        of_site[centre].append({site: "IXYZ".index(letter) for site, letter in word.items()})
        reach = max(reach, *(abs(site - centre) for site in word))
    starts = [0, *accumulate(len(some) for some in of_site)]
    return _table([word for some in of_site for word in some], starts), reach


def _table(words: list[dict[int, int]], starts: list[int]) -> Operators:
    sites = np.full((len(words), MOST_LETTERS), -1)
    letters = np.zeros((len(words), MOST_LETTERS), dtype=np.int64)
    for row, word in enumerate(words):
        for place, site in enumerate(sorted(word)):
            sites[row, place], letters[row, place] = site, word[site]
    return Operators(sites, letters, np.array(starts))


def count_within(size: int, order: int, reach: int) -> int:
    """How many operators `operators_within` gives."""
    near = [min(i, reach) + min(size - 1 - i, reach) for i in range(size)]
    pairs = sum(near) if order >= 2 else 0
    return size + pairs + (sum(k * (k - 1) // 2 for k in near) if order >= 3 else 0)
