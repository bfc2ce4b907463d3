"""Seconds to sample all 2^N settings, ideal and noisy: qbell's local sampler beside Aer's own.

python benchmarks/sampling.py [--sizes 6,8,10] [--shots 1000]
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2

import qbell
from qbell.circuits.measurement import compile_for, measured_circuit, parameter_values
from qbell.devices.backends import find_backend

DEVICE = "fake_pittsburgh"


def seconds(work: Callable[[], object]) -> float:
    """Median of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def row(num_qubits: int, shots: int) -> tuple[float, ...]:
    """The four times of one size."""
    device = find_backend(DEVICE)
    state, schedule = qbell.ghz(num_qubits), qbell.schedule(num_qubits)
    aer = SamplerV2(seed=1, options={"backend_options": {"max_parallel_threads": 1}})
    compiled = compile_for(measured_circuit(state.circuit(), schedule.axis), device)
    values = parameter_values(compiled, schedule.directions[:4])
    simulator = AerSimulator.from_backend(device, method="density_matrix")
    circuits = [compiled.assign_parameters(angles) for angles in values]
    return (
        seconds(lambda: qbell.sample(state, schedule, shots=shots, seed=1)),
        seconds(lambda: qbell.sample(state, schedule, aer, shots=shots)),
        seconds(lambda: qbell.sample(state, schedule, shots=shots, seed=1, backend=device)),
        seconds(lambda: simulator.run(circuits, shots=shots).result()) / len(circuits),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="6,8,10")
    parser.add_argument("--shots", type=int, default=1000)
    arguments = parser.parse_args()
    qbell.sample(qbell.ghz(2), qbell.schedule(2), shots=2, seed=0)  # compile the kernels
    print("N  qbell  Aer SamplerV2, one thread  qbell noisy  Aer noisy, per setting")
    for num_qubits in map(int, arguments.sizes.split(",")):
        times = row(num_qubits, arguments.shots)
        print(num_qubits, *(f"{value:.3f}" for value in times), sep="  ", flush=True)


if __name__ == "__main__":
    main()
