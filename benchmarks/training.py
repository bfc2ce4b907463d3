"""Training an Ising circuit: one fidelity with its gradient, by free fermions and by state vectors.

python benchmarks/training.py           a table, and the time of whole trainings
pytest benchmarks/training.py           times alone

Both follow the circuit forth and back once (an adjoint gradient); the state vector is NumPy's.
"""

import time
from typing import Any

import numpy as np
import pytest

import qbell
from qbell.states.free_fermions.gaussian import target_modes
from qbell.states.free_fermions.objective import Objective
from qbell.states.free_fermions.training import Trainer

LAYERS, U = 4, -1.0
SIZES = (8, 12, 16)
CHAINS = ((12, -1.0), (20, -1.0), (64, -0.5), (64, -1.0), (64, -1.5), (64, -3.0), (128, -1.5))


def state_vector(num_qubits: int) -> Any:
    """-ln F and its gradient by uniform angles (layers, 2), through 2^N amplitudes."""
    target = qbell.ising(num_qubits, U).statevector()
    initial = qbell.plus(num_qubits).statevector()
    index = np.arange(2**num_qubits)
    bonds = np.zeros(2**num_qubits)
    for qubit in range(num_qubits - 1):
        bonds += 1.0 - 2.0 * ((index >> qubit ^ index >> (qubit + 1)) & 1)

    def turn_x(psi: Any, angle: float) -> Any:
        cosine, sine = np.cos(angle / 2), -1j * np.sin(angle / 2)
        for qubit in range(num_qubits):
            parts = psi.reshape(-1, 2, 2**qubit)
            psi = (cosine * parts + sine * parts[:, ::-1]).reshape(-1)
        return psi

    def sum_x(psi: Any) -> Any:
        return sum(psi.reshape(-1, 2, 2**qubit)[:, ::-1].reshape(-1) for qubit in range(num_qubits))

    def objective(flat: Any) -> tuple[float, Any]:
        angles = flat.reshape(-1, 2)
        psi = initial
        for x, zz in angles:
            psi = turn_x(np.exp(-0.5j * zz * bonds) * psi, x)
        overlap, back = np.vdot(target, psi), target
        gradient = np.zeros_like(angles)
        for layer in reversed(range(len(angles))):
            x, zz = angles[layer]
            gradient[layer, 0] = (np.vdot(back, -0.5j * sum_x(psi)) / overlap).real
            psi, back = turn_x(psi, -x), turn_x(back, -x)
            gradient[layer, 1] = (np.vdot(back, -0.5j * bonds * psi) / overlap).real
            undo = np.exp(0.5j * zz * bonds)
            psi, back = undo * psi, undo * back
        return -2 * float(np.log(abs(overlap))), -2 * gradient.ravel()

    return objective


def free_fermions(num_qubits: int) -> Objective:
    """The same, through 2N x N numbers."""
    return Objective(target_modes(num_qubits, U), "plus", "uniform")


def angles_for(objective: Any) -> Any:
    return np.random.default_rng(1).uniform(0.2, 0.8, 2 * LAYERS)


@pytest.mark.parametrize("num_qubits", SIZES)
@pytest.mark.parametrize("route", [free_fermions, state_vector])
def test_one_gradient(benchmark: Any, num_qubits: int, route: Any) -> None:
    objective = route(num_qubits)
    benchmark(objective, angles_for(objective))


def seconds(call: Any, repeats: int) -> float:
    """The median."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def main() -> None:
    print(f"one fidelity and its gradient, {LAYERS} layers, milliseconds")
    print(f"{'N':>4} {'free fermions':>14} {'state vector':>14} {'ratio':>8}  largest difference")
    for num_qubits in SIZES:
        routes = free_fermions(num_qubits), state_vector(num_qubits)
        angles = angles_for(routes[0])
        (f, g), (h, k) = (route(angles) for route in routes)
        differences = max(abs(f - h), float(np.abs(g - k).max()))
        times = [
            1e3 * seconds(lambda route=route, angles=angles: route(angles), repeats)
            for route, repeats in zip(routes, (200, 5), strict=True)
        ]
        print(
            f"{num_qubits:>4} {times[0]:>14.3f} {times[1]:>14.2f} {times[1] / times[0]:>8.0f}  "
            f"{differences:.0e}"
        )
    print("\nwhole trainings at the smallest depth of fidelity 0.98, from nothing")
    for num_qubits, u in CHAINS:
        start = time.perf_counter()
        trainer = Trainer(num_qubits, u, "local")
        found = trainer.circuit(*trainer.shallowest(0.98), u)
        print(
            f"N = {num_qubits:>3}, U = {u:>4}: {time.perf_counter() - start:>5.1f} s, "
            f"{found.start:>4}, {found.layers:>2} layers, fidelity {found.fidelity:.4f}"
        )


if __name__ == "__main__":
    main()
