"""Small sets of shots, one for each way in which they are simulated."""

from collections.abc import Callable
from typing import Any

import qbell
from qbell.shots.shots import Shots
from tests.support.laws import scrambled

Draw = Callable[[Any], Shots]


def _drawn(state: Any, draws: int, shots: int = 1, backend: str | None = None) -> Draw:
    settings = qbell.schedule(state.num_qubits, "random", draws=draws, seed=5)
    return lambda cluster: qbell.sample(
        state, settings, shots=shots, seed=6, backend=backend, cluster=cluster
    )


def _given(state: Any, shots: int, backend: str | None = None) -> Draw:
    settings = qbell.schedule(state.num_qubits)
    return lambda cluster: qbell.sample(
        state, settings, shots=shots, seed=6, backend=backend, cluster=cluster
    )


BY_SIMULATION: dict[str, Callable[[], Draw]] = {
    "state vector": lambda: _given(scrambled(5, layers=3, reach=2), 50),
    "matrix product": lambda: _drawn(qbell.ising(13, -1.5), 3000, shots=4),
    "density matrix": lambda: _drawn(qbell.ghz(3), 200, 3, "fake_pittsburgh"),
    "mid-circuit": lambda: _given(qbell.ghz(3, layout="constant"), 20),
    "mid-circuit, noisy": lambda: _given(qbell.ghz(3, layout="constant"), 20, "fake_pittsburgh"),
    "stabilisers": lambda: _drawn(qbell.ghz(14), 400, 100, "fake_pittsburgh"),
}
"""From the name of a simulation to what draws shots by it, on a cluster if one is given."""
