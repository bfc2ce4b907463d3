"""The same values by other tools: processor time, memory, and whether they are right.

python benchmarks/peers.py                      prints the tables of docs/peers.md
python benchmarks/peers.py -o docs/peers.md     writes them
python benchmarks/peers.py --only ising --limit 30

Each row runs in a process of its own, on one BLAS thread, with a limit of processor time. Tools
that are not installed are named as such; none of them is needed by qbell:
pip install qutip quimb pennylane physics-tenpy
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy

Vector = Any

X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1.0 + 0j, -1.0])
SHOTS = 1000


# --- all correlators and the bound of Eq. (24) of a random state ----------------------------------


def random_state(n: int) -> Vector:
    """Complex, the same for every tool."""
    rng = np.random.default_rng(n)
    vector = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    return vector / np.linalg.norm(vector)


def bound_of_strings(words: Iterator[tuple[str, float]], n: int) -> float:
    """Eq. (24) from <P> of all words of I, X, Y; qubit 0 last."""
    table = np.zeros((3,) * n, dtype=complex)
    for word, value in words:
        table[tuple("IXY".index(letter) for letter in word)] = value
    for axis in range(n):
        x, y = np.take(table, 1, axis), np.take(table, 2, axis)
        table = np.stack([np.take(table, 0, axis), (x + 1j * y) / 2, (x - 1j * y) / 2], axis)
    index = np.indices(table.shape)
    charge = (index == 1).sum(axis=0) - (index == 2).sum(axis=0)
    order = (index > 0).sum(axis=0)
    return float(2 * np.sum(charge**2 * 2.0 ** (order - n) * np.abs(table) ** 2))


def bound_qbell(n: int) -> float:
    from qbell import exact

    return exact.bound(random_state(n))


def bound_numpy(n: int) -> float:
    """Every word applied to the vector."""
    vector, index = random_state(n), np.arange(2**n)

    def values() -> Iterator[tuple[str, float]]:
        for number in range(3**n):
            word = np.base_repr(number, 3).zfill(n)
            flip = sum(1 << q for q in range(n) if word[n - 1 - q] != "0")
            phase = np.ones(2**n, dtype=complex)
            for qubit in range(n):
                if word[n - 1 - qubit] == "2":
                    phase *= np.where(index >> qubit & 1, 1j, -1j)
            mean = np.vdot(vector, phase * vector[index ^ flip]).real
            yield word.translate(str.maketrans("012", "IXY")), float(mean)

    return bound_of_strings(values(), n)


def bound_qiskit(n: int) -> float:
    from qiskit.quantum_info import DensityMatrix, SparsePauliOp

    found = SparsePauliOp.from_operator(DensityMatrix(random_state(n)), atol=0, rtol=0)
    labels = found.paulis.to_labels()
    pairs = zip(labels, found.coeffs.real * 2**n, strict=True)
    return bound_of_strings((pair for pair in pairs if "Z" not in pair[0]), n)


def bound_qiskit_as_it_comes(n: int) -> float:
    from qiskit.quantum_info import DensityMatrix, SparsePauliOp

    found = SparsePauliOp.from_operator(DensityMatrix(random_state(n)))
    labels = found.paulis.to_labels()
    pairs = zip(labels, found.coeffs.real * 2**n, strict=True)
    return bound_of_strings((pair for pair in pairs if "Z" not in pair[0]), n)


def bound_pennylane(n: int) -> float:
    qml: Any = import_module("pennylane")

    rho = np.outer(random_state(n), random_state(n).conj())
    found = qml.pauli_decompose(rho, pauli=True)

    def values() -> Iterator[tuple[str, float]]:
        for word, coefficient in found.items():
            letters = "".join(word.get(wire, "I") for wire in range(n))
            if "Z" not in letters:
                yield letters, float(np.real(coefficient)) * 2**n

    return bound_of_strings(values(), n)


def bound_qutip(n: int) -> float:
    import itertools

    qutip: Any = import_module("qutip")

    ket = qutip.Qobj(random_state(n)[:, None], dims=[[2] * n, [1] * n])
    parts = {"I": qutip.qeye(2), "X": qutip.sigmax(), "Y": qutip.sigmay()}
    words = map("".join, itertools.product("IXY", repeat=n))
    return bound_of_strings(
        ((w, qutip.expect(qutip.tensor([parts[c] for c in w]), ket)) for w in words), n
    )


def bound_quimb(n: int) -> float:
    import itertools

    import quimb

    ket = quimb.qu(random_state(n), qtype="ket")
    words = map("".join, itertools.product("IXY", repeat=n))
    return bound_of_strings(
        ((w, quimb.expec(quimb.kron(*(quimb.pauli(c) for c in w)), ket)) for w in words), n
    )


# --- the QFI of the ground state of the Ising chain, Eq. (29) ------------------------------------


def sparse_ising(n: int, u: float) -> Any:
    """H as a sparse matrix."""
    index = np.arange(2**n)
    diagonal = np.zeros(2**n)
    for k in range(n - 1):
        diagonal += u * (1.0 - 2.0 * ((index >> k ^ index >> (k + 1)) & 1))
    matrix: Any = scipy.sparse.diags(diagonal, format="csr")
    ones = np.ones(2**n)
    for k in range(n):
        matrix = matrix - scipy.sparse.csr_matrix((ones, (index, index ^ (1 << k))))
    return matrix


def qfi_of(vector: Vector) -> float:
    """4 Var(J_z)."""
    n = len(vector).bit_length() - 1
    charge = n / 2 - np.bitwise_count(np.arange(2**n))
    p = np.abs(vector) ** 2
    return float(4 * (p @ charge**2 - (p @ charge) ** 2))


def ising_qbell(n: int, u: float) -> float:
    import qbell

    return qbell.exact.qfi(qbell.ising(n, u))


def ising_eigsh(n: int, u: float) -> float:
    return qfi_of(scipy.sparse.linalg.eigsh(sparse_ising(n, u), k=1, which="SA")[1][:, 0])


def ising_quimb(n: int, u: float) -> float:
    import quimb

    return qfi_of(np.asarray(quimb.groundstate(sparse_ising(n, u))).ravel())


def ising_qutip(n: int, u: float) -> float:
    qutip: Any = import_module("qutip")

    operator = qutip.Qobj(sparse_ising(n, u), dims=[[2] * n, [2] * n])
    return qfi_of(operator.groundstate(sparse=True)[1].full().ravel())


def qfi_of_pairs(correlation: Callable[[int, int], float], means: Any, n: int) -> float:
    pairs = sum(2 * correlation(i, j) for i in range(n) for j in range(i + 1, n))
    return float(n + pairs - sum(means) ** 2)


def ising_quimb_dmrg(n: int, u: float) -> float:
    import quimb.tensor as qtn

    builder = qtn.SpinHam1D(S=1 / 2)
    builder += 4 * u, "Z", "Z"
    builder += -2, "X"
    solver = qtn.DMRG2(builder.build_mpo(n), bond_dims=[10, 20, 40, 80], cutoffs=1e-12)
    solver.solve(tol=1e-10, verbosity=0)
    state = solver.state
    means = [state.magnetization(k) * 2 for k in range(n)]
    return qfi_of_pairs(
        lambda i, j: 4 * state.correlation(_spin_z(), i, j) + means[i] * means[j], means, n
    )


def _spin_z() -> Any:
    import quimb

    return quimb.spin_operator("Z")


def _tenpy(n: int, u: float, conserve: str | None) -> float:
    dmrg: Any = import_module("tenpy.algorithms.dmrg")
    model_of: Any = import_module("tenpy.models.tf_ising").TFIChain
    product_of: Any = import_module("tenpy.networks.mps").MPS.from_product_state
    # Its J multiplies -X X, its g -Z: so its X is our Z.
    model = model_of({"L": n, "J": -u, "g": 1.0, "bc_MPS": "finite", "conserve": conserve})
    state = product_of(model.lat.mps_sites(), ["up"] * n, bc="finite")
    options = {"trunc_params": {"chi_max": 100, "svd_min": 1e-10}, "mixer": True}
    dmrg.TwoSiteDMRGEngine(state, model, options).run()
    pairs = state.correlation_function("Sigmax", "Sigmax")
    means = [0.0] * n if conserve else state.expectation_value("Sigmax")
    return float(np.real(pairs.sum()) - np.sum(means) ** 2)


def ising_tenpy(n: int, u: float) -> float:
    return _tenpy(n, u, None)


def ising_tenpy_parity(n: int, u: float) -> float:
    return _tenpy(n, u, "parity")


# --- shots of a GHZ state in all 2^N settings: E_{N,0} -------------------------------------------


def measured_circuits(n: int) -> tuple[list[str], list[Any]]:
    """One circuit a setting."""
    import itertools

    from qiskit import QuantumCircuit

    settings, circuits = [], []
    for letters in itertools.product("XY", repeat=n):
        circuit = QuantumCircuit(n)
        circuit.h(0)
        for qubit in range(n - 1):
            circuit.cx(qubit, qubit + 1)
        for qubit, letter in enumerate(reversed(letters)):
            if letter == "Y":
                circuit.sdg(qubit)
            circuit.h(qubit)
        circuit.measure_all()
        settings.append("".join(letters))
        circuits.append(circuit)
    return settings, circuits


def e_n_of(settings: list[str], counts: list[dict[str, int]]) -> float:
    """|mean of the product of x_k and of i for each Y|^2."""
    total = 0j
    for setting, of_setting in zip(settings, counts, strict=True):
        signed = sum((-1) ** bits.count("1") * number for bits, number in of_setting.items())
        total += 1j ** setting.count("Y") * signed / SHOTS
    return abs(total / len(settings)) ** 2


def shots_qbell(n: int) -> float:
    import qbell

    found = qbell.sample(qbell.ghz(n), qbell.schedule(n), shots=SHOTS, seed=1)
    frame = found.frame
    counts = [
        dict(zip(f["bitstring"], f["count"], strict=True)) for _, f in frame.groupby("setting")
    ]
    return e_n_of(sorted(set(frame["setting"])), counts)


def shots_aer(n: int) -> float:
    from qiskit import transpile
    from qiskit_aer import AerSimulator

    settings, circuits = measured_circuits(n)
    backend = AerSimulator()
    result = backend.run(transpile(circuits, backend), shots=SHOTS, seed_simulator=1).result()
    return e_n_of(settings, [result.get_counts(k) for k in range(len(circuits))])


def shots_statevector_sampler(n: int) -> float:
    from qiskit.primitives import StatevectorSampler

    settings, circuits = measured_circuits(n)
    result = StatevectorSampler(seed=1).run(circuits, shots=SHOTS).result()
    return e_n_of(settings, [each.data.meas.get_counts() for each in result])


# --- rows ----------------------------------------------------------------------------------------


class Row(NamedTuple):
    """One tool in a table: its name, the package it needs, and what it does."""

    tool: str
    package: str
    work: Callable[..., float]


class Table(NamedTuple):
    """Tools as rows, sizes as columns."""

    title: str
    says: str
    rows: tuple[Row, ...]
    points: tuple[tuple[Any, ...], ...]
    close: float  # relative distance from the truth that counts as right


TABLES = {
    "bound": Table(
        "All 3^N correlators and the bound of Eq. (24), random state",
        "Truth: the largest distance of any two tools that agree, 1e-9; at N = 16 qbell's own.",
        (
            Row("qbell", "qbell", bound_qbell),
            Row("NumPy, word by word", "numpy", bound_numpy),
            Row("Qiskit SparsePauliOp, atol=0", "qiskit", bound_qiskit),
            Row("Qiskit SparsePauliOp as it comes", "qiskit", bound_qiskit_as_it_comes),
            Row("PennyLane pauli_decompose", "pennylane", bound_pennylane),
            Row("QuTiP expect", "qutip", bound_qutip),
            Row("quimb expec", "quimb", bound_quimb),
        ),
        ((8,), (10,), (12,), (16,)),
        1e-6,
    ),
    "ising": Table(
        "QFI of the ground state of the Ising chain (N, U)",
        "Truth: free fermions in the even sector, which agree with exact diagonalisation there.",
        (
            Row("qbell", "qbell", ising_qbell),
            Row("SciPy eigsh", "scipy", ising_eigsh),
            Row("quimb groundstate", "quimb", ising_quimb),
            Row("QuTiP groundstate", "qutip", ising_qutip),
            Row("quimb DMRG2", "quimb", ising_quimb_dmrg),
            Row("TeNPy DMRG", "tenpy", ising_tenpy),
            Row("TeNPy DMRG, parity conserved", "tenpy", ising_tenpy_parity),
        ),
        ((12, -1.0), (16, -1.0), (16, -10.0), (64, -1.0), (64, -3.0)),
        1e-6,
    ),
    "shots": Table(
        "1000 shots in each of 2^N settings of a GHZ state, and E_N,0 from them",
        "Truth: 1/4, within 2 %.",
        (
            Row("qbell.sample", "qbell", shots_qbell),
            Row("Aer, transpiled", "qiskit_aer", shots_aer),
            Row("StatevectorSampler", "qiskit", shots_statevector_sampler),
        ),
        ((8,), (10,)),
        0.02,
    ),
}
MOST_QUBITS = {ising_eigsh: 16, ising_quimb: 16, ising_qutip: 16}
LEAST_QUBITS = {ising_quimb_dmrg: 20, ising_tenpy: 20, ising_tenpy_parity: 20}


def run_row(table: str, row: int, point: tuple[Any, ...]) -> None:
    """One cell, in this process: the value, seconds of processor time and GiB as JSON."""
    work = TABLES[table].rows[row].work
    if point[0] <= 12:
        work(*(3, *point[1:]) if table != "ising" else point)  # imports and compilation apart
    start = time.process_time()
    value = work(*point)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"value": value, "seconds": seconds, "peak": peak}))


def cell(table: str, row: int, point: tuple[Any, ...], limit: int) -> dict[str, Any] | str:
    """The same in a process of its own, or why there is none."""
    tool = TABLES[table].rows[row]
    if importlib.util.find_spec(tool.package) is None:
        return "not installed"
    if point[0] > MOST_QUBITS.get(tool.work, 10**9) or point[0] < LEAST_QUBITS.get(tool.work, 0):
        return ""
    words = [sys.executable, __file__, "--cell", table, str(row), json.dumps(point)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))

    done = subprocess.run(
        words, env={**os.environ, **threads}, capture_output=True, text=True, preexec_fn=limited,
        check=False,
    )  # fmt: skip
    if done.returncode < 0:
        return f"over {limit} s"
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1]
        if "Memory" in reason or "allocate" in reason:
            return "no memory"
        print(reason, file=sys.stderr)
        return "fails"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def lines_of(name: str, limit: int) -> Iterator[str]:
    """A table in Markdown."""
    table = TABLES[name]
    heads = [", ".join(str(value) for value in point) for point in table.points]
    yield from (f"## {table.title}", "", table.says, "")
    yield "| tool | " + " | ".join(heads) + " |"
    yield "|---" * (len(heads) + 1) + "|"
    truths: list[float] = []
    for number, row in enumerate(table.rows):
        texts = []
        for column, point in enumerate(table.points):
            found = cell(name, number, point, limit)
            if isinstance(found, dict):
                if number == 0:
                    truths.append(0.25 if name == "shots" else found["value"])
                off = abs(found["value"] / truths[column] - 1)
                verdict = "right" if off <= table.close else f"wrong: {found['value']:.6g}"
                found = f"{found['seconds']:.3g} s, {found['peak']:.2g} GiB, {verdict}"
            texts.append(found)
            print(f"{name}: {row.tool}, {point}: {found}", file=sys.stderr)
        yield f"| {row.tool} | " + " | ".join(texts) + " |"
    yield ""


def main() -> None:
    """All tables, or one of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", type=Path, help="Markdown file to write")
    parser.add_argument("--only", choices=TABLES)
    parser.add_argument("--limit", type=int, default=120, help="seconds of processor time a cell")
    parser.add_argument("--cell", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.cell:
        table, row, point = given.cell
        run_row(table, int(row), tuple(json.loads(point)))
        return
    packages = sorted({row.package for table in TABLES.values() for row in table.rows})
    names = {"qiskit_aer": "qiskit-aer", "tenpy": "physics-tenpy"}
    versions = []
    for package in packages:
        if importlib.util.find_spec(package) is not None:
            name = names.get(package, package)
            versions.append(f"{name} {metadata.version(name)}")
    text = "\n".join(
        [
            "# Other tools on the same work",
            "",
            "Written by `python benchmarks/peers.py -o docs/peers.md`. Seconds of processor time",
            "on one BLAS thread, imports and compilation left out up to 12 qubits; peak memory of",
            f"the process; limit {given.limit} s. {', '.join(versions)}.",
            "",
            *(
                line
                for name in TABLES
                if given.only in (None, name)
                for line in lines_of(name, given.limit)
            ),
        ]
    )
    if given.o is None:
        print(text)
        return
    temporary = given.o.with_name(f".{given.o.name}.new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(given.o)


if __name__ == "__main__":
    main()
