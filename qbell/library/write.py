"""Writing the library: a file for each entry, the table, and the page that shows it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from qbell.circuit_inputs import input_names
from qbell.errors import QbellError
from qbell.files import write_text
from qbell.gate_counts import count_gates
from qbell.library.entries import ENTRIES, Entry
from qbell.library.page import page
from qbell.library.table import PAGE, TABLE, Row, to_csv
from qbell.preparation.base import Preparation
from qbell.progress import Progress

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


def write_library(
    folder: Path,
    families: Iterable[str] | None = None,
    *,
    entries: Iterable[Entry] = ENTRIES,
    progress: Progress | None = None,
) -> tuple[Row, ...]:
    """Write the circuits, ``circuits.csv`` and ``README.md``; the same bytes every time.

    Each file is written whole or not at all, the table last but one. Files that are there already
    and not in the library are left alone.

    Args:
        folder: made if it is not there.
        families: only these; all when None.
        entries: of the library.
        progress: called after each file.

    Raises:
        QbellError: an unknown family, or a folder that cannot be written to.
    """
    chosen = tuple(entries)
    if families is not None:
        wanted = tuple(families)
        known = tuple(dict.fromkeys(entry.family for entry in chosen))
        for family in wanted:
            if family not in known:
                raise QbellError(
                    f"the library has no family {family!r}; use some of {', '.join(known)}"
                )
        chosen = tuple(entry for entry in chosen if entry.family in wanted)
    rows = []
    for entry in chosen:
        rows.append(_written(entry, folder))
        if progress is not None:
            progress("circuits", 1, len(chosen))
    write_text(folder / TABLE, to_csv(rows))
    write_text(folder / PAGE, page(rows))
    return tuple(rows)


def _written(entry: Entry, folder: Path) -> Row:
    from qiskit import qasm3

    from qbell.measurement import compile_for

    preparation = entry.preparation()
    circuit = compile_for(in_order(preparation), None)
    counts = count_gates(circuit)
    first, _, rest = qasm3.dumps(circuit).partition("\n")
    write_text(folder / entry.file, f"{first}\n{_comment(entry, preparation)}{rest}")
    return Row(
        file=entry.file,
        family=entry.family,
        n=entry.num_qubits,
        parameters=";".join(f"{key}={value}" for key, value in entry.parameters.items()),
        qubits=circuit.num_qubits,
        depth=counts.depth,
        two_qubit_gates=counts.two_qubit_gates,
        two_qubit_depth=counts.two_qubit_depth,
        fidelity=f"{preparation.fidelity:.12g}",
        inputs=" ".join(input_names(circuit)),
    )


def _comment(entry: Entry, preparation: Preparation) -> str:
    said = ", ".join(f"{key} = {value}" for key, value in entry.parameters.items())
    lines = [f"{entry.family}, n = {entry.num_qubits}{', ' if said else ''}{said}"]
    if not preparation.is_unitary:
        lines.append("The state is that of the register q; the ancillas are measured on the way.")
    return "".join(f"// {line}\n" for line in lines)


def in_order(preparation: Preparation) -> "QuantumCircuit":
    """The circuit with the state on register q, its qubit 0 first, and others on ``ancilla``."""
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

    circuit = preparation.circuit
    others = [index for index in range(circuit.num_qubits) if index not in preparation.qubits]
    registers = [QuantumRegister(preparation.num_qubits, "q")]
    if others:
        registers.append(QuantumRegister(len(others), "ancilla"))
    made = QuantumCircuit(*registers)
    if circuit.num_clbits:
        made.add_register(ClassicalRegister(circuit.num_clbits, "outcome"))
    place = {old: new for new, old in enumerate([*preparation.qubits, *others])}
    return made.compose(
        circuit,
        qubits=[place[index] for index in range(circuit.num_qubits)],
        clbits=range(circuit.num_clbits),
    )
