"""All Bell correlators and the bound of a random state: qbell beside Qiskit and plain NumPy.

pytest benchmarks/exact.py -k 12-       one size, in a process of its own: large arrays of other
                                        sizes leave their mark on a process
pytest benchmarks/exact.py -k memory    seconds and peak memory of new processes (Linux)

`floor` reads and writes 3^N complex numbers once: nothing that keeps all correlators is faster.
"""

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from qiskit.quantum_info import DensityMatrix, SparsePauliOp

from qbell import exact
from qbell.conventions.eq24 import bound_weights

SIZES = (8, 10, 12, 14, 16)
MAX_QISKIT = 12  # 4^N numbers
MAX_NUMPY = 16

Vector = NDArray[np.complex128]


def random_state(num_qubits: int) -> Vector:
    """A complex state: real ones take qbell half the time."""
    rng = np.random.default_rng(num_qubits)
    vector = rng.normal(size=2**num_qubits) + 1j * rng.normal(size=2**num_qubits)
    return np.asarray(vector / np.linalg.norm(vector))


def by_qbell(vector: Vector) -> float:
    """All c_s, kept, and the bound."""
    exact.correlator_values(vector)
    return exact.bound(vector)


def by_qbell_bound_only(vector: Vector) -> float:
    """The bound alone, without keeping c_s."""
    return exact.bound(vector)


def by_numpy(vector: Vector) -> float:
    """The same O(3^N) algorithm, a line a step."""
    num_qubits = len(vector).bit_length() - 1
    expanded = vector.conj()
    for qubit in range(num_qubits):
        parts = expanded.reshape(-1, 2, 2 ** (num_qubits - 1 - qubit))
        expanded = np.stack([parts.sum(axis=1), parts[:, 0], parts[:, 1]], axis=1)
    cube = expanded.reshape((3,) * num_qubits)
    values = (cube * cube[np.ix_(*[[0, 2, 1]] * num_qubits)].conj()).reshape(-1)
    for qubit in range(num_qubits):
        parts = values.reshape(3**qubit, 3, -1)
        parts[:, 0] -= parts[:, 1] + parts[:, 2]
    return float(bound_weights(num_qubits) @ np.abs(values) ** 2)


def by_qiskit(vector: Vector, *, drop: bool = False) -> float:
    """All Pauli coefficients of the density matrix, then <X>, <Y> to sigma_+, sigma_-.

    Without atol = 0 (``drop``), coefficients below 1e-8 are dropped: at N = 12 nearly all of them.
    """
    num_qubits = len(vector).bit_length() - 1
    how = {} if drop else {"atol": 0, "rtol": 0}
    operator = SparsePauliOp.from_operator(DensityMatrix(vector), **how)
    paulis = operator.paulis
    planar = ~(paulis.z & ~paulis.x).any(axis=1)  # no Z on any qubit
    letter = np.where(paulis.x[planar], 1 + paulis.z[planar], 0)  # 0, X, Y
    index = letter @ 3 ** np.arange(num_qubits)
    table = np.zeros(3**num_qubits, dtype=complex)
    table[index] = operator.coeffs[planar] * 2**num_qubits
    for qubit in range(num_qubits):
        parts = table.reshape(-1, 3, 3**qubit)
        along_x, along_y = parts[:, 1].copy(), parts[:, 2].copy()
        parts[:, 1], parts[:, 2] = (along_x + 1j * along_y) / 2, (along_x - 1j * along_y) / 2
    return float(bound_weights(num_qubits) @ np.abs(table) ** 2)


def floor(vector: Vector) -> float:
    """Read and write 3^N complex numbers."""
    values = np.ones(3 ** (len(vector).bit_length() - 1), dtype=complex)
    values += 1
    return float(values[0].real)


ROUTES: dict[str, tuple[Callable[[Vector], float], int]] = {
    "qbell": (by_qbell, 18),
    "qbell, bound only": (by_qbell_bound_only, 20),
    "NumPy": (by_numpy, MAX_NUMPY),
    "Qiskit from_operator": (by_qiskit, MAX_QISKIT),
    "floor": (floor, 18),
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("num_qubits", SIZES)
def test_all_correlators(benchmark: object, num_qubits: int, route: str) -> None:
    """One row of the table: median seconds."""
    work, most = ROUTES[route]
    if num_qubits > most:
        pytest.skip(f"{route} cannot hold n = {num_qubits} here")
    vector = random_state(num_qubits)
    work(random_state(5))  # compile
    benchmark.group = f"all correlators and the bound, N = {num_qubits}"  # type: ignore[attr-defined]
    found = benchmark.pedantic(work, (vector,), rounds=3, warmup_rounds=1)  # type: ignore[attr-defined]
    if route != "floor" and num_qubits <= MAX_QISKIT:
        assert found == pytest.approx(by_numpy(vector), rel=1e-10)


@pytest.mark.parametrize(
    ("num_qubits", "call"),
    [(16, "correlator_values"), (16, "bound"), (18, "correlator_values"), (18, "bound")],
)
def test_memory(num_qubits: int, call: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Peak memory and seconds in a new process, kernels compiled."""
    code = (
        "import time, numpy as np\n"
        "from pathlib import Path\n"
        "from qbell import exact\n"
        "exact.bound(np.eye(32)[0] + 0j); exact.correlator_values(np.ones(32) / 32**0.5 + 0j)\n"
        "def state(n):\n"
        "    rng = np.random.default_rng(1)\n"
        "    v = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)\n"
        "    return v / np.linalg.norm(v)\n"
        f"exact.{call}(state(5)); v = state({num_qubits}); start = time.perf_counter()\n"
        f"exact.{call}(v); seconds = time.perf_counter() - start\n"
        # VmHWM: what getrusage gives is inherited from the process that started this one.
        "lines = Path('/proc/self/status').read_text().splitlines()\n"
        "peak = next(int(line.split()[1]) for line in lines if line.startswith('VmHWM')) / 2**20\n"
        "print(f'{seconds:.2f} s, peak {peak:.2f} GiB')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with capsys.disabled():
        print(f"\nN = {num_qubits}, {call}: {done.stdout.strip()}")
