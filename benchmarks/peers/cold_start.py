"""A new process: to import, and to the first number, at three sizes."""

import subprocess
import sys
from collections.abc import Callable

from benchmarks.peers.case import Case, Tool, Work

IMPORT = "import"
SIZES = (8, 12, 16)  # qubits
VARIANCE = (
    "import numpy as np; p = abs(np.asarray(v).ravel()) ** 2; "
    "h = {n} / 2 - np.bitwise_count(np.arange(2**{n})); print(4 * (p @ h**2 - (p @ h) ** 2))"
)
QISKIT = (
    "from qiskit import QuantumCircuit; from qiskit.quantum_info import Statevector; "
    "c = QuantumCircuit({n}); c.h(0); [c.cx(0, k) for k in range(1, {n})]; "
    "v = Statevector(c).data; "
)
PENNYLANE = (
    "import pennylane as qml; import numpy as np\n"
    "@qml.qnode(qml.device('default.qubit', wires={n}))\n"
    "def f():\n qml.Hadamard(0)\n for k in range(1, {n}): qml.CNOT([0, k])\n return qml.state()\n"
    "v = f(); "
)


def name_of(n: int) -> str:
    """Of a column."""
    return f"QFI, N = {n}"


def expected(size: str) -> float:
    """N^2; of no N where the tool is imported only."""
    return 0.0 if size == IMPORT else float(size.rpartition(" ")[2]) ** 2


def fresh(module: str, first: str) -> Callable[[str], Work]:
    """In a process of its own; ``{n}`` stands for the qubits."""

    def prepare(size: str) -> Work:
        n = size.rpartition(" ")[2]
        code = f"import {module}; print(0)" if size == IMPORT else first.replace("{n}", n)
        words = [sys.executable, "-c", code]
        return lambda: subprocess.run(words, capture_output=True, text=True, check=True).stdout

    return prepare


CASE = Case(
    title="Cold start: processor time of a new process",
    says="To import the tool, and to the QFI of a GHZ state of N qubits, N^2. Memory of the new "
    "process is not looked at.",
    sizes=(IMPORT, *map(name_of, SIZES)),
    tools=(
        Tool(
            "qbell", "qbell", fresh("qbell", "import qbell; print(qbell.exact.qfi(qbell.ghz({n})))")
        ),
        Tool("Qiskit", "qiskit", fresh("qiskit", QISKIT + VARIANCE)),
        Tool(
            "QuTiP",
            "qutip",
            fresh("qutip", "import qutip; v = qutip.ghz_state({n}).full(); " + VARIANCE),
        ),
        Tool(
            "quimb", "quimb", fresh("quimb", "import quimb; v = quimb.ghz_state({n}); " + VARIANCE)
        ),
        Tool("PennyLane", "pennylane", fresh("pennylane", PENNYLANE + VARIANCE)),
    ),
    close=1e-6,
    values=lambda found: [1 + float(found)],
    truth=lambda size: [1 + expected(size)],
    unit="to",
)
