"""The fast simulation of a phase scan's jobs on a snapshot: one noisy state for each angle.

What `NoisySampler` does for settings, which share a state up to their rotations; an echo undoes the
preparation behind the turn, so that each angle is a circuit of its own.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.campaigns.queues.noisy_sampler import Bits, NoisySampler
from qbell.noise_reference import outcome_probabilities
from qbell.simulation.draw_outcomes import draw_from_table

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


class NoisyScanSampler(NoisySampler):
    """Draws the outcomes of a scan's jobs; each angle is computed once for all of them."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """See `NoisySampler`."""
        super().__init__(*given, **named)
        self._of_angle: dict[float, NDArray[np.float64]] = {}

    def _settings(
        self,
        circuit: "QuantumCircuit",
        values: NDArray[np.float64],
        shots: int,
        generator: np.random.Generator,
    ) -> Bits:
        """(angles, shots, N) outcome bits."""
        known = self._of_angle
        new = [angle for angle in values[:, 0].tolist() if angle not in known]
        tables = outcome_probabilities(
            circuit, new, self.device, decoupling=self.decoupling, twirled=self.twirled
        )
        known.update(zip(new, tables, strict=True))
        drawn = [
            draw_from_table(known[angle], (shots,), generator) for angle in values[:, 0].tolist()
        ]
        return np.stack(drawn)
