"""Circuits from and to files: OpenQASM and QPY."""

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

from qbell.errors import QbellError
from qbell.files import write_atomically, write_text

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


ENDINGS = (".qasm", ".qasm3", ".qpy")


def read_circuit(path: Path) -> "QuantumCircuit":
    """The preparation circuit in an OpenQASM 2 or 3 (``.qasm``) or a ``.qpy`` file.

    Raises:
        QbellError: another kind of file, not readable, or OpenQASM 3 without its importer.
    """
    from qiskit import qasm2, qasm3, qpy

    from qbell.measurement import check_preparation

    if path.suffix.lower() not in ENDINGS:
        raise QbellError(f"{path}: unknown kind of circuit file; give .qasm or .qpy")
    if not path.is_file():
        raise QbellError(f"{path} is not there, or no file; give an OpenQASM or QPY file")
    try:
        # The OpenQASM 3 parser prints its complaints on stderr before it raises them.
        with contextlib.redirect_stderr(io.StringIO()):
            if path.suffix.lower() == ".qpy":
                with path.open("rb") as file:
                    circuit, *more = qpy.load(file)
                if more:
                    raise QbellError(f"it holds {1 + len(more)} circuits; export one alone")
            else:
                text = path.read_text(encoding="utf-8")
                if not text.strip():
                    raise ValueError("the file is empty")
                circuit = qasm2.loads(text) if "OPENQASM 2" in text[:2000] else qasm3.loads(text)
        check_preparation(circuit)
    except QbellError as error:
        raise QbellError(f"{path}: {error}") from error
    except Exception as error:
        if type(error).__name__ == "MissingOptionalLibraryError":
            raise QbellError(
                f"{path}: reading OpenQASM 3 needs: pip install qiskit-qasm3-import"
            ) from error
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise QbellError(f"{path} is not a readable circuit: {reason}; export it again") from error
    return circuit


def write_circuit(circuit: "QuantumCircuit", path: Path) -> None:
    """Write OpenQASM 3 (``.qasm``) or QPY (``.qpy``), by the ending of ``path``.

    Raises:
        QbellError: another ending.
    """
    from qiskit import qasm3, qpy

    if path.suffix == ".qasm":
        write_text(path, qasm3.dumps(circuit))
    elif path.suffix == ".qpy":

        def write(temporary: Path) -> None:
            with temporary.open("wb") as file:
                qpy.dump(circuit, file)

        write_atomically(path, write)
    else:
        raise QbellError(f"{path}: unknown kind of circuit file; end the name in .qasm or .qpy")
