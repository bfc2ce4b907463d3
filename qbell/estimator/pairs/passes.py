"""The two passes over pairs: between blocks, each pair once; and from single units to all others.

Work is cut into items whose number does not depend on the machine, and sums are whole numbers
until each item's end: the results do not depend on the number of threads, or of workers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.pairs import kernels
from qbell.estimator.pairs.cells import Cells, Planes, UnitRows
from qbell.estimator.pairs.terms import Contraction
from qbell.util.cluster import Cluster, spread
from qbell.util.threads import in_threads

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Sums = NDArray[Any]  # int64 where weights are whole numbers, else float64

CLASS_BYTES = 2**25  # for the class sums of one thread
PAIRS_PER_ITEM = 2**22  # least worth a thread's turn
ITEMS = 128
PARTS = 2  # planes of two directions, and parts of their sums

Item = tuple[int, int, int, int, int]  # block; first and last of the others; its cells
Tell = Callable[[int], None] | None  # called with the pairs just done


@dataclass(frozen=True)
class Passes:
    """What both passes share.

    Attributes:
        planes: (planes, words, rows) of the data.
        units: its rows by unit.
        num_qubits: N.
        contract: from sums over classes to terms.
    """

    planes: Planes
    units: UnitRows
    num_qubits: int
    contract: Contraction

    @property
    def num_terms(self) -> int:
        """Orders 0 to N, and F0 with three directions."""
        return self.num_qubits + 1 + len(self.planes) - PARTS

    def gram(
        self, cells: Cells, blocks: Integers, cluster: Cluster | None = None, tell: Tell = None
    ) -> Floats:
        """(terms, G, G): sums over ordered pairs of different units; ``blocks`` is (units,)."""
        num_blocks = len(cells.starts) - 1
        planes = self._columns(cells.row)
        least = max(PAIRS_PER_ITEM, len(cells.row) ** 2 // 2 // ITEMS)

        def work(item: Item) -> Sums:
            a, b, last, begin, end = item
            sums = self._zeros(last - b)
            starts = cells.starts[b : last + 1]
            kernels.tally_tiles(
                planes,
                cells.weights,
                cells.ones,
                begin,
                end,
                cells.after,
                starts,
                self.num_qubits,
                sums,
            )
            return sums if cells.merged and a == b else self.contract(sums)

        def done(item: Item) -> None:
            _, b, last, begin, end = item
            first = np.maximum(cells.after[begin:end], cells.starts[b])
            if tell is not None:
                tell(2 * int(np.maximum(cells.starts[last] - first, 0).sum()))

        gram = np.zeros((self.num_terms, num_blocks, num_blocks))
        items = self._items(cells, least)
        mixed: dict[int, Sums] = {}  # merged: pairs within units are still among these
        every = spread(work, items, cluster, done, in_threads)
        for (a, b, last, _, _), found in zip(items, every, strict=True):
            if cells.merged and a == b:
                mixed[a] = mixed.get(a, 0) + 2 * found
            else:
                gram[:, a, b:last] += found.T
        gram += gram.transpose(0, 2, 1)
        if mixed:
            own = in_threads(lambda a: self._own(a, cells, blocks), range(num_blocks))
            for a, sums in mixed.items():
                gram[:, a, a] = self.contract(sums + own[a])[0]
        return gram

    def influence(
        self, chosen: Integers, cells: Cells, cluster: Cluster | None = None, tell: Tell = None
    ) -> Floats:
        """(chosen, terms): sums over the units other than each chosen one of the kernel."""
        planes = self._columns(cells.row)
        pairs = self.units.rows_in(chosen) * len(cells.row)
        pieces = min(ITEMS, 1 + pairs // PAIRS_PER_ITEM)
        pieces = max(pieces, -(-len(chosen) // self._most_segments()))

        def work(piece: Integers) -> Floats:
            rows, starts = self.units.rows_of(piece)
            sums = self._zeros(len(piece))
            own = np.zeros(0, dtype=np.int64) if cells.merged else self.units.starts[piece]
            kernels.tally_units(
                self._columns(self.units.row[rows]),
                self.units.weights[rows],
                starts,
                planes,
                cells.weights,
                cells.ones,
                own,
                self.num_qubits,
                sums,
            )
            return self.contract(sums)

        def done(piece: Integers) -> None:
            if tell is not None:
                tell(self.units.rows_in(piece) * len(cells.row))

        items = [piece for piece in np.array_split(chosen, pieces) if len(piece)]
        found = spread(work, items, cluster, done, in_threads)
        return np.concatenate([np.zeros((0, self.num_terms)), *found])

    def _items(self, cells: Cells, least: int) -> list[Item]:
        """Pairs of blocks a <= b, the diagonal by itself."""
        items = []
        num_blocks = len(cells.starts) - 1
        for a in range(num_blocks):
            begin, end = int(cells.starts[a]), int(cells.starts[a + 1])
            edges = [a, *range(a + 1, num_blocks, self._most_segments()), num_blocks]
            for b, last in pairwise(edges):
                others = int(cells.starts[last] - cells.starts[b])
                if not others:
                    continue
                pieces = 1 + (end - begin) * others // least
                cuts = np.linspace(begin, end, pieces + 1).astype(int).tolist()
                items += [(a, b, last, *cut) for cut in pairwise(cuts)]
        return items

    def _own(self, block: int, cells: Cells, blocks: Integers) -> Sums:
        """(1, parts, classes): what pairs of merged cells i < j, counted twice, lack and exceed.

        They lack the pairs of each cell with itself; they exceed by those within units.
        """
        sums = self._zeros(1)
        rows, starts = self.units.rows_of(np.flatnonzero(blocks == block))
        weights = self.units.weights[rows]
        if len(rows) >= len(starts):  # some unit has several rows
            kernels.tally_own(
                self._columns(self.units.row[rows]), weights, starts, self.num_qubits, sums[0]
            )
            sums *= -2
        mine = slice(cells.starts[block], cells.starts[block + 1])
        self._add_selves(sums[0], cells.row[mine], cells.weights[mine], 1)
        self._add_selves(sums[0], self.units.row[rows], weights, -1)
        return sums

    def _add_selves(self, sums: Sums, rows: Integers, weights: Sums, sign: int) -> None:
        """Add the pairs of each row with itself: all outcomes equal, no directions mixed."""
        others = np.zeros(len(rows), dtype=np.int64)
        three = len(self.planes) > PARTS
        if three:
            others = np.bitwise_count(self.planes[2][:, rows]).sum(axis=0).astype(np.int64)
        squares = sign * weights * weights
        np.add.at(sums[0], others * (self.num_qubits + 1), squares)
        if three:
            sums[2, 0] += (squares * 36 * (self.num_qubits - others)).sum()

    def _zeros(self, segments: int) -> Sums:
        classes = (self.num_qubits + 1) ** 2
        return np.zeros((segments, len(self.planes), classes), dtype=self.units.weights.dtype)

    def _most_segments(self) -> int:
        return max(1, CLASS_BYTES // (8 * len(self.planes) * (self.num_qubits + 1) ** 2))

    def _columns(self, rows: Integers) -> Planes:
        return np.ascontiguousarray(self.planes[:, :, rows])
