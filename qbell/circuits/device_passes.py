"""Qiskit's passes from any circuit to the gates and couplings of a device."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import StagedPassManager

SEED_TRANSPILER = 0


class DevicePasses:
    """The preset of a device, made once for many circuits: making it takes longer than a run.

    Args:
        backend: a BackendV2.
        level: of Qiskit's optimization.
    """

    def __init__(self, backend: Any, level: int = 3) -> None:
        self.backend, self.level = backend, level
        self._free: StagedPassManager | None = None
        self._placed: StagedPassManager | None = None

    def run(self, circuit: "QuantumCircuit", wires: Sequence[int] | None) -> "QuantumCircuit":
        """Compile a circuit, each of its qubits on the physical one of ``wires``, if not None."""
        if wires is None:
            if self._free is None:
                self._free = self._made(None)
            return self._free.run(circuit)
        from qiskit.transpiler.passes import SetLayout

        where = list(wires)
        if self._placed is None:
            self._placed = self._made(where)
        else:  # the layout begins with the qubits that were given
            self._placed.layout.replace(0, SetLayout(where))
        compiled = self._placed.run(circuit)
        if compiled.layout.initial_index_layout(filter_ancillas=True) != where:
            self._placed = None
            return self._made(where).run(circuit)
        return compiled

    def _made(self, wires: list[int] | None) -> "StagedPassManager":
        from qiskit.transpiler import generate_preset_pass_manager

        return generate_preset_pass_manager(
            optimization_level=self.level,
            backend=self.backend,
            seed_transpiler=SEED_TRANSPILER,
            initial_layout=wires,
        )
