"""Seconds to draw noisy shots of all 2^N settings: qbell's one density matrix beside Aer.

python benchmarks/noisy.py [--sizes 6,8,10] [--shots 1000] [--settings 4] [--device fake_pittsburgh]

qbell chooses the device's qubits, compiles, prepares the density matrix once and draws all settings
from it; all of that is timed. Aer is given each setting's circuit already compiled: a few settings
are timed, after a first one that is not, and scaled to 2^N. Twice: with the noise of the qubits in
use alone, and as ``AerSimulator.from_backend`` has it, of the whole device. The last column is the
p-value of chi^2 that Aer's shots of these settings, many more of them, follow qbell's
probabilities.
"""

import argparse
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from scipy import stats

import qbell
from qbell.circuits.measurement import compile_for, measured_circuit, parameter_values
from qbell.devices.backends import find_backend
from qbell.simulation.noisy_state import noise_model, noisy_state
from qbell.simulation.probabilities import of_matrix
from qbell.states.base import preparation_of

MANY = 50  # shots for each outcome where distributions are compared, not timed
FEW = 8.0  # expected shots of an outcome below which it is pooled with others


def bound_circuits(compiled: QuantumCircuit, rows: NDArray[np.uint8]) -> list[QuantumCircuit]:
    """The compiled circuit with the angles of each setting."""
    return [
        compiled.assign_parameters(dict(zip(compiled.parameters, values, strict=True)))
        for values in parameter_values(compiled, rows)
    ]


def on_active(compiled: QuantumCircuit) -> tuple[QuantumCircuit, list[int]]:
    """The circuit on the wires alone that it uses, and which these are."""
    place = {bit: index for index, bit in enumerate(compiled.qubits)}
    items = [(item, [place[bit] for bit in item.qubits]) for item in compiled.data]
    wires = sorted({wire for item, some in items if item.name != "barrier" for wire in some})
    circuit = QuantumCircuit(len(wires))
    for register in compiled.cregs:
        circuit.add_register(register)
    for item, some in items:
        if item.name != "barrier":
            circuit.append(item.operation, [wires.index(wire) for wire in some], item.clbits)
    return circuit, wires


def timed(simulator: Any, circuits: list[QuantumCircuit], shots: int) -> float:
    """Seconds a setting of all circuits but the first."""
    simulator.run(circuits[0], shots=shots).result()
    start = time.perf_counter()
    simulator.run(circuits[1:], shots=shots, seed_simulator=1).result()
    return (time.perf_counter() - start) / (len(circuits) - 1)


def p_value(result: Any, expected: NDArray[np.float64]) -> float:
    """Of chi^2, rare outcomes pooled in each setting."""
    statistic, freedom = 0.0, 0
    for place, mean in enumerate(expected):
        seen = np.zeros(len(mean))
        for word, count in result.get_counts(place).items():
            seen[int(word, 2)] = count
        rare = mean < FEW
        pooled = np.append(seen[~rare], seen[rare].sum())
        means = np.append(mean[~rare], mean[rare].sum())
        kept = means > 1
        statistic += float(((pooled - means)[kept] ** 2 / means[kept]).sum())
        freedom += int(kept.sum()) - 1
    return float(stats.chi2.sf(statistic, freedom)) if freedom else float("nan")


def row(num_qubits: int, shots: int, settings: int, name: str) -> tuple[float, ...]:
    """Seconds of qbell, and of Aer both ways for all settings; ratios; the p-value."""
    device = find_backend(name)
    state, schedule = qbell.ghz(num_qubits), qbell.schedule(num_qubits)
    start = time.perf_counter()
    qbell.sample(state, schedule, shots=shots, seed=1, backend=device)
    ours = time.perf_counter() - start
    preparation = preparation_of(state, device, measured=True)
    measured = measured_circuit(preparation, schedule.axis)
    compiled = compile_for(measured, device, preparation.wires)
    chosen = np.random.default_rng(0).choice(len(schedule), settings + 1, replace=False)
    rows = schedule.directions[chosen]
    small, wires = on_active(compiled)
    how = {"method": "density_matrix", "max_parallel_threads": 1}
    active = AerSimulator(noise_model=noise_model(device.target, wires), **how)
    whole = AerSimulator.from_backend(device, **how)
    one = timed(active, bound_circuits(small, rows), shots)
    two = timed(whole, bound_circuits(compiled, rows), shots)
    noisy = noisy_state(compiled, device)
    many = MANY * 2**num_qubits
    result = active.run(bound_circuits(small, rows), shots=many, seed_simulator=1).result()
    p = p_value(result, many * of_matrix(noisy.matrix, noisy.effects, rows))
    one, two = one * len(schedule), two * len(schedule)
    return ours, one, two, one / ours, two / ours, p


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="6,8,10")
    parser.add_argument("--shots", type=int, default=1000)
    parser.add_argument("--settings", type=int, default=4)
    parser.add_argument("--device", default="fake_pittsburgh")
    arguments = parser.parse_args()
    # Compile the kernels, and read the device's file.
    find = find_backend(arguments.device)
    qbell.sample(qbell.ghz(2), qbell.schedule(2), shots=2, seed=0, backend=find)
    print(f"N  settings  qbell  Aer, active qubits  Aer, from_backend  ratios  p  ({find.name})")
    print(f"Aer: {arguments.settings} settings timed and scaled; one thread each")
    for size in map(int, arguments.sizes.split(",")):
        ours, one, two, ratio, other, p = row(
            size, arguments.shots, arguments.settings, arguments.device
        )
        times = f"{ours:.2f}  {one:.0f}  {two:.0f}  {ratio:.0f}, {other:.0f}"
        print(f"{size}  {2**size}  {times}  {p:.2f}", flush=True)


if __name__ == "__main__":
    main()
