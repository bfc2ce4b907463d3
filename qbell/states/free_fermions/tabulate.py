"""Makes the trained angles: `python -m qbell.states.free_fermions.tabulate FILE.csv`."""

import sys
from collections.abc import Sequence
from pathlib import Path

from qbell.errors import QbellError
from qbell.states.free_fermions.trained_angles import to_frame
from qbell.states.free_fermions.trained_circuit import TrainedCircuit
from qbell.states.free_fermions.training import FIDELITY, KINDS, Trainer
from qbell.util.atomic_files import write_atomically

SIZES = tuple(range(4, 21))
STRENGTHS = tuple(round(-tenths / 10, 1) for tenths in range(31))  # 0, -0.1, ... -3


def tabulate(num_qubits: int, strengths: Sequence[float] = STRENGTHS) -> list[TrainedCircuit]:
    """The shallowest circuits found for one N along U, there and back.

    Each chain starts from the angles of the one before, besides those of its own; the way back
    keeps what is better: fewer layers, then fewer gates, then a higher fidelity.
    """
    found: dict[float, TrainedCircuit] = {}
    for u in (*strengths, *reversed(strengths)):
        near = [found[other] for other in (u, _next(strengths, u, found)) if other in found]
        trainer = Trainer(num_qubits, u, KINDS[0], near)
        start, angles = trainer.shallowest(FIDELITY)
        circuit = trainer.circuit(start, angles, u, FIDELITY)
        if u not in found or _rank(circuit) < _rank(found[u]):
            found[u] = circuit
    return [found[u] for u in strengths]


def _rank(circuit: TrainedCircuit) -> tuple[int, bool, float]:
    return circuit.layers, circuit.start == "ghz", -circuit.fidelity


def _next(strengths: Sequence[float], u: float, found: dict[float, TrainedCircuit]) -> float:
    """The neighbour from which the sweep comes: the one before, and on the way back the other."""
    place = strengths.index(u) + (1 if u in found else -1)
    return strengths[min(max(place, 0), len(strengths) - 1)]


def main() -> None:
    """Write the table of all sizes."""
    if len(sys.argv) != 2:
        raise QbellError(
            "give the file to write: python -m qbell.states.free_fermions.tabulate FILE.csv"
        )
    circuits = []
    for num_qubits in SIZES:
        circuits += tabulate(num_qubits)
        print(f"n = {num_qubits} done", file=sys.stderr, flush=True)
    frame = to_frame(circuits)
    write_atomically(Path(sys.argv[1]), lambda path: frame.to_csv(path, index=False))


if __name__ == "__main__":
    main()
