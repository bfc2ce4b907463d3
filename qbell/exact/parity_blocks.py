"""Matrix products in blocks of parity, and what stands on either side of a cut of them.

A bond is split by the parity c of what is on its left. A site's tensor is a matrix with one block
for each c: fused to the left, rows (bit, left bond) and columns the right bond; or fused to the
right, rows the left bond and columns (bit, right bond); of a site whose bit does not count both
bits lead from c to c. Without a symmetry all is in block 0. As no other block exists, a state is
even exactly, whatever rounding does.

An environment is what a state, a Hamiltonian and a second state, the bra, make of all sites on one
side: by (c, q), q the parity of the operator's bond, arrays (bra's bond c + q, operator's bond q,
ket's bond c).
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[Any]
Sizes = tuple[int, int]  # of a bond, by parity
Blocks = tuple[Tensor, Tensor]  # by parity
Environment = dict[tuple[int, int], Tensor]
SquaredEnvironment = dict[tuple[int, int, int], Tensor]
Core = dict[tuple[int, int], Tensor]  # of an operator, by the parities of its bonds

PARITIES = (0, 1)


def to_left(blocks: Blocks, turn: int, right: Sizes) -> Blocks:
    """A site that is fused to the right, fused to the left; ``right``: sizes of its right bond."""
    parts = {
        (c, bit): blocks[c][:, slice(0, right[c]) if bit == 0 else slice(right[c], None)]
        for c in PARITIES
        for bit in PARITIES
    }
    return _pair(np.concatenate([parts[c, 0], parts[c ^ turn, 1]]) for c in PARITIES)


def to_right(blocks: Blocks, turn: int, left: Sizes) -> Blocks:
    """A site that is fused to the left, fused to the right; ``left``: sizes of its left bond."""
    parts = {
        (c, bit): blocks[c ^ bit * turn][
            slice(0, left[c]) if bit == 0 else slice(left[c ^ turn], None)
        ]
        for c in PARITIES
        for bit in PARITIES
    }
    return _pair(np.concatenate([parts[c, 0], parts[c, 1]], axis=1) for c in PARITIES)


def sizes(blocks: Blocks, place: int) -> Sizes:
    """Rows (0) or columns (1) of both blocks."""
    return blocks[0].shape[place], blocks[1].shape[place]


def by_parity(tensor: Tensor, left: NDArray[np.int64], right: NDArray[np.int64]) -> Core:
    """An operator's tensor (left, right, 2, 2), split by the parities of its bonds."""
    return {
        (p, q): np.ascontiguousarray(tensor[left == p][:, right == q])
        for p in PARITIES
        for q in PARITIES
    }


IDENTITY: Core = by_parity(np.eye(2)[None, None], np.zeros(1, dtype=int), np.zeros(1, dtype=int))


def edge() -> Environment:
    """The environment of no sites."""
    empty = {(c, q): np.zeros((1 - (c ^ q), 1 - q, 1 - c)) for c in PARITIES for q in PARITIES}
    return {**empty, (0, 0): np.ones((1, 1, 1))}


def with_left_site(environment: Environment, core: Core, turn: int) -> Environment:
    """Arrays (bra's bit and bond c + q, operator's bond q, ket's bit and bond c)."""
    found = {}
    for c in PARITIES:
        for q in PARITIES:
            rows = []
            for up in PARITIES:
                row = []
                for bit in PARITIES:
                    ket, bra = c ^ bit * turn, c ^ q ^ up * turn
                    part = environment[ket, ket ^ bra]
                    letter = core[ket ^ bra, q][:, :, up, bit]
                    row.append(np.tensordot(part, letter, (1, 0)).transpose(0, 2, 1))
                rows.append(np.concatenate(row, axis=2))
            found[c, q] = np.concatenate(rows)
    return found


def with_right_site(environment: Environment, core: Core, turn: int) -> Environment:
    """Arrays (operator's bond q, ket's bit and bond c, bra's bit and bond c + q)."""
    found = {}
    for c in PARITIES:
        for q in PARITIES:
            columns = []
            for up in PARITIES:
                column = []
                for bit in PARITIES:
                    ket, bra = c ^ bit * turn, c ^ q ^ up * turn
                    part = environment[ket, ket ^ bra]
                    letter = core[q, ket ^ bra][:, :, up, bit]
                    column.append(np.tensordot(letter, part, (1, 1)).transpose(0, 2, 1))
                columns.append(np.concatenate(column, axis=1))
            found[c, q] = np.ascontiguousarray(np.concatenate(columns, axis=2))
    return found


def closed_left(half: Environment, bra: Blocks, ket: Blocks) -> Environment:
    """The environment one site further on, from `with_left_site` and the site fused to the left."""
    found = {}
    for (c, q), array in half.items():
        over = np.tensordot(array, ket[c], (2, 0))
        found[c, q] = np.tensordot(bra[c ^ q].conj(), over, (0, 0))
    return found


def closed_right(half: Environment, bra: Blocks, ket: Blocks) -> Environment:
    """The same of `with_right_site` and the site fused to the right."""
    found = {}
    for (c, q), array in half.items():
        over = np.tensordot(array, bra[c ^ q].conj(), (2, 1))  # (x, ket's, bra's bond)
        found[c, q] = np.tensordot(ket[c], over, (1, 1)).transpose(2, 1, 0)
    return found


def applied(left: Environment, right: Environment, pair: Blocks) -> Blocks:
    """The operator on a pair of sites, (bit and left bond, bit and right bond) for each parity."""
    found: list[Tensor | None] = [None, None]
    for (c, q), half in left.items():
        other = right[c, q]
        rows, inner, columns = half.shape
        carried = half.reshape(rows * inner, columns) @ pair[c]
        beside = inner * other.shape[1]
        wide = carried.reshape(rows, beside) @ other.reshape(beside, other.shape[2])
        before = found[c ^ q]
        found[c ^ q] = wide if before is None else before + wide
    assert found[0] is not None
    assert found[1] is not None
    return found[0], found[1]


def squared_edge() -> SquaredEnvironment:
    """The environment of no sites, of an operator and its adjoint."""
    empty = {
        (c, q, p): np.zeros((1 - (c ^ q ^ p), 1 - p, 1 - q, 1 - c))
        for c in PARITIES
        for q in PARITIES
        for p in PARITIES
    }
    return {**empty, (0, 0, 0): np.ones((1, 1, 1, 1))}


def squared_site(
    environment: SquaredEnvironment, core: Core, turn: int, blocks: Blocks, right: Sizes
) -> SquaredEnvironment:
    """What stands left of the cut behind one site more, of A^+ A.

    By (c, q, p), p the parity of the adjoint's bond: arrays (bra's bond c + q + p, adjoint's bond,
    operator's bond, ket's bond). The site is fused to the right, ``right`` the sizes of its bond.
    """

    def part(c: int, bit: int) -> Tensor:
        return blocks[c][:, slice(0, right[c]) if bit == 0 else slice(right[c], None)]

    found = {}
    for c in PARITIES:
        # The ket's tensor, by the bit, and by the operator's bonds on the left.
        kets = {
            (bit, q, p): np.tensordot(
                environment[c ^ bit * turn, q, p], part(c ^ bit * turn, bit), (3, 0)
            )
            for bit in PARITIES
            for q in PARITIES
            for p in PARITIES
        }
        for q in PARITIES:
            # The operator turns the bit into ``up``: (bra, adjoint's bond, ket, operator's bond).
            ups: dict[tuple[int, int], Tensor] = {}
            for p in PARITIES:
                for up in PARITIES:
                    ups[up, p] = _sum(
                        np.tensordot(kets[bit, old, p], core[old, q][:, :, up, bit], (2, 0))
                        for bit in PARITIES
                        for old in [q ^ (bit ^ up) * turn]
                    )
            for p in PARITIES:
                bra = c ^ q ^ p
                total = []
                for last in PARITIES:
                    joined = _sum(
                        np.tensordot(ups[up, old], core[old, p][:, :, up, last].conj(), (1, 0))
                        for up in PARITIES
                        for old in [p ^ (up ^ last) * turn]
                    )  # (bra, ket, operator's bond, adjoint's bond)
                    left = part(bra ^ last * turn, last).conj()
                    total.append(np.tensordot(left, joined, (0, 0)))
                found[c, q, p] = (total[0] + total[1]).transpose(0, 3, 2, 1)
    return found


def _sum(parts: Iterable[Tensor]) -> Tensor:
    first, *others = parts
    for other in others:
        first = first + other
    return first


def split(pair: Blocks, most: int, cutoff: float) -> tuple[Blocks, Blocks, Blocks, float]:
    """U, S V, U S and V of a pair of norm 1 less its smallest weights, and the weight left out.

    Returned as U, V, the singular values as diagonal matrices, and the weight.
    """
    parts = [_svd(block) for block in pair]
    values = np.concatenate([part[1] for part in parts])
    order = np.sort(values)[::-1]
    tails = np.cumsum(order[::-1] ** 2)[::-1]
    keep = max(1, min(most, int(np.count_nonzero(tails > cutoff**2))))
    least = order[keep - 1]
    kept = [min(int(np.count_nonzero(s >= least)), keep) for _, s, _ in parts]
    lost = float(sum(s[k:] @ s[k:] for (_, s, _), k in zip(parts, kept, strict=True)))
    norm = float(np.sqrt(sum(s[:k] @ s[:k] for (_, s, _), k in zip(parts, kept, strict=True))))
    u = _pair(part[0][:, :k] for part, k in zip(parts, kept, strict=True))
    v = _pair(part[2][:k] for part, k in zip(parts, kept, strict=True))
    s = _pair(np.diag(part[1][:k] / norm) for part, k in zip(parts, kept, strict=True))
    return u, s, v, lost


def times(one: Blocks, other: Blocks) -> Blocks:
    """Products, block by block."""
    return one[0] @ other[0], one[1] @ other[1]


def _svd(block: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    rows, columns = block.shape
    if not rows * columns:
        return np.zeros((rows, 0)), np.zeros(0), np.zeros((0, columns))
    try:
        return np.linalg.svd(block, full_matrices=False)
    except np.linalg.LinAlgError:  # the slower routine always converges
        import scipy

        return scipy.linalg.svd(block, full_matrices=False, lapack_driver="gesvd")


def _pair(blocks: Any) -> Blocks:
    zero, one = blocks
    return zero, one
