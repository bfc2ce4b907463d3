"""The expectation values of all 3^N strings of 1, X, Y in a matrix-product state, compressed.

They are themselves a matrix product, whose bond is a pair of bonds (a, a') of psi and psi*, chi^2
in all. One sweep from qubit 0 on compresses it to D << chi^2; all it ever holds is D matrices
chi x chi. As 2^-N/2 P are orthonormal operators, and the state is right-canonical, the sites still
to come can only shrink a vector: so the norm cut off is an upper limit of the error of all 3^N
numbers together.

Every bond is split by kind. In a real state only strings with an even number of Y's have a value,
so the part of a string on the left has an even (kind 1) or odd (kind -1) number of Y's, and the
part on the right as well. Other states have one kind, 0. A Y leads from a kind to minus that kind.

About y the strings of a real state consist of 1, Z, X, real matrices all: one kind, of real
symmetric matrices.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[Any]
Floats = NDArray[np.float64]


class Block(NamedTuple):
    """What one site contributes to one kind k of its right bond: matrices (left, right).

    ``one`` and ``x`` come from kind k of the left bond, ``y`` from kind -k.
    """

    one: Floats
    x: Floats
    y: Floats


Site = dict[int, Block]


def strings_of(
    tensors: Sequence[Tensor], cutoff: float, *, about_y: bool = False
) -> tuple[list[Site], float]:
    """2^-N/2 <P> of all 3^N strings P, and the distance of this vector from the true one.

    Args:
        tensors: (left, 2, right) of a right-canonical state of norm 1.
        cutoff: norm that may be lost at one cut, of a vector whose norm is at most 1.
        about_y: of 1, Z, X in place of 1, X, Y; the tensors must be real.
    """
    sites, first = _from_left(tensors, cutoff, about_y)
    sites, second = _from_right(sites, cutoff)
    return sites, first + second


def squared_charges(sites: Sequence[Site]) -> Floats:
    """Sum of (n_+ - n_-)^2 2^-(N - n) |c_s|^2 over the labels s of order n: array (N + 1,)."""
    middle = len(sites) // 2
    left = _moments(sites[:middle], {k: len(block.one) for k, block in sites[0].items()})
    right = _moments(
        [_mirrored(site) for site in reversed(sites[middle:])],
        {k: block.one.shape[1] for k, block in sites[-1].items()},
    )
    total = np.zeros((middle + 1, len(sites) - middle + 1))
    for kind in sites[0]:
        # |(L + R) c|^2, with the charges L, R of the two halves, where <L v|w> = -<v|L w>.
        for i, factor in ((0, 1.0), (1, -2.0), (2, 1.0)):
            rows, columns = left[i][kind], right[2 - i][kind]
            total += factor * np.einsum("ilj,irj->lr", rows, columns, optimize=True)
    orders = np.add.outer(np.arange(total.shape[0]), np.arange(total.shape[1]))
    sums = np.bincount(orders.ravel(), weights=total.ravel(), minlength=len(sites) + 1)
    return np.asarray(sums, dtype=float).clip(0)  # rounding leaves zeros at -1e-30


def _from_left(tensors: Sequence[Tensor], cutoff: float, about_y: bool) -> tuple[list[Site], float]:
    # D Hermitian matrices chi x chi for each kind, a stack (chi, D, chi): those of kind 1 are real
    # and symmetric, those of kind -1 are i times real antisymmetric ones, which are held.
    stacks: dict[int, Tensor] = {1: np.ones((1, 1, 1)), -1: np.zeros((1, 0, 1))}
    if about_y:
        stacks = {0: np.ones((1, 1, 1))}
    elif any(np.iscomplexobj(tensor) for tensor in tensors):
        stacks = {0: np.ones((1, 1, 1), dtype=complex)}
    sites = []
    lost = 0.0
    for tensor in tensors:
        images = {kind: _images(stack, tensor, kind) for kind, stack in stacks.items()}
        site = {}
        for kind, (one, x, _) in images.items():
            flat = _unfold(np.concatenate([one, x, images[-kind][2]], axis=1), kind)
            basis, weight = _principal_columns(flat, cutoff)
            full = np.iscomplexobj(stacks[kind])
            stacks[kind] = _fold(basis.T @ flat, kind, tensor.shape[2], full)
            width = one.shape[1]
            site[kind] = Block(basis[:width], basis[width : 2 * width], basis[2 * width :])
            lost += weight
        sites.append(site)
    for kind, stack in stacks.items():  # one 1 x 1 matrix is left, or none
        sites[-1][kind] = Block(*(part * stack.real.sum() for part in sites[-1][kind]))
    return sites, math.sqrt(lost)  # what the cuts take is orthogonal to each other


def _from_right(sites: Sequence[Site], cutoff: float) -> tuple[list[Site], float]:
    """The same with right-canonical matrices: now each cut sees the true Schmidt values."""
    done: list[Site] = []
    carries = {kind: np.eye(block.one.shape[1]) for kind, block in sites[-1].items()}
    lost = 0.0
    for site in reversed(sites):
        rows, following = {}, {}
        for kind, (one, x, _) in site.items():
            parts = (one @ carries[kind], x @ carries[kind], site[-kind].y @ carries[-kind])
            flat = np.concatenate(parts, axis=1)
            basis, weight = _principal_columns(flat, cutoff)
            orthonormal, triangle = np.linalg.qr((basis.T @ flat).T)
            ends = np.cumsum([part.shape[1] for part in parts[:2]])
            rows[kind] = np.split(orthonormal.T, ends, axis=1)
            following[kind] = basis @ triangle.T
            lost += weight
        done.append({kind: Block(rows[kind][0], rows[kind][1], rows[-kind][2]) for kind in site})
        carries = following
    for kind, (one, x, y) in done[-1].items():
        left, flipped = carries[kind], carries[-kind]
        done[-1][kind] = Block(left @ one, left @ x, flipped @ y)
    return done[::-1], math.sqrt(lost)


def _mirrored(site: Site) -> Site:
    return {kind: Block(one.T, x.T, site[-kind].y.T) for kind, (one, x, _) in site.items()}


def _moments(sites: Sequence[Site], ends: dict[int, int]) -> list[dict[int, Floats]]:
    """<1>, <L> and <L^2> of one end of the chain, by kind: arrays (D, order, D).

    L sums the charges n_+ - n_-, but for a factor i: on one site (X, Y) -> (-Y, X). It is real and
    antisymmetric, so <v|L w> is too, and <L v|L w> is what stands for L^2. It changes the number
    of Y's by one: entry k of <1> and <L^2> has kind k on both sides, of <L> kinds k and -k.
    """
    pairs = [{k: (k, -k if i == 1 else k) for k in ends} for i in range(3)]
    moments = [
        {k: np.zeros((ends[row], 1, ends[column])) for k, (row, column) in pair.items()}
        for pair in pairs
    ]
    for kind, size in ends.items():
        moments[0][kind][:, 0] += np.eye(size)
    for count, site in enumerate(sites, start=1):
        old, moments = moments, []
        for i, pair in enumerate(pairs):
            moments.append({})
            for kind, (row, column) in pair.items():
                a, b = site[row], site[column]
                new = np.zeros((a.one.shape[1], count + 1, b.one.shape[1]))
                new[:, :-1] = _between(a.one, old[i][kind], b.one)
                higher = new[:, 1:]
                higher += _between(a.x, old[i][kind], b.x) + _between(a.y, old[i][-kind], b.y)
                if i == 1:  # the site's own charge
                    higher += _between(a.y, old[0][-kind], b.x) - _between(a.x, old[0][kind], b.y)
                elif i == 2:  # its square, and twice it times the charge so far
                    higher += _between(a.x, old[0][kind], b.x) + _between(a.y, old[0][-kind], b.y)
                    higher += 2 * _between(a.x, old[1][kind], b.y)
                    higher -= 2 * _between(a.y, old[1][-kind], b.x)
                moments[i][kind] = new
    return moments


def _between(left: Tensor, stack: Tensor, right: Tensor) -> Tensor:
    """left^T C right for every matrix C of a stack (rows, number, columns): two large products."""
    rows, number, columns = stack.shape
    product = left.T @ stack.reshape(rows, number * columns)
    product = product.reshape(left.shape[1] * number, columns) @ right
    return np.asarray(product.reshape(left.shape[1], number, right.shape[1]))


def _images(stack: Tensor, tensor: Tensor, kind: int) -> tuple[Tensor, Tensor, Tensor]:
    """The stack one site further on, with 1, X, Y there, or 1, Z, X, each over sqrt(2)."""
    zero, one = tensor[:, 0], tensor[:, 1]
    up, down = _between(zero, stack, zero.conj()), _between(one, stack, one.conj())
    flip = _between(zero, stack, one.conj())
    back = flip.conj().transpose(2, 1, 0) * (kind or 1)
    root = math.sqrt(0.5)
    if kind == 0 and not np.iscomplexobj(stack):  # about y
        return root * (up + down), root * (up - down), root * (flip + back)
    return root * (up + down), root * (flip + back), root * (kind or 1j) * (flip - back)


def _unfold(stack: Tensor, kind: int) -> Floats:
    """Each Hermitian matrix of a stack as a row of real numbers of the same norm."""
    if np.iscomplexobj(stack):
        sums = (stack.real + stack.imag).swapaxes(0, 1)
        return np.asarray(sums.reshape(stack.shape[1], len(stack) ** 2))
    rows, columns = np.triu_indices(len(stack), 0 if kind >= 0 else 1)
    weights = np.where(rows == columns, 1, math.sqrt(2))
    return np.asarray((stack[rows, :, columns] * weights[:, None]).T)


def _fold(flat: Floats, kind: int, bond: int, full: bool) -> Tensor:
    """Inverse of `_unfold`; ``full`` of complex matrices."""
    if full:
        square = flat.reshape(len(flat), bond, bond).swapaxes(0, 1)
        mirrored = square.transpose(2, 1, 0)
        return np.asarray((square + mirrored) / 2 + 0.5j * (square - mirrored))
    rows, columns = np.triu_indices(bond, 0 if kind >= 0 else 1)
    upper = flat.T * np.where(rows == columns, 1, math.sqrt(0.5))[:, None]
    stack = np.zeros((bond, len(flat), bond))
    stack[columns, :, rows] = (kind or 1) * upper
    stack[rows, :, columns] = upper
    return stack


def _principal_columns(matrix: Floats, cutoff: float) -> tuple[Floats, float]:
    """Fewest orthonormal columns that span ``matrix`` up to a norm ``cutoff``; weight left out."""
    weights = np.einsum("ij,ij->j", matrix, matrix)
    # Symmetries leave columns empty: it is cheaper without them.
    empty = weights <= (0.01 * cutoff) ** 2 / max(matrix.shape[1], 1)
    full = matrix[:, ~empty]
    if full.shape[1] > full.shape[0]:
        full = np.asarray(np.linalg.qr(full.T, mode="r")).T
    if full.size == 0:
        return np.zeros((len(matrix), 0)), float(weights.sum())
    columns, values, _ = np.linalg.svd(full, full_matrices=False)
    tails = np.cumsum(values[::-1] ** 2)[::-1]
    kept = int(np.count_nonzero(tails > cutoff**2))
    left_out = weights[empty].sum() + values[kept:] @ values[kept:]
    return np.asarray(columns[:, :kept]), float(left_out)
