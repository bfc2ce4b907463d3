"""1000 shots in each of 2^N settings of a GHZ state, with the noise of a device."""

from typing import Any

from benchmarks.noisy import bound_circuits, on_active
from benchmarks.peers.case import Case, Tool, Work
from benchmarks.peers.shots import SHOTS, e_n_of, e_n_of_shots, parity, settings_of

DEVICE = "fake_pittsburgh"


def qbell(n: int) -> Work:
    """Chooses the qubits and compiles, too."""
    import qbell as tool
    from qbell.devices.backends import find_backend

    device, schedule = find_backend(DEVICE), tool.schedule(n)
    return lambda: e_n_of_shots(
        tool.sample(tool.ghz(n), schedule, shots=SHOTS, seed=1, backend=device)
    )


def qbell_compiled(n: int) -> Work:
    """Draws, with the noise made in the time; qubits and circuit are those of the row above."""
    import qbell as tool
    from qbell.devices.backends import find_backend
    from qbell.states.base import preparation_of

    device, schedule = find_backend(DEVICE), tool.schedule(n)
    chosen = preparation_of(tool.ghz(n), device, measured=True)
    return lambda: e_n_of_shots(tool.sample(chosen, schedule, shots=SHOTS, seed=1, backend=device))


def compiled(n: int) -> tuple[Any, Any, Any]:
    """Device, compiled circuit with angles, and one circuit a setting, in the order of settings."""
    import qbell as tool
    from qbell.circuits.measurement import compile_for, measured_circuit
    from qbell.devices.backends import find_backend
    from qbell.states.base import preparation_of

    device, schedule = find_backend(DEVICE), tool.schedule(n)
    preparation = preparation_of(tool.ghz(n), device, measured=True)
    circuit = compile_for(measured_circuit(preparation, schedule.axis), device, preparation.wires)
    return device, circuit, schedule.directions


def signal(simulator: Any, circuits: list[Any], n: int) -> float:
    """Run them."""
    result = simulator.run(circuits, shots=SHOTS, seed_simulator=1).result()
    return e_n_of(settings_of(n), [parity(result.get_counts(k)) for k in range(len(circuits))])


def aer_active(n: int) -> Work:
    from qiskit_aer import AerSimulator

    from qbell.simulation.noisy_state import noise_model

    device, circuit, directions = compiled(n)
    small, wires = on_active(circuit)
    simulator = AerSimulator(
        noise_model=noise_model(device.target, wires), method="density_matrix",
        max_parallel_threads=1,
    )  # fmt: skip
    circuits = bound_circuits(small, directions)
    return lambda: signal(simulator, circuits, n)


def aer_device(n: int) -> Work:
    from qiskit_aer import AerSimulator

    device, circuit, directions = compiled(n)
    simulator = AerSimulator.from_backend(device, method="density_matrix", max_parallel_threads=1)
    circuits = bound_circuits(circuit, directions)
    return lambda: signal(simulator, circuits, n)


def aer_transpiled(n: int) -> Work:
    """As its users do it: one circuit with parameters for all settings, compiled at level 3."""
    from qiskit import transpile
    from qiskit_aer import AerSimulator

    import qbell as tool
    from qbell.circuits.measurement import measured_circuit
    from qbell.devices.backends import find_backend

    device, schedule = find_backend(DEVICE), tool.schedule(n)
    circuit = measured_circuit(tool.ghz(n).circuit(), schedule.axis)

    def work() -> float:
        simulator = AerSimulator.from_backend(
            device, method="density_matrix", max_parallel_threads=1
        )
        placed = transpile(circuit, device, optimization_level=3, seed_transpiler=1)
        return signal(simulator, bound_circuits(placed, schedule.directions), n)

    return work


CASE = Case(
    title="The same with the noise of fake_pittsburgh",
    says="Density matrices all. In the first row of each the qubits are chosen, the circuit is "
    "compiled and the noise made within the time; in the others the compiled circuit is given, and "
    "to Aer its noise, too. Truth: what qbell and Aer agree on within 3 %.",
    sizes=(3, 5, 7),
    tools=(
        Tool("qbell.sample", "qbell", qbell),
        Tool("qbell.sample, compiled before", "qbell", qbell_compiled),
        Tool("Aer, from_backend and transpile", "qiskit_aer", aer_transpiled),
        Tool("Aer, noise of the qubits in use, both before", "qiskit_aer", aer_active),
        Tool("Aer, from_backend, both before", "qiskit_aer", aer_device),
    ),
    close=0.03,
    warm=2,
)
