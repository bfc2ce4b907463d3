"""What the circuit library holds, family by family: a paragraph for its page, and its circuits."""

from dataclasses import dataclass
from typing import Any

OPEN = "input"


@dataclass(frozen=True)
class Section:
    """One family in the library.

    Attributes:
        text: the paragraph on its page, in Markdown.
        circuits: sizes N, and for each of them the parameters besides n of each circuit; ``input``
            for those left open.
    """

    text: str
    circuits: tuple[tuple[tuple[int, ...], tuple[dict[str, Any], ...]], ...]


SECTIONS = {
    "ghz": Section(
        """\
(|0...0> + |1...1>)/√2. `line`: a Hadamard in the middle, CNOTs outwards between neighbours. `log`:
every qubit reached so far reaches one more, between any two qubits. `constant`: two-qubit depth 2
at any N; N - 1 ancillas between neighbours are measured, and X fed forward. The state is that of
the register `q`; campaigns take it as `family = "ghz"`, `layout = "constant"`, since a circuit of
one's own must not measure.""",
        (
            ((4, 6, 8, 10, 12, 16, 20), ({"layout": "line"}, {"layout": "log"})),
            ((4, 5, 6, 8), ({"layout": "constant"},)),
        ),
    ),
    "ising": Section(
        """\
Ground state of U Σ ZZ - Σ X on an open chain, Eq. (29). Layers of rx on sites and rzz on
neighbours, from |+> or from GHZ, trained with free fermions to the fidelity shown: with the fewest
layers that reach 0.98. With `angles=input` the two angles of each layer are inputs, `x_1 zz_1 x_2
zz_2 ...`: rx(x) is exp(-i x/2 X), rzz(zz) is exp(-i zz/2 ZZ); from `plus` each layer is rzz and
then rx, from `ghz` rx and then rzz. The angles of N = 4 to 20 and U = 0, -0.1, ... -3 are a table,
`qbell/states/free_fermions/trained_angles.csv`;
`python -m qbell.states.free_fermions.tabulate FILE.csv` makes it anew.""",
        (
            ((4, 6, 8, 10, 12, 16, 20), ({"u": -0.5}, {"u": -1}, {"u": -1.5}, {"u": -3})),
            ((6,), tuple({"start": s, "layers": 2, "angles": OPEN} for s in ("plus", "ghz"))),
            ((8,), tuple({"start": s, "layers": 3, "angles": OPEN} for s in ("plus", "ghz"))),
        ),
    ),
    "double-well": Section(
        """\
Ground state of -J_x + (U/N) J_z² for N bosons, Eq. (30), on N qubits. Exact in O(N²) gates; with
`layers` shallow: one-axis twisting and rotations about x in turn, trained, with the fidelity
shown.""",
        (
            ((4, 6, 8, 10), ({"u": -1}, {"u": -3})),
            ((6, 10), tuple({"u": u, "layers": 1} for u in (-0.5, -1, -1.5, -3))),
            ((6, 10), tuple({"u": u, "layers": 2} for u in (-1.5, -3))),
        ),
    ),
    "w": Section(
        "(|10...0> + ... + |0...01>)/√N; exact.",
        (((4, 6, 8, 10, 16), ({},)),),
    ),
    "dicke": Section(
        "Equal superposition of all words with the same number of ones; exact.",
        (
            ((4,), ({"ones": 2},)),
            ((6,), ({"ones": 2}, {"ones": 3})),
            ((8,), ({"ones": 4},)),
            ((10,), ({"ones": 5},)),
        ),
    ),
    "coherent": Section(
        """\
Spin-coherent state: every qubit cos(θ/2)|0> + exp(iφ) sin(θ/2)|1>. Inputs `theta`, `phi`.""",
        (((4, 6, 8), ({"theta": OPEN, "phi": OPEN},)),),
    ),
    "twisting": Section(
        """\
exp(-i t J_z²)|+>^N, one-axis twisting, at any time t: input `time`.""",
        (((4, 6, 8, 10), ({"time": OPEN},)),),
    ),
    "squeezed": Section(
        """\
One-axis twisting up to the best squeezing, turned so that the sensitivity is largest along z.""",
        (((4, 6, 8, 10), ({},)),),
    ),
    "graph": Section(
        "CZ on the edges of |+>^N.",
        (
            ((4, 6, 8, 12), ({"shape": "ring"},)),
            ((4, 6), ({"shape": "line"}, {"shape": "star"}, {"shape": "complete"})),
            ((6,), ({"shape": "grid", "rows": 2},)),
            ((9,), ({"shape": "grid", "rows": 3},)),
            ((16,), ({"shape": "grid", "rows": 4},)),
        ),
    ),
}
