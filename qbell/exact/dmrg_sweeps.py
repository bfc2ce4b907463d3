"""The lowest state of a matrix product operator by two-site DMRG, in blocks of parity.

Source: S. R. White, Phys. Rev. Lett. 69, 2863 (1992); U. Schollwoeck, Annals of Physics 326, 96
(2011), Section 6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.exact.operator_product import OperatorProduct
from qbell.exact.parity_blocks import (
    IDENTITY,
    PARITIES,
    Blocks,
    Environment,
    Sizes,
    applied,
    by_parity,
    closed_left,
    closed_right,
    edge,
    sizes,
    split,
    squared_edge,
    squared_site,
    times,
    to_left,
    to_right,
    with_left_site,
    with_right_site,
)

Tensor = NDArray[Any]

START_BOND = 4  # of each parity
LARGE = 400  # bond times that of the operator: up to here QR decompositions are quick


@dataclass(frozen=True)
class Found:
    """A state on the way, or at its end.

    Attributes:
        sites: of each site its blocks, fused to the right, orthonormal from the right but for the
            first, which is of norm 1.
        turning: (N,) 1 where a site's bit counts for the parity.
        energy: <H>.
        discarded: weight that the last sweep left out.
        bond: largest bond.
    """

    sites: tuple[Blocks, ...]
    turning: tuple[int, ...]
    energy: float
    discarded: float

    @property
    def bond(self) -> int:
        """Largest bond."""
        return max(sum(sizes(blocks, 0)) for blocks in self.sites)

    def tensors(self) -> list[Tensor]:
        """(left, 2, right) of each site."""
        made = []
        for k, (blocks, turn) in enumerate(zip(self.sites, self.turning, strict=True)):
            left = sizes(blocks, 0)
            right = sizes(self.sites[k + 1], 0) if k + 1 < len(self.sites) else (1, 0)
            tensor = np.zeros((sum(left), 2, sum(right)), dtype=np.result_type(*blocks))
            for c in PARITIES:
                for bit in PARITIES:
                    out = c ^ bit * turn
                    part = blocks[c][:, slice(0, right[c]) if bit == 0 else slice(right[c], None)]
                    row, column = left[0] * c, right[0] * out
                    tensor[row : row + left[c], bit, column : column + right[out]] = part
            made.append(tensor)
        return made


def random_start(turning: Sequence[int], rng: np.random.Generator, *, is_complex: bool) -> Found:
    """A random state of a small bond."""
    size = len(turning)
    ways = [np.array([1, 0])]
    for turn in turning:
        ways.append(np.minimum(ways[-1] + ways[-1][::-1] if turn else 2 * ways[-1], 1000))
    back = [np.array([1, 0])]
    for turn in reversed(turning):
        back.append(np.minimum(back[-1] + back[-1][::-1] if turn else 2 * back[-1], 1000))
    bonds = [
        np.minimum(np.minimum(a, b), START_BOND) for a, b in zip(ways, back[::-1], strict=True)
    ]
    carry: Blocks = (np.ones((1, 1)), np.zeros((0, 0)))
    sites: list[Blocks] = []
    for k in range(size - 1, -1, -1):
        blocks = []
        for c in PARITIES:
            parts = []
            for bit in PARITIES:
                out = c ^ bit * turning[k]
                shape = (bonds[k][c], bonds[k + 1][out])
                part = rng.normal(size=shape) + (1j * rng.normal(size=shape) if is_complex else 0)
                parts.append(part @ carry[out])
            blocks.append(np.concatenate(parts, axis=1))
        rows, carry_list = [], []
        for block in blocks:
            q, r = np.linalg.qr(block.conj().T)
            rows.append(q.conj().T)
            carry_list.append(r.conj().T)
        sites.append((rows[0], rows[1]))
        carry = (carry_list[0], carry_list[1])
    return Found(tuple(sites[::-1]), tuple(turning), np.inf, 0.0)


class Sweeper:
    """Sweeps over one state; its norm is 1 after each.

    Args:
        operator: H.
        start: where from.
        orthogonal: states that are lifted in energy, so that the lowest is orthogonal to them. (To
            project them out of each pair would be wrong: where a pair's space all but excludes one
            of them, nothing of it is left there but the direction of the state that is wanted.)
        penalty: by how much they are lifted.
    """

    def __init__(
        self,
        operator: OperatorProduct,
        start: Found,
        orthogonal: Sequence[Found] = (),
        penalty: float = 0.0,
    ) -> None:
        self.penalty = penalty
        self.state = start
        self.turning = start.turning
        self.orthogonal = orthogonal
        bonds = operator.charges
        self.cores = [
            by_parity(tensor, bonds[k], bonds[k + 1]) for k, tensor in enumerate(operator.tensors)
        ]
        self.size = len(self.cores)
        self.sites = list(start.sites)
        # Right environments: entry k is of the sites k and on.
        self.right: list[Environment] = [edge()] * (self.size + 1)
        self.right_of = [[edge()] * (self.size + 1) for _ in orthogonal]
        for k in range(self.size - 1, 1, -1):
            self._close_right(k)

    def sweep(self, most: int, cutoff: float, tolerance: float, steps: int) -> Found:
        """From the first site to the last and back.

        Args:
            most: bond at most.
            cutoff: norm that a cut may take.
            tolerance: of the residual of each local problem.
            steps: at most so many products with H for each.
        """
        size, turning = self.size, self.turning
        self.left: list[Environment] = [edge()] * size
        self.left_of = [[edge()] * size for _ in self.orthogonal]
        lefts: list[Blocks] = []
        lost = 0.0
        centre = to_left(self.sites[0], turning[0], self._right_sizes(0))
        u, s, v = centre, centre, centre
        for k in range(size - 1):
            pair = times(centre, self.sites[k + 1])
            energy, pair = self._solved(k, pair, tolerance, steps)
            u, s, v, _ = split(pair, most, cutoff)
            if k < size - 2:
                lefts.append(u)
                self._close_left(k, u)
                centre = to_left(times(s, v), turning[k + 1], self._right_sizes(k + 1))
        for k in range(size - 2, -1, -1):
            if k < size - 2:
                pair = times(lefts[k], centre)
                energy, pair = self._solved(k, pair, tolerance, steps)
                u, s, v, weight = split(pair, most, cutoff)
                lost += weight
            self.sites[k + 1] = v
            if k > 0:
                self._close_right(k + 1)
            centre = to_right(times(u, s), turning[k], self._left_sizes(k, lefts))
        self.sites[0] = centre
        self.state = Found(tuple(self.sites), turning, energy, lost)
        return self.state

    def _left_sizes(self, k: int, lefts: list[Blocks]) -> Sizes:
        return sizes(lefts[k - 1], 1) if k else (1, 0)

    def _right_sizes(self, k: int) -> Sizes:
        return sizes(self.sites[k + 1], 0) if k + 1 < self.size else (1, 0)

    def _close_right(self, k: int) -> None:
        turn = self.turning[k]
        half = with_right_site(self.right[k + 1], self.cores[k], turn)
        self.right[k] = closed_right(half, self.sites[k], self.sites[k])
        for found, other in zip(self.right_of, self.orthogonal, strict=True):
            half = with_right_site(found[k + 1], IDENTITY, turn)
            found[k] = closed_right(half, self.sites[k], other.sites[k])

    def _close_left(self, k: int, u: Blocks) -> None:
        turn = self.turning[k]
        self.left[k + 1] = closed_left(with_left_site(self.left[k], self.cores[k], turn), u, u)
        for found, other in zip(self.left_of, self.orthogonal, strict=True):
            half = with_left_site(found[k], IDENTITY, turn)
            right = sizes(other.sites[k + 1], 0)
            found[k + 1] = closed_left(half, u, to_left(other.sites[k], turn, right))

    def _solved(self, k: int, pair: Blocks, tolerance: float, steps: int) -> tuple[float, Blocks]:
        left = with_left_site(self.left[k], self.cores[k], self.turning[k])
        right = with_right_site(self.right[k + 2], self.cores[k + 1], self.turning[k + 1])
        shapes = pair[0].shape, pair[1].shape
        first = pair[0].size

        def blocks(vector: Tensor) -> Blocks:
            return vector[:first].reshape(shapes[0]), vector[first:].reshape(shapes[1])

        def apply(vector: Tensor) -> Tensor:
            image = _flat(applied(left, right, blocks(vector)))
            for other in others:
                image = image + self.penalty * np.vdot(other, vector) * other
            return image

        others = [self._projected(which, k) for which in range(len(self.orthogonal))]
        energy, vector = lanczos(apply, _flat(pair), tolerance, steps)
        return energy, blocks(vector)

    def _projected(self, which: int, k: int) -> Tensor:
        """The part of a state to stay away from that lies in the space of the pair."""
        other, turning = self.orthogonal[which].sites, self.turning
        left = with_left_site(self.left_of[which][k], IDENTITY, turning[k])
        right = with_right_site(self.right_of[which][k + 2], IDENTITY, turning[k + 1])
        pair = times(to_left(other[k], turning[k], sizes(other[k + 1], 0)), other[k + 1])
        return _flat(applied(left, right, pair))


def lanczos(
    apply: Callable[[Tensor], Tensor], start: Tensor, tolerance: float, steps: int
) -> tuple[float, Tensor]:
    """Lowest energy, and its vector, in the Krylov space of ``start``."""
    space = np.empty((min(steps, len(start)) + 1, len(start)), dtype=start.dtype)
    space[0] = start / np.linalg.norm(start)
    diagonal: list[float] = []
    beside: list[float] = []
    weights = np.ones(1)
    energy = 0.0
    for step in range(len(space) - 1):
        image = apply(space[step])
        diagonal.append(float(np.vdot(space[step], image).real))
        known = space[: step + 1]
        for _ in range(2):
            image = image - known.T @ (known.conj() @ image)
        rest = float(np.linalg.norm(image))
        matrix = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        energies, vectors = np.linalg.eigh(matrix)
        energy, weights = float(energies[0]), vectors[:, 0]
        if rest * abs(weights[-1]) < tolerance or rest < 1e-14 * max(1.0, abs(energy)):
            break
        beside.append(rest)
        space[step + 1] = image / rest
    found = weights @ space[: len(weights)]
    return energy, found / np.linalg.norm(found)


def residual(operator: OperatorProduct, state: Found) -> float:
    """|A psi| of an operator A, such as H - E, from the triangles of QR decompositions.

    Nothing is squared, so that it may be small where <H^2> - E^2 is nothing but rounding. Where
    that would take long it is: then the result is at least the rounding of it.
    """
    if max(map(len, operator.charges)) * state.bond > LARGE:
        return _by_squares(operator, state)
    carry: Tensor = np.ones((1, 1, 1))
    for tensor, core in zip(state.tensors(), operator.tensors, strict=True):
        step = np.tensordot(carry, tensor, (2, 0))  # (m, w, t, b)
        step = np.tensordot(step, core, ((1, 2), (0, 3)))  # (m, b, x, s)
        m, b, x, s = step.shape
        matrix = step.transpose(0, 3, 2, 1).reshape(m * s, x * b)
        carry = np.asarray(np.linalg.qr(matrix, mode="r")).reshape(-1, x, b)
    return float(np.linalg.norm(carry))


def _by_squares(operator: OperatorProduct, state: Found) -> float:
    """sqrt <A^2>, in blocks."""
    middle = squared_edge()
    largest = 1.0
    for k, (blocks, turn) in enumerate(zip(state.sites, state.turning, strict=True)):
        core = by_parity(operator.tensors[k], operator.charges[k], operator.charges[k + 1])
        right = sizes(state.sites[k + 1], 0) if k + 1 < len(state.sites) else (1, 0)
        middle = squared_site(middle, core, turn, blocks, right)
        traces = [np.einsum("pvwp->vw", middle[c, q, q]) for c in PARITIES for q in PARITIES]
        largest = max(largest, *(float(np.abs(trace).max(initial=0.0)) for trace in traces))
    return float(np.sqrt(max(float(middle[0, 0, 0].real.sum()), 0.0) + 1e-15 * largest))


def _flat(pair: Blocks) -> Tensor:
    return np.concatenate([pair[0].ravel(), pair[1].ravel()])
