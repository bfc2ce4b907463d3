"""The check of a library: every file read again, and the state that it prepares compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.files import ENDINGS, load_circuit
from qbell.circuits.gate_counts import count_gates
from qbell.circuits.parameters import assign_inputs, input_names
from qbell.errors import QbellError
from qbell.library.branches import branches
from qbell.library.contents import OPEN, SECTIONS
from qbell.library.entries import Entry, entry_of, parameters_of
from qbell.library.page import page
from qbell.library.table import PAGE, Row, read_table
from qbell.states import named_state
from qbell.util.progress import Progress

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

ACCURACY = 1e-9  # of a fidelity
MOST_QUBITS = 20
SAMPLES = 2  # sets of values at which a file with inputs is compared

Amplitudes = NDArray[np.complex128]


@dataclass(frozen=True)
class Checked:
    """What reading one file showed.

    Attributes:
        file: path in the folder.
        fidelity: found, the least over the sets of inputs; None if there was nothing to compare.
        faults: where it differs from the table; empty if it does not.
    """

    file: str
    fidelity: float | None
    faults: tuple[str, ...]


def check_library(
    folder: Path, *, most_qubits: int = MOST_QUBITS, progress: Progress | None = None
) -> tuple[Checked, ...]:
    """Read every file of ``circuits.csv``, and compare its state with the one its name says.

    Name, family, n and parameters must agree, counts must be those of the table and fidelities to
    1e-9; files with inputs are compared at values of these that are drawn, the same every time;
    circuits with mid-circuit measurements in each of their branches. Circuit files that the table
    does not list, or a README that is not of this table, are faults too.

    Args:
        folder: of the library.
        most_qubits: larger states are read and counted, not compared.
        progress: called after each file.

    Raises:
        QbellError: the folder has no table that can be read.
    """
    rows = read_table(folder)
    found = []
    for row in rows:
        found.append(_checked(folder, row, most_qubits))
        if progress is not None:
            progress("circuits", 1, len(rows))
    listed = {row.file for row in rows}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in ENDINGS and path.is_file() and name not in listed:
            found.append(Checked(name, None, ("it is not in the table",)))
    if not _is_page(folder / PAGE, rows):
        found.append(Checked(PAGE, None, ("it is not the page of this table",)))
    return tuple(found)


def _is_page(path: Path, rows: tuple[Row, ...]) -> bool:
    try:
        return path.read_bytes() == page(rows).encode()
    except OSError:
        return False


def _checked(folder: Path, row: Row, most_qubits: int) -> Checked:
    path = folder / row.file
    fidelity = None
    try:
        entry = entry_of(row.file)
        faults = _misnamed(row, entry)
        if not faults and not path.is_file():
            faults = ["it is not there"]
        if faults:
            return Checked(row.file, None, tuple(faults))
        circuit = load_circuit(path)
        faults = _miscounted(row, circuit)
        is_comparable = not any(fault.startswith("inputs") for fault in faults)
        if is_comparable and entry.num_qubits <= most_qubits:
            fidelity = _fidelity(entry, circuit)
    except QbellError as error:
        # The path is said already.
        return Checked(row.file, None, (str(error).removeprefix(str(path)).lstrip(": "),))
    except Exception as error:  # whatever a file that was tampered with makes of the comparison
        kind = f"{type(error).__name__}: {error}"
        return Checked(row.file, None, (f"its state cannot be compared ({kind})",))
    if fidelity is not None and not abs(fidelity - float(row.fidelity)) <= ACCURACY:
        faults.append(f"fidelity: {fidelity:.12g} found, {row.fidelity} in the table")
    return Checked(row.file, fidelity, tuple(faults))


def _misnamed(row: Row, entry: Entry) -> list[str]:
    """Where the columns that say the state differ from the name."""
    if entry.family not in SECTIONS:
        return [f"the library has no family {entry.family!r}"]
    said = {
        "family": entry.family,
        "n": entry.num_qubits,
        "parameters": parameters_of(entry),
    }
    return _differences(said, row, "by its name")


def _miscounted(row: Row, circuit: "QuantumCircuit") -> list[str]:
    counts = count_gates(circuit)
    found = {
        "qubits": circuit.num_qubits,
        "depth": counts.depth,
        "two_qubit_gates": counts.two_qubit_gates,
        "two_qubit_depth": counts.two_qubit_depth,
        "inputs": " ".join(input_names(circuit)),
    }
    return _differences(found, row, "in the file")


def _differences(found: Mapping[str, object], row: Row, where: str) -> list[str]:
    """One line for each column of the table in which something else was found."""
    return [
        f"{name}: {value or 'none'} {where}, {getattr(row, name) or 'none'} in the table"
        for name, value in found.items()
        if value != getattr(row, name)
    ]


def _fidelity(entry: Entry, circuit: "QuantumCircuit") -> float:
    """|<circuit|state>|^2, the least over all sets of inputs."""
    names = input_names(circuit)
    if bool(names) != entry.is_open:
        found = f"inputs {', '.join(names)}" if names else "no inputs"
        raise QbellError(f"{entry.file} has {found}; its name says otherwise")
    drawn = np.random.default_rng(len(entry.file)).uniform(-2, 2, (SAMPLES, len(names)))
    return min(
        prepared_fidelity(assign_inputs(circuit, values), target_of(entry, values))
        for values in (
            [dict(zip(names, row, strict=True)) for row in drawn.tolist()] if names else [{}]
        )
    )


def target_of(entry: Entry, inputs: Mapping[str, float]) -> Amplitudes:
    """The exact state vector (2^N,) of a file, at these values of its inputs."""
    if entry.is_open and entry.family == "ising":
        return _ising_layers(entry, inputs)
    fixed = {key: value for key, value in entry.parameters.items() if value != OPEN}
    return named_state(entry.family, entry.num_qubits, {**fixed, **inputs}).statevector()


def prepared_fidelity(circuit: "QuantumCircuit", target: Amplitudes) -> float:
    """The weight of ``target`` on the first qubits of what a circuit without inputs prepares."""
    from qbell.simulation.draw_outcomes import prepare_vector

    prepared = branches(circuit) if circuit.num_clbits else prepare_vector(circuit)[np.newaxis]
    # Qubits behind those of the state are the higher bits: (branch, ancillas, state).
    parts = prepared.reshape(len(prepared), -1, len(target))
    return float(np.sum(np.abs(parts @ target.conj()) ** 2))


def _ising_layers(entry: Entry, inputs: Mapping[str, float]) -> Amplitudes:
    """exp(-i x/2 sum X) and exp(-i zz/2 sum Z Z) in turn, on |+>^N or GHZ, by plain arithmetic."""
    num_qubits = entry.num_qubits
    index = np.arange(2**num_qubits)
    spins = 1 - 2 * (index[:, np.newaxis] >> np.arange(num_qubits) & 1)
    bonds = np.sum(spins[:, 1:] * spins[:, :-1], axis=1)
    state = np.full(2**num_qubits, 2 ** (-num_qubits / 2), dtype=complex)
    from_ghz = entry.parameters["start"] == "ghz"
    if from_ghz:
        state[:] = 0
        state[[0, -1]] = 0.5**0.5
    for layer in range(1, int(entry.parameters["layers"]) + 1):
        x, zz = inputs[f"x_{layer}"], inputs[f"zz_{layer}"]
        if not from_ghz:
            state = state * np.exp(-0.5j * zz * bonds)
        for qubit in range(num_qubits):
            state = np.cos(x / 2) * state - 1j * np.sin(x / 2) * state[index ^ 1 << qubit]
        if from_ghz:
            state = state * np.exp(-0.5j * zz * bonds)
    return state
