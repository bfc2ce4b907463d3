"""Arrays found by `qbell.covering.search`: their symmetry, their free bits, and how to find them.

Each is small enough to be written down here; `python -m qbell.covering` finds them again.
"""

from dataclasses import dataclass

import numpy as np

from qbell.covering.search import Shape, anneal, circulants, with_complements
from qbell.covering.verify import Rows


@dataclass(frozen=True)
class Stored:
    """One array: blocks of circulants, and the seed and steps with which they were found.

    Attributes:
        order: K.
        blocks: arguments of `circulants`.
        doubled: whether each row comes with its complement.
        bits: the free bits, the first the most significant, in hexadecimal.
        seed: of `anneal`.
        steps: of `anneal`.
    """

    order: int
    blocks: tuple[int, int, int, int, int]
    doubled: bool
    bits: str
    seed: int
    steps: int

    @property
    def shape(self) -> Shape:
        """Which entries are the same free bit."""
        plain = circulants(*self.blocks)
        return with_complements(plain) if self.doubled else plain

    def rows(self) -> Rows:
        """The array."""
        shape = self.shape
        digits = format(int(self.bits, 16), f"0{shape.num_bits}b")
        return shape.fill(np.array(list(digits), dtype=np.uint8))

    def again(self) -> Rows | None:
        """The array, found anew (the same bits where logarithms round the same way)."""
        return anneal(self.shape, self.order, self.seed, self.steps)


# (order, columns)
STORED = {
    (3, 5): Stored(3, (5, 2, 1, 0, 0), False, "5b", 1, 1000),
    (3, 12): Stored(
        3, (1, 15, 12, 0, 0), False, "fc0f346bbd8d32bae76c0992c6a557c9420ea590211fc", 1, 200000
    ),
    (3, 14): Stored(3, (7, 2, 2, 2, 0), False, "d3891b47", 5, 5000),
    (3, 16): Stored(3, (16, 1, 1, 1, 0), False, "bc45", 2, 5000),
    (4, 6): Stored(4, (5, 4, 1, 1, 1), False, "5f704a", 1, 20000),
    (4, 17): Stored(4, (17, 2, 1, 1, 0), False, "5ce81b463", 53, 3000),
    (4, 18): Stored(4, (17, 2, 1, 2, 1), False, "82e705b47e", 84, 3000),
    (4, 20): Stored(4, (19, 2, 1, 1, 1), False, "21b3d736159", 16, 3000),
    (5, 7): Stored(5, (7, 3, 1, 0, 0), True, "bcc6d", 2, 10000),
}
