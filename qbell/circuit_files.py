"""Circuits from and to files: OpenQASM 2 and 3, and QPY."""

import contextlib
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qbell.circuit_inputs import assign_inputs
from qbell.errors import QbellError
from qbell.files import write_atomically, write_text

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


ENDINGS = (".qasm", ".qasm3", ".qpy")
WRITTEN = (".qasm", ".qpy")

_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_VERSION = re.compile(r"\s*OPENQASM\s+(\d+)")
_DEFINED = re.compile(r"\bgate\s+(\w+)")


def is_circuit_file(name: str) -> bool:
    """True if ``name`` ends as a file with a circuit does, and is no family of states."""
    return name.lower().endswith(ENDINGS)


def read_circuit(path: Path, inputs: Mapping[str, Any] | None = None) -> "QuantumCircuit":
    """The preparation in an OpenQASM 2 or 3 (``.qasm``, ``.qasm3``) or a ``.qpy`` file.

    Args:
        path: of the file; it holds one circuit, unitary and without measurements.
        inputs: a value for each free parameter, see `qbell.circuit_inputs.assign_inputs`.

    Raises:
        QbellError: another kind of file, not readable, more than one circuit, inputs without a
            value or values without an input, measurements, or OpenQASM 3 without its importer.
    """
    from qbell.measurement import check_preparation

    circuit = load_circuit(path)
    try:
        assigned = assign_inputs(circuit, inputs or {})
        check_preparation(assigned)
    except QbellError as error:
        raise QbellError(f"{path}: {error}") from error
    except Exception as error:
        raise _unreadable(path, error) from error
    return assigned


def load_circuit(path: Path) -> "QuantumCircuit":
    """Whatever circuit a file holds, its inputs left open; it may measure too.

    Raises:
        QbellError: as `read_circuit`, but for what the circuit does.
    """
    if path.suffix.lower() not in ENDINGS:
        raise QbellError(f"{path}: unknown kind of circuit file; give .qasm or .qpy")
    if not path.is_file():
        raise QbellError(f"{path} is not there, or no file; give an OpenQASM or QPY file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QbellError(
            f"{path} cannot be read: {error.strerror}; give an OpenQASM or QPY file"
        ) from error
    try:
        return _of_qpy(content) if path.suffix.lower() == ".qpy" else _of_openqasm(content)
    except QbellError as error:
        raise QbellError(f"{path}: {error}") from error
    except Exception as error:
        if type(error).__name__ == "MissingOptionalLibraryError":
            raise QbellError(
                f"{path}: reading OpenQASM 3 needs: pip install qiskit-qasm3-import"
            ) from error
        raise _unreadable(path, error) from error


def write_circuit(circuit: "QuantumCircuit", path: Path) -> None:
    """Write OpenQASM 3 (``.qasm``) or QPY (``.qpy``), by the ending of ``path``.

    Raises:
        QbellError: another ending, or a circuit that OpenQASM 3 cannot express.
    """
    from qiskit import qasm3, qpy

    check_ending(path)
    if path.suffix == ".qpy":

        def write(temporary: Path) -> None:
            with temporary.open("wb") as file:
                qpy.dump(circuit, file)

        write_atomically(path, write)
        return
    try:
        text = qasm3.dumps(circuit)
    except qasm3.QASM3ExporterError as error:
        raise QbellError(
            f"{path}: the circuit cannot be written as OpenQASM 3 ({error.message}); write .qpy"
        ) from error
    write_text(path, text)


def check_ending(path: Path) -> None:
    """Refuse a name that says no kind of circuit file, before the work for it is done.

    Raises:
        QbellError: the ending is neither .qasm nor .qpy.
    """
    if path.suffix not in WRITTEN:
        raise QbellError(f"{path}: unknown kind of circuit file; end the name in .qasm or .qpy")


def _of_qpy(content: bytes) -> "QuantumCircuit":
    from qiskit import qpy

    if not content:
        raise ValueError("the file is empty")
    circuits = qpy.load(io.BytesIO(content))
    if len(circuits) != 1:
        raise QbellError(f"it holds {len(circuits)} circuits; export one alone")
    return circuits[0]


def _of_openqasm(content: bytes) -> "QuantumCircuit":
    from qiskit import qasm2, qasm3

    text = content.decode("utf-8-sig")
    if not text.strip():
        raise ValueError("the file is empty")
    code = _COMMENTS.sub(" ", text)
    line = _VERSION.match(code)
    version = "3" if line is None else line[1]  # the line may be left out in OpenQASM 3
    if version == "2":
        # Gates that many programs, Qiskit among them, take for a part of qelib1.inc; a file's own
        # definition of such a name goes before.
        own = set(_DEFINED.findall(code))
        extended = [gate for gate in qasm2.LEGACY_CUSTOM_INSTRUCTIONS if gate.name not in own]
        return qasm2.loads(text, custom_instructions=extended)
    if version != "3":
        raise QbellError(f"it is OpenQASM {version}; give OpenQASM 2 or 3")
    # The parser prints some of its complaints on stderr before it raises them.
    with contextlib.redirect_stderr(io.StringIO()):
        return qasm3.loads(text)


def _unreadable(path: Path, error: Exception) -> QbellError:
    """One line of what a reader said; QPY's comes with a trace in colour."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if re.search(r"[a-z]{3}", line)]
    if lines and "binary parsing error" in lines[0]:
        lines = ["it breaks off or is damaged"]
    reason = lines[0].rstrip(".") if lines else _place(error) or type(error).__name__
    return QbellError(f"{path} is not a readable circuit: {reason}; export it again")


def _place(error: Exception) -> str:
    """Where the parser of OpenQASM 3 stopped; its error has no words, but a cause with a token."""
    (cause, *_) = getattr(error.__cause__, "args", None) or (None,)
    token = getattr(cause, "offendingToken", None)
    return "" if token is None else f"line {token.line}: {token.text!r} is not expected there"
