"""The stars design: products of stabilisers of many stars of a graph state, drawn anew."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qbell.designs.base import XI, Complex, Design, Directions
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError

ALONG_1, ALONG_2 = 0, 1  # sigma_1 and sigma_2, letters X and Y


class Stars(Design):
    """A Bell test on a whole device: all stars of a graph state at once, in fresh settings.

    Each leaf j has a fair bit r_j. Measured is the product over the centres c of the stabilisers
    g_c prod_j g_j^(r_j), g_v = X_v prod_(u next to v) Z_u. So a leaf is measured along Z (r = 0) or
    Y, a centre along X or, where an odd number k of its leaves is along Y, along Y; a separator
    always along Z, and it counts where an odd number of the leaves next to it is along Y. The
    product of the Pauli operators has the sign (-1)^floor(k/2) for each star. With it and the
    outcomes, x = +-1; its mean, the visibility V, is 1 for the graph state.

    Under local realism the mean is at most the product over stars of 2^floor(m/2) / 2^(m-1), m
    qubits in a star: the outcomes of separators have no choice of settings and can be taken as part
    of a leaf's along Y, so the mean over the leaves' bits factors; see docs/statistics.md.

    Attributes:
        graph: which qubits are centres, leaves and separators; None where it is not known, and
            then nothing can be measured or estimated.
    """

    name = "stars"
    looks = "words of X, Y and Z that are stabilisers of the stars of a graph state, drawn anew"
    says = (
        "The product of the stabilisers of many stars, from at most two settings a qubit; with one "
        "shot a draw a p-value against local realism of all qubits together, memory included. It "
        "says nothing of depth, of E_N,0 or of the QFI."
    )
    estimator = "stars"
    claim = "bell"
    drawn = True
    default_shots = 1
    letters = 3
    any_phase = False
    one_label = True
    measures_stars = True
    measures_qfi = False
    quantities: ClassVar[Mapping[str, str]] = MappingProxyType({"visibility": "visibility V"})
    facts: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "local_limit": "V under local realism at most",
            "operator_qubits": "qubits in the product",
            "star_qubits": "of them in stars, along two directions",
            "stars": "stars",
        }
    )
    no_p_value_reason = ""
    misfit_says = (
        "is no product of stabilisers of these stars; check the setting and the stars of its graph "
        "state"
    )

    def __init__(self, graph: StarGraph | None = None) -> None:
        self.graph = graph

    def on(self, grid: tuple[str, ...], stars: StarGraph | None = None) -> Design:
        """See `Design.on`."""
        return self if stars is None else Stars(stars)

    @property
    def known(self) -> StarGraph:
        """The graph.

        Raises:
            QbellError: it is not known.
        """
        if self.graph is None:
            raise QbellError(
                "design stars: which qubits are centres and leaves is not known; prepare a state "
                "of the family stars, give stars = (Python), or the folder of a run"
            )
        return self.graph

    # Settings

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """A bit for each leaf; the rest follows."""
        self._check_size(num_qubits)
        bits = rng.integers(0, 2, size=(draws, len(self.known.all_leaves)), dtype=np.uint8)
        return self._of_bits(bits)

    def equally_likely(self, num_qubits: int) -> int:
        """2^(number of leaves)."""
        return int(2 ** len(self.known.all_leaves))

    @property
    def drawn_letters(self) -> int:
        """Two: each leaf's bit."""
        return 2

    def drawn_choices(self, directions: Directions) -> Directions:
        """(rows, leaves) 1 where a leaf is along Y."""
        leaves = list(self.known.all_leaves)
        chosen: Directions = np.equal(directions[:, leaves], ALONG_2).astype(np.uint8)
        return chosen

    def independent_letters(self, num_qubits: int) -> int:
        """All bits."""
        return len(self.known.all_leaves)

    def misfits(self, directions: Directions) -> NDArray[np.bool_]:
        """See `Design.misfits`; none where the graph is not known."""
        if self.graph is None:
            return np.zeros(len(directions), dtype=bool)
        self._check_size(directions.shape[1])
        wrong: NDArray[np.bool_] = (
            directions != self._of_bits(self.drawn_choices(directions))
        ).any(axis=1)
        return wrong

    # Claims

    @property
    def no_depth_reason(self) -> str:
        """A product of stars is the same for any grouping of them."""
        return "the stars design says nothing of depth: none is certified"

    def measures_all_qubits(self, num_settings: int | None, order: int | None, n: int) -> bool:
        """No."""
        return False

    def tested(self, directions: Directions) -> NDArray[np.bool_]:
        """All of them."""
        return np.ones(len(directions), dtype=bool)

    def quarter_turns(
        self, directions: Directions, bits: NDArray[np.uint8], signs: NDArray[np.int16]
    ) -> NDArray[np.int64]:
        """(rows,) 0 where x = 1 and 2 where x = -1."""
        odd = self.star_parities(directions, bits).sum(axis=1)
        odd += (directions == ALONG_2) @ (signs < 0)
        turns: NDArray[np.int64] = 2 * (odd % 2)
        return turns

    def local_limit(self, num_qubits: int, phase: float) -> float:
        """Half of the largest mean of x: see `Design.local_limit`."""
        return self.known.local_limit / 2

    def all_qubit_terms(self, directions: Directions, signs: NDArray[np.int16]) -> Complex:
        """0: the design says nothing of a correlator of all qubits."""
        return np.zeros(len(directions), dtype=complex)

    # Outcomes

    def star_parities(self, directions: Directions, bits: NDArray[np.uint8]) -> NDArray[np.int64]:
        """(rows, stars) 0 where a star's own product came out +1, 1 where -1.

        With its separators, where they count for this star. In the sum over stars modulo 2, which
        is that of the product, one that counts for two of them cancels.

        Args:
            directions, bits: (rows, N) settings and outcomes.
        """
        graph = self.known
        chosen = self.drawn_choices(directions)
        parities = np.empty((len(directions), len(graph.centres)), dtype=np.int64)
        first = 0
        for star, (centre, leaves) in enumerate(zip(graph.centres, graph.leaves, strict=True)):
            mine = slice(first, first + len(leaves))
            first += len(leaves)
            turned = chosen[:, mine].sum(axis=1, dtype=np.int64)
            found = turned // 2 + bits[:, [centre, *leaves]].sum(axis=1, dtype=np.int64)
            beside = graph.owners[mine]
            if beside.any():
                counted = (chosen[:, mine] @ beside.astype(np.uint8)) % 2
                found += (counted * bits).sum(axis=1, dtype=np.int64)
            parities[:, star] = found % 2
        return parities

    def _of_bits(self, chosen: Directions) -> Directions:
        """(rows, N) settings of leaves' bits."""
        graph = self.known
        settings = np.full((len(chosen), graph.num_qubits), XI, dtype=np.uint8)
        settings[:, list(graph.all_leaves)] = np.where(chosen == 1, ALONG_2, XI)
        first = 0
        for centre, leaves in zip(graph.centres, graph.leaves, strict=True):
            turned = chosen[:, first : first + len(leaves)].sum(axis=1, dtype=np.int64)
            settings[:, centre] = np.where(turned % 2 == 1, ALONG_2, ALONG_1)
            first += len(leaves)
        return settings

    def check_stars(self, stars: StarGraph | None, num_qubits: int) -> None:
        """See `Design.check_stars`."""
        if stars is not None and not isinstance(stars, StarGraph):
            raise QbellError(
                f"stars = {stars!r}: expected a StarGraph, as qbell.stars(n).preparation().stars is"
            )
        Stars(stars)._check_size(num_qubits)

    def _check_size(self, num_qubits: int) -> None:
        if self.known.num_qubits != num_qubits:
            raise QbellError(
                f"stars of {self.known.num_qubits} qubits, and {num_qubits} are measured; make "
                "both for the same n"
            )
