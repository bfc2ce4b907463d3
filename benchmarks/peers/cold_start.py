"""A new process: to import, and to the first number."""

import subprocess
import sys
from collections.abc import Callable

from benchmarks.peers.case import Case, Tool, Work

IMPORT, QFI = "import", "first QFI"
VARIANCE = (
    "import numpy as np; p = abs(np.asarray(v).ravel()) ** 2; "
    "h = 4.0 - np.bitwise_count(np.arange(256)); print(4 * (p @ h**2 - (p @ h) ** 2))"
)
QISKIT = (
    "from qiskit import QuantumCircuit; from qiskit.quantum_info import Statevector; "
    "c = QuantumCircuit(8); c.h(0); [c.cx(0, k) for k in range(1, 8)]; v = Statevector(c).data; "
)
PENNYLANE = (
    "import pennylane as qml; import numpy as np\n"
    "@qml.qnode(qml.device('default.qubit', wires=8))\n"
    "def f():\n qml.Hadamard(0)\n for k in range(1, 8): qml.CNOT([0, k])\n return qml.state()\n"
    "v = f(); "
)


def fresh(module: str, first: str) -> Callable[[str], Work]:
    """In a process of its own."""

    def prepare(size: str) -> Work:
        code = f"import {module}; print(64)" if size == IMPORT else first
        words = [sys.executable, "-c", code]
        return lambda: subprocess.run(words, capture_output=True, text=True, check=True).stdout

    return prepare


CASE = Case(
    title="Cold start: processor time of a new process",
    says="To import the tool, and to the QFI of a GHZ state of 8 qubits, 64.",
    sizes=(IMPORT, QFI),
    tools=(
        Tool(
            "qbell", "qbell", fresh("qbell", "import qbell; print(qbell.exact.qfi(qbell.ghz(8)))")
        ),
        Tool("Qiskit", "qiskit", fresh("qiskit", QISKIT + VARIANCE)),
        Tool(
            "QuTiP",
            "qutip",
            fresh("qutip", "import qutip; v = qutip.ghz_state(8).full(); " + VARIANCE),
        ),
        Tool("quimb", "quimb", fresh("quimb", "import quimb; v = quimb.ghz_state(8); " + VARIANCE)),
        Tool("PennyLane", "pennylane", fresh("pennylane", PENNYLANE + VARIANCE)),
    ),
    close=1e-6,
    truth=lambda size: [64.0],
    unit="to",
)
