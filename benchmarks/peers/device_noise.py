"""500 random settings of one shot of a large GHZ state, with a device's noise and waits."""

from typing import Any

import numpy as np

from benchmarks.noisy import bound_circuits
from benchmarks.peers.case import Case, Tool, Work
from benchmarks.peers.noisy_shots import DEVICE

DRAWS = 500


def parts(n: int) -> tuple[Any, Any, Any]:
    """Device, state and schedule: words with an even number of Y."""
    import qbell as tool
    from qbell.devices.backends import find_backend

    schedule = tool.schedule(n, "even", draws=DRAWS, seed=1)
    return find_backend(DEVICE), tool.ghz(n, layout="tree"), schedule


def signal(directions: Any, bits: Any) -> list[float]:
    """1 + C: C is the mean of the product of all outcomes and of i for each Y."""
    product = (1 - 2.0 * (bits.sum(axis=1) % 2)) * np.real(1j ** directions.sum(axis=1))
    return [1 + float(product.mean())]


def qbell(n: int) -> Work:
    """Lays out and compiles, too."""
    import qbell as tool

    device, state, schedule = parts(n)

    def work() -> list[float]:
        found = tool.sample(state, schedule, shots=1, seed=1, backend=device)
        rows = np.repeat(np.arange(len(found.counts)), found.counts)
        return signal(found.directions[rows].astype(int), found.bits[rows])

    return work


def aer(n: int, method: str) -> Work:
    """The circuit compiled, with its waits as delays; one circuit a setting."""
    from qiskit_aer import AerSimulator

    from qbell.circuits.compiled import compiled_circuit
    from qbell.devices.waiting import scheduled

    device, state, schedule = parts(n)
    compiled = compiled_circuit(state.preparation(device), device, schedule.axis, "even")
    circuits = bound_circuits(scheduled(compiled, device), schedule.directions)
    simulator = AerSimulator.from_backend(device, method=method, max_parallel_threads=1)

    def work() -> list[float]:
        result = simulator.run(circuits, shots=1, seed_simulator=1).result()
        if not result.success:
            raise RuntimeError(str(result.status))
        words = [next(iter(result.get_counts(k))) for k in range(len(circuits))]
        bits = np.array([[int(letter) for letter in reversed(word)] for word in words])
        return signal(schedule.directions.astype(int), bits)

    return work


CASE = Case(
    title="500 random settings of one shot of a GHZ state, with a device's noise and waits",
    says="fake_pittsburgh. qbell takes each error as random Paulis, and lays out and compiles "
    "within the time; Aer gets the circuits compiled. Compared: the coherence C, within 0.15.",
    sizes=(20, 60, 100),
    tools=(
        Tool("qbell.sample", "qbell", qbell),
        Tool("Aer matrix_product_state", "qiskit_aer", lambda n: aer(n, "matrix_product_state")),
        Tool("Aer stabilizer", "qiskit_aer", lambda n: aer(n, "stabilizer")),
    ),
    close=0.15,
    values=list,
)
