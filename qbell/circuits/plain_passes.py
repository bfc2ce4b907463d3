"""Qiskit's passes from any circuit to a few plain gates, for simulation and for counting."""

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import PassManager

_RUNNING = Lock()  # passes are kept, as making them takes five times longer than a run


def in_plain_gates(circuit: "QuantumCircuit", gates: tuple[str, ...]) -> "QuantumCircuit":
    """What Qiskit's optimization level 1 makes of a circuit for a set of gates, without a device.

    Raises:
        QiskitError: it cannot be compiled.
    """
    passes = _passes(gates)
    with _RUNNING:
        return passes.run(circuit)


@cache
def _passes(gates: tuple[str, ...]) -> "PassManager":
    """Those of level 1, written out.

    `generate_preset_pass_manager` looks through the plugins of all packages and so loads
    qiskit-ibm-runtime, two seconds that nothing here needs.
    """
    from qiskit.circuit.controlflow import get_control_flow_name_mapping
    from qiskit.circuit.equivalence_library import SessionEquivalenceLibrary
    from qiskit.passmanager import ConditionalController, DoWhileController
    from qiskit.transpiler import PassManager, Target
    from qiskit.transpiler import passes as qiskit_passes

    branches = get_control_flow_name_mapping()
    names = [*gates, "measure", "delay", "reset", *sorted(branches)]
    target = Target.from_configuration(basis_gates=names, custom_name_mapping=branches)
    translate = [
        qiskit_passes.UnitarySynthesis(names, target=target),
        qiskit_passes.HighLevelSynthesis(
            target=target,
            use_qubit_indices=True,
            equivalence_library=SessionEquivalenceLibrary,
            basis_gates=names,
        ),
        qiskit_passes.BasisTranslator(SessionEquivalenceLibrary, names, target),
    ]
    measures: list[Any] = [
        qiskit_passes.Size(recurse=True),
        qiskit_passes.Depth(recurse=True),
        qiskit_passes.FixedPoint("size"),
        qiskit_passes.FixedPoint("depth"),
    ]
    shorten = [
        qiskit_passes.Optimize1qGatesDecomposition(basis=names, target=target),
        qiskit_passes.InverseCancellation(),
        qiskit_passes.ContractIdleWiresInControlFlow(),
        qiskit_passes.GatesInBasis(names, target=target),
        ConditionalController(translate, condition=lambda found: not found["all_gates_in_basis"]),
    ]
    return PassManager(
        [
            qiskit_passes.InverseCancellation(),
            qiskit_passes.ContractIdleWiresInControlFlow(),
            *translate,
            *measures,
            DoWhileController([*shorten, *measures], do_while=_is_shorter),
        ]
    )


def _is_shorter(found: Any) -> bool:
    return not (found["size_fixed_point"] and found["depth_fixed_point"])
