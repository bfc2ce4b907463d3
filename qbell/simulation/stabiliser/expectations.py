"""Means of products of Paulis in a noisy stabiliser state, without drawing a shot.

Followed backwards through the circuit a product of Paulis stays one, and each Pauli channel that it
passes leaves a known part of it: the sum over its errors Q of p_Q times -1 where Q anticommutes.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qbell.simulation.gate_noise import SIGNS
from qbell.simulation.stabiliser.clifford import load_stim
from qbell.simulation.stabiliser.state import StabiliserState

Floats = NDArray[np.float64]
Bits = NDArray[np.uint8]


def noisy_means(state: StabiliserState, paulis: Bits) -> Floats:
    """(products,) means in the noisy state; the readout is not in them.

    Args:
        state: the circuit with its noise.
        paulis: (products, N) 0, 1, 2, 3 for 1, X, Y, Z of each qubit of the state.

    >>> import stim
    >>> circuit = stim.Circuit("H 0\\nCX 0 1\\nPAULI_CHANNEL_1(0, 0, 0.1) 1")
    >>> state = StabiliserState(circuit, (0, 1), np.zeros((2, 3, 4)))
    >>> noisy_means(state, np.array([[1, 1], [2, 2], [3, 3], [3, 0]], dtype=np.uint8))
    array([ 0.8, -0.8,  1. ,  0. ])
    """
    numbers = list(state.qubits)
    every = np.zeros((state.circuit.num_qubits, len(paulis)), dtype=np.uint8)
    every[numbers] = paulis.T
    left = np.ones(len(paulis))
    for instruction in reversed(list(state.circuit.flattened())):
        places = [target.value for target in instruction.targets_copy()]
        size = 2 if instruction.name in ("PAULI_CHANNEL_2", *_two_qubit_gates()) else 1
        groups = [places[first : first + size] for first in range(0, len(places), size)]
        for group in reversed(groups):
            index = every[group[0]] if size == 1 else 4 * every[group[0]] + every[group[1]]
            if instruction.name.startswith("PAULI_CHANNEL"):
                left *= _kept(tuple(instruction.gate_args_copy()), size)[index]
            else:
                before = _before(instruction.name, size)[index]
                for qubit, row in zip(group, before.T, strict=True):
                    every[qubit] = row
    # What is left acts on |0...0>; the sign of a product is that in the noiseless state.
    signs = _ideal(state, paulis)
    return left * signs


def _ideal(state: StabiliserState, paulis: Bits) -> Floats:
    """(products,) -1, 0 or 1."""
    stim = load_stim()
    simulator = stim.TableauSimulator()
    simulator.do(state.circuit.without_noise())
    found = np.empty(len(paulis))
    size = state.circuit.num_qubits
    for row, product in enumerate(paulis):
        word = np.zeros(size, dtype=np.uint8)
        word[list(state.qubits)] = product
        xs, zs = np.isin(word, (1, 2)), np.isin(word, (2, 3))
        found[row] = simulator.peek_observable_expectation(
            stim.PauliString.from_numpy(xs=xs, zs=zs)
        )
    return found


@lru_cache(maxsize=1)
def _two_qubit_gates() -> frozenset[str]:
    stim = load_stim()
    return frozenset(name for name, gate in stim.gate_data().items() if gate.is_two_qubit_gate)


@lru_cache(maxsize=4096)
def _kept(probabilities: tuple[float, ...], size: int) -> Floats:
    """(4^size,) what a Pauli channel leaves of each Pauli, the first qubit's being the slowest."""
    signs = SIGNS if size == 1 else np.kron(SIGNS, SIGNS)
    none = 1 - sum(probabilities)
    found: Floats = signs @ np.array([none, *probabilities])
    return found


@lru_cache(maxsize=256)
def _before(name: str, size: int) -> Bits:
    """(4^size, size) the Paulis before a gate, of those behind it, but for the sign."""
    stim = load_stim()
    inverse = stim.gate_data(name).tableau.inverse()
    found = np.empty((4**size, size), dtype=np.uint8)
    for code in range(4**size):
        digits = [code] if size == 1 else [code // 4, code % 4]
        word = inverse(stim.PauliString(digits))
        found[code] = [word[place] for place in range(size)]
    return found
