"""A result as plain data: what is printed, shown as JSON and written to summary.json."""

from dataclasses import asdict
from typing import Any

import numpy as np

from qbell import exact
from qbell.axes import Axis
from qbell.estimator import Result
from qbell.local import MAX_IDEAL_QUBITS, prepare_vector
from qbell.measurement import compile_for
from qbell.states import State

FEW_SHOTS = 10  # of a setting
FEW_DRAWS = 100


def summarize(
    result: Result,
    *,
    family: str | None = None,
    u: float | None = None,
    known: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything worth printing of a result, beside ``known`` values from `known_values`."""
    shots = result.shots
    certificate = asdict(result.certificate)
    notes = [*shots.notes, *certificate.pop("notes")]
    if result.bound.degenerate:
        notes.append(
            "the bound's interval is degenerate: the scatter seen in the data does not carry it "
            "(nothing scatters, as for a noiseless GHZ state, or the bound is stationary, as with "
            "no signal); it is wider than it need be"
        )
    size = shots.shots_per_setting
    if shots.num_draws is not None and shots.num_draws < FEW_DRAWS:
        notes.append(
            f"fewer than {FEW_DRAWS} random settings: the bound's interval may cover less often "
            "than stated"
        )
    if shots.design == "full" and shots.fewest_shots < FEW_SHOTS:
        notes.append(
            f"fewer than {FEW_SHOTS} shots in some setting: intervals are only roughly right"
        )
    known = {"exact": None, "circuit": None} if known is None else known
    return {
        "n": shots.num_qubits,
        "family": family,
        "u": u,
        "axis": shots.axis.name,
        "design": shots.design,
        "settings": shots.num_settings,
        "draws": shots.num_draws,
        "shots": size,
        "total_shots": shots.total,
        "provenance": shots.provenance,
        "backend": shots.backend,
        "seed": shots.seed,
        "bound": asdict(result.bound),
        "e_n": asdict(result.e_n),
        "bound_by_order": result.bound_by_order.to_dict("records"),
        "shot_noise": shots.num_qubits,
        "heisenberg": shots.num_qubits**2,
        **known,
        "certificate": certificate,
        "notes": notes,
    }


def known_values(state: Any, axis: Axis) -> dict[str, Any]:
    """Exact values of the state aimed at (`exact`) and of what its circuit prepares (`circuit`).

    The two differ for variational circuits, and it is the circuit's values that ideal shots
    estimate. Both are None where the state is too large for a state vector.
    """
    if state.num_qubits > MAX_IDEAL_QUBITS:
        return {"exact": None, "circuit": None}
    circuit = state.circuit() if isinstance(state, State) else state
    compiled = compile_for(circuit, None)
    prepared = prepare_vector(circuit)
    target = state.statevector() if isinstance(state, State) else prepared
    return {
        "exact": _values(target, axis),
        "circuit": {
            "fidelity": float(abs(np.vdot(target, prepared)) ** 2),
            "depth": compiled.depth(),
            "two_qubit_gates": sum(len(item.qubits) == 2 for item in compiled.data),
            **_values(prepared, axis),
        },
    }


def _values(amplitudes: Any, axis: Axis) -> dict[str, Any]:
    by_order = exact.bound_by_order(amplitudes, axis).tolist()
    return {
        "qfi": exact.qfi(amplitudes, axis),
        "bound": float(np.sum(by_order)),
        "bound_by_order": by_order,
        "e_n": abs(exact.correlator_of_all(amplitudes, axis)) ** 2,
    }
