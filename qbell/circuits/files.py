"""Circuits from and to files: OpenQASM 2 and 3, and QPY."""

import contextlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qbell.circuits.final_measurements import preparing_part
from qbell.circuits.limits import check_length, check_numbers, check_registers
from qbell.circuits.openqasm2 import CAPITAL
from qbell.circuits.parameters import assign_inputs
from qbell.circuits.preparation import Preparation
from qbell.circuits.qpy_sizes import check_sizes
from qbell.circuits.transpiled import NO_GATES
from qbell.errors import QbellError
from qbell.util.atomic_files import write_atomically, write_text
from qbell.util.printable import printable

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


ENDINGS = (".qasm", ".qasm3", ".qpy")

_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_VERSION = re.compile(r"\s*OPENQASM\s+(\d+)")
# Where the version is not said; it may be left out in OpenQASM 3, and is sometimes in OpenQASM 2.
_SECOND = re.compile(r'\bqreg\b|\bcreg\b|\binclude\s*"qelib1.inc"')
_THIRD = re.compile(
    r'@|\b(?:qubit|bit|const|let|def|input|output|for|while|gphase|box)\b|"stdgates.inc"'
)
_LINE = re.compile(r"^(?:<input>:)?(\d+),\d+: ")


def is_circuit_file(name: str) -> bool:
    """True if ``name`` ends as a file with a circuit does, and is no family of states."""
    return name.lower().endswith(ENDINGS)


def read_circuit(path: Path, inputs: Mapping[str, Any] | None = None) -> "QuantumCircuit":
    """The preparation in an OpenQASM 2 or 3 (``.qasm``, ``.qasm3``) or a ``.qpy`` file.

    Args:
        path: of the file; it holds one circuit, unitary but for measurements at its end. These
            and idle qubits are left out, see `read_preparation`.
        inputs: a value for each free parameter, see `qbell.circuits.parameters.assign_inputs`.

    Raises:
        QbellError: another kind of file, not readable, more than one circuit, inputs without a
            value or values without an input, measurements, or OpenQASM 3 without its importer.
    """
    preparation = read_preparation(path, inputs)
    return preparation.circuit if preparation.aimed is None else preparation.aimed


def read_preparation(path: Path, inputs: Mapping[str, Any] | None = None) -> Preparation:
    """The same with what its check has compiled, and with notes of what was left out.

    See `qbell.circuits.measurement.checked` and `qbell.circuits.final_measurements`.
    """
    from qbell.circuits.measurement import checked

    circuit = load_circuit(path)
    try:
        part, notes = preparing_part(assign_inputs(circuit, inputs or {}))
        idle = untouched(part)
        return replace(checked(part), notes=notes if idle is None else (*notes, idle))
    except QbellError as error:
        raise QbellError(f"{path}: {printable(str(error))}") from error
    except Exception as error:
        raise _unreadable(path, error) from error


def load_circuit(path: Path) -> "QuantumCircuit":
    """Whatever circuit a file holds, its inputs left open; it may measure too.

    Raises:
        QbellError: as `read_circuit`, but for what the circuit does.
    """
    if path.suffix.lower() not in ENDINGS:
        raise QbellError(f"{path}: unknown kind of circuit file; give .qasm or .qpy")
    if not path.is_file():
        raise QbellError(f"{path} does not exist or is not a file; give an OpenQASM or QPY file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QbellError(
            f"{path} cannot be read: {error.strerror}; give an OpenQASM or QPY file"
        ) from error
    try:
        circuit = _of_qpy(content) if path.suffix.lower() == ".qpy" else _of_openqasm(content)
        check_numbers(circuit)
    except QbellError as error:
        raise QbellError(f"{path}: {printable(str(error))}") from error
    except ImportError as error:
        raise QbellError(
            f"{path}: reading OpenQASM 3 needs: pip install qiskit-qasm3-import"
        ) from error
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # Qiskit's readers may panic, which is no Exception
        raise _unreadable(path, error) from error
    return circuit


def untouched(circuit: "QuantumCircuit") -> str | None:
    """What to say of a circuit some of whose qubits no gate acts on; None where all are used.

    They are legal, and stay in |0>; but a circuit that was compiled for a device has the device's
    qubits, and is not the state that a few of them carry.

    >>> from qiskit import QuantumCircuit
    >>> untouched(QuantumCircuit(2))
    '2 of its 2 qubits are never touched and stay in |0>; they count as qubits of the state'
    """
    used = {
        qubit
        for item in circuit.data
        if item.operation.name not in NO_GATES
        for qubit in item.qubits
    }
    idle = circuit.num_qubits - len(used)
    if idle == 0:
        return None
    return (
        f"{idle} of its {circuit.num_qubits} qubits are never touched and stay in |0>; they count "
        "as qubits of the state"
    )


def write_circuit(circuit: "QuantumCircuit", path: Path, comment: Iterable[str] = ()) -> None:
    """Write OpenQASM 3 (``.qasm``, ``.qasm3``) or QPY (``.qpy``), by the ending of ``path``.

    Args:
        circuit: to write.
        path: of the file.
        comment: lines for the head of the file; in QPY the circuit's metadata ``comment``.

    Raises:
        QbellError: another ending, or a circuit that OpenQASM 3 cannot express.
    """
    from qiskit import qpy

    check_ending(path)
    if path.suffix.lower() == ".qpy":
        lines = tuple(comment)
        if lines:
            circuit = circuit.copy()
            circuit.metadata = {**(circuit.metadata or {}), "comment": "\n".join(lines)}

        def write(temporary: Path) -> None:
            with temporary.open("wb") as file:
                qpy.dump(circuit, file)

        write_atomically(path, write)
        return
    try:
        text = openqasm(circuit, comment)
    except QbellError as error:
        raise QbellError(f"{path}: {error}") from error
    write_text(path, text)


def openqasm(circuit: "QuantumCircuit", comment: Iterable[str] = ()) -> str:
    """OpenQASM 3, with a comment behind its first line, the version.

    Raises:
        QbellError: a circuit that OpenQASM 3 cannot express.
    """
    from qiskit import qasm3

    try:
        first, _, rest = qasm3.dumps(circuit).partition("\n")
    except qasm3.QASM3ExporterError as error:
        raise QbellError(
            f"the circuit cannot be written as OpenQASM 3 ({error.message}); write .qpy"
        ) from error
    said = "".join(f"// {line}\n" for line in comment)
    return f"{first}\n{said}{rest}"


def check_ending(path: Path) -> None:
    """Refuse a name that says no kind of circuit file, before the work for it is done.

    Raises:
        QbellError: the ending is none of .qasm, .qasm3 and .qpy, in capitals or not.
    """
    if path.suffix.lower() not in ENDINGS:
        raise QbellError(f"{path}: unknown kind of circuit file; end the name in .qasm or .qpy")


def _of_qpy(content: bytes) -> "QuantumCircuit":
    from qiskit import qpy

    if not content:
        raise ValueError("the file is empty")
    check_sizes(content)
    circuits = qpy.load(io.BytesIO(content))
    if len(circuits) != 1:
        raise QbellError(f"it holds {len(circuits)} circuits; export one alone")
    return circuits[0]


def _of_openqasm(content: bytes) -> "QuantumCircuit":
    from qbell.circuits import openqasm2

    text = content.decode("utf-8-sig").replace("\r\n", "\n")
    if not text.strip():
        raise ValueError("the file is empty")
    # Blanks in the place of comments: what stands behind them keeps its line and column.
    code = _COMMENTS.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    line = _VERSION.match(code)
    second = _SECOND.search(code) and not _THIRD.search(code)
    version = line[1] if line is not None else "2" if second else "3"
    if version == "2":
        check_registers(code)
        return openqasm2.circuit_of(code)
    if version != "3":
        raise QbellError(f"it is OpenQASM {version}; give OpenQASM 2 or 3")
    check_length(code)
    import openqasm3

    from qbell.circuits.openqasm3 import circuit_of

    # The parser prints some of its complaints on stderr before it raises them.
    with contextlib.redirect_stderr(io.StringIO()):
        return circuit_of(openqasm3.parse(text))


def _unreadable(path: Path, error: BaseException) -> QbellError:
    """One line of what a reader said; QPY's comes with a trace in colour."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).replace(CAPITAL, "")
    lines = [line.strip("\"' ") for line in plain.splitlines() if re.search(r"[a-z]{3}", line)]
    if lines and "binary parsing error" in lines[0]:
        lines = ["it breaks off or is damaged"]
    reason = lines[0].rstrip(".") if lines else _place(error) or type(error).__name__
    reason = printable(_LINE.sub(r"line \1: ", reason))
    return QbellError(f"{path} is not a readable circuit: {reason}; export it again")


def _place(error: BaseException) -> str:
    """Where the parser of OpenQASM 3 stopped; its error has no words, but a cause with a token."""
    (cause, *_) = getattr(error.__cause__, "args", None) or (None,)
    token = getattr(cause, "offendingToken", None)
    return "" if token is None else f"line {token.line}: {token.text!r} is not expected there"
