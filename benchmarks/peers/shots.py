"""1000 shots in each of 2^N settings of a GHZ state, and E_{N,0} from them."""

import itertools
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.peers.case import Case, Tool, Work

SHOTS = 1000


def settings_of(n: int) -> list[str]:
    """All words of X and Y; qubit 0 last."""
    return list(map("".join, itertools.product("XY", repeat=n)))


def circuits_of(n: int) -> list[Any]:
    """One circuit a setting."""
    from qiskit import QuantumCircuit

    circuits = []
    for letters in settings_of(n):
        circuit = QuantumCircuit(n)
        circuit.h(0)
        for qubit in range(n - 1):
            circuit.cx(qubit, qubit + 1)
        for qubit, letter in enumerate(reversed(letters)):
            if letter == "Y":
                circuit.sdg(qubit)
            circuit.h(qubit)
        circuit.measure_all()
        circuits.append(circuit)
    return circuits


def e_n_of(settings: list[str], parities: list[float]) -> float:
    """|mean of the product of x_k and of i for each Y|^2."""
    pairs = zip(settings, parities, strict=True)
    return float(abs(sum(1j ** s.count("Y") * p for s, p in pairs) / len(settings)) ** 2)


def parity(counts: dict[str, int]) -> float:
    """Mean of the product of all outcomes."""
    signed = sum((-1) ** bits.count("1") * number for bits, number in counts.items())
    return float(signed / sum(counts.values()))


def e_n_of_shots(shots: Any) -> float:
    """Of qbell's table."""
    setting, odd = shots.setting_index, np.bitwise_count(shots.outcome_index) & 1
    totals = np.bincount(setting, shots.counts)
    signed = np.bincount(setting, shots.counts * (1 - 2.0 * odd))
    ys = np.bitwise_count(np.arange(len(totals)))
    return float(abs(np.mean(1j**ys * signed / totals)) ** 2)


def qbell(n: int) -> Work:
    import qbell as tool

    schedule = tool.schedule(n)
    return lambda: e_n_of_shots(tool.sample(tool.ghz(n), schedule, shots=SHOTS, seed=1))


def aer(n: int) -> Work:
    from qiskit import transpile
    from qiskit_aer import AerSimulator

    def work() -> float:
        backend, circuits = AerSimulator(max_parallel_threads=1), circuits_of(n)
        circuits = transpile(circuits, backend, optimization_level=0)
        result = backend.run(circuits, shots=SHOTS, seed_simulator=1).result()
        return e_n_of(settings_of(n), [parity(result.get_counts(k)) for k in range(2**n)])

    return work


def statevector_sampler(n: int) -> Work:
    from qiskit.primitives import StatevectorSampler

    def work() -> float:
        result = StatevectorSampler(seed=1).run(circuits_of(n), shots=SHOTS).result()
        return e_n_of(settings_of(n), [parity(each.data.meas.get_counts()) for each in result])

    return work


def pennylane(n: int) -> Work:
    qml: Any = import_module("pennylane")
    device = qml.device("lightning.qubit", wires=n, seed=1)

    @qml.set_shots(SHOTS)  # type: ignore[untyped-decorator,unused-ignore]
    @qml.qnode(device)  # type: ignore[untyped-decorator,unused-ignore]
    def signal(letters: str) -> Any:
        qml.Hadamard(0)
        for qubit in range(n - 1):
            qml.CNOT([qubit, qubit + 1])
        words = [{"X": qml.X, "Y": qml.Y}[c](q) for q, c in enumerate(reversed(letters))]
        return qml.expval(qml.prod(*words))

    return lambda: e_n_of(settings_of(n), [float(signal(word)) for word in settings_of(n)])


def stim(n: int) -> Work:
    """Stabilisers: for GHZ and the like alone."""
    tool: Any = import_module("stim")
    start = "H 0\n" + "".join(f"CX {q} {q + 1}\n" for q in range(n - 1))

    def signal(letters: str) -> float:
        ends = "".join(f"M{c} {q}\n" for q, c in enumerate(reversed(letters)))
        bits = tool.Circuit(start + ends).compile_sampler(seed=1).sample(SHOTS)
        return float(np.mean(1 - 2.0 * (bits.sum(axis=1) % 2)))

    return lambda: e_n_of(settings_of(n), [signal(word) for word in settings_of(n)])


CASE = Case(
    title="1000 shots in each of 2^N settings of a GHZ state, ideal, and E_N,0 from them",
    says="Truth: 1/4, within 2 %. qbell gives a table of all outcomes that can be saved and "
    "analysed; Stim's way is for stabiliser states alone.",
    sizes=(6, 8, 10),
    tools=(
        Tool("qbell.sample", "qbell", qbell),
        Tool("Aer", "qiskit_aer", aer),
        Tool("Qiskit StatevectorSampler", "qiskit", statevector_sampler),
        Tool("PennyLane lightning.qubit", "pennylane", pennylane),
        Tool("Stim", "stim", stim),
    ),
    close=0.02,
    truth=lambda n: [0.25],
    warm=3,
)
