"""Writing the library: a file for each entry, the table, and the page that shows it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from qbell.circuits.files import openqasm
from qbell.circuits.gate_counts import count_gates
from qbell.circuits.parameters import input_names
from qbell.circuits.preparation import Preparation
from qbell.errors import QbellError
from qbell.library.entries import ENTRIES, Entry, parameters_of
from qbell.library.page import page
from qbell.library.table import PAGE, TABLE, Row, read_table, to_csv
from qbell.util.atomic_files import write_text
from qbell.util.progress import Progress

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

WITH_ANCILLAS = "The state is that of the register q; the ancillas are measured mid-circuit."


def write_library(
    folder: Path,
    families: Iterable[str] | None = None,
    *,
    entries: Iterable[Entry] = ENTRIES,
    progress: Progress | None = None,
) -> tuple[Row, ...]:
    """Write the circuits, ``circuits.csv`` and ``README.md``.

    Each file is written whole or not at all, the table last but one. What the table of the folder
    lists besides, and is there, stays, in the table and on the page too; files that no table lists
    are left alone.

    On one machine, with the same versions, the bytes are the same every time. Angles that were
    trained may differ between processors in their last digits, by some 1e-8, at which the fidelity
    is flat; states and fidelities are the same to 1e-9.

    Args:
        folder: made if it is not there.
        families: only these; all when None.
        entries: of the library.
        progress: called after each file.

    Raises:
        QbellError: an unknown family, a folder that cannot be written to, or a table in it that
            cannot be read.

    Returns:
        the rows of what was written now.
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
    before = read_table(folder) if (folder / TABLE).exists() else ()
    rows = []
    for entry in chosen:
        rows.append(_written(entry, folder))
        if progress is not None:
            progress("circuits", 1, len(chosen))
    listed = _merged(before, rows, folder)
    write_text(folder / TABLE, to_csv(listed))
    write_text(folder / PAGE, page(listed))
    return tuple(rows)


def _merged(before: Iterable[Row], written: Iterable[Row], folder: Path) -> list[Row]:
    """All rows of files that are there, in the library's order, those of other files last."""
    rows = {row.file: row for row in before if (folder / row.file).is_file()}
    rows.update({row.file: row for row in written})
    order = {entry.file: place for place, entry in enumerate(ENTRIES)}
    return sorted(rows.values(), key=lambda row: order.get(row.file, len(order)))


def _written(entry: Entry, folder: Path) -> Row:
    from qbell.circuits.measurement import compile_for

    preparation = entry.preparation()
    circuit = compile_for(in_order(preparation), None)
    counts = count_gates(circuit)
    said = ", ".join(f"{key} = {value}" for key, value in entry.parameters.items())
    head = f"{entry.family}, n = {entry.num_qubits}{', ' if said else ''}{said}"
    comment = [head] if preparation.is_unitary else [head, WITH_ANCILLAS]
    write_text(folder / entry.file, openqasm(circuit, comment))
    return Row(
        file=entry.file,
        family=entry.family,
        n=entry.num_qubits,
        parameters=parameters_of(entry),
        qubits=circuit.num_qubits,
        depth=counts.depth,
        two_qubit_gates=counts.two_qubit_gates,
        two_qubit_depth=counts.two_qubit_depth,
        fidelity=f"{preparation.fidelity:.12g}",
        inputs=" ".join(input_names(circuit)),
    )


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
