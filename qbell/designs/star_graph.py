"""Stars in a graph state: which qubits are centres, leaves and separators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.util.checks import whole_number

Edge = tuple[int, int]

RECORDED = ("edges", "centres", "wires", "couplings")


@dataclass(frozen=True)
class StarGraph:
    """A graph on N qubits with centres so far apart that their stars do not touch.

    A star is a centre with its leaves, the qubits next to it. Every other qubit is a separator: it
    is next to leaves alone, of one star or several. So any two centres are four or more edges
    apart, and the product of the stars' stabilisers factors (see `qbell.designs.stars`).

    Attributes:
        num_qubits: N.
        edges: pairs of qubits joined by CZ, (j, k) with j < k, sorted.
        centres: ascending.
        wires: (N,) the qubit of a device for each, where the stars were chosen on one; else empty.
        couplings: pairs of the device's qubits that are coupled, for pictures.

    Raises:
        QbellError: an edge that is none, or stars that touch; the message says where.

    >>> graph = StarGraph(7, [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)], [1, 5])
    >>> graph.leaves, graph.separators
    (((0, 2), (4, 6)), (3,))
    """

    num_qubits: int
    edges: tuple[Edge, ...]
    centres: tuple[int, ...]
    wires: tuple[int, ...] = ()
    couplings: tuple[Edge, ...] = ()

    def __init__(
        self,
        num_qubits: int,
        edges: Sequence[Sequence[int]],
        centres: Sequence[int],
        wires: Sequence[int] = (),
        couplings: Sequence[Sequence[int]] = (),
    ) -> None:
        size = whole_number("n", num_qubits, least=2)
        pairs = sorted(_edge(edge, size) for edge in edges)
        chosen = sorted(
            whole_number("a centre", centre, least=0, most=size - 1) for centre in centres
        )
        object.__setattr__(self, "num_qubits", size)
        object.__setattr__(self, "edges", tuple(pairs))
        object.__setattr__(self, "centres", tuple(chosen))
        object.__setattr__(self, "wires", tuple(int(wire) for wire in wires))
        most = max([size, *(1 + wire for wire in self.wires), *(1 + max(c) for c in couplings)])
        object.__setattr__(self, "couplings", tuple(sorted(_edge(c, most) for c in couplings)))
        self._check()

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """(N,) the qubits next to each, ascending."""
        found: list[list[int]] = [[] for _ in range(self.num_qubits)]
        for one, other in self.edges:
            found[one].append(other)
            found[other].append(one)
        return tuple(tuple(sorted(others)) for others in found)

    @property
    def leaves(self) -> tuple[tuple[int, ...], ...]:
        """The leaves of each star, in the order of the centres."""
        return tuple(self.neighbours[centre] for centre in self.centres)

    @cached_property
    def star_qubits(self) -> tuple[int, ...]:
        """Centres and leaves, ascending: the qubits that are measured along two directions."""
        return tuple(sorted({*self.centres, *(leaf for star in self.leaves for leaf in star)}))

    @cached_property
    def separators(self) -> tuple[int, ...]:
        """Qubits that are in the product through a leaf, and measured along Z alone; ascending."""
        ours = set(self.star_qubits)
        return tuple(
            qubit
            for qubit in range(self.num_qubits)
            if qubit not in ours and self.neighbours[qubit]
        )

    @property
    def operator_qubits(self) -> int:
        """How many qubits enter the product, in some setting at least."""
        return len(self.star_qubits) + len(self.separators)

    @cached_property
    def owners(self) -> NDArray[np.bool_]:
        """(leaves, N) for each leaf, star by star, True where its separators are."""
        table = np.zeros((len(self.all_leaves), self.num_qubits), dtype=bool)
        for row, leaf in enumerate(self.all_leaves):
            table[row, [k for k in self.neighbours[leaf] if k in set(self.separators)]] = True
        return table

    @cached_property
    def all_leaves(self) -> tuple[int, ...]:
        """The leaves of all stars, star by star."""
        return tuple(leaf for star in self.leaves for leaf in star)

    @property
    def local_limits(self) -> tuple[float, ...]:
        """Of each star, see `star_limit`."""
        return tuple(star_limit(len(star)) for star in self.leaves)

    @property
    def local_limit(self) -> float:
        """The largest mean of the product under local realism: the product of the stars' own."""
        return float(np.prod(self.local_limits))

    def separators_of(self, star: int) -> tuple[int, ...]:
        """The separators next to leaves of a star."""
        ours = set(self.separators)
        return tuple(
            sorted({k for leaf in self.leaves[star] for k in self.neighbours[leaf]} & ours)
        )

    @property
    def record(self) -> dict[str, Any]:
        """As plain data, for `of_record`."""
        return {"n": self.num_qubits, **{key: getattr(self, key) for key in RECORDED}}

    @classmethod
    def of_record(cls, record: object, name: str) -> "StarGraph":
        """Inverse of `record`; ``name`` of the file, for messages."""
        if not isinstance(record, Mapping) or set(record) != {"n", *RECORDED}:
            raise QbellError(
                f"{name}: the graph of stars should say n, {', '.join(RECORDED)}; restore this file"
            )
        try:
            return cls(record["n"], *(record[key] for key in RECORDED))
        except (TypeError, ValueError) as error:
            raise QbellError(
                f"{name}: the graph of stars holds what are no lists of qubits; restore this file"
            ) from error

    def _check(self) -> None:
        if self.wires and len(set(self.wires)) != self.num_qubits:
            raise QbellError(
                f"stars: {len(set(self.wires))} wires for {self.num_qubits} qubits; give each its "
                "own"
            )
        if not self.centres:
            raise QbellError("stars: no centre; name one qubit with two or more neighbours")
        for name, given in (("edge", self.edges), ("centre", self.centres)):
            twice = [one for one, following in pairwise(given) if one == following]
            if twice:
                raise QbellError(f"stars: {name} {twice[0]} is there twice; give each once")
        of_qubit: dict[int, int] = {centre: centre for centre in self.centres}
        for centre in self.centres:
            if not self.neighbours[centre]:
                raise QbellError(
                    f"stars: centre {centre} has no edge; give it leaves, or leave it out"
                )
            for leaf in self.neighbours[centre]:
                if leaf in of_qubit:
                    raise QbellError(
                        f"stars: qubit {leaf} belongs to the stars of centres {of_qubit[leaf]} and "
                        f"{centre}; centres must be four or more edges apart"
                    )
                of_qubit[leaf] = centre
        for one, other in self.edges:
            leaves = one in of_qubit and other in of_qubit
            if leaves and one not in self.centres and other not in self.centres:
                raise QbellError(
                    f"stars: edge {(one, other)} joins leaves of the centres {of_qubit[one]} and "
                    f"{of_qubit[other]}; leave it out, or choose centres further apart"
                )


def star_limit(leaves: int) -> float:
    """The largest mean of a star's product under local realism, 2^floor(m/2) / 2^(m-1), m qubits.

    >>> [star_limit(leaves) for leaves in (1, 2, 3, 4)]
    [1.0, 0.5, 0.5, 0.25]
    """
    return float(2.0 ** ((leaves + 1) // 2 - leaves))


def _edge(edge: Sequence[int], size: int) -> Edge:
    wanted = f"expected pairs of different qubits from 0 to {size - 1}"
    if len(edge) != 2:
        raise QbellError(f"stars: edge {edge!r}; {wanted}")
    one, other = (
        whole_number("stars: end of an edge", end, least=0, most=size - 1) for end in edge
    )
    if one == other:
        raise QbellError(f"stars: edge {edge!r} joins a qubit to itself; {wanted}")
    return (min(one, other), max(one, other))
