"""The bound of Eq. (24) from pairs of random shots, for any number of qubits.

Two shots in independent random settings give an unbiased estimate of the bound: a kernel that is a
product over qubits (`qbell.estimator.pairs.terms`), found with a few bit operations
(`qbell.estimator.pairs.kernels`). Its mean over pairs of different units is the same number as
through all 3^N correlators, at a cost that grows with the square of the number of shots and not
with 4^N. Random settings in three directions give F0 of Eq. (12) too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.estimator.pairs.cells import Planes, UnitRows, cells_of, identify, pack, unit_rows
from qbell.estimator.pairs.passes import Passes
from qbell.estimator.pairs.terms import Contraction
from qbell.util.cluster import Cluster
from qbell.util.progress import Progress

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MAX_KERNEL_QUBITS = 500  # the kernel of a shot with itself, about 2.5^N, stays far from overflow
MAX_KERNEL_QUBITS_THREE = 300  # here 5^N
LARGEST_F0 = 3240  # times N^2: the value of F0 in `qbell.estimator.pairs.terms`, before its factor

# Measured on one core of a server processor of 2023 with vector population counts.
SECONDS_PER_PAIR = 0.55e-9
SECONDS_PER_PAIR_THREE = 1.4e-9


@dataclass(frozen=True)
class PairSums:
    """Sums of the kernel over pairs of units; the kernel of two units is the mean over their shots.

    Terms: orders 0 to N of the bound and, with three directions, F0 last.

    Attributes:
        gram: (terms, G, G) sums over ordered pairs u != v of unit u in the one block and v in the
            other.
        units: (G,) units in each block.
        influence: (m, terms) for m units u the mean of the kernel over all v != u.
        sampled: (m,) which units those are, ascending.
        pairs: ordered pairs of rows that were evaluated; a pair taken for both orders counts twice.
    """

    gram: Floats
    units: Integers
    influence: Floats
    sampled: Integers
    pairs: int

    def __post_init__(self) -> None:
        for array in (self.gram, self.units, self.influence, self.sampled):
            array.setflags(write=False)

    @property
    def means(self) -> Floats:
        """(terms,) the unbiased estimates: means over all ordered pairs of different units."""
        total = int(self.units.sum())
        means: Floats = self.gram.sum(axis=(1, 2)) / (total * (total - 1))
        return means


def pair_sums(
    directions: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    counts: Integers,
    draws: Integers | None,
    blocks: Integers,
    num_blocks: int,
    *,
    three: bool = False,
    max_influences: int = 10_000,
    seed: np.random.SeedSequence | int = 0,
    progress: Progress | None = None,
    cluster: Cluster | None = None,
) -> PairSums:
    """Sum the kernel of the bound over all pairs of different units, block by block.

    Args:
        directions: (rows, N) of 0 = sigma_1, 1 = sigma_2 and, if ``three``, 2 = sigma_xi; column k
            is qubit k. Each setting is uniform and independent of all others.
        bits: (rows, N) of outcomes, bit 0 meaning +1.
        counts: (rows,) how often.
        draws: (rows,) the draw of a setting that a row belongs to: units are draws, in the order of
            their numbers. None: units are single shots, in the order of the rows.
        blocks: (units,) block of each unit, 0 to num_blocks - 1.
        num_blocks: G.
        three: settings in three directions, each with probability 1/3.
        max_influences: most units of which the influence is found; above it, a random sample.
        seed: of that sample.
        progress: called from threads with "pairs", how many were just done, and how many there are.
        cluster: whose workers take the pairs; the sums are the same.

    Raises:
        QbellError: too many qubits, fewer than two units, arrays that do not fit together, or two
            settings in one draw.

    Source: PRL 126, 210506, Eqs. (12), (24).

    >>> directions = np.array([[0], [0], [1]], dtype=np.uint8)
    >>> bits = np.array([[0], [1], [1]], dtype=np.uint8)
    >>> sums = pair_sums(directions, bits, np.array([1, 1, 1]), None, np.zeros(3, dtype=int), 1)
    >>> sums.means  # pairs of shots along one direction: 4 x x'
    array([ 0.        , -1.33333333])
    """
    _check(directions, bits, counts, draws, three)
    num_qubits = directions.shape[1]
    largest = (LARGEST_F0 if three else 1) * num_qubits**2  # excess <= N^2
    units = unit_rows(counts, draws, largest)
    blocks = _checked_blocks(blocks, units.num_units, num_blocks)
    planes = pack(directions, bits, three)
    if draws is not None:
        _check_settings(planes, units)
    identity = identify(planes)
    by_block = cells_of(units, identity, blocks, num_blocks, num_qubits)
    together = cells_of(units, identity, np.zeros_like(blocks), 1, num_qubits)
    sampled = _sample(units.num_units, max_influences, seed)
    chosen, which = _distinct(sampled, units, identity)
    pairs = 2 * int((len(by_block.row) - by_block.after).sum())
    pairs += units.rows_in(chosen) * len(together.row)

    def tell(just_done: int) -> None:
        if progress is not None:
            progress("pairs", just_done, pairs)

    passes = Passes(planes, units, num_qubits, Contraction(num_qubits, three))
    gram = passes.gram(by_block, blocks, cluster, tell)
    influence = passes.influence(chosen, together, cluster, tell)[which]
    norm = float(units.scale) ** 2
    return PairSums(
        gram=gram / norm,
        units=np.bincount(blocks, minlength=num_blocks).astype(np.int64),
        influence=influence / (norm * (units.num_units - 1)),
        sampled=sampled,
        pairs=pairs,
    )


def pair_cost(
    shots: int,
    num_qubits: int,
    *,
    draws: int | None = None,
    three: bool = False,
    max_influences: int = 10_000,
) -> float:
    """Seconds that `pair_sums` takes, about, for ``shots`` in ``draws`` on one core.

    ``draws`` None: each shot is one.

    Shots that coincide are merged; here as if all settings and outcomes were equally likely, which
    is the most that it can take.

    >>> pair_cost(300_000, 30) < 60 < pair_cost(3_000_000, 30)
    True
    """
    space = (6.0 if three else 4.0) ** num_qubits
    cells = float(-space * np.expm1(-shots / space))
    words = -(-num_qubits // 32)
    seconds = (SECONDS_PER_PAIR_THREE if three else SECONDS_PER_PAIR) * (1 + words) / 2
    sampled = min(1.0, max_influences / (draws or shots)) * shots
    pairs = cells**2 / 2 + (sampled if draws else min(cells, sampled)) * cells
    return 0.03 + pairs * seconds + 1e-7 * shots * num_qubits


def _check(
    directions: NDArray[np.uint8],
    bits: NDArray[np.uint8],
    counts: Integers,
    draws: Integers | None,
    three: bool,
) -> None:
    if directions.ndim != 2 or bits.shape != directions.shape:
        raise QbellError(
            f"directions and outcomes have shapes {directions.shape} and {bits.shape}; give both "
            "as (rows, qubits)"
        )
    for name, column in (("counts", counts), ("draws", draws)):
        if column is not None and column.shape != directions.shape[:1]:
            raise QbellError(
                f"{name} has shape {column.shape} beside {len(directions)} rows; give one a row"
            )
    most = MAX_KERNEL_QUBITS_THREE if three else MAX_KERNEL_QUBITS
    if not 1 <= directions.shape[1] <= most:
        raise QbellError(
            f"pairs of shots of n = {directions.shape[1]} qubits; this works from 1 to {most}, "
            "where numbers of the size 2.5^n still fit (5^n with three directions)"
        )
    if directions.max(initial=0) > (2 if three else 1):
        letters = "0, 1, 2" if three else "0, 1"
        raise QbellError(f"a direction is {directions.max()}; this design has {letters}")
    if bits.max(initial=0) > 1:
        raise QbellError(f"an outcome is {bits.max()}; give bits 0 or 1")
    if counts.min(initial=1) < 1:
        raise QbellError(f"a count is {counts.min()}; leave out rows that did not occur")


def _checked_blocks(blocks: Integers, num_units: int, num_blocks: int) -> Integers:
    if blocks.shape != (num_units,):
        raise QbellError(f"blocks has shape {blocks.shape}; give one of each of {num_units} units")
    if blocks.min() < 0 or blocks.max() >= num_blocks:
        raise QbellError(
            f"blocks run from {blocks.min()} to {blocks.max()}; give 0 to {num_blocks - 1}"
        )
    return blocks.astype(np.int64)


def _check_settings(planes: Planes, units: UnitRows) -> None:
    """One setting a draw: two would be correlated, and their pairs with others not independent."""
    first = units.row[units.starts[:-1]][units.unit]
    for plane in planes[::2]:  # outcomes are plane 1
        wrong = np.flatnonzero((plane[:, units.row] != plane[:, first]).any(axis=0))
        if len(wrong):
            raise QbellError(
                f"rows {first[wrong[0]]} and {units.row[wrong[0]]} are of the same draw and have "
                "different settings; number each choice of a setting anew"
            )


def _sample(num_units: int, most: int, seed: np.random.SeedSequence | int) -> Integers:
    if num_units <= most:
        return np.arange(num_units)
    chosen = np.random.default_rng(seed).choice(num_units, most, replace=False, shuffle=False)
    return np.sort(chosen)


def _distinct(sampled: Integers, units: UnitRows, identity: Integers) -> tuple[Integers, Integers]:
    """Units that stand for all ``sampled`` ones, and which one stands for each.

    Single shots with the same setting and outcome have the same influence.
    """
    if len(units.row) != units.num_units:  # draws of several rows
        return sampled, np.arange(len(sampled))
    _, first, inverse = np.unique(
        identity[units.row[sampled]], return_index=True, return_inverse=True
    )
    return sampled[first], inverse
