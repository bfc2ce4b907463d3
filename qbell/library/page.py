"""The library's README: what the circuits are, how they were made, and their table."""

import math
from collections.abc import Iterable

from qbell.library.contents import SECTIONS
from qbell.library.table import Row

HEAD = """\
# Circuits to open

Preparation circuits in OpenQASM 3, named by their parameters: `FAMILY/n=N,key=value.qasm`. They
start from |0...0> and measure nothing at the end. Qubit 0 is the last character of a bitstring, as
in Qiskit. A parameter whose value in the name is `input` is an `input` of the OpenQASM 3 file.

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


def page(rows: Iterable[Row]) -> str:
    """The README of a library with these rows."""
    listed = tuple(rows)
    parts = [HEAD]
    for family in dict.fromkeys(row.family for row in listed):
        mine = [row for row in listed if row.family == family]
        parts.append(f"## {family}\n\n{_text(family)}\n\n{_table(mine)}")
    return "\n".join(parts)


def _text(family: str) -> str:
    return SECTIONS[family].text if family in SECTIONS else "Not one of the library."


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
