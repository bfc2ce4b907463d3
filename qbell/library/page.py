"""The library's README: what the circuits are, how they were made, and their table."""

import math
from collections.abc import Iterable

from qbell.library.table import Row

HEAD = """\
# Circuits to open

Preparation circuits in OpenQASM 3, named by their parameters: `FAMILY/n=N,key=value.qasm`. They
start from |0...0> and measure nothing at the end. Qubit 0 is the last character of a bitstring, as
in Qiskit. A value `input` in a name is left open in the file, as an OpenQASM 3 `input`.

Written by `qbell library --out circuits`, this page and [`circuits.csv`](circuits.csv) with them;
`qbell library --check circuits` reads every file again and compares the state it prepares with the
exact one, to 1e-9 in fidelity. The tests do the same with Qiskit's own state vectors. And they read
all files but `layout=constant` with Amazon Braket's simulator, whose state vectors have no measured
bits to feed forward; it wants a file `stdgates.inc` beside it, for these circuits this one line:
`gate cx a, b { cnot a, b; }`.

In a campaign: `[state] circuit = "../circuits/ghz/n=6,layout=line.qasm"`, the path relative to the
TOML; values of inputs as `parameters = {time = 0.3}`. On the command line: `qbell exact FILE`,
`qbell circuit FILE --set time=0.3`.
[How to choose](../docs/circuits.md) between them. Any other size or parameter:
`qbell circuit FAMILY -n N ... -o FILE.qasm`.

A gate `rzz` counts as one two-qubit gate; in CNOTs it is two.
"""

SECTIONS = {
    "ghz": """\
(|0...0> + |1...1>)/√2. `line`: a Hadamard in the middle, CNOTs outwards between neighbours. `log`:
every qubit reached so far reaches one more, between any two qubits. `constant`: two-qubit depth 2
at any N; N - 1 ancillas between neighbours are measured, and X fed forward. The state is that of
the register `q`; campaigns take it as `family = "ghz"`, `layout = "constant"`, since a circuit of
one's own must not measure.""",
    "ising": """\
Ground state of U Σ ZZ - Σ X on an open chain, Eq. (29). Layers of rx on sites and rzz on
neighbours, from |+> or from GHZ, trained through the free-fermion covariance to the fidelity shown:
as few layers as reach 0.98. With `angles=input` the two angles of each layer are open, `x_1 zz_1
x_2 zz_2 ...`: rx(x) is exp(-i x/2 X), rzz(zz) is exp(-i zz/2 ZZ); from `plus` each layer is rzz and
then rx, from `ghz` rx and then rzz. The angles of N = 4 to 20 and U = 0, -0.1, ... -3 are a table,
`qbell/states/free_fermions/trained_angles.csv`;
`python -m qbell.states.free_fermions.tabulate FILE.csv` makes it anew.""",
    "double-well": """\
Ground state of -J_x + (U/N) J_z² for N bosons, Eq. (30), on N qubits. Exact in O(N²) gates; with
`layers` shallow: one-axis twisting and rotations about x in turn, trained, with the fidelity
shown.""",
    "w": "(|10...0> + ... + |0...01>)/√N; exact.",
    "dicke": "Equal superposition of all words with as many ones; exact.",
    "coherent": """\
Spin-coherent state: every qubit cos(θ/2)|0> + exp(iφ) sin(θ/2)|1>. Inputs `theta`, `phi`.""",
    "twisting": """\
exp(-i t J_z²)|+>^N, one-axis twisting, at any time t: input `time`.""",
    "squeezed": """\
One-axis twisting up to the best squeezing, turned so that the sensitivity is largest along z.""",
    "graph": "CZ on the edges of |+>^N.",
}


def page(rows: Iterable[Row]) -> str:
    """The README of a library with these rows."""
    listed = tuple(rows)
    parts = [HEAD]
    for family in dict.fromkeys(row.family for row in listed):
        mine = [row for row in listed if row.family == family]
        parts.append(
            f"## {family}\n\n{SECTIONS.get(family, 'Not one of the library.')}\n\n{_table(mine)}"
        )
    return "\n".join(parts)


def _table(rows: list[Row]) -> str:
    lines = [
        "| file | qubits | two-qubit gates | two-qubit depth | depth | fidelity |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{row.file}` | {row.qubits} | {row.two_qubit_gates} | {row.two_qubit_depth} "
        f"| {row.depth} | {_shown(float(row.fidelity))} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def _shown(fidelity: float) -> str:
    """Cut off, not rounded, so that 1 is 1 to all twelve digits of the table."""
    return "1" if fidelity == 1 else f"{math.floor(fidelity * 1e5) / 1e5:.5f}"
