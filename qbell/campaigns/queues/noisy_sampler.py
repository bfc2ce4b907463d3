"""The fast simulation of jobs on a snapshot: one noisy state of the compiled circuit for all.

Up to 12 qubits it is the density matrix of the noise reference: gates with the errors of the
calibration, waits and pulses of the decoupling, and a readout that twirling makes symmetric. The
outcomes are those of IBM's Sampler in its local mode, but for the gates of the random flips; that
simulates each setting and each flip for itself, and takes minutes where this takes seconds. Of more
qubits, and with flags, it is a stabiliser state with the same errors as random Paulis
(`qbell.sampling.large_noise`).
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.compiled import physical_qubits
from qbell.circuits.flags import num_flags
from qbell.circuits.measurement import THETA, angles
from qbell.designs import find_design
from qbell.devices.readout import readout_as_run
from qbell.errors import QbellError
from qbell.noise_reference import state_as_run
from qbell.sampling.as_result import as_result
from qbell.sampling.large_noise import large_state, takes_paulis
from qbell.simulation.distinct import distinct_settings
from qbell.simulation.draw_outcomes import CHUNK_NUMBERS, draw_from_table
from qbell.simulation.noisy_state import NoisyState, readout_of
from qbell.simulation.probabilities import of_matrix
from qbell.simulation.read_means import read_means
from qbell.simulation.stabiliser.state import StabiliserState, draw_from_stabilisers

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Bits = NDArray[np.uint8]


class NoisySampler:
    """Draws the outcomes of one campaign's jobs; what all of them share is computed once."""

    def __init__(self, device: Any, design: str, *, decoupling: str | None, twirled: bool) -> None:
        """Of the jobs on a device.

        Args:
            device: a BackendV2 whose calibration is the noise.
            design: that the measured circuit was made for.
            decoupling: pulses in the waits, which then count; see `qbell.noise_reference`.
            twirled: whether the measurement is twirled.
        """
        self.device, self.design = device, design
        self.decoupling, self.twirled = decoupling, twirled
        self._known: tuple[QuantumCircuit, NoisyState] | None = None
        self._large: tuple[QuantumCircuit, StabiliserState] | None = None
        self._tables: dict[bytes, NDArray[np.float64]] = {}
        self._ones: dict[tuple[int, tuple[str, ...]], float] = {}

    def run(self, pubs: Iterable[Sequence[Any]], shots: int, seed: int) -> Any:
        """The result of pubs: the measured circuit with its angles, or words without any.

        Raises:
            QbellError: a circuit whose noisy state cannot be computed here.
        """
        generator = np.random.default_rng(seed)
        return as_result(
            (self._settings(pub[0], np.asarray(pub[1]), shots, generator), num_flags(pub[0]))
            if len(pub) > 1
            else (self._word(pub[0], shots, generator), 0)
            for pub in pubs
        )

    def _settings(
        self,
        circuit: "QuantumCircuit",
        values: NDArray[np.float64],
        shots: int,
        generator: np.random.Generator,
    ) -> Bits:
        """(settings, shots, N) outcome bits, flags last."""
        if takes_paulis(circuit, self.device):
            wanted = self._directions(circuit, values, len(physical_qubits(circuit)))
            seed = int(generator.integers(2**63))
            return draw_from_stabilisers(self.large_state(circuit), wanted, shots, seed)
        state = self._state(circuit)
        num_qubits = len(state.effects)
        distinct, rows = distinct_settings(self._directions(circuit, values, num_qubits))
        outcomes = np.empty((len(values), shots, num_qubits), dtype=np.uint8)
        for table, mine in zip(self._probabilities(state, distinct), rows, strict=True):
            outcomes[mine] = draw_from_table(table, (len(mine), shots), generator)
        return outcomes

    def _word(self, circuit: "QuantumCircuit", shots: int, generator: np.random.Generator) -> Bits:
        """(shots, N) outcome bits of a word: each qubit for itself."""
        wires = physical_qubits(circuit)
        gates: dict[int, list[Any]] = {wire: [] for wire in wires}
        for item in circuit.data:
            if item.operation.name not in ("barrier", "measure"):
                gates[circuit.find_bit(item.qubits[0]).index].append(item.operation)
        ones = np.array([self._one(wire, gates[wire]) for wire in wires])
        return (generator.random((shots, len(wires))) < ones).astype(np.uint8)

    def _one(self, wire: int, gates: list[Any]) -> float:
        """The probability to read 1 on a physical qubit behind some gates on |0>."""
        key = wire, tuple(f"{gate.name}{gate.params}" for gate in gates)
        if key not in self._ones:
            readout, _ = readout_as_run(self.device, [wire], twirled=self.twirled)
            target = self.device.target
            read = readout.get(wire, readout_of(target, wire))
            mean = read_means(target, wire, gates, [(0, 0)], read)[0]
            self._ones[key] = float(1 - mean[0] - mean[3]) / 2
        return self._ones[key]

    def large_state(self, circuit: "QuantumCircuit") -> StabiliserState:
        """The state of a measured circuit of more qubits than a density matrix holds.

        Raises:
            QbellError: see `qbell.sampling.large_noise.large_state`.
        """
        if self._large is None or self._large[0] != circuit:
            state, _ = large_state(
                circuit,
                self.device,
                self.design,
                decoupling=self.decoupling,
                twirled=self.twirled,
            )
            self._large = circuit, state
        return self._large[1]

    def _state(self, circuit: "QuantumCircuit") -> NoisyState:
        if self._known is None or self._known[0] != circuit:
            state, _ = state_as_run(
                circuit,
                self.device,
                self.design,
                decoupling=self.decoupling,
                twirled=self.twirled,
            )
            self._known, self._tables = (circuit, state), {}
        return self._known[1]

    def _probabilities(self, state: NoisyState, distinct: Bits) -> list[NDArray[np.float64]]:
        """(2^N,) of each setting; as many as memory allows are kept for the jobs to come."""
        new = [row for row in distinct if row.tobytes() not in self._tables]
        found = dict(self._tables)
        if new:
            tables = of_matrix(state.matrix, state.effects, np.array(new))
            found |= {row.tobytes(): table for row, table in zip(new, tables, strict=True)}
        if len(found) * len(state.matrix) <= CHUNK_NUMBERS:
            self._tables = found
        return [found[row.tobytes()] for row in distinct]

    def _directions(
        self, circuit: "QuantumCircuit", values: NDArray[np.float64], num_qubits: int
    ) -> Bits:
        """(settings, N) directions whose angles a pub names.

        Raises:
            QbellError: angles that are none of the design's.
        """
        kinds = find_design(self.design).num_directions(num_qubits)
        rows = np.repeat(np.arange(kinds, dtype=np.uint8)[:, None], num_qubits, axis=1)
        phi, theta = angles(rows, self.design)
        wrong = np.zeros((len(values), num_qubits, kinds))
        for column, parameter in enumerate(circuit.parameters):
            own = theta if parameter.vector.name == THETA else phi
            difference = np.abs(values[:, column, None] - own[None, :, parameter.index])
            wrong[:, parameter.index] = np.maximum(wrong[:, parameter.index], difference)
        found = wrong.argmin(axis=2)
        if np.take_along_axis(wrong, found[..., None], axis=2).max(initial=0.0) > 1e-9:
            raise QbellError(
                f"the job's angles are none of the design {self.design}; submit the campaign anew"
            )
        directions: Bits = found.astype(np.uint8)
        return directions
