"""A noisy stabiliser state and its outcomes: one reference a setting, errors as Pauli frames.

Each shot has a Pauli error F of the whole preparation, drawn by Stim's simulator of frames together
with a random element of the stabiliser group, which changes the state by a sign at most. Measured
in the Paulis of its setting, the noiseless state has one outcome that is computed; in a shot the
outcomes of those qubits are flipped where F anticommutes with what is measured. That is the
distribution of outcomes: those of a stabiliser state are uniform on the ones that its signs allow,
and the random element takes any of them to any other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.flags import num_flags
from qbell.circuits.measurement import angles
from qbell.designs import DEFAULT, find_design
from qbell.simulation.distinct import distinct_settings
from qbell.simulation.noisy_state import split
from qbell.simulation.read_means import read_means
from qbell.simulation.stabiliser.clifford import NotClifford, load_stim, noisy_clifford
from qbell.util.cluster import Cluster, spread
from qbell.util.threads import one_by_one

if TYPE_CHECKING:
    import stim
    from qiskit import QuantumCircuit

Bits = NDArray[np.uint8]
Floats = NDArray[np.float64]

X, Y, Z = 1, 2, 3
AWAY = 1e-6  # of a measured direction from a Pauli
CHUNK = 2**14  # shots whose frames are held at a time


@dataclass(frozen=True)
class StabiliserState:
    """A Clifford preparation under Pauli noise, and how each qubit of it is measured.

    Attributes:
        circuit: of Stim, with its noise.
        qubits: (N,) number in ``circuit`` of each qubit of the state, then of each flag.
        means: (N, directions, 4) a, b_x, b_y, b_z of what is read; see `read_means`.
        num_flags: how many of the ``qubits`` are flags, which are measured along Z whatever the
            setting is.
    """

    circuit: "stim.Circuit"
    qubits: tuple[int, ...]
    means: Floats
    num_flags: int = 0

    def __reduce__(self) -> tuple[Any, ...]:
        # Stim pickles a circuit as text, in which a probability has six digits.
        gates = [
            (gate.name, [target.value for target in gate.targets_copy()], gate.gate_args_copy())
            for gate in self.circuit
        ]
        return _restored, (gates, self.qubits, self.means, self.num_flags)

    @property
    def paulis(self) -> Bits:
        """(N, directions) the Pauli that is measured; 0 where the direction is none."""
        sizes = np.abs(self.means[..., 1:])
        main = sizes.argmax(axis=-1)
        rest = np.sort(sizes, axis=-1)[..., -2]
        return np.where(rest > AWAY, 0, main + 1).astype(np.uint8)

    @property
    def turned(self) -> int | None:
        """The one qubit that is measured along other directions than Paulis; None without any."""
        found = np.flatnonzero((self.paulis == 0).any(axis=1))
        return int(found[0]) if len(found) else None


def _restored(gates: list[tuple[str, list[int], list[float]]], *rest: Any) -> StabiliserState:
    circuit = load_stim().Circuit()
    for gate in gates:
        circuit.append(*gate)
    return StabiliserState(circuit, *rest)


def stabiliser_state(
    compiled: "QuantumCircuit",
    backend: Any,
    design: str = DEFAULT,
    readout: Callable[[int], Floats] | None = None,
) -> StabiliserState:
    """The noisy state of a compiled `measured_circuit`, and its measurement.

    Args:
        compiled: in gates of the device, on its physical qubits; it may have delays.
        backend: whose calibration is the noise.
        design: that the circuit was made for.
        readout: of a physical qubit P(x|y) as (2, 2), row y and column x; None reads without error.

    Raises:
        NotClifford: the preparation is not, or more than one qubit is measured along directions
            that are no Paulis.
        QbellError: see `qbell.simulation.noisy_state.split`; or Stim is not installed.
    """
    before, after, wires = split(compiled)
    found = noisy_clifford(before, wires, backend.target)
    num_qubits = len(wires)
    kinds = find_design(design).num_directions(num_qubits)
    rows = np.broadcast_to(np.arange(kinds)[:, None], (kinds, num_qubits)).astype(np.uint8)
    phi, theta = angles(rows, design)
    turns = list(zip(phi[:, 0].tolist(), theta[:, 0].tolist(), strict=True))
    means = [
        read_means(
            backend.target,
            wire,
            [*found.behind.get(wire, []), *rotation],
            turns,
            np.eye(2) if readout is None else readout(wire),
        )
        for wire, rotation in zip(wires, after, strict=True)
    ]
    state = StabiliserState(
        found.circuit,
        tuple(found.place[wire] for wire in wires),
        np.array(means),
        num_flags(compiled),
    )
    many = int((state.paulis == 0).any(axis=1).sum())
    if many > 1:
        raise NotClifford(
            f"{many} qubits are measured along directions that are no Paulis; one may be"
        )
    return state


def draw_from_stabilisers(
    state: StabiliserState,
    directions: Bits,
    shots: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
    cluster: Cluster | None = None,
) -> Bits:
    """(settings, shots, N) outcome bits, those of the flags last.

    Args:
        state: and how it is measured.
        directions: (settings, N) which of its directions each qubit is measured along, flags left
            out.
        shots: of each setting.
        seed: of the draws. Stim draws other errors from the same seed on processors of another
            kind, and in other versions.
        progress: called with the number of settings just drawn.
        cluster: whose workers draw; the outcomes are the same on processors of one kind.
    """
    directions = np.pad(directions, ((0, 0), (0, state.num_flags)))
    part = max(1, CHUNK // shots)
    starts = range(0, len(directions), part)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))

    def work(item: tuple[int, np.random.SeedSequence]) -> Bits:
        first, own = item
        rows = directions[first : first + part]
        ideal = load_stim().TableauSimulator(seed=0)
        ideal.do(state.circuit.without_noise())
        which, reference = _references(state, ideal, rows)
        which = np.repeat(which, shots, axis=0)
        reference = np.repeat(reference, shots, axis=0)
        of_frames, of_reading = own.spawn(2)
        xs, zs = _frames(state, len(which), int(of_frames.generate_state(1)[0]))
        flips = ((which != Z) & zs) ^ ((which != X) & xs)
        taken = np.repeat(rows, shots, axis=0)
        qubit = np.arange(len(state.qubits))
        means = state.means[qubit, taken]
        signs = 1.0 - 2.0 * (reference ^ flips)
        along = np.take_along_axis(means, which[..., None].astype(np.int64), axis=-1)[..., 0]
        plus = (1 + means[..., 0] + along * signs) / 2
        drawn: Bits = (np.random.default_rng(of_reading).random(plus.shape) >= plus).view(np.uint8)
        return drawn.reshape(len(rows), shots, -1)

    def done(item: tuple[int, np.random.SeedSequence]) -> None:
        if progress is not None:
            progress(len(directions[item[0] : item[0] + part]))

    items = list(zip(starts, seeds, strict=True))
    return np.concatenate(spread(work, items, cluster, done, one_by_one))


def _references(state: StabiliserState, ideal: Any, rows: Bits) -> tuple[Bits, NDArray[np.bool_]]:
    """(settings, N) measured Paulis, and a possible outcome of the noiseless state.

    A qubit that is turned comes last: what the outcomes of all others leave is an eigenstate of a
    Pauli, which one depends on what they measure alone; this stands for its own.
    """
    qubit = np.arange(len(state.qubits))
    turned = state.turned
    others = np.flatnonzero(qubit != (-1 if turned is None else turned))
    numbers, table = np.array(state.qubits), state.paulis
    which = np.empty(rows.shape, dtype=np.uint8)
    reference = np.zeros(rows.shape, dtype=bool)
    distinct, places = distinct_settings(rows)
    for setting, mine in zip(distinct, places, strict=True):
        paulis = table[qubit, setting]
        simulator = ideal.copy(copy_rng=True)
        simulator.h(*numbers[others][paulis[others] == X].tolist())
        simulator.h_yz(*numbers[others][paulis[others] == Y].tolist())
        found = np.zeros(len(qubit), dtype=bool)
        found[others] = simulator.measure_many(*numbers[others].tolist())
        if turned is not None:
            left = simulator.peek_bloch(int(numbers[turned]))
            paulis[turned], found[turned] = left[0], left.sign == -1
        which[mine], reference[mine] = paulis, found
    return which, reference


def _frames(
    state: StabiliserState, count: int, seed: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(shots, N) whether the error of each shot holds X or Y, and Y or Z, on each qubit."""
    simulator = load_stim().FlipSimulator(batch_size=count, seed=seed)
    simulator.do(state.circuit)
    numbers = list(state.qubits)
    xs, zs, *_ = simulator.to_numpy(transpose=True, output_xs=True, output_zs=True)
    return xs[:, numbers], zs[:, numbers]
